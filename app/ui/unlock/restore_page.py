"""The page that restores a vault from a backup; nothing is replaced until the backup has been checked."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QProgressBar, QWidget

from app.core.figures import size
from app.core.job import Job, JobContext, Progress
from app.services.vault.maintenance import StagedRestore, watch_for
from app.ui.key_entry.passphrase_form import NewPassphraseFields, UnlockPageBase
from app.ui.style.phrases import long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.file_dialogs import ask_what_to_restore
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.secret_field import secret_field

if TYPE_CHECKING:
    from app.services.application import Application
    from app.ui.runtime.bridge import Bridge

_ADVICE = (
    "A backup is one encrypted file. It opens with the passphrase or the recovery key from when it was made. It is "
    "unpacked and checked first; until then nothing is replaced."
)


_NEW_KEYS = "Somebody else made it, or could open it"
_SAME_KEYS_MEAN = "What opened the backup then opens this vault: its passphrase and its recovery key."
_NEW_KEYS_MEAN = (
    "Then choose a new passphrase, which the others do not know. The vault gets new keys and a new recovery key; those "
    "of the backup no longer open it."
)


class RestorePage(UnlockPageBase):
    """`restored` carries the message for the lock screen and a new recovery key or ""; `left`: nothing was replaced."""

    restored = Signal(str, str)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget, bridge: "Bridge", tacit: "Application") -> None:
        super().__init__(theme, parent, "Restore a backup", _ADVICE)
        self._bridge, self._tacit, self._folder = bridge, tacit, tacit.vault_folder
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
        self.keys_box = QCheckBox(_NEW_KEYS, self._middle)
        self.keys_box.setAccessibleName(_NEW_KEYS)
        self.keys_box.setAccessibleDescription(_NEW_KEYS_MEAN)
        self.keys_words = RichText(theme, self._middle, size=13, line=19, role="second")
        self.new_fields = NewPassphraseFields(theme, self._middle, first="New passphrase")
        self.reason = RichText(theme, self._middle, size=13, line=19, role="second")  # why the button is grey
        self.keys_box.toggled.connect(self._refresh)
        self.new_fields.judged.connect(self._refresh)
        self.new_fields.submitted.connect(self._check_or_restore)
        self.go_button = button("Check the backup", self._middle, "main", self._check_or_restore)
        self.go_button.setMinimumHeight(px(43))
        self.leave_button = button("Cancel", self._middle, "link", self._leave)
        parts = [self.choose_button, self.chosen, self.field, self.bar, self.found]
        for part in (*parts, self.keys_box, self.keys_words, self.new_fields, self.go_button):
            self.column.addWidget(part)
        self.column.addWidget(self.reason)
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
        has_new_keys = ready is not None and self.keys_box.isChecked()
        self.keys_box.setVisible(ready is not None)
        self.keys_words.set_text(_NEW_KEYS_MEAN if has_new_keys else _SAME_KEYS_MEAN)
        self.keys_words.setVisible(ready is not None)
        self.new_fields.setVisible(has_new_keys)
        can_go = not has_new_keys or self.new_fields.is_good
        self.go_button.setEnabled(self._file is not None and not is_checking and can_go)
        missing = self.new_fields.missing if has_new_keys else ""
        self.go_button.setToolTip(missing)
        self.reason.set_text(missing)
        self.reason.setVisible(bool(missing))
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
        ready, passphrase = self._restoring, self.new_fields.text if self.keys_box.isChecked() else ""
        if not self.go_button.isEnabled():
            return
        self._restoring = None
        when = "your new passphrase" if passphrase else "the passphrase from then"
        said = f"{ready.calls} calls, as of {long_day(ready.made)}. Open it with {when}."
        for part in (self.go_button, self.keys_box, self.new_fields, self.leave_button):
            part.setEnabled(False)

        def work() -> str:
            key = self._tacit.make_new_keys(ready, passphrase) if passphrase else ""
            ready.finish()
            return key

        def fail(error: BaseException) -> None:
            for part in (self.keys_box, self.new_fields, self.leave_button):
                part.setEnabled(True)
            self._restoring = None if ready.is_over else ready  # another passphrase may do
            self._fail(error)

        self._bridge.run_in_thread(work, lambda key: self.restored.emit(said, key), fail)

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

    def show_restored(self, said: str) -> None:
        """Say that it is done; from here only the vault can be opened."""
        for part in (self.chosen, self.found, self.keys_box, self.keys_words, self.new_fields, self.go_button):
            part.hide()
        self.notice.show_until_closed("The backup was restored.", said)
        self.leave_button.setEnabled(True)
        self.leave_button.setText("Open the vault")
        self.leave_button.setAccessibleName("Open the vault")
        self.leave_button.setFocus(Qt.FocusReason.OtherFocusReason)

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
        return size(file.stat().st_size)
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
