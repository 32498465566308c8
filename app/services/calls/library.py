"""The calls in the vault: reading them, and the changes that a person makes to them."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress

import msgspec

from app.core.call import Call, Survey
from app.core.change import Change
from app.core.conversation import Citation, CitedWords
from app.core.errors import AssistantError, LineChanged, NotFound
from app.core.ids import CallId, UtteranceId
from app.core.line_changes import LineChange, check_own_time, given, insertion, speaker_near
from app.core.plain_text import one_line
from app.core.speech import Speech
from app.core.summary import Summary
from app.core.transcript import Layout, Speaker, Transcript, with_sides_swapped
from app.core.unspaced_scripts import is_unspaced
from app.storage.tables.calls import CallStore

_LONGEST_TITLE = 200  # characters
_LONGEST_NAME = 60
_LONGEST_LINE = 4_000


class Library:
    """Reads and changes calls. Each method touches the disk: not for the GUI thread."""

    def __init__(self, calls: CallStore, publish: Callable[[Change], None]) -> None:
        self._calls = calls
        self._publish = publish

    def calls(self) -> list[Call]:
        """All calls, newest first."""
        return self._calls.all()

    def call(self, call: CallId) -> Call:
        """One call.

        Raises:
            NotFound: there is none.
        """
        return self._calls.get(call)

    def find(self, beginning: str) -> CallId:
        """The one call whose id begins with this text.

        Raises:
            NotFound: there is none, or more than one.
        """
        return self._calls.find(one_line(beginning).casefold())

    def transcript(self, call: CallId) -> Transcript:
        """Its transcript so far."""
        return self._calls.transcript(call)

    def speech_model(self, call: CallId) -> str:
        """The name of the model that heard its transcript; "" before there is one."""
        return self._calls.speech_model(call)

    def cited(self, citations: Iterable[Citation]) -> list[CitedWords]:
        """The lines that citations point at, or what they were before their call was transcribed anew."""
        return self._calls.utterances.cited(citations)

    def summary(self, call: CallId) -> Summary | None:
        """Its summary, if there is one."""
        return self._calls.summary(call)

    def survey(self, call: CallId) -> Survey:
        """Its peaks and levels, for the waveform."""
        return self._calls.survey(call)

    def rename(self, call: CallId, title: str) -> None:
        """Give it a title, which a later summary does not replace.

        Raises:
            AssistantError: the title is empty.
        """
        plain = one_line(title)[:_LONGEST_TITLE]
        if not plain:
            raise AssistantError("A call needs a title.", "The old one was kept; type a new one.")
        self._calls.rename(call, plain)
        self._publish(Change("recording", call))

    def correct(self, call: CallId, utterance: UtteranceId, text: str, seen: str | None = None) -> str:
        """Correct what a line says; returns what it said. Citations stay on it, and the words heard keep their times.

        `seen` is what the line said when it was read; what was heard behind that since is kept.

        Raises:
            NotFound: there is no such line any more.
            AssistantError: the text is empty or too long, or the line was changed since it was `seen`.
        """
        return self.take_back(call, utterance, _words_of_line(text), seen)

    def take_back(self, call: CallId, utterance: UtteranceId, text: str, seen: str | None = None) -> str:
        """As `correct`, letter by letter: what a line said before, or was corrected to, is put back.

        Raises:
            NotFound, AssistantError: as `correct`.
        """
        before = self._calls.correct(call, utterance, text, seen)
        self._publish(Change("transcript", call))
        return before

    def give(self, call: CallId, lines: Collection[UtteranceId], speaker: Speaker) -> None:
        """Give lines to a speaker, who is added if the call does not know them.

        Raises:
            NotFound: there is no such call.
        """
        speaker = msgspec.structs.replace(speaker, name=one_line(speaker.name)[:_LONGEST_NAME])
        known = self._calls.transcript(call)
        chosen = [said for said in known.utterances if said.id in lines]
        if change := given(call, chosen, speaker, known.speakers):
            self.change(change, is_new=True)

    def change(self, change: LineChange, *, is_new: bool) -> None:
        """Carry out what a person did to lines of a call; other words of one line are tidied if `is_new`.

        Raises:
            NotFound: there is no such line any more, or the call has no such speaker; nothing was changed.
            AssistantError: a line was changed since the change was thought of, or what was typed can't be taken.
        """
        if change.is_of_words:  # what is heard behind these words meanwhile is kept
            (before,), (after,) = change.before, change.after
            write = self.correct if is_new else self.take_back
            write(change.call, after.id, after.text, before.text)
            return
        if any(len(said.text) > _LONGEST_LINE for said in change.after):
            raise _too_long()
        self._calls.change_lines(change)
        self._publish(Change("transcript", change.call))
        if change.added or change.removed:
            self._publish(Change("recording", change.call))

    def write_line(self, call: CallId, place: Speech, text: str) -> UtteranceId:
        """Write a line where there is none: what a person hears in a stretch of the call; returns its id.

        Raises:
            NotFound: there is no such call, or it has no such track.
            AssistantError: the text is empty or too long, or another line of the track begins at the same time.
        """
        plain = _words_of_line(text)
        known = self._calls.get(call)
        lines = self._calls.transcript(call).utterances
        change = insertion(call, place, speaker_near(place, lines, known.tracks), plain)
        check_own_time(change.after[0], lines)
        self.change(change, is_new=True)
        return change.after[0].id

    def replace(self, old: str, new: str, call: CallId | None = None) -> list[LineChange]:
        """Replace words wherever they stand as such, letter by letter, in one call or in all; one change for each call.

        A line that is nothing else stays as it is where `new` is empty, and one that would become too long.

        Raises:
            AssistantError: there are no words to look for, or it can't be written; what was replaced is put back.
        """
        wanted, instead = one_line(old), one_line(new)
        if not wanted:
            raise AssistantError("There is nothing to replace.", "Nothing was changed; say which words.")
        pattern = _whole_words(wanted, takes_space=not instead)
        calls = self._calls.all() if call is None else [self._calls.get(call)]
        found: list[LineChange] = []
        try:
            for known in calls:
                with suppress(NotFound):  # it was deleted meanwhile
                    found += self._replace_in(known.id, pattern, instead)
        except AssistantError:
            for made in reversed(found):  # all of it or nothing
                with suppress(AssistantError):
                    self.change(made.undone, is_new=False)
            raise
        return found

    def _replace_in(self, call: CallId, pattern: re.Pattern[str], instead: str) -> list[LineChange]:
        try:
            return self._replace_once(call, pattern, instead)
        except LineChanged:  # its last line went on meanwhile, as it does while it is transcribed
            return self._replace_once(call, pattern, instead)

    def _replace_once(self, call: CallId, pattern: re.Pattern[str], instead: str) -> list[LineChange]:
        before, after = [], []
        for line in self._calls.transcript(call).utterances:
            text = pattern.sub(lambda _: instead, line.text).strip()
            if text and text != line.text.strip() and len(text) <= _LONGEST_LINE:
                before.append(line)
                after.append(msgspec.structs.replace(line, text=text))
        change = LineChange(call, tuple(before), tuple(after))
        if before:
            self.change(change, is_new=False)
        return [change] if before else []

    def swap_sides(self, call: CallId) -> None:
        """Swap the speakers of the two sides; doing it twice undoes it."""
        known = self._calls.get(call)
        if known.layout not in (Layout.MONO, Layout.WRITTEN):
            self._calls.set_speakers(call, with_sides_swapped(known.speakers))
        self._publish(Change("recording", call))

    def name_speakers(self, call: CallId, names: Sequence[str]) -> None:
        """Name the first speakers of a call, in their order; an empty name keeps the old one."""
        plain = [one_line(name)[:_LONGEST_NAME] for name in names]
        self._calls.set_speakers(call, renamed(self._calls.get(call).speakers, plain))
        self._publish(Change("recording", call))

    def delete(self, call: CallId) -> None:
        """Delete a call: its key, every word of it, and the answers that quote it. This can't be undone."""
        conversations = self._calls.delete(call)
        self._publish(Change("recording", call, is_gone=True))
        for conversation in conversations:
            self._publish(Change("conversation", conversation))


def _words_of_line(text: str) -> str:
    plain = one_line(text)
    if not plain:
        raise AssistantError("A line needs words.", "The old ones were kept; type what was said.")
    if len(plain) > _LONGEST_LINE:
        raise _too_long()
    return plain


def _too_long() -> AssistantError:
    return AssistantError(f"A line has at most {_LONGEST_LINE:,} characters.", "The old ones were kept.")


def _whole_words(text: str, *, takes_space: bool) -> re.Pattern[str]:
    """These words, not as a part of longer ones (in scripts without spaces wherever they are), and the space behind."""
    before = r"(?<!\w)" if text[0].isalnum() and not is_unspaced(text[0]) else ""
    after = r"(?!\w)" if text[-1].isalnum() and not is_unspaced(text[-1]) else ""
    return re.compile(before + r"\s+".join(map(re.escape, text.split())) + after + (r"\s*" if takes_space else ""))


def renamed(speakers: Sequence[Speaker], names: Sequence[str]) -> tuple[Speaker, ...]:
    """The speakers with the first under these names, left first; an empty name keeps the old one."""
    first = (Speaker(known.id, name or known.name, known.is_you) for known, name in zip(speakers, names, strict=False))
    return (*first, *speakers[len(names) :])
