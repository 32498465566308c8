"""The page of one open call: player, transcript, summary and questions."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.core.coverage import coverage
from app.core.transcript import Layout, speaker_name, speaking
from app.ui.calls.call_actions import CallActions
from app.ui.calls.call_header import CallHeader
from app.ui.calls.demo_warning import DemoWarning
from app.ui.calls.doubtful_words import DoubtfulWords
from app.ui.calls.find_bar import FindBar
from app.ui.calls.gap_bar import GapBar
from app.ui.calls.giving_dialog import GivingDialog
from app.ui.calls.line_changes import LineChanges
from app.ui.calls.missing_lines import MissingLines
from app.ui.calls.player_bar import PlayerBar
from app.ui.calls.replace_dialog import ReplaceDialog
from app.ui.calls.side_panel import SidePanel
from app.ui.calls.summary_view import summary_age
from app.ui.calls.transcript_view import TranscriptView
from app.ui.calls.typing_keys import TypingKeys
from app.ui.calls.untaken_words import UntakenWords
from app.ui.calls.writing_dialog import WritingDialog
from app.ui.style.theme import Theme
from app.ui.widgets.basics import panel
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.core.call import Call, Survey
    from app.core.coverage import Coverage
    from app.core.ids import CallId, UtteranceId
    from app.core.job import JobContext
    from app.core.line_changes import LineChange
    from app.core.summary import Summary
    from app.core.transcript import Speaker, Transcript, Utterance
    from app.ui.calls.call_jobs import CallJobs
    from app.ui.calls.call_services import OpenCallServices
    from app.ui.navigation.command import CommandRunner
    from app.ui.runtime.bridge import Bridge

    Contents = tuple[Call, Transcript, Summary | None, Coverage | None, bool]

_LEAST_LINES = 36  # design pixels of lines that are left where a bar and a notice stand above and below them
_SIDE, _NARROW = 348, 700  # design pixels: the side panel, and the page width below which it holds all tabs


class CallPage(QWidget):
    """Shows one call by its id and reloads it on request."""

    def __init__(
        self,
        theme: Theme,
        services: "OpenCallServices",
        bridge: "Bridge",
        work: "CallJobs",
        commands: "CommandRunner",
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Call")
        self._theme, self._services, self._bridge, self._work = theme, services, bridge, work
        self._id: CallId | None = None
        self._survey: Survey | None = None
        self._wanted: tuple[UtteranceId | None, float | None] = (None, None)
        self._generation = 0
        self._places: dict[str, tuple[tuple[UtteranceId, int] | None, tuple[int, int] | None]] = {}
        self._is_narrow = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = panel(self, "page", "bottom", "Call")
        inner = QVBoxLayout(top)
        inner.setContentsMargins(0, 0, 0, 0)
        self.header: CallHeader = CallHeader(theme, commands, top)
        inner.addWidget(self.header)
        column.addWidget(top)
        self.player_panel = panel(self, "page", "bottom", "Player")
        player_layout = QVBoxLayout(self.player_panel)
        player_layout.setContentsMargins(0, 0, 0, 0)
        self.player: PlayerBar = PlayerBar(theme, services.player, self.player_panel)
        player_layout.addWidget(self.player)
        column.addWidget(self.player_panel)
        self.notice = NoticeBar(theme, self, 22, 10, 22, 0)
        self._body = QHBoxLayout()
        self._body.setSpacing(0)
        self._transcript_column = QFrame(self)
        self._transcript_column.setAccessibleName("Transcript")
        self._transcript_layout = QVBoxLayout(self._transcript_column)
        self._transcript_layout.setContentsMargins(0, 0, 0, 0)
        self._transcript_layout.setSpacing(0)
        self._transcript_layout.addWidget(self.notice)
        self.demo_warning = DemoWarning(theme, self._transcript_column)
        self.demo_warning.hide()
        self._transcript_layout.addWidget(self.demo_warning)
        self.gaps: GapBar = GapBar(theme, self._transcript_column)
        self._transcript_layout.addWidget(self.gaps)
        self.transcript: TranscriptView = TranscriptView(theme, self._transcript_column)
        self.transcript.setMinimumHeight(theme.px(_LEAST_LINES))
        self.find_bar: FindBar = FindBar(theme, self.transcript, bridge, self._transcript_column)
        self._transcript_layout.addWidget(self.find_bar)
        self.missing = MissingLines(theme, work, self.notice, self.transcript.lines.rowCount, self._transcript_column)
        self._transcript_layout.addWidget(self.missing)
        self._transcript_layout.addWidget(self.transcript, 1)
        self.line_notice = NoticeBar(theme, self, 22, 6, 22, 10)  # below the lines, which it is not to move
        self._transcript_layout.addWidget(self.line_notice)
        self.typing_keys = TypingKeys(theme, self._transcript_column)
        self._transcript_layout.addWidget(self.typing_keys)
        self.side = SidePanel(theme, services.answering, bridge, self)
        self.side.setFixedWidth(theme.px(_SIDE))
        self._body.addWidget(self._transcript_column, 1)
        self._body.addWidget(self.side)
        column.addLayout(self._body, 1)
        self._reload_timer = QTimer(self)
        self._reload_timer.setSingleShot(True)
        self._reload_timer.setInterval(250)
        self._reload_timer.timeout.connect(self._read)
        self.changes: LineChanges = LineChanges(services, bridge, self.line_notice, self.transcript.lines, self)
        view, player = self.transcript, self.player
        self._untaken = UntakenWords(view, self.line_notice)
        self.on_call: CallActions = CallActions(theme, services, bridge, self.notice, self, view, player)
        self.missing.on_call = self.on_call
        self.doubtful: DoubtfulWords = DoubtfulWords(view, self.line_notice)
        self._connect()

    def _connect(self) -> None:
        self.header.renamed.connect(self.on_call.rename)
        self.transcript.seek_wanted.connect(self.player.play_from)
        view, changes = self.transcript, self.changes
        view.corrected.connect(changes.correct)
        view.split_wanted.connect(changes.split)
        view.join_wanted.connect(changes.join)
        view.removal_wanted.connect(changes.remove)
        view.giving_wanted.connect(lambda lines, place: changes.give_to_place(lines, place, self._heard))
        view.typing_changed.connect(self.typing_keys.tell)
        changes.shown.connect(self._show_change)
        changes.goes_on.connect(lambda utterance, at: view.begin_correction(utterance, at=at))
        changes.not_taken.connect(self._take_up_again)
        changes.failed.connect(self._read)
        self.side.play_wanted.connect(self._play_or_show)
        self.side.line_wanted.connect(lambda utterance: self._show_row(self.transcript.lines.row_of(utterance)))
        self.side.failed.connect(self.notice.show_error)
        self.side.summary.summary_wanted.connect(self.on_call.summarize)
        self.player.position_changed.connect(self._mark_playing_line)
        self.demo_warning.transcribe_again_wanted.connect(self.on_call.transcribe_again)
        self.on_call.delete_began.connect(self.player.close_call)
        self.doubtful.reached.connect(self.player.seek)
        self.gaps.shown.connect(self._show_gap)
        self.gaps.hear_wanted.connect(self.player.play_sample)
        self.gaps.writing_wanted.connect(self.ask_what_is_said)
        self._work.started_or_ended.connect(self.missing.tell)

    def open(self, call: "CallId", utterance: "UtteranceId | None" = None, start: float | None = None) -> None:
        """Open a call, with the player at the start of an utterance; at `start` seconds if it is not there any more."""
        self._wanted = (utterance, start)
        if call == self._id and self.call is not None:
            self._go_to_wanted_utterance()
            return
        self.transcript.finish_words()
        self._leave_place()
        self._generation += 1
        self._id, self.on_call.call, self._survey = call, None, None
        self.changes.call = call
        self.notice.hide()
        self.line_notice.hide()
        self.find_bar.close_bar()
        self.gaps.leave_call()
        self.header.leave_call()
        self.demo_warning.hide()
        self.transcript.lines.show_transcript(None)
        self.transcript.mark(-1, follows=False)
        self.side.open(call)
        self._read()

    @property
    def call(self) -> "Call | None":
        """The call that is shown; None while none is open, or while it is being read."""
        return self.on_call.call

    @property
    def open_call_id(self) -> "CallId | None":
        """The id of the call that is shown or being loaded."""
        return self._id

    @property
    def has_transcript(self) -> bool:
        """Whether words of the shown call are there."""
        return self.call is not None and self.transcript.lines.rowCount() > 0

    @property
    def has_sides(self) -> bool:
        """Whether the shown call has two sides, which can be swapped."""
        return self.call is not None and self.call.layout not in (Layout.MONO, Layout.WRITTEN)

    def close_call(self) -> None:
        """Close the call."""
        self.transcript.finish_words()
        self.find_bar.close_bar()
        self._leave_place()
        self._generation += 1
        self._id = self.on_call.call = self.changes.call = None
        self.player.close_call()
        self.side.close_call()

    def unsaved_changes(self) -> "list[LineChange]":
        """What was typed or changed and is not confirmed yet; the field in which it is typed is closed."""
        self.transcript.finish_words()
        return [*self.changes.unsaved(), *self._untaken.as_changes()]

    @property
    def _heard(self) -> "tuple[Speaker, ...]":
        """The speakers to whom lines can be given: not the side of a call that was not recorded."""
        known = self.transcript.lines.speakers
        return known if self.call is None else speaking(self.call.layout, known)

    def ask_who_speaks(self) -> None:
        """Ask to whom the chosen lines are to be given."""
        lines, known = self.transcript.take_chosen(), self._heard
        if lines and known:
            question = GivingDialog(self._theme, self.window(), known, lines)
            question.accepted.connect(lambda: self.changes.give(lines, question.speaker, known))
            question.open()

    def find_words(self, step: int = 0) -> None:
        """Open the bar in which words are looked for; if it is open, go to the next place found, or with -1 back."""
        if step and self.find_bar.is_open:
            self.find_bar.go(step)
        else:
            self.side.show_transcript()
            self.find_bar.open_bar()

    def ask_what_to_replace(self) -> None:
        """Ask for words that are to give way to others; those that are selected stand there already."""
        words = self.transcript.words
        chosen = words.textCursor().selectedText() if words is not None else ""
        self.transcript.finish_words()
        question = ReplaceDialog(self._theme, self.window(), chosen)
        question.accepted.connect(
            lambda: self.changes.replace(question.old, question.new, is_everywhere=question.is_everywhere)
        )
        question.open()

    def ask_what_is_said(self) -> None:
        """Ask for the words of the gap that is shown."""
        call, gap = self.call, self.gaps.current
        if call is not None and gap is not None:
            question = WritingDialog(self._theme, self.window(), gap)
            question.hear_wanted.connect(self.player.play_sample)
            question.accepted.connect(lambda: self.changes.write(gap, question.text, call.tracks))
            question.finished.connect(self.player.end_sample)
            question.open()

    def _show_gap(self, seconds: float) -> None:
        self.player.seek(seconds)
        self.transcript.reveal(max(0, self.transcript.lines.row_at(seconds)), is_centred=True)

    def _show_change(self, change: "LineChange") -> None:
        if change.call == self._id:
            self.transcript.show_change(change)

    def _take_up_again(self, change: "LineChange", said: "Utterance", text: str) -> None:
        """Show a line that was not changed as it is now, and what a person wrote in a field over it."""
        self._untaken.keep(change, said, text)
        self._read()

    def _leave_place(self) -> None:
        """Remember where the call that is shown is scrolled to."""
        if self.call is not None:
            self._places[self.call.id] = (self.transcript.place(), self.side.place)

    def read_again(self) -> None:
        """Reload the call soon; several requests in a row cause one read."""
        if self._id is not None and not self._reload_timer.isActive():
            self._reload_timer.start()

    def _read(self) -> None:
        generation, call_id = self._generation, self._id
        if call_id is None:
            return
        services, library, begun = self._services, self._services.library, self.changes.begun

        def work(context: "JobContext") -> "Contents":
            is_heard_by_demo = services.is_heard_by_demo(call_id)
            call, transcript = library.call(call_id), library.transcript(call_id)
            return call, transcript, library.summary(call_id), coverage(transcript), is_heard_by_demo

        def show(contents: "Contents") -> None:
            is_late = begun != self.changes.begun or self.changes.unsaved(call_id)  # it may not be what is shown by now
            if generation == self._generation:
                self.read_again() if is_late else self._show(contents)

        def fail(error: Exception) -> None:
            if generation == self._generation:
                self.notice.show_error(error)

        self._bridge.run_job(work, show, fail)

    def _show(self, contents: "Contents") -> None:
        call, transcript, summary, known, is_heard_by_demo = contents
        is_new = self.call is None
        old, self.on_call.call = self.call, call
        lines = transcript.utterances
        self.header.show_call(call, has_transcript=bool(lines))
        place, side_place = (self.transcript.place(), None) if not is_new else self._places.get(call.id, (None, None))
        if self.transcript.lines.show_transcript(transcript) or is_new:
            self.transcript.go_to(place)
        self.on_call.corrections = transcript.corrections
        names = [speaker_name(track.speaker, call.speakers) for track in call.tracks]
        self.gaps.show_coverage(known, names if len(names) > 1 else ())
        self.missing.is_heard_by_demo = is_heard_by_demo
        self.demo_warning.setVisible(is_heard_by_demo and bool(lines))
        if summary is not None:
            numbers = None if transcript.has_times else {one.id: one.line for one in lines}
            age = summary_age(summary, transcript, is_earlier=call.has_earlier_summary)
            self.side.summary.show_summary(summary, call.speakers, age, numbers)
        else:
            self.side.summary.show_absence(call, self._work.job_on(call.id) is not None)
        self.player_panel.setVisible(call.has_sound)
        if is_new:
            self.player.open(call)
            self.side.go_to(side_place)
        if self._survey is None:
            self._read_survey(call)
        elif old is not None and (old.speakers, old.layout) != (call.speakers, call.layout):
            self.player.show_survey(self._survey, call)
        self.missing.tell()
        self._go_to_wanted_utterance()
        self._mark_playing_line(self.player.position)
        self._untaken.take_up(call.id)

    def _read_survey(self, call: "Call") -> None:
        generation = self._generation

        def show(survey: "Survey") -> None:
            if generation == self._generation and self.call is not None:
                self._survey = survey
                self.header.show_survey(survey)
                self.player.show_survey(survey, self.call)

        self._bridge.run_job(lambda _: self._services.library.survey(call.id), show, lambda _: None)

    def _go_to_wanted_utterance(self) -> None:
        (utterance, start), self._wanted = self._wanted, (None, None)
        row = self.transcript.lines.row_of(utterance)
        if row < 0 and start is not None:
            self.player.seek(start)
        elif row >= 0:
            self.player.seek(self.transcript.lines.utterance(row).start)
            self._show_row(row)

    def _show_row(self, row: int) -> None:
        if row >= 0:
            self.transcript.mark(row, follows=False)
            QTimer.singleShot(0, self.transcript, lambda: self.transcript.reveal(row, is_centred=True))

    def play_or_show_line(self, line: "Utterance") -> bool:
        """Play from a line; of a call that came as text, show it. Returns whether it plays."""
        if self.call is not None and self.call.has_sound:
            self.player.play_from(line.start)
            return True
        self._show_row(self.transcript.lines.row_of(line.id))
        return False

    def _play_or_show(self, seconds: float) -> None:
        """Play from a moment; of a call that came as text, show its line."""
        if self.call is not None and not self.call.has_sound:
            self._show_row(self.transcript.lines.row_at(seconds))
        else:
            self.player.play_from(seconds)

    def _mark_playing_line(self, seconds: float) -> None:
        is_playing = self._services.player.is_playing
        row = self.transcript.lines.row_at(seconds) if seconds > 0 or is_playing else -1
        self.transcript.mark(row, follows=True)
        self.transcript.mark_word(seconds)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: on a narrow page the transcript becomes a tab of the side panel."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._theme.px(_NARROW)
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self._transcript_column.hide()
            if is_narrow:
                self._body.removeWidget(self._transcript_column)
                self.side.setMinimumWidth(0)
                self.side.setMaximumWidth(16_777_215)
                self.side.add_transcript_tab(self._transcript_column)
            else:
                self.side.remove_transcript_tab(self._transcript_column)
                self._transcript_column.setParent(self)
                self._body.insertWidget(0, self._transcript_column, 1)
                self.side.setFixedWidth(self._theme.px(_SIDE))
                self._transcript_column.show()
