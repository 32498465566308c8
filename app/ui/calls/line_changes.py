"""What a person does to the lines of calls in the window: each change is shown at once, written, and can be undone."""

from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Signal

from app.core import line_changes
from app.core.errors import AssistantError, LineChanged, NotFound
from app.core.ids import new_speaker_id
from app.core.job import JobKind, JobState, Lane
from app.core.line_changes import LineChange, check_own_time
from app.core.transcript import Speaker
from app.ui.calls.commands import giving_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.change import Change
    from app.core.ids import CallId
    from app.core.job import Job
    from app.core.speech import Speech
    from app.core.transcript import Track, Utterance
    from app.ui.calls.call_services import OpenCallServices
    from app.ui.calls.transcript_model import TranscriptModel
    from app.ui.runtime.bridge import Bridge
    from app.ui.widgets.notice_bar import NoticeBar


class _Way(Enum):
    NEW = "new"
    UNDO = "undo"
    REDO = "redo"


class LineChanges(QObject):
    """Changes the lines of the call that is shown, whose id is `call`, and keeps what can be undone while it is open.

    `lines` gives those that are shown. `begun` counts how often a change began or ended: what was read of a call before
    the last time may not be what it says.
    """

    shown = Signal(object)  # the LineChange that the transcript is to show
    goes_on = Signal(str, int)  # the utterance in which a person types on, and at which character
    not_taken = Signal(object, object, str)  # a LineChange, the Utterance that was typed in, and what it was to say
    failed = Signal()  # what is shown is not what the call says

    def __init__(
        self,
        services: "OpenCallServices",
        bridge: "Bridge",
        notice: "NoticeBar",
        lines: "TranscriptModel",
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._lines = lines
        self._services, self._bridge, self._notice = services, bridge, notice
        self.call: CallId | None = None
        self.begun = 0
        self._done: list[LineChange] = []
        self._undone: list[LineChange] = []
        self._unsaved: list[LineChange] = []
        bridge.job_changed.connect(self._take_found)
        bridge.vault_changed.connect(self._forget_deleted)

    def correct(self, said: "Utterance", text: str) -> None:
        """A line says something else."""
        if self.call is not None:
            changed = msgspec.structs.replace(said, text=text)
            self._write(LineChange(self.call, (said,), (changed,)), _Way.NEW, "Corrected.", typed=(said, text))

    def split(self, said: "Utterance", first: str, second: str) -> None:
        """A line becomes two, and the person types on in the second."""
        text = f"{first} {second}"

        def make(call: "CallId") -> None:
            halves = line_changes.split(said, first, second)
            self._write(LineChange(call, (said,), halves), _Way.NEW, "Split in two.", typed=(said, text))
            self.goes_on.emit(halves[1].id, 0)

        self._try(make, said, text)

    def join(self, before: "Utterance", said: "Utterance", text: str) -> None:
        """A line that is to say `text` becomes the end of the one before it, and the person types on between them."""

        def make(call: "CallId") -> None:
            both = line_changes.joined(before, msgspec.structs.replace(said, text=text))
            self._write(LineChange(call, (before, said), (both,)), _Way.NEW, "Joined.", typed=(said, text))
            self.goes_on.emit(both.id, min(len(both.text), len(before.text) + 1))

        self._try(make, said, text)

    def remove(self, said: "Utterance") -> None:
        """A line that was emptied goes."""

        def make(call: "CallId") -> None:
            self._write(line_changes.removal(call, said), _Way.NEW, "The line was removed.")

        self._try(make, said)

    def write(self, place: "Speech", text: str, tracks: "Sequence[Track]") -> None:
        """What a person heard in a stretch of speech without text becomes a line."""
        if self.call is None:
            return
        try:
            speaker = line_changes.speaker_near(place, self._lines.all, tracks)
        except AssistantError as error:
            self._notice.show_error(error)
            return
        change = line_changes.insertion(self.call, place, speaker, text)
        (said,) = change.after
        self._try(lambda _: self._write(change, _Way.NEW, "Written.", typed=(said, text)), said, text)

    def give_to_place(self, lines: "Sequence[Utterance]", place: int, known: "Sequence[Speaker]") -> None:
        """Lines go to the speaker in a place of the call, from 1; the place behind the last makes a new one."""
        if place <= len(known):
            self.give(lines, known[place - 1], known)
        elif place == len(known) + 1:
            self.give(lines, Speaker(new_speaker_id(), f"Speaker {place}"), known)
        else:
            self._notice.show_note(
                f"The call has {len(known)} speakers.", f"{giving_key(len(known) + 1)} gives the line to another one."
            )

    def give(self, lines: "Sequence[Utterance]", speaker: Speaker, known: "Sequence[Speaker]") -> None:
        """Lines go to a speaker, who is added if the call does not know them."""
        change = None if self.call is None else line_changes.given(self.call, lines, speaker, known)
        if change is not None:
            self._write(change, _Way.NEW, f"Given to {speaker.name}.")

    def replace(self, old: str, new: str, *, is_everywhere: bool) -> None:
        """Words give way to others in the call that is shown, or in all."""
        call, library = self.call, self._services.library
        if call is None:
            return

        def done(made: list[LineChange]) -> None:
            self.begun += 1
            calls = {one.call for one in made}
            self._done += made
            self._undone = [one for one in self._undone if one.call not in calls]
            lines = sum(len(one.after) for one in made)
            if not lines:
                self._notice.show_note("Nothing was replaced.", "No line has these words, in the same letters.")
                return
            where = f" of {len(calls)} calls" if len(calls) > 1 else ""
            told = f"Replaced in {'one line' if lines == 1 else f'{lines} lines'}{where}."
            self._notice.show_note(told, "", "Undo", lambda: self._undo_all(made))

        self._bridge.run_job(
            lambda _: library.replace(old, new, None if is_everywhere else call), done, self._notice.show_error,
            lane=Lane.DRAFTS,
        )  # fmt: skip

    def _take_found(self, job: "Job[Any]", events: list[object]) -> None:
        """Let the lines that went to other speakers by their voices be undone too."""
        if JobState.DONE not in events:
            return
        if job.kind is JobKind.CHANGE and job.result is None and job.subject == self.call:
            self._notice.show_note("Every line has its speaker already.", "Nothing was changed.")
        if not isinstance(change := job.result, LineChange):
            return
        self.begun += 1
        self._done.append(change)
        self._undone = [one for one in self._undone if one.call != change.call]
        if change.call == self.call:
            told = "Each line has the speaker whose voice is heard in it."
            self._notice.show_note(told, "Name them in the menu.", "Undo", lambda: self._undo(change))

    def _forget_deleted(self, changes: "list[Change]") -> None:
        gone = {change.subject for change in changes if change.kind == "recording" and change.is_gone}
        for made in (self._done, self._undone):
            made[:] = [one for one in made if one.call not in gone]

    def unsaved(self, call: "CallId | None" = None) -> list[LineChange]:
        """The changes that are not confirmed yet, of one call or of all."""
        return [one for one in self._unsaved if call is None or one.call == call]

    @property
    def can_undo(self) -> bool:
        """Whether a change of the call that is shown can be undone."""
        return self._last(self._done) is not None

    @property
    def can_redo(self) -> bool:
        """Whether a change that was undone can be made again."""
        return self._last(self._undone) is not None

    def undo(self) -> None:
        """Undo the last change of this call."""
        self._undo(self._last(self._done))

    def redo(self) -> None:
        """Make the change again that was undone last."""
        self._redo(self._last(self._undone))

    def _undo(self, made: LineChange | None) -> None:
        if made is not None and _taken_from(self._done, made):
            self._write(made.undone, _Way.UNDO, "Undone.", of=made)

    def _undo_all(self, made: list[LineChange]) -> None:
        for one in made:
            self._undo(one)

    def _redo(self, made: LineChange | None) -> None:
        if made is not None and _taken_from(self._undone, made):
            self._write(made, _Way.REDO, "Done again.", of=made)

    def _last(self, made: list[LineChange]) -> LineChange | None:
        return next((one for one in reversed(made) if one.call == self.call), None)

    def _try(self, make: "Callable[[CallId], None]", said: "Utterance", text: str | None = None) -> None:
        """Make a change after which a line could not be had back by its order alone, of what was typed in it, if so."""
        if self.call is not None:
            try:
                check_own_time(said, self._lines.all)
                make(self.call)
            except AssistantError as error:
                self._notice.show_error(error)
                if text is not None:
                    self.not_taken.emit(LineChange(self.call, (said,), (said,)), said, text)

    def _write(
        self,
        wanted: LineChange,
        way: _Way,
        words: str,
        *,
        of: LineChange | None = None,
        typed: "tuple[Utterance, str] | None" = None,
    ) -> None:
        """Show a change and write it: a new one, of what was `typed` in a line, or one that is undone or done again."""
        made = of or wanted
        self.begun += 1
        self._unsaved.append(wanted)
        (self._undone if way is _Way.UNDO else self._done).append(made)
        if way is _Way.NEW:
            self._undone = [one for one in self._undone if one.call != wanted.call]
        self.shown.emit(wanted)

        def is_shown() -> bool:
            return self.call == wanted.call

        def done(_: object) -> None:
            self.begun += 1
            _taken_from(self._unsaved, wanted)
            if is_shown() and way is _Way.UNDO:
                self._notice.show_note(words, "", "Redo", lambda: self._redo(made))
            elif is_shown():
                self._notice.show_note(words, "", "Undo", lambda: self._undo(made))

        def fail(error: Exception) -> None:
            self.begun += 1
            _taken_from(self._unsaved, wanted)
            was_there = _taken_from(self._undone if way is _Way.UNDO else self._done, made)
            if was_there and way is not _Way.NEW and not isinstance(error, NotFound | LineChanged):
                (self._done if way is _Way.UNDO else self._undone).append(made)  # else it never fits again
            self._notice.show_error(error)
            if typed is not None:
                self.not_taken.emit(wanted, *typed)
            elif is_shown():
                self.failed.emit()

        library = self._services.library
        self._bridge.run_job(lambda _: library.change(wanted, is_new=way is _Way.NEW), done, fail, lane=Lane.DRAFTS)


def _taken_from(changes: list[LineChange], made: LineChange) -> bool:
    """Take this very change out of a list, of which another may be equal; whether it was there."""
    place = next((n for n in range(len(changes) - 1, -1, -1) if changes[n] is made), -1)
    if place >= 0:
        del changes[place]
    return place >= 0
