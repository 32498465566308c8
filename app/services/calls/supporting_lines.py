"""Which lines of a call support a point of its summary."""

import re
from collections.abc import Sequence

from app.core.evidence.passages import CallLines, Meaning, SpokenLine
from app.core.evidence.title import is_telling_title
from app.core.evidence.verdict import Finding, Reader, judge
from app.core.evidence.words import sentences_of
from app.core.ids import SpeakerId
from app.core.languages.tables import table_of
from app.core.prompts import NumberedLine
from app.core.summary import ActionItem, Evidence, Point
from app.core.summary_template import SummaryTemplate
from app.core.transcript import Speaker, speaker_name

_MOST_LINES = 3  # shown for a point


class SupportingLines:
    """The lines of a whole call, in order, in which its summary's points are looked up."""

    def __init__(
        self,
        lines: Sequence[NumberedLine],
        speakers: Sequence[Speaker],
        language: str,
        reader: Reader | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        self._reader = reader
        self._lines = lines
        self._speakers = tuple(speakers)
        self._language = language
        said = [SpokenLine(line.speaker, line.utterance.text) for line in lines]
        self._call = CallLines(said, language, meaning=meaning)

    def point(self, text: str, cited: Sequence[int]) -> Point:
        """A point with the lines that bear or contradict it; `cited` are indices of lines."""
        found = judge(text, self._call, self._known(cited), self._reader)
        return Point(text, self._evidence(found), found.instead)

    def sentences(self, text: str) -> tuple[Point, ...]:
        """The sentences of a text, each as a point."""
        return tuple(self.point(sentence, ()) for sentence in sentences_of(text, self._language))

    def bears_title(self, title: str, template: SummaryTemplate) -> bool:
        """Whether a title tells this call from others, and has no figure and no name that the call has not.

        Words that any call could have over it tell nothing: those for a call and a text about it, and the template's.
        """
        headings = " ".join((template.title, *(section.title for section in template.sections)))
        return is_telling_title(title, self._call, headings) and not self._call.differences(title).missing

    def action(self, task: str, owner: str, due: str, cited: Sequence[int]) -> ActionItem:
        """A task; its lines must also give it to its owner, if that is a speaker of the call."""
        speaker = self._speaker_named(owner)
        if speaker is None:
            whole = f"{task} {due} by {owner}" if owner else f"{task} {due}"
            found = judge(whole, self._call, self._known(cited), self._reader)
            return ActionItem(task, owner, due, self._evidence(found), None, found.instead)
        found = judge(f"{task} {due}", self._call, self._known(cited), self._reader)
        if found.verdict == "confirmed" and not any(self._can_commit(line, speaker) for line in found.lines):
            return ActionItem(task, owner, due, (), speaker)
        return ActionItem(task, owner, due, self._evidence(found), speaker, found.instead)

    def _known(self, cited: Sequence[int]) -> list[int]:
        return [index for index in dict.fromkeys(cited) if 0 <= index < len(self._lines)]

    def _evidence(self, found: Finding) -> tuple[Evidence, ...]:
        if found.verdict == "not_found":
            return ()
        shown = [self._lines[index].utterance for index in found.lines[:_MOST_LINES]]
        return tuple(Evidence(one.id, one.start, one.end) for one in shown)

    def _speaker_named(self, owner: str) -> SpeakerId | None:
        return next((one.id for one in self._speakers if one.name.casefold() == owner.casefold()), None)

    def _can_commit(self, index: int, owner: SpeakerId) -> bool:
        """Whether a line can assign a task to this speaker: by their own words or answer, or by addressing them."""
        line = self._lines[index]
        address_words = table_of(self._language).address_words
        name = speaker_name(owner, self._speakers)
        if address_words is None or self._call.is_own(index, name):
            return True
        text = line.utterance.text.casefold().replace("’", "'")
        is_named = name.casefold() in text
        return is_named or not address_words.isdisjoint(re.findall(r"[\w']+", text))
