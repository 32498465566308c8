"""The settings that keep a vault safe: its automatic copies, its backups, and the integrity check."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.job import Lane
from app.services.vault.maintenance import Finding
from app.ui.style.phrases import long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.file_dialogs import ask_where_to_save
from app.ui.widgets.form_rows import JobProgress, Section
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText, Run

if TYPE_CHECKING:
    from app.services.vault.maintenance import Maintenance
    from app.ui.runtime.bridge import Bridge


class BackupSettings(Section):
    """The backups section; `grew` carries a finding that was added below the others."""

    finding_added = Signal(QWidget)

    def __init__(
        self, theme: Theme, parent: QWidget, maintenance: "Maintenance", bridge: "Bridge", notice: NoticeBar
    ) -> None:
        super().__init__(theme, parent, "Backups")
        self._maintenance, self._bridge, self._notice = maintenance, bridge, notice
        self.copies = self.add_row("Automatic copies", "")
        self.rewrite_button = button("Rewrite them now", self.copies, "plain", self._rewrite)
        self.copies.add_control(self.rewrite_button)
        self.rewriting = JobProgress(theme, self.copies, "Rewriting the copies")
        self.copies.below.addWidget(self.rewriting)
        row = self.add_row(
            "Back up to a file",
            "The whole vault in one encrypted file, checked when it is written. It opens with today's passphrase or "
            "recovery key; keep it on another disk.",
        )
        self.back_up_button = button("Back up…", row, "plain", self._choose_file, "Back up to a file")
        row.add_control(self.back_up_button)
        self.backing_up = JobProgress(theme, row, "Backing up")
        row.below.addWidget(self.backing_up)
        self.add_row(
            "Restore a backup",
            "A backup takes the place of this vault, so the lock screen offers it, while the vault is closed. It is "
            "checked first, and its passphrase is asked for.",
        )
        row = self.add_row(
            "Check the vault",
            "Reads every page of the database and every second of sound, and compares them with their seals. You can "
            "go on working.",
        )
        self.check_button = button("Check now", row, "plain", self._check, "Check the vault now")
        row.add_control(self.check_button)
        self.checking = JobProgress(theme, row, "Checking the vault")
        row.below.addWidget(self.checking)
        self._findings = QVBoxLayout()
        self._findings.setSpacing(theme.px(2))
        row.below.addLayout(self._findings)
        self._check_row = row

    def read_again(self) -> None:
        """Show when the newest automatic copy was made."""
        self._bridge.run_in_thread(self._maintenance.newest_copy, self._show_copies)

    def _show_copies(self, found: tuple[datetime, datetime] | None) -> None:
        if found is None:
            words = "The vault keeps copies of its database by itself, one a day. There is none yet."
        else:
            made, until = found
            words = (
                f"The newest was made {long_day(made)}. What you delete may be in such copies, for whoever has the "
                f"passphrase, until {long_day(until).partition(',')[0]}, unless they are rewritten."
            )
        problem = self._maintenance.copy_problem
        self.copies.words.set_text(words if problem is None else f"{problem.title} {problem.advice} {words}")

    def _rewrite(self) -> None:
        self.rewrite_button.setEnabled(False)

        def done(_: object) -> None:
            self._refresh()
            self._notice.show_note("The copies were rewritten.", "None holds anything that was deleted.")

        job = (
            self._bridge.run_job(
                self._maintenance.replace_copies, done, self._failed, lane=Lane.BACKGROUND, title="Rewriting the copies"
            )
            .cancelled(self._refresh)
            .job
        )
        self.rewriting.follow(job, "Rewriting the copies")

    def _choose_file(self) -> None:
        name = f"Tacit {datetime.now().astimezone():%Y-%m-%d}"
        ask_where_to_save(self, name, "tacit", self.back_up, "Back up to a file")

    def back_up(self, file: Path) -> None:
        """Write a backup to this file."""
        self.back_up_button.setEnabled(False)
        self._notice.hide()

        def done(missing: list[str]) -> None:
            self._refresh()
            if missing:
                self._notice.show_until_closed("The backup was written and checked.", " ".join(missing))
            else:
                self._notice.show_until_closed(
                    "The backup was written and checked.", "Keep it on another disk than this one."
                )

        def stopped() -> None:
            self._refresh()
            self._notice.show_note("Stopped.", "Nothing was written.")

        job = (
            self._bridge.run_job(
                lambda context: self._maintenance.back_up(file, context),
                done,
                self._failed,
                lane=Lane.BACKGROUND,
                title="Backing up",
            )
            .cancelled(stopped)
            .on_event(self.backing_up.show_progress)
            .job
        )
        self.backing_up.follow(job, "Copying the database")

    def _check(self) -> None:
        self.check_button.setEnabled(False)
        self._notice.hide()
        while (item := self._findings.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

        def done(is_good: bool) -> None:
            self._refresh()
            if is_good:
                self._notice.show_until_closed(
                    "The vault is whole.", "Every page and every second of sound is as it was sealed."
                )
            else:
                advice = "Back it up now; then «tacit vault repair NEWDIR» saves what is whole into a new vault."
                self._notice.show_until_closed("Something in the vault is damaged.", advice)

        job = (
            self._bridge.run_job(self._maintenance.check, done, self._failed, lane=Lane.BACKGROUND, title="Checking")
            .cancelled(self._refresh)
            .on_event(self._show_finding)
            .job
        )
        self.checking.follow(job, "Checking")

    def _show_finding(self, event: object) -> None:
        if isinstance(event, Finding):
            made = RichText(self._theme, self._check_row, size=13, line=19, role="second")
            mark = Run("Good  ", 600, "accent") if event.is_good else Run("Damaged  ", 600, "danger")
            made.set_pieces([mark, Run(f"{event.name}: ", 600, "text"), event.detail])
            self._findings.addWidget(made)
            self.finding_added.emit(made)

    def _failed(self, error: BaseException) -> None:
        self._refresh()
        self._notice.show_error(error)

    def _refresh(self) -> None:
        """Clear the progress of jobs that have ended, and enable their buttons again."""
        for line, does in (
            (self.rewriting, self.rewrite_button),
            (self.backing_up, self.back_up_button),
            (self.checking, self.check_button),
        ):
            if line.is_over:
                line.end()
                does.setEnabled(True)
        self.read_again()
