"""What a person does to the open call: correct, rename, name the speakers, transcribe again, export, delete."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.call import CallState
from app.core.errors import NotFound
from app.core.exports import export_format
from app.core.job import Lane
from app.ui.calls.transcribe_again import TranscribeAgainDialog
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.dialogs import DeleteDialog, SpeakersDialog
from app.ui.widgets.file_dialogs import ask_where_to_save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from app.core.call import Call
    from app.core.deletion import Consequences
    from app.core.ids import CallId, UtteranceId
    from app.services.models.listing import SpeechChoice
    from app.ui.calls.call_services import OpenCallServices
    from app.ui.runtime.bridge import Bridge
    from app.ui.widgets.notice_bar import NoticeBar


@dataclass(frozen=True)
class Correction:
    """A line of a call that was corrected: what it said before, and says after."""

    call: "CallId"
    utterance: "UtteranceId"
    before: str
    after: str


class _Way(Enum):
    NEW = "new"
    UNDO = "undo"
    REDO = "redo"


class CallActions(QObject):
    """Asks what has to be asked, carries it out, and says in the page's notice what came of it.

    `call` is the call that is shown; without one nothing happens. `corrections` is how many lines of it were corrected.
    """

    delete_began = Signal()  # the call that is shown is being deleted
    deleted = Signal()
    not_corrected = Signal(str, str)  # the utterance of a line, and what a person wrote in it, which was not taken

    def __init__(
        self, theme: Theme, services: "OpenCallServices", bridge: "Bridge", notice: "NoticeBar", page: "QWidget"
    ) -> None:
        super().__init__(page)
        self._theme, self._services, self._bridge = theme, services, bridge
        self._notice, self._page = notice, page
        self.call: Call | None = None
        self.corrections = 0
        self._done: list[Correction] = []
        self._undone: list[Correction] = []
        self._unsaved: list[Correction] = []

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

    def correct(self, utterance: "UtteranceId", before: str, text: str) -> None:
        """Correct what a line says, and offer to undo that."""
        if (call := self.call) is not None:
            self._write(Correction(call.id, utterance, before, text), _Way.NEW)

    def unsaved(self) -> "list[Correction]":
        """The corrections that are not confirmed yet."""
        return list(self._unsaved)

    @property
    def can_undo(self) -> bool:
        """Whether a correction of the call that is shown can be undone."""
        return self._last(self._done) is not None

    @property
    def can_redo(self) -> bool:
        """Whether a correction that was undone can be made again."""
        return self._last(self._undone) is not None

    def undo(self) -> None:
        """Undo the last correction of this call."""
        self._undo(self._last(self._done))

    def redo(self) -> None:
        """Make the correction again that was undone last."""
        self._redo(self._last(self._undone))

    def _undo(self, made: "Correction | None") -> None:
        if made in self._done:
            self._done.remove(made)
            self._write(Correction(made.call, made.utterance, made.after, made.before), _Way.UNDO, made)

    def _redo(self, made: "Correction | None") -> None:
        if made in self._undone:
            self._undone.remove(made)
            self._write(made, _Way.REDO, made)

    def _last(self, made: "list[Correction]") -> "Correction | None":
        call = self.call
        return next((one for one in reversed(made) if call is not None and one.call == call.id), None)

    def _write(self, wanted: "Correction", way: "_Way", of: "Correction | None" = None) -> None:
        library = self._services.library
        write = library.correct if way is _Way.NEW else library.take_back
        self._unsaved.append(wanted)

        def done(_: object) -> None:
            self._unsaved.remove(wanted)
            made = of or wanted
            (self._undone if way is _Way.UNDO else self._done).append(made)
            if way is _Way.NEW:
                self._undone = [one for one in self._undone if one.call != wanted.call]
            if self.call is not None and self.call.id == wanted.call:
                if way is _Way.UNDO:
                    self._notice.show_note("The correction was undone.", "", "Redo", lambda: self._redo(made))
                else:
                    self._notice.show_note("Corrected.", "", "Undo", lambda: self._undo(made))

        def fail(error: Exception) -> None:
            self._unsaved.remove(wanted)
            if of is not None and not isinstance(error, NotFound):  # a line that is gone never comes back
                (self._done if way is _Way.UNDO else self._undone).append(of)
            self._notice.show_error(error)
            if way is _Way.NEW and self.call is not None and self.call.id == wanted.call:
                self.not_corrected.emit(wanted.utterance, wanted.after)

        self._bridge.run_job(
            lambda _: write(wanted.call, wanted.utterance, wanted.after, wanted.before), done, fail, lane=Lane.DRAFTS
        )

    def name_speakers(self) -> None:
        """Ask for the speakers' names and save them."""
        call = self.call
        if call is None:
            return
        question = SpeakersDialog(self._theme, self._page.window(), call)

        def save() -> None:
            left, right = question.name(0), question.name(1)
            self._bridge.run_job(
                lambda _: self._services.library.name_speakers(call.id, left=left, right=right),
                failed=self._notice.show_error,
            )

        question.accepted.connect(save)
        question.open()

    def swap_sides(self) -> None:
        """Swap which side of the call is the person's own."""
        if (call := self.call) is not None:
            self._bridge.run_job(lambda _: self._services.library.swap_sides(call.id), failed=self._notice.show_error)

    def summarize(self) -> None:
        """Write the summary anew."""
        if self.call is not None:
            self._services.summarize(self.call.id)

    def go_on(self) -> None:
        """Take the call to its next step."""
        if (call := self.call) is not None:
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
                lambda _: self._notice.show_note(
                    "Exported.", "The file is not encrypted: who can open it can read it."
                ),
                self._notice.show_error,
            )

        ask_where_to_save(self._page.window(), call.title, export_format(fmt).suffix, save)

    def copy(self) -> None:
        """Copy the call as plain text."""
        if (call := self.call) is not None:

            def done(text: str) -> None:
                clipboard.copy_text(text)
                self._notice.show_note("Copied.", "Other programs can read it until the clipboard is cleared.")

            self._bridge.run_job(
                lambda _: self._services.call_export.text(call.id, "txt"), done, self._notice.show_error
            )
