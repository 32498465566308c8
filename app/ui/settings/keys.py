"""The settings on what opens the vault: passphrase, recovery key, the system's keychain."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.key_entry.passphrase_form import NewPassphrase
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.form_rows import SecretForm, Section
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge

_EITHER = "Passphrase or recovery key"
_GIVEN_UP = (
    "The vault can then be opened without the passphrase by whoever can use your account on this computer while you "
    "are logged in. On Linux and Windows other programs that you run can read what the keychain holds."
)
_OFF = f"Off. Turned on, the lock screen opens the vault by one click. {_GIVEN_UP}"
_ON = f"On: the lock screen opens the vault by one click; the passphrase still does too. {_GIVEN_UP}"


class KeySettings(Section):
    """`recovery_key_made` brings a fresh recovery key, to be shown this once."""

    recovery_key_made = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget, session: "Session", bridge: "Bridge", notice: NoticeBar) -> None:
        super().__init__(theme, parent, "Keys")
        self._session, self._bridge, self._notice = session, bridge, notice
        self._passphrase(theme)
        self._recovery_key(theme)
        self._keychain(theme)

    def _passphrase(self, theme: Theme) -> None:
        row = self.row(
            "Passphrase",
            "Changing it takes a moment and touches none of your calls. Copies and backups made before still open with "
            "the one before.",
        )
        self.change_button = button("Change…", row, "plain", name="Change the passphrase")
        row.control(self.change_button)
        self.passphrase_form = form = SecretForm(theme, row, "Change the passphrase", _EITHER)
        self.fresh = NewPassphrase(theme, form, "plain", "New passphrase")
        form.column.insertWidget(1, self.fresh)
        row.below.addWidget(form)
        form.field.returnPressed.disconnect()
        form.field.returnPressed.connect(self.fresh.field.setFocus)
        self.fresh.submitted.connect(form.submit)
        self.fresh.judged.connect(form.do_button.setEnabled)
        form.do_button.setEnabled(False)
        self._opens(self.change_button, form)
        form.given.connect(self._change)

    def _change(self, secret: str) -> None:
        fresh = self.fresh.text
        self._do(
            self.passphrase_form,
            lambda: self._session.rekeying.change_passphrase(secret, fresh),
            lambda _: self._notice.note("The passphrase was changed.", "Copies from before open with the one before."),
        )

    def _recovery_key(self, theme: Theme) -> None:
        row = self.row(
            "Recovery key",
            "It opens the vault where the passphrase is forgotten. A new one is shown once; the one before then opens "
            "this vault no longer.",
        )
        self.recovery_button = button("Make a new one…", row, "plain", name="Make a new recovery key")
        row.control(self.recovery_button)
        self.recovery_form = form = SecretForm(theme, row, "Make a new recovery key", _EITHER)
        row.below.addWidget(form)
        self._opens(self.recovery_button, form)
        form.given.connect(
            lambda secret: self._do(
                form, lambda: self._session.rekeying.renew_recovery_key(secret), self.recovery_key_made.emit
            )
        )

    def _keychain(self, theme: Theme) -> None:
        self._keychain_row = row = self.row("System keychain", _OFF)
        self.on_button = button("Turn on…", row, "plain", name="Turn the system keychain on")
        self.off_button = button("Turn off", row, "plain", self._turn_off, "Turn the system keychain off")
        row.control(self.on_button)
        row.control(self.off_button)
        self.keychain_form = form = SecretForm(theme, row, "Let the keychain open the vault", _EITHER)
        row.below.addWidget(form)
        self._opens(self.on_button, form)
        form.given.connect(
            lambda secret: self._do(
                form, lambda: self._session.rekeying.turn_keychain_on(secret), lambda _: self.read_again()
            )
        )
        self.off_button.hide()

    def read_again(self) -> None:
        """Show whether the keychain opens the vault."""
        self._bridge.apart(self._session.rekeying.keychain_opens, self._show_keychain)

    def _show_keychain(self, opens: bool) -> None:
        self._keychain_row.words.set_text(_ON if opens else _OFF)
        self.off_button.setVisible(opens)
        self.off_button.setEnabled(True)
        self.on_button.setVisible(not opens and self.keychain_form.isHidden())

    def _turn_off(self) -> None:
        self.off_button.setEnabled(False)

        def told(is_removed: bool) -> None:
            self.read_again()
            if not is_removed:
                advice = "It opens this vault no longer; only copies from before could still be opened with it."
                self._notice.keep("The keychain did not give its entry up.", advice)

        def failed(error: Exception) -> None:
            self.read_again()
            self._notice.fail(error)

        self._bridge.apart(self._session.rekeying.turn_keychain_off, told, failed)

    def _opens(self, opener: QPushButton, form: SecretForm) -> None:
        opener.clicked.connect(lambda: opener.hide())
        opener.clicked.connect(lambda: form.open())
        form.left.connect(opener.show)

    def _do(self, form: SecretForm, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self._notice.hide()
        form.show_busy(True)

        def done(result: Any) -> None:
            form.show_busy(False)
            form.leave()
            then(result)

        def failed(error: Exception) -> None:
            form.show_busy(False)
            self._notice.fail(error)
            form.field.setFocus()
            form.field.selectAll()

        self._bridge.apart(work, done, failed)

    @property
    def is_asking(self) -> bool:
        """Whether a form is open."""
        return any(not form.isHidden() for form in (self.passphrase_form, self.recovery_form, self.keychain_form))

    def leave(self) -> None:
        """Close the forms, and forget what was typed; one that waits for its key stays."""
        for form in (self.passphrase_form, self.recovery_form, self.keychain_form):
            if not form.isHidden() and form.cancel_button.isEnabled():
                form.leave()
