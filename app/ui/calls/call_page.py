"""One call, open: its sound, its words, and what they came to."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.calls.call_header import CallHeader
from app.ui.calls.player_bar import PlayerBar
from app.ui.calls.side_panel import SidePanel
from app.ui.calls.transcript_view import TranscriptView
from app.ui.runtime import clipboard
from app.ui.style.phrases import unfinished
from app.ui.style.theme import Theme
from app.ui.widgets.basics import panel
from app.ui.widgets.dialogs import DeleteQuestion, SpeakersQuestion
from app.ui.widgets.file_dialogs import ask_where_to_save
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import Prose

if TYPE_CHECKING:
    from app.core.deletion import Consequences
    from app.core.export import Format
    from app.core.ids import RecordingId
    from app.core.job import Context
    from app.core.recording import Recording, Survey
    from app.core.summary import Summary
    from app.core.transcript import Transcript
    from app.services.session import Session
    from app.ui.calls.call_jobs import WorkInHand
    from app.ui.runtime.bridge import Bridge

    Contents = tuple[Recording, Transcript, Summary | None]

_SIDE, _NARROW = 348, 700  # of the design: the side panel, and the width below which it becomes tabs


class CallPage(QWidget):
    """Shows one recording by its id and reads it again when told; `left` says that it was deleted or closed."""

    left = Signal()

    def __init__(self, theme: Theme, session: "Session", bridge: "Bridge", work: "WorkInHand", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Call")
        self._theme, self._session, self._bridge, self._work = theme, session, bridge, work
        self.recording: Recording | None = None
        self._id: RecordingId | None = None
        self._survey: Survey | None = None
        self._wanted_line = 0
        self._turn = 0
        self._is_narrow = False
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = panel(self, "page", "bottom", "Call")
        inner = QVBoxLayout(top)
        inner.setContentsMargins(0, 0, 0, 0)
        self.header = CallHeader(theme, top)
        inner.addWidget(self.header)
        column.addWidget(top)
        sound = panel(self, "page", "bottom", "Player")
        within = QVBoxLayout(sound)
        within.setContentsMargins(0, 0, 0, 0)
        self.player = PlayerBar(theme, session, sound)
        within.addWidget(self.player)
        column.addWidget(sound)
        self.notice = NoticeBar(theme, self, 22, 10, 22, 0)
        self._body = QHBoxLayout()
        self._body.setSpacing(0)
        self._left = QFrame(self)
        self._left.setAccessibleName("Transcript")
        self._words = QVBoxLayout(self._left)
        self._words.setContentsMargins(0, 0, 0, 0)
        self._words.setSpacing(0)
        self._words.addWidget(self.notice)
        self.transcript = TranscriptView(theme, self._left)
        self._absence = QWidget(self._left)
        self._absence.setAccessibleName("No transcript yet")
        inset = QVBoxLayout(self._absence)
        inset.setContentsMargins(px(22), px(14), px(22), 0)
        self.absence = Prose(theme, self._absence, role="second")
        inset.addWidget(self.absence)
        self._words.addWidget(self._absence)
        self._words.addWidget(self.transcript, 1)
        self.side = SidePanel(theme, session, bridge, self)
        self.side.setFixedWidth(px(_SIDE))
        self._body.addWidget(self._left, 1)
        self._body.addWidget(self.side)
        column.addLayout(self._body, 1)
        self._absence.hide()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(250)
        self._again.timeout.connect(self._read)
        self._lull = QTimer(self)
        self._lull.setSingleShot(True)
        self._lull.setInterval(1_500)
        self._lull.timeout.connect(self._offer_to_go_on)
        self._is_offering = False
        self._connect()

    def _connect(self) -> None:
        self.header.renamed.connect(self.rename)
        self.header.export_wanted.connect(self.export)
        self.header.copy_wanted.connect(self._copy)
        self.header.names_wanted.connect(self.name_speakers)
        self.header.swap_wanted.connect(self._swap)
        self.header.summary_wanted.connect(self._summarize)
        self.header.delete_wanted.connect(self.ask_to_delete)
        self.transcript.sought.connect(self.player.play_from)
        self.side.played.connect(self.player.play_from)
        self.side.failed.connect(self.notice.fail)
        self.side.summary.wanted.connect(self._summarize)
        self.player.moved.connect(self._mark)
        self._work.started_or_ended.connect(self._show_work)

    def open(self, recording: "RecordingId", line: int = 0) -> None:
        """Open a recording; with `line` the player is put where that line begins."""
        self._wanted_line = line
        if recording == self._id and self.recording is not None:
            self._go_to_line()
            return
        self._turn += 1
        self._id, self.recording, self._survey = recording, None, None
        self.notice.hide()
        self.header.end_rename()
        self.transcript.lines.show_transcript(None)
        self.transcript.mark(-1, follows=False)
        self.side.open(recording)
        self._read()

    @property
    def opened(self) -> "RecordingId | None":
        """The recording that is shown, or about to be."""
        return self._id

    def close_recording(self) -> None:
        """Let go of the recording."""
        self._turn += 1
        self._id = self.recording = None
        self.player.close_recording()
        self.side.close_recording()

    def read_again(self) -> None:
        """The recording may have changed; several changes are read once."""
        if self._id is not None and not self._again.isActive():
            self._again.start()

    def _read(self) -> None:
        turn, found = self._turn, self._id
        if found is None:
            return
        library = self._session.library

        def work(context: "Context") -> "Contents":
            return library.recording(found), library.transcript(found), library.summary(found)

        def show(contents: "Contents") -> None:
            if turn == self._turn:
                self._show(*contents)

        def fail(error: Exception) -> None:
            if turn == self._turn:
                self.notice.fail(error)

        self._bridge.ask(work, show, fail)

    def _show(self, recording: "Recording", transcript: "Transcript", summary: "Summary | None") -> None:
        is_new = self.recording is None
        old, self.recording = self.recording, recording
        lines = transcript.utterances
        self.header.show_recording(recording, has_transcript=bool(lines))
        self.transcript.lines.show_transcript(transcript)
        if summary is not None:
            self.side.summary.show_summary(summary, recording.speakers)
        else:
            self.side.summary.show_absence(recording, self._work.of(recording.id) is not None)
        if is_new:
            self.player.open(recording)
        if self._survey is None:
            self._read_survey(recording)
        elif old is not None and (old.speakers, old.layout) != (recording.speakers, recording.layout):
            self.player.show_survey(self._survey, recording)
        self._show_work()
        self._go_to_line()
        self._mark(self.player.position)

    def _read_survey(self, recording: "Recording") -> None:
        turn = self._turn

        def show(survey: "Survey") -> None:
            if turn == self._turn and self.recording is not None:
                self._survey = survey
                self.player.show_survey(survey, self.recording)

        self._bridge.ask(lambda _: self._session.library.survey(recording.id), show, lambda _: None)

    def _show_work(self) -> None:
        recording = self.recording
        if recording is None:
            return
        work, error = self._work.of(recording.id), self._work.errors.get(recording.id)
        if work is not None or (error is None and self._is_offering):
            self._is_offering = False
            self.notice.hide()
        if work is not None:
            words = "" if self.transcript.lines.rowCount() else "The words appear here as they are recognised."
        elif error is not None:
            words = "" if self.transcript.lines.rowCount() else "There is no transcript yet."
            self._is_offering = True
            self.notice.fail(error, "Try again", self._advance)
        else:
            words = ""
            self._lull.start()  # the next step may be on its way
        self.absence.set_text(words)
        self._absence.setVisible(bool(words))

    def _offer_to_go_on(self) -> None:
        """After a cancel or an end of the program: say what is missing, and offer to go on."""
        recording = self.recording
        if recording is None or self._work.of(recording.id) or self._work.errors.get(recording.id):
            return
        if missing := unfinished(recording):
            self._is_offering = True
            self.notice.keep(f"{missing}.", "What was done is kept.", "Go on", self._advance)

    def _advance(self) -> None:
        if (found := self._id) is not None:
            self._bridge.ask(lambda _: self._session.advance(found), failed=self.notice.fail)

    def _go_to_line(self) -> None:
        line, self._wanted_line = self._wanted_line, 0
        row = self.transcript.lines.row_of_line(line) if line else -1
        if row >= 0:
            self.player.seek(self.transcript.lines.utterance(row).start)
            self.transcript.mark(row, follows=False)
            QTimer.singleShot(0, self.transcript, lambda: self.transcript.reveal(row, is_centred=True))

    def _mark(self, seconds: float) -> None:
        is_playing = self._session.player.is_playing
        row = self.transcript.lines.row_at(seconds) if seconds > 0 or is_playing else -1
        self.transcript.mark(row, follows=True)

    def rename(self, title: str, is_undo: bool = False) -> None:
        """Give the call another title; the old one can be had back."""
        recording = self.recording
        if recording is None:
            return
        old = recording.title

        def done(_: object) -> None:
            if not is_undo:
                self.notice.note("Renamed.", "", "Undo", lambda: self.rename(old, is_undo=True))

        self._bridge.ask(lambda _: self._session.library.rename(recording.id, title), done, self.notice.fail)

    def name_speakers(self) -> None:
        """Ask for the speakers' names."""
        recording = self.recording
        if recording is None:
            return
        question = SpeakersQuestion(self._theme, self.window(), recording.layout, recording.speakers)

        def save() -> None:
            left, right = question.name(0), question.name(1)
            self._bridge.ask(
                lambda _: self._session.library.name_speakers(recording.id, left=left, right=right),
                failed=self.notice.fail,
            )

        question.accepted.connect(save)
        question.open()

    def _swap(self) -> None:
        if (found := self._id) is not None:
            self._bridge.ask(lambda _: self._session.library.swap_sides(found), failed=self.notice.fail)

    def _summarize(self) -> None:
        if self._id is not None:
            self._session.summarize(self._id)

    def ask_to_delete(self) -> None:
        """Ask, then delete the call: its sound, its words, its summary, its questions."""
        found = self._id
        if found is None:
            return

        def ask(means: "Consequences") -> None:
            question = DeleteQuestion(
                self._theme, self.window(), "call",
                "Its sound, transcript, summary and questions are removed from this vault and can't be brought back.",
                means,
            )  # fmt: skip
            question.accepted.connect(lambda: self._delete(found, rewrites_copies=question.rewrites_copies))
            question.open()

        self._bridge.ask(lambda _: self._session.forgetting.of_call(found), ask, self.notice.fail)

    def _delete(self, found: "RecordingId", *, rewrites_copies: bool) -> None:
        session = self._session
        self.player.close_recording()

        def gone(_: object) -> None:
            self.left.emit()
            if rewrites_copies:
                self._bridge.ask(session.keeping.rewrite_now, failed=self.notice.fail, lane="keeping")

        self._bridge.ask(lambda _: session.library.delete(found), gone, self.notice.fail)

    def export(self, fmt: "Format") -> None:
        """Ask where to, then write the call there as a file that anyone can read."""
        recording = self.recording
        if recording is None:
            return

        def save(path: Path) -> None:
            self._bridge.ask(
                lambda _: self._session.exporting.save(recording.id, fmt, path),
                lambda _: self.notice.note("Exported.", "The file is not encrypted: who can open it can read it."),
                self.notice.fail,
            )

        ask_where_to_save(self.window(), recording.title, fmt, save)

    def _copy(self) -> None:
        if (found := self._id) is not None:

            def done(text: str) -> None:
                clipboard.put(text)
                self.notice.note("Copied.", "Other programs can read it until the clipboard is cleared.")

            self._bridge.ask(lambda _: self._session.exporting.text(found, "txt"), done, self.notice.fail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: where there is no room for two columns, the transcript becomes a tab."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._theme.px(_NARROW)
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self._left.hide()
            if is_narrow:
                self._body.removeWidget(self._left)
                self.side.setMinimumWidth(0)
                self.side.setMaximumWidth(16_777_215)
                self.side.take_transcript(self._left)
            else:
                self.side.give_transcript(self._left)
                self._left.setParent(self)
                self._body.insertWidget(0, self._left, 1)
                self.side.setFixedWidth(self._theme.px(_SIDE))
                self._left.show()

    def focus_transcript(self) -> None:
        """Put the keyboard into the transcript."""
        self.transcript.setFocus(Qt.FocusReason.ShortcutFocusReason)
