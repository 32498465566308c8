"""Which lines of a call support a point of its summary."""

import re
from collections.abc import Sequence

from app.core.evidence import is_supported, supporting_line
from app.core.ids import SpeakerId
from app.core.languages.tables import table_of
from app.core.prompts import NumberedLine
from app.core.summary import Evidence
from app.core.transcript import Speaker, names_of, speaker_name


class SupportingLines:
    """The lines of one chunk of a call, under the numbers that its reply cites."""

    def __init__(self, lines: Sequence[NumberedLine], speakers: Sequence[Speaker], language: str) -> None:
        self._lines = lines
        self._speakers = tuple(speakers)
        self._names = names_of(speakers)
        self._language = language
        self._spoken = [f"{line.speaker}: {line.utterance.text}" for line in lines]

    def speaker_named(self, owner: str) -> SpeakerId | None:
        """The speaker with this name."""
        return next((one.id for one in self._speakers if one.name.casefold() == owner.casefold()), None)

    def evidence(self, sentence: str, source: Sequence[int], owner: SpeakerId | None = None) -> tuple[Evidence, ...]:
        """The cited lines with their times, if they support the sentence.

        Otherwise the line that says nearly the same words. Nothing if there is no such line, or if the
        lines don't make it a task of `owner`, the speaker to whom it is assigned.
        """
        cited = [number - 1 for number in dict.fromkeys(source) if 1 <= number <= len(self._lines)]
        if not cited or not is_supported(sentence, [self._spoken[n] for n in cited], self._names, self._language):
            position = supporting_line(sentence, self._spoken, self._names, self._language)
            if position is None:
                return ()
            cited = [position]
        found = [self._lines[position] for position in cited]
        if owner is not None and not any(self._can_commit(line, owner) for line in found):
            return ()
        return tuple(Evidence(line.utterance.id, line.utterance.start, line.utterance.end) for line in found)

    def _can_commit(self, line: NumberedLine, owner: SpeakerId) -> bool:
        """Whether a line can assign a task to this speaker: by their own words, or by naming or addressing them."""
        address_words = table_of(self._language).address_words
        if line.utterance.speaker == owner or address_words is None:
            return True
        text = line.utterance.text.casefold().replace("’", "'")
        is_named = speaker_name(owner, self._speakers).casefold() in text
        return is_named or not address_words.isdisjoint(re.findall(r"[\w']+", text))
