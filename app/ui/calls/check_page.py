"""The page on which a text, such as minutes, is checked against the open call."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from app.core.check import ADVICE, counts_sentence, report_text
from app.core.figures import progress_line
from app.core.job import Lane, Progress
from app.ui.calls.check_field import MOST_CHARACTERS, CheckField
from app.ui.calls.checked_rows import CheckedRows
from app.ui.calls.commands import CHECK, REPORTS
from app.ui.navigation.command_menu import command_menu
from app.ui.style.phrases import EXPORTED, long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import ElidedLabel, button, label, panel, restyle, set_label_text
from app.ui.widgets.file_dialogs import ask_for_text, ask_where_to_save
from app.ui.widgets.flow import Flow
from app.ui.widgets.long_text import one_line
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText, Run
from app.ui.widgets.scroll_panes import ScrollPane

if TYPE_CHECKING:
    from app.core.call import Call
    from app.core.check import CheckedStatement
    from app.core.errors import AssistantError
    from app.core.ids import CallId
    from app.core.job import JobContext
    from app.core.transcript import Transcript
    from app.ui.calls.call_services import CallServices
    from app.ui.navigation.command import CommandRunner
    from app.ui.runtime.bridge import Bridge, JobRequest

    Checked = tuple[tuple[CheckedStatement, ...], Transcript, str]

_NARROW = 620  # design pixels: the page width below which the text stands above the statements
_HOW = (
    "Each sentence is looked up in this call: whether the call says it, says otherwise, or does not speak of it, with "
    "the lines. The text is not stored; it is gone when this page is closed or Tacit is locked."
)
_OLD_TEXT, _OLD_CALL = "The text was changed after this check.", "The call was changed after this check."
_SHORTENED = (
    f"Only the first {MOST_CHARACTERS:,} characters were taken, and a paragraph of 20,000.",
    "Check the rest after them, or all of it by «tacit check».",
)


class CheckPage(QWidget):
    """Holds one text and its verdicts, in memory only."""

    closed = Signal()
    line_wanted = Signal(object)  # the utterance to play, or to show

    def __init__(
        self, theme: Theme, services: "CallServices", bridge: "Bridge", commands: "CommandRunner", parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Check a text against this call")
        self._theme, self._services, self._bridge, self._commands = theme, services, bridge, commands
        self._call: CallId | None = None
        self._title = ""
        self._checked: Checked | None = None
        self._is_old = False
        self._problem: AssistantError | None = None
        self._request: JobRequest[Checked] | None = None
        self._generation = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_header())
        self.notice = NoticeBar(theme, self, 22, 10, 22, 0)
        column.addWidget(self.notice)
        body = QWidget(self)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight, body)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self._make_text_column(body), 33)
        self._body.addWidget(self._make_result_column(body), 46)
        self._whole = ScrollPane(self, body, "Text and statements")
        column.addWidget(self._whole, 1)
        self._clock = QTimer(self)
        self._clock.setInterval(200)
        self._clock.timeout.connect(self._show_playing)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.entered.connect(lambda number: self.rows.choose(number, reveals=True))
        self.rows.revealed.connect(lambda row: self.pane.ensureWidgetVisible(row, 0, theme.px(12)))
        self.field.shortened.connect(lambda: self.notice.show_note(*_SHORTENED))
        self.rows.chosen.connect(self._on_chosen)
        self.rows.activated.connect(self.line_wanted)
        self._show_state()

    def _make_header(self) -> QWidget:
        px = self._theme.px
        top = panel(self, "page", "bottom", "Check a text against this call")
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight, top)
        self._top.setContentsMargins(px(22), px(13), px(22), px(12))
        self._top.setSpacing(px(8))
        names = QVBoxLayout()
        names.setSpacing(px(1))
        self.title = ElidedLabel(top, "title", Qt.TextElideMode.ElideRight)
        self.title.setMinimumHeight(px(26))
        self.title.show_text("Check a text against this call")
        self.facts = ElidedLabel(top, "second")
        names.addWidget(self.title)
        names.addWidget(self.facts)
        self._top.addLayout(names, 1)
        self.buttons = Flow(top, "Actions", px(6))
        self.pause_button = button("Pause", self.buttons, "plain", self._pause, "Pause the call")
        self.open_button = button("Open a text…", self.buttons, "plain", lambda: ask_for_text(self.window(), self.read))
        self.export_button = button("Export report", self.buttons, "plain")
        self.export_button.setMenu(command_menu(self, "Export report", (REPORTS,), self._commands))
        self.close_button = button("Close", self.buttons, "plain", self.close_text, "Close, and forget the text")
        for one in (self.pause_button, self.open_button, self.export_button, self.close_button):
            one.setMinimumHeight(px(32))
            self.buttons.add(one)
        self._top.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignTop)
        return top

    def _make_text_column(self, parent: QWidget) -> QWidget:
        px = self._theme.px
        self._text_panel = panel(parent, "page", "right", "Text")
        column = QVBoxLayout(self._text_panel)
        column.setContentsMargins(px(22), px(18), px(22), px(18))
        column.setSpacing(px(8))
        self.name = ElidedLabel(self._text_panel, "head")
        column.addWidget(self.name)
        self.field = CheckField(self._theme, self._text_panel)
        self.field.setMinimumHeight(px(96))
        column.addWidget(self.field, 1)
        self.check_button = button("Check", self._text_panel, "main", self.check, CHECK.with_hint("Check the text"))
        self.check_button.setMinimumHeight(px(36))
        self.check_button.setToolTip(CHECK.with_hint("Check the text"))
        column.addWidget(self.check_button)
        return self._text_panel

    def _make_result_column(self, parent: QWidget) -> QWidget:
        theme, px = self._theme, self._theme.px
        made = panel(parent, "page", "", "Result")
        outer = QVBoxLayout(made)
        outer.setContentsMargins(0, 0, 0, 0)
        inner = QWidget(made)
        column = QVBoxLayout(inner)
        column.setContentsMargins(px(20), px(15), px(22), px(18))
        column.setSpacing(px(6))
        self.counts = RichText(theme, inner)
        self.old = RichText(theme, inner, size=13, line=19, role="warning")
        self.status = label("", "second", inner)
        self.status.setWordWrap(True)
        self.bar = QProgressBar(inner)
        self.bar.setAccessibleName("Statements checked")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(px(4))
        self.cancel_button = button("Cancel", inner, "small", self.cancel, "Cancel the check")
        self.how = RichText(theme, inner, role="second")
        self.how.set_text(_HOW)
        self.rows = CheckedRows(theme, inner)
        self.advice = RichText(theme, inner, size=13, line=19, role="second")
        self.advice.set_text(ADVICE)
        for part in (self.counts, self.old, self.status, self.bar):
            column.addWidget(part)
        column.addWidget(self.cancel_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.how)
        column.addWidget(self.rows)
        column.addSpacing(px(6))
        column.addWidget(self.advice)
        column.addStretch(1)
        self.pane = ScrollPane(made, inner, "Statements")
        self.pane.setMinimumHeight(px(130))
        outer.addWidget(self.pane)
        return made

    # What is shown

    def open(self, call: "Call") -> None:
        """Show the page for a call; a text that was typed for it is still there until the page is closed."""
        if call.id != self._call:
            self.forget()
        self._call, self._title = call.id, call.title
        self.facts.show_text(f"{call.title} · {long_day(call.date)}")
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_changed_call(self, call: "CallId") -> None:
        """The lines or the names of a call have changed: the verdicts on it are old."""
        if call == self._call and self._checked is not None:
            self._show_old(_OLD_CALL)

    def forget(self) -> None:
        """Forget the text and its verdicts."""
        self.cancel()
        self._call, self._checked = None, None
        self.field.mark(())
        self.field.show_text("")
        self.rows.show_found((), None)
        self.notice.hide()
        self._show_name("")
        self._show_state()

    def leave(self) -> None:
        """Stop a check that runs, or close the page, as Escape does."""
        if self._request is not None:
            self.cancel()
        else:
            self.close_text()

    def close_text(self) -> None:
        """Forget the text, and show the call again."""
        self.forget()
        self.closed.emit()

    def _show_name(self, name: str) -> None:
        self.name.show_text(one_line(name) or "Text")

    def _show_state(self) -> None:
        is_running, has_result = self._request is not None, self._checked is not None
        self.counts.setVisible(has_result and not is_running)
        self.old.setVisible(has_result and self._is_old and not is_running)
        for part in (self.status, self.bar, self.cancel_button):
            part.setVisible(is_running)
        self.how.setVisible(not has_result and not is_running)
        self.rows.setVisible(has_result and not is_running)
        self.advice.setVisible(has_result and not is_running)
        self.check_button.setEnabled(self.can_check)
        self.check_button.setText("Check again" if has_result and self._is_old else "Check")
        self.export_button.setEnabled(self.has_report)
        self._show_playing()

    def _show_playing(self) -> None:
        is_playing, problem = self._services.player.is_playing, self._services.player.problem
        if problem is not self._problem:
            self._problem = problem
            if problem is not None and self.isVisible():  # the player that says so is on the page under this one
                self.notice.show_error(problem)
        if self.pause_button.isHidden() is is_playing:
            self.pause_button.setVisible(is_playing)
            self._lay_out_actions()

    def _pause(self) -> None:
        self._services.player.pause()
        self._show_playing()

    # The check

    @property
    def can_check(self) -> bool:
        """Whether there is a text to check."""
        return self._request is None and not self.field.document().isEmpty()

    @property
    def has_report(self) -> bool:
        """Whether there is a check of the text as it stands there."""
        return self._request is None and self._checked is not None and not self._is_old

    def read(self, path: Path) -> None:
        """Open a text from a file."""
        generation = self._generation

        def show(text: str) -> None:
            if generation == self._generation:
                self.field.show_text(text)
                self._show_name(path.name)
                self.field.setFocus(Qt.FocusReason.OtherFocusReason)

        self.notice.hide()
        self._bridge.run_job(lambda _: self._services.checking.read(path), show, self.notice.show_error)

    def check(self) -> None:
        """Check the text."""
        call, text = self._call, self.field.toPlainText()
        if call is None or self._request is not None or not text:
            return
        self.notice.hide()
        services = self._services
        self._generation += 1
        generation = self._generation

        def work(context: "JobContext") -> "Checked":
            found = services.checking.run(call, text, context)
            return found, services.library.transcript(call), services.library.call(call).title

        def then(checked: "Checked") -> None:
            if generation == self._generation:
                self._request = None
                self._show(checked)

        def fail(error: Exception) -> None:
            if generation == self._generation:
                self._request = None
                self._show_state()
                self.notice.show_error(error)

        request = self._bridge.run_job(work, then, fail, lane=Lane.LANGUAGE, title="Checking")
        self._request = request.on_event(partial(self._show_progress, generation))
        set_label_text(self.status, "Checking")
        self.bar.setRange(0, 0)
        self._show_state()

    def cancel(self) -> None:
        """Stop the check that runs; the text stays."""
        self._generation += 1
        if self._request is not None:
            self._request.job.cancel()
            self._request = None
            self._show_state()

    def _show_progress(self, generation: int, event: object) -> None:
        if generation == self._generation and isinstance(event, Progress):
            set_label_text(self.status, progress_line(event.step, event, None))
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * (event.fraction or 0.0)))

    def _show(self, checked: "Checked") -> None:
        found, transcript, _ = self._checked = checked
        self._is_old = False
        head, colon, tail = counts_sentence(found).partition(":")
        self.counts.set_pieces([Run(head + colon, weight=700), tail])
        self.field.mark(found)
        self.rows.show_found(found, transcript)
        self._show_state()
        self.pane.scroll_to(0)
        QTimer.singleShot(0, self, lambda: self._whole.ensureWidgetVisible(self.pane, 0, 0))

    def _on_text_changed(self) -> None:
        if self._request is not None:
            self.cancel()
        if self._checked is not None:
            self._show_old(_OLD_TEXT)
        if self.field.document().isEmpty():
            self._show_name("")
        self._show_state()

    def _show_old(self, words: str) -> None:
        if not self._is_old:
            self._is_old = True
            self.field.mark(())
            self.rows.show_old()
            self.old.set_text(f"{words} Check it again ({CHECK.hint}).")
            self._show_state()

    def _on_chosen(self, number: int) -> None:
        self.rows.choose(number)
        self.field.choose(number)

    def export(self, suffix: str) -> None:
        """Ask for a path, then write the report there; `suffix` is md or txt."""
        if self._checked is None:
            return
        found, transcript, title = self._checked
        report = report_text(found, transcript, title, is_markdown=suffix == "md")

        def save(path: Path) -> None:
            self._bridge.run_job(
                lambda _: self._services.checking.save(report, path),
                lambda _: self.notice.show_note(*EXPORTED),
                self.notice.show_error,
            )

        ask_where_to_save(self.window(), f"{title}, checked", suffix, save)

    # Layout

    def showEvent(self, event: QShowEvent) -> None:
        """Qt: follow the player."""
        super().showEvent(event)
        self._show_playing()
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt: nobody sees whether it plays."""
        super().hideEvent(event)
        self._clock.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: on a narrow page the text stands above the statements."""
        super().resizeEvent(event)
        self._lay_out_actions()

    def _lay_out_actions(self) -> None:
        is_narrow = self.width() < self._theme.px(_NARROW)
        direction = QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight
        self._top.setDirection(direction)
        self._body.setDirection(direction)
        self._text_panel.setProperty("edge", "bottom" if is_narrow else "right")
        restyle(self._text_panel)
        across = QSizePolicy.Policy.Ignored if is_narrow else QSizePolicy.Policy.Fixed
        policy = QSizePolicy(across, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(is_narrow)
        self.buttons.setSizePolicy(policy)
        self.buttons.setMinimumWidth(0 if is_narrow else self.buttons.sizeHint().width())
        self.buttons.lay_out_again()
