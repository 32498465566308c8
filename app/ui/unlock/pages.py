"""The pages that create a vault, unlock it, or replace a forgotten passphrase."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.services.vault.passphrase_strength import Strength
from app.ui.key_entry.passphrase_form import FIRST_STEP, NewPassphraseFields, UnlockPageBase
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.rich_text import RichText, Run
from app.ui.widgets.secret_field import secret_field
from app.ui.widgets.waiting_words import WaitingWords

_LOCKED = "Your calls and chats are encrypted on this computer."
_ONLINE = "It goes on while Tacit is locked. Only the downloader connects, only to the model host."
_RECOVERY_KEY = (
    "Type the recovery key that you wrote down when you made this vault. Capitals, spaces and hyphens don't matter."
)


class UnlockPage(UnlockPageBase):
    """The lock screen: `submitted` carries the typed passphrase or recovery key; an empty field means the keychain."""

    submitted = Signal(str)
    keychain_wanted = Signal()
    restore_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "Tacit is locked", _LOCKED)
        px = theme.px
        self.field = secret_field(theme, self._middle, "Passphrase")
        self.field.returnPressed.connect(self._submit)
        self.unlock_button = button("Unlock", self._middle, "main", self._submit)
        self._waiting = WaitingWords(self.unlock_button.setText, self)
        self.unlock_button.setMinimumHeight(px(43))
        self.keychain_button = button("Unlock with the keychain", self._middle, "plain", self._ask_keychain)
        self.keychain_button.setMinimumHeight(px(38))
        self.keychain_button.hide()
        for part in (self.field, self.unlock_button, self.keychain_button):
            self.column.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(px(4))
        self.restore_button = button("Restore a backup…", self._middle, "link", self.restore_wanted.emit)
        self.recovery_button = button("", self._middle, "link", self.toggle_recovery_key)
        row.addWidget(self.restore_button)
        row.addStretch(1)
        row.addWidget(self.recovery_button)
        self.column.addLayout(row)
        self.download = RichText(theme, self._middle, size=12, line=18)
        self.download.set_pieces([Run("Online for one download. ", 600, "warning"), Run(_ONLINE, role="second")])
        self.download.hide()
        self.column.addWidget(self.download)
        self.column.addWidget(self.notice)
        self._asks_recovery_key = True
        self.toggle_recovery_key()

    def toggle_recovery_key(self) -> None:
        """Switch between asking for the passphrase and for the recovery key."""
        self._asks_recovery_key = not self._asks_recovery_key
        asked = "Recovery key" if self._asks_recovery_key else "Passphrase"
        self.words.set_text(_RECOVERY_KEY if self._asks_recovery_key else _LOCKED)
        self.field.clear()
        # A key copied from paper character by character must be visible.
        self.field.eye.setChecked(self._asks_recovery_key)
        self.field.setAccessibleName(asked)
        self._update_placeholder()
        text = "Use the passphrase" if self._asks_recovery_key else "Forgotten? Use your recovery key."
        self.recovery_button.setText(text)
        self.recovery_button.setAccessibleName(text)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer_keychain(self) -> None:
        """Offer to unlock with the keychain, by a click or by Enter in the empty field."""
        self.keychain_button.show()
        self._update_placeholder()

    def _update_placeholder(self) -> None:
        is_offered = self.keychain_button.isVisibleTo(self) and not self._asks_recovery_key
        name = self.field.accessibleName()
        self.field.setPlaceholderText(f"{name}, or Enter for the keychain" if is_offered else name)

    @property
    def is_asking_keychain(self) -> bool:
        """Whether the keychain has been asked and has not answered yet."""
        return self.keychain_button.isVisibleTo(self) and not self.keychain_button.isEnabled()

    def show_asking(self, is_asking: bool) -> None:
        """Show that the keychain is being asked; the passphrase can still be typed."""
        self.keychain_button.setEnabled(not is_asking)
        self.keychain_button.setText("Asking the keychain…" if is_asking else "Unlock with the keychain")

    def show_busy(self, is_busy: bool) -> None:
        """Disable the page while the key is derived, which is slow on purpose."""
        for part in (self.field, self.unlock_button, self.restore_button, self.recovery_button):
            part.setEnabled(not is_busy)
        self._waiting.show("Unlocking…" if is_busy else "", "Unlock")
        self.show_asking(False)
        if is_busy:
            self.keychain_button.setEnabled(False)
        else:
            self.field.eye.setChecked(self._asks_recovery_key)
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()

    @property
    def is_busy(self) -> bool:
        """Whether a key is being derived."""
        return not self.field.isEnabled()

    def _submit(self) -> None:
        if self.is_busy:
            return
        if self.field.text():
            self.notice.hide()
            self.submitted.emit(self.field.text())
        else:
            self._ask_keychain()

    def _ask_keychain(self) -> None:
        if self.keychain_button.isVisibleTo(self) and self.keychain_button.isEnabled():
            self.notice.hide()
            self.keychain_wanted.emit()


class CreatePage(UnlockPageBase):
    """The first page without a vault: `submitted` carries the passphrase for a new one."""

    submitted = Signal(str)
    restore_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(
            theme, parent, "Choose a passphrase",
            "Tacit transcribes and summarizes your recorded calls, and answers questions about them, on this computer "
            "alone. The passphrase encrypts everything that it keeps: at least 12 characters or four words.",
            step=FIRST_STEP,
        )  # fmt: skip
        self.fields = NewPassphraseFields(theme, self._middle)
        self.field, self.repeat, self.advice = self.fields.field, self.fields.repeat, self.fields.advice
        self.lost = RichText(theme, self._middle, size=13, line=19, role="second")
        lost = " Nobody can open this vault without it or the recovery key that comes next, not even we."
        self.lost.set_pieces([Run("Forgotten means lost.", 600, "text"), lost])
        self.create_button = button("Create the vault", self._middle, "main", self._submit)
        self._waiting = WaitingWords(self.create_button.setText, self)
        self.create_button.setMinimumHeight(theme.px(43))
        self.restore_button = button("Restore a backup instead…", self._middle, "link", self.restore_wanted.emit)
        self.demo_button = button("Try the demo first", self._middle, "link", self.demo_wanted.emit)
        self.reason = RichText(theme, self._middle, size=13, line=19, role="second")
        for part in (self.fields, self.lost, self.create_button, self.reason):
            self.column.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self.restore_button)
        row.addStretch(1)
        row.addWidget(self.demo_button)
        self.column.addLayout(row)
        self.column.addWidget(self.notice)
        self.fields.judged.connect(self._show_judged)
        self.fields.submitted.connect(self._submit)
        self._show_judged(False)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_judged(self, is_good: bool) -> None:
        """Let the button be pressed, or say why it is grey."""
        self.create_button.setEnabled(is_good)
        self.create_button.setToolTip(self.fields.missing)
        self.reason.set_text(self.fields.missing)
        self.reason.setVisible(bool(self.fields.missing))

    @property
    def strength(self) -> Strength:
        """The strength of the passphrase typed so far."""
        return self.fields.strength

    @property
    def is_busy(self) -> bool:
        """Whether the vault is being created."""
        return not self.field.isEnabled()

    def show_busy(self, is_busy: bool) -> None:
        """Disable the page while the key is derived."""
        for part in (self.fields, self.field, self.restore_button, self.demo_button):
            part.setEnabled(not is_busy)
        self._waiting.show("Creating…" if is_busy else "", "Create the vault")
        self.create_button.setEnabled(not is_busy and self.fields.is_good)

    def _submit(self) -> None:
        if self.create_button.isEnabled():
            self.notice.hide()
            self.submitted.emit(self.field.text())


class FreshPassphrasePage(UnlockPageBase):
    """Shown after a recovery key opened the vault: `submitted` carries a new passphrase, `skipped` means not now."""

    submitted = Signal(str)
    skipped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(
            theme, parent, "Choose a new passphrase",
            "Your recovery key has opened the vault, and still does. A new passphrase takes the place of the forgotten "
            "one; copies and backups made before still open with that.",
        )  # fmt: skip
        self.fields = NewPassphraseFields(theme, self._middle, first="New passphrase")
        self.change_button = button("Change the passphrase", self._middle, "main", self._submit)
        self._waiting = WaitingWords(self.change_button.setText, self)
        self.change_button.setMinimumHeight(theme.px(43))
        self.later_button = button("Not now", self._middle, "link", self.skipped.emit)
        for part in (self.fields, self.change_button):
            self.column.addWidget(part)
        self.column.addWidget(self.later_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.notice)
        self.fields.judged.connect(self.change_button.setEnabled)
        self.fields.submitted.connect(self._submit)
        self.change_button.setEnabled(False)
        self.fields.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_busy(self, is_busy: bool) -> None:
        """Disable the page while the key is derived."""
        for part in (self.fields, self.later_button):
            part.setEnabled(not is_busy)
        self._waiting.show("Changing…" if is_busy else "", "Change the passphrase")
        self.change_button.setEnabled(not is_busy and self.fields.is_good)

    def _submit(self) -> None:
        if self.change_button.isEnabled():
            self.notice.hide()
            self.submitted.emit(self.fields.text)
