"""The settings for what opens the vault: passphrase, recovery key, system keychain."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.key_entry.passphrase_form import NewPassphraseFields
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.form_rows import SecretForm, Section
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.services.vault.key_slots import KeySlots
    from app.ui.runtime.bridge import Bridge

_EITHER = "Passphrase or recovery key"
_KEYCHAIN_RISK = (
    "The vault can then be opened without the passphrase by whoever can use your account on this computer while you "
    "are logged in. On Linux and Windows other programs that you run can read what the keychain holds."
)
_OFF = f"Off. Turned on, the lock screen opens the vault by one click. {_KEYCHAIN_RISK}"
_ON = f"On: the lock screen opens the vault by one click; the passphrase still does too. {_KEYCHAIN_RISK}"


class KeySettings(Section):
    """The keys section; `recovery_key_made` carries a new recovery key, to be shown once."""

    recovery_key_made = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget, key_slots: "KeySlots", bridge: "Bridge", notice: NoticeBar
    ) -> None:
        super().__init__(theme, parent, "Keys")
        self._key_slots, self._bridge, self._notice = key_slots, bridge, notice
        self._add_passphrase_row(theme)
        self._add_recovery_key_row(theme)
        self._add_keychain_row(theme)

    def _add_passphrase_row(self, theme: Theme) -> None:
        row = self.add_row(
            "Passphrase",
            "Changing it takes a moment and touches none of your calls. Copies and backups made before still open with "
            "the one before.",
        )
        self.change_button = button("Change…", row, "plain", name="Change the passphrase")
        row.add_control(self.change_button)
        self.passphrase_form = form = SecretForm(theme, row, "Change the passphrase", _EITHER)
        self.fresh = NewPassphraseFields(theme, form, "plain", "New passphrase")
        form.column.insertWidget(1, self.fresh)
        row.below.addWidget(form)
        form.field.returnPressed.disconnect()
        form.field.returnPressed.connect(self.fresh.field.setFocus)
        self.fresh.submitted.connect(form.submit)
        self.fresh.judged.connect(form.do_button.setEnabled)
        form.do_button.setEnabled(False)
        self._connect_opener(self.change_button, form)
        form.given.connect(self._change)

    def _change(self, secret: str) -> None:
        fresh = self.fresh.text
        self._run(
            self.passphrase_form,
            lambda: self._key_slots.change_passphrase(secret, fresh),
            lambda _: self._notice.show_note(
                "The passphrase was changed.", "Copies from before open with the one before."
            ),
        )

    def _add_recovery_key_row(self, theme: Theme) -> None:
        row = self.add_row(
            "Recovery key",
            "It opens the vault where the passphrase is forgotten. A new one is shown once; the one before then opens "
            "this vault no longer.",
        )
        self.recovery_button = button("Make a new one…", row, "plain", name="Make a new recovery key")
        row.add_control(self.recovery_button)
        self.recovery_form = form = SecretForm(theme, row, "Make a new recovery key", _EITHER)
        row.below.addWidget(form)
        self._connect_opener(self.recovery_button, form)
        form.given.connect(
            lambda secret: self._run(
                form, lambda: self._key_slots.renew_recovery_key(secret), self.recovery_key_made.emit
            )
        )

    def _add_keychain_row(self, theme: Theme) -> None:
        self._keychain_row = row = self.add_row("System keychain", _OFF)
        self.on_button = button("Turn on…", row, "plain", name="Turn the system keychain on")
        self.off_button = button("Turn off", row, "plain", self._turn_off, "Turn the system keychain off")
        row.add_control(self.on_button)
        row.add_control(self.off_button)
        self.keychain_form = form = SecretForm(theme, row, "Let the keychain open the vault", _EITHER)
        row.below.addWidget(form)
        self._connect_opener(self.on_button, form)
        form.given.connect(
            lambda secret: self._run(
                form, lambda: self._key_slots.turn_keychain_on(secret), lambda _: self.read_again()
            )
        )
        self.off_button.hide()

    def read_again(self) -> None:
        """Show whether the keychain can open the vault."""
        self._bridge.run_in_thread(self._key_slots.keychain_opens, self._show_keychain)

    def _show_keychain(self, opens: bool) -> None:
        self._keychain_row.words.set_text(_ON if opens else _OFF)
        self.off_button.setVisible(opens)
        self.off_button.setEnabled(True)
        self.on_button.setVisible(not opens and self.keychain_form.isHidden())

    def _turn_off(self) -> None:
        self.off_button.setEnabled(False)

        def finish(is_removed: bool) -> None:
            self.read_again()
            if not is_removed:
                advice = "It opens this vault no longer; only copies from before could still be opened with it."
                self._notice.show_until_closed("The keychain did not give its entry up.", advice)

        def failed(error: Exception) -> None:
            self.read_again()
            self._notice.show_error(error)

        self._bridge.run_in_thread(self._key_slots.turn_keychain_off, finish, failed)

    def _connect_opener(self, opener: QPushButton, form: SecretForm) -> None:
        opener.clicked.connect(lambda: opener.hide())
        opener.clicked.connect(lambda: form.open())
        form.left.connect(opener.show)

    def _run(self, form: SecretForm, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self._notice.hide()
        form.show_busy(True)

        def done(result: Any) -> None:
            form.show_busy(False)
            form.leave()
            then(result)

        def failed(error: Exception) -> None:
            form.show_busy(False)
            self._notice.show_error(error)
            form.field.setFocus()
            form.field.selectAll()

        self._bridge.run_in_thread(work, done, failed)

    @property
    def is_asking(self) -> bool:
        """Whether a form is open."""
        return any(not form.isHidden() for form in (self.passphrase_form, self.recovery_form, self.keychain_form))

    def leave(self) -> None:
        """Close the forms and clear what was typed; a form that waits for its key stays open."""
        for form in (self.passphrase_form, self.recovery_form, self.keychain_form):
            if not form.isHidden() and form.cancel_button.isEnabled():
                form.leave()
