"""The page that restores a vault from a backup; nothing is replaced until the backup has been checked."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from app.core.job import Job, JobContext, Progress
from app.services.vault.maintenance import StagedRestore, watch_for
from app.ui.key_entry.passphrase_form import UnlockPageBase
from app.ui.style.phrases import long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.file_dialogs import ask_what_to_restore
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.secret_field import secret_field

if TYPE_CHECKING:
    from app.ui.runtime.bridge import Bridge

_ADVICE = (
    "A backup is one encrypted file. It opens with the passphrase or the recovery key from when it was made. It is "
    "unpacked and checked first; until then nothing is replaced."
)


class RestorePage(UnlockPageBase):
    """`restored` carries the message for the lock screen; `left` means that nothing was replaced."""

    restored = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget, bridge: "Bridge", folder: Path) -> None:
        super().__init__(theme, parent, "Restore a backup", _ADVICE)
        self._bridge, self._folder = bridge, folder
        self._file: Path | None = None
        self._restoring: StagedRestore | None = None
        self._job: Job[StagedRestore] | None = None
        px = theme.px
        self.choose_button = button("Choose the backup…", self._middle, "plain", self._choose)
        self.choose_button.setMinimumHeight(px(38))
        self.chosen = RichText(theme, self._middle, size=13, line=19, role="second")
        self.field = secret_field(theme, self._middle, "Passphrase of the backup")
        self.field.returnPressed.connect(self._check)
        self.bar = QProgressBar(self._middle)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(px(4))
        self.bar.setAccessibleName("Progress of the check")
        self.bar.hide()
        self.found = RichText(theme, self._middle)
        self.go_button = button("Check the backup", self._middle, "main", self._check_or_restore)
        self.go_button.setMinimumHeight(px(43))
        self.leave_button = button("Cancel", self._middle, "link", self._leave)
        for part in (self.choose_button, self.chosen, self.field, self.bar, self.found, self.go_button):
            self.column.addWidget(part)
        self.column.addWidget(self.leave_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.notice)
        self._refresh()

    @property
    def _is_checking(self) -> bool:
        return self._job is not None

    def _choose(self) -> None:
        ask_what_to_restore(self, self.choose_backup)

    def choose_backup(self, file: Path) -> None:
        """Choose this backup, and ask for its passphrase."""
        self._discard()
        self._file = file
        self._refresh()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refresh(self) -> None:
        ready, is_checking = self._restoring, self._is_checking
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

    def _check_or_restore(self) -> None:
        if self._restoring is None:
            self._check()
            return
        ready = self._restoring
        self._restoring = None
        said = f"{ready.calls} calls, as of {long_day(ready.made)}. Open it with the passphrase from then."
        self.go_button.setEnabled(False)
        self._bridge.run_in_thread(ready.finish, lambda _: self.restored.emit(said), self._fail)

    def _check(self) -> None:
        file, passphrase = self._file, self.field.text()
        if file is None or self._is_checking or not passphrase:
            return
        self.notice.hide()

        def work(context: JobContext) -> StagedRestore:
            return StagedRestore(file, self._folder, passphrase, watch_for(context))

        self._job = (
            self._bridge.run_job(work, self._take_checked, self._fail, title="Restoring")
            .cancelled(self._end_check)
            .on_event(self._show_progress)
            .job
        )
        self.bar.setRange(0, 0)
        self._refresh()

    def _show_progress(self, event: object) -> None:
        if isinstance(event, Progress) and event.fraction is not None:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * event.fraction))

    def _take_checked(self, ready: StagedRestore) -> None:
        self._job, self._restoring = None, ready
        self.field.clear()
        if ready.findings:
            missing = f"{len(ready.findings)} of its files were damaged or missing when it was made."
            self.notice.show_until_closed(missing, "Everything else in it is whole.")
        self._refresh()
        self.go_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fail(self, error: BaseException) -> None:
        self._job = None
        self._refresh()
        self.notice.show_error(error)
        self.field.selectAll()

    def _end_check(self) -> None:
        self._job = None
        self._refresh()

    def _leave(self) -> None:
        if self._job is not None:
            self._job.cancel()
            return
        self._discard()
        self.left.emit()

    def _discard(self) -> None:
        if self._restoring is not None:
            self._restoring.give_up()
            self._restoring = None

    def clear_secrets(self) -> None:
        """Stop the check, and delete what it unpacked."""
        super().clear_secrets()
        if self._job is not None:
            self._job.cancel()
        self._discard()


def _size(file: Path) -> str:
    try:
        return f"{file.stat().st_size / 1e6:.1f} MB"
    except OSError:
        return "which can't be read"


def _what_was_found(ready: StagedRestore) -> str:
    count = "1 call" if ready.calls == 1 else f"{ready.calls} calls"
    found = f"The backup is whole: {count}, as of {long_day(ready.made)}."
    if ready.replaces_other_vault:
        return f"{found} The vault that is here is another one; with all that is in it, it will be gone."
    if ready.replaces_newer_vault:
        return f"{found} The vault that is here was changed after that; what is newer in it will be gone."
    return f"{found} It takes the place of the vault that is here." if ready.replaces else found
