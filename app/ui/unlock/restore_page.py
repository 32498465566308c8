"""The page that brings a vault back from a backup; nothing is replaced before the backup was checked."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from app.core.job import Context, Job, Progress
from app.services.vault.maintenance import Restoring, watching
from app.ui.key_entry.passphrase_form import GatePage
from app.ui.style.phrases import long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.file_dialogs import ask_what_to_restore
from app.ui.widgets.rich_text import Prose
from app.ui.widgets.secret_field import secret_field

if TYPE_CHECKING:
    from app.ui.runtime.bridge import Bridge

_ADVICE = (
    "A backup is one encrypted file. It opens with the passphrase or the recovery key from when it was made. It is "
    "unpacked and checked first; until then nothing is replaced."
)


class RestorePage(GatePage):
    """`restored` brings what is to be told at the lock screen; `left` comes when nothing was replaced."""

    restored = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget, bridge: "Bridge", folder: Path) -> None:
        super().__init__(theme, parent, "Restore a backup", _ADVICE)
        self._bridge, self._folder = bridge, folder
        self._file: Path | None = None
        self._ready: Restoring | None = None
        self._job: Job[Restoring] | None = None
        px = theme.px
        self.choose_button = button("Choose the backup…", self._middle, "plain", self._choose)
        self.choose_button.setMinimumHeight(px(38))
        self.chosen = Prose(theme, self._middle, size=13, line=19, role="second")
        self.field = secret_field(theme, self._middle, "Passphrase of the backup")
        self.field.returnPressed.connect(self._check)
        self.bar = QProgressBar(self._middle)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(px(4))
        self.bar.setAccessibleName("Progress of the check")
        self.bar.hide()
        self.found = Prose(theme, self._middle)
        self.go_button = button("Check the backup", self._middle, "main", self._go)
        self.go_button.setMinimumHeight(px(43))
        self.leave_button = button("Cancel", self._middle, "link", self._leave)
        for part in (self.choose_button, self.chosen, self.field, self.bar, self.found, self.go_button):
            self.column.addWidget(part)
        self.column.addWidget(self.leave_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.notice)
        self._show()

    @property
    def _is_checking(self) -> bool:
        return self._job is not None

    def _choose(self) -> None:
        ask_what_to_restore(self, self.take)

    def take(self, file: Path) -> None:
        """Restore this file."""
        self._give_up()
        self._file = file
        self._show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        ready, is_checking = self._ready, self._is_checking
        self.choose_button.setVisible(ready is None)
        self.choose_button.setEnabled(not is_checking)
        self.chosen.set_text("" if self._file is None else f"{self._file.name}, {_size(self._file)}")
        self.chosen.setVisible(self._file is not None)
        self.field.setVisible(ready is None)
        self.field.setEnabled(not is_checking)
        self.bar.setVisible(is_checking)
        self.found.setVisible(ready is not None)
        self.go_button.setEnabled(self._file is not None and not is_checking)
        text = "Checking…" if is_checking else "Check the backup"
        if ready is not None:
            self.found.set_text(_what_was_found(ready))
            text = "Replace the vault" if ready.replaces else "Restore"
        self.go_button.setText(text)
        self.go_button.setAccessibleName(text)

    def _go(self) -> None:
        if self._ready is None:
            self._check()
            return
        ready = self._ready
        self._ready = None
        said = f"{ready.recordings} calls, as of {long_day(ready.made)}. Open it with the passphrase from then."
        self.go_button.setEnabled(False)
        self._bridge.apart(ready.finish, lambda _: self.restored.emit(said), self._fail)

    def _check(self) -> None:
        file, passphrase = self._file, self.field.text()
        if file is None or self._is_checking or not passphrase:
            return
        self.notice.hide()

        def work(context: Context) -> Restoring:
            return Restoring(file, self._folder, passphrase, watching(context))

        self._job = self._bridge.ask(
            work, self._take_ready, self._fail, cancelled=self._stopped, event=self._progress, title="Restoring"
        )
        self.bar.setRange(0, 0)
        self._show()

    def _progress(self, event: object) -> None:
        if isinstance(event, Progress) and event.fraction is not None:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * event.fraction))

    def _take_ready(self, ready: Restoring) -> None:
        self._job, self._ready = None, ready
        self.field.clear()
        if ready.notes:
            missing = f"{len(ready.notes)} of its files were damaged or missing when it was made."
            self.notice.keep(missing, "Everything else in it is whole.")
        self._show()
        self.go_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fail(self, error: BaseException) -> None:
        self._job = None
        self._show()
        self.notice.fail(error)
        self.field.selectAll()

    def _stopped(self) -> None:
        self._job = None
        self._show()

    def _leave(self) -> None:
        if self._job is not None:
            self._job.cancel()
            return
        self._give_up()
        self.left.emit()

    def _give_up(self) -> None:
        if self._ready is not None:
            self._ready.give_up()
            self._ready = None

    def forget(self) -> None:
        """Stop what runs, and drop what was unpacked."""
        super().forget()
        if self._job is not None:
            self._job.cancel()
        self._give_up()


def _size(file: Path) -> str:
    try:
        return f"{file.stat().st_size / 1e6:.1f} MB"
    except OSError:
        return "which can't be read"


def _what_was_found(ready: Restoring) -> str:
    count = "1 call" if ready.recordings == 1 else f"{ready.recordings} calls"
    found = f"The backup is whole: {count}, as of {long_day(ready.made)}."
    if ready.replaces_other:
        return f"{found} The vault that is here is another one; with all that is in it, it will be gone."
    if ready.replaces_newer:
        return f"{found} The vault that is here was changed after that; what is newer in it will be gone."
    return f"{found} It takes the place of the vault that is here." if ready.replaces else found
