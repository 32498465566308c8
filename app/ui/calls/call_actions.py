"""What a person does to the open call: rename, name the speakers or find them, transcribe again, export, delete."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.call import CallState
from app.core.exports import export_format
from app.core.job import JobState, Lane
from app.core.speaker_turns import samples
from app.ui.calls.finding_dialog import FindingDialog
from app.ui.calls.transcribe_again import TranscribeAgainDialog
from app.ui.runtime import clipboard
from app.ui.style.phrases import COPIED, EXPORTED
from app.ui.style.theme import Theme
from app.ui.widgets.dialogs import DeleteDialog, SpeakersDialog
from app.ui.widgets.file_dialogs import ask_where_to_save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from app.core.call import Call
    from app.core.deletion import Consequences
    from app.core.ids import CallId
    from app.core.job import Job
    from app.core.line_changes import LineChange
    from app.services.models.listing import SpeechChoice
    from app.ui.calls.call_services import OpenCallServices
    from app.ui.calls.player_bar import PlayerBar
    from app.ui.calls.transcript_view import TranscriptView
    from app.ui.runtime.bridge import Bridge
    from app.ui.widgets.notice_bar import NoticeBar


class CallActions(QObject):
    """Asks what has to be asked, carries it out, and says in the page's notice what came of it.

    `call` is the call that is shown; without one nothing happens. `corrections` is how many lines of it were corrected.
    """

    delete_began = Signal()  # the call that is shown is being deleted
    deleted = Signal()

    def __init__(
        self,
        theme: Theme,
        services: "OpenCallServices",
        bridge: "Bridge",
        notice: "NoticeBar",
        page: "QWidget",
        transcript: "TranscriptView",
        player: "PlayerBar",
    ) -> None:
        super().__init__(page)
        self._theme, self._services, self._bridge = theme, services, bridge
        self._notice, self._page, self._transcript, self._player = notice, page, transcript, player
        self.call: Call | None = None
        self.corrections = 0
        self._finding: dict[CallId, tuple[Job[LineChange | None], int]] = {}  # how many speakers were asked for last

    @property
    def has_sound(self) -> bool:
        """Whether there is a call, and it can be heard."""
        return self.call is not None and self.call.has_sound

    def rename(self, title: str, is_undo: bool = False) -> None:
        """Rename the call, and offer to undo that."""
        call = self.call
        if call is None:
            return
        old = call.title

        def done(_: object) -> None:
            if not is_undo:
                self._notice.show_note("Renamed.", "", "Undo", lambda: self.rename(old, is_undo=True))

        self._bridge.run_job(lambda _: self._services.library.rename(call.id, title), done, self._notice.show_error)

    def name_speakers(self) -> None:
        """Ask for the speakers' names and save them."""
        call = self.call
        if call is None:
            return
        heard = samples(self._transcript.lines.all) if call.has_sound else {}
        question = SpeakersDialog(self._theme, self._page.window(), call, heard)
        question.hear_wanted.connect(self._player.play_sample)
        question.finished.connect(self._player.end_sample)

        def save() -> None:
            names = question.names
            self._bridge.run_job(
                lambda _: self._services.library.name_speakers(call.id, names), failed=self._notice.show_error
            )

        question.accepted.connect(save)
        question.open()

    def find_speakers(self) -> None:
        """Ask how many people speak, then have their voices told apart."""
        call = self.call
        if call is None:
            return
        question = FindingDialog(self._theme, self._page.window())

        def find() -> None:
            self._find_speakers(call.id, question.count)

        question.accepted.connect(find)
        question.open()

    def _find_speakers(self, call: "CallId", count: int) -> None:
        self._finding[call] = (self._services.find_speakers(call, count), count)

    def swap_sides(self) -> None:
        """Swap which side of the call is the person's own."""
        if (call := self.call) is not None:
            self._bridge.run_job(lambda _: self._services.library.swap_sides(call.id), failed=self._notice.show_error)

    def summarize(self) -> None:
        """Write the summary anew."""
        if self.call is not None:
            self._services.summarize(self.call.id)

    def go_on(self) -> None:
        """Take the call to its next step; if telling its speakers apart was what failed, do that again."""
        call = self.call
        if call is None:
            return
        job, count = self._finding.pop(call.id, (None, 0))
        if job is not None and job.state is JobState.FAILED:
            self._find_speakers(call.id, count)
        else:
            self._bridge.run_job(lambda _: self._services.advance(call.id), failed=self._notice.show_error)

    def transcribe_again(self) -> None:
        """Ask for the model and the language, then transcribe the call from the start."""
        call = self.call
        if call is None:
            return

        def ask(choices: "Sequence[SpeechChoice]") -> None:
            has_transcript = call.state not in (CallState.IMPORTED, CallState.SILENT)
            question = TranscribeAgainDialog(
                self._theme, self._page.window(), choices, has_transcript=has_transcript, corrections=self.corrections
            )
            question.accepted.connect(lambda: self._transcribe_again(call, question.language, question.model))
            question.open()

        self._bridge.run_job(lambda _: self._services.speech_choices(), ask, self._notice.show_error)

    def _transcribe_again(self, call: "Call", language: str, model: str) -> None:
        self._bridge.run_job(
            lambda _: self._services.transcribe_again(call.id, language, model), failed=self._notice.show_error
        )

    def ask_to_delete(self) -> None:
        """Delete the call (sound, transcript, summary and questions) once the user has confirmed."""
        call = self.call
        if call is None:
            return

        def ask(consequences: "Consequences") -> None:
            question = DeleteDialog(
                self._theme, self._page.window(), "call",
                "Its sound, transcript, summary and questions are removed from this vault; there is no undo.",
                consequences,
            )  # fmt: skip
            question.accepted.connect(lambda: self._delete(call, rewrites_copies=question.rewrites_copies))
            question.open()

        self._bridge.run_job(lambda _: self._services.deletion.of_call(call.id), ask, self._notice.show_error)

    def _delete(self, call: "Call", *, rewrites_copies: bool) -> None:
        services = self._services
        self.delete_began.emit()

        def deleted(_: object) -> None:
            self.deleted.emit()
            if rewrites_copies:
                self._bridge.run_job(
                    services.maintenance.replace_copies, failed=self._notice.show_error, lane=Lane.BACKGROUND
                )

        self._bridge.run_job(lambda _: services.library.delete(call.id), deleted, self._notice.show_error)

    def export(self, fmt: str) -> None:
        """Ask for a path, then export the call there as an unencrypted file; `fmt` is the name of an export format."""
        call = self.call
        if call is None:
            return

        def save(path: Path) -> None:
            self._bridge.run_job(
                lambda _: self._services.call_export.save(call.id, fmt, path),
                lambda _: self._notice.show_note(*EXPORTED),
                self._notice.show_error,
            )

        ask_where_to_save(self._page.window(), call.title, export_format(fmt).suffix, save)

    def copy(self) -> None:
        """Copy the call as plain text."""
        if (call := self.call) is not None:

            def done(text: str) -> None:
                clipboard.copy_text(text)
                self._notice.show_note(*COPIED)

            self._bridge.run_job(lambda _: self._services.call_export.text(call.id), done, self._notice.show_error)
