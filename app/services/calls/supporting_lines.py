"""Which lines of a call support a point of its summary."""

import re
from collections.abc import Sequence

from app.core.evidence import is_supported, supporting_line
from app.core.languages.tables import table_of
from app.core.prompts import NumberedLine
from app.core.summary import Evidence
from app.core.transcript import Speakers


class SupportingLines:
    """The lines of one chunk of a call, under the numbers that its reply cites."""

    def __init__(self, lines: Sequence[NumberedLine], speakers: Speakers, language: str) -> None:
        self._lines = lines
        self._names = speakers.names
        self._language = language
        self._spoken = [f"{line.speaker}: {line.utterance.text}" for line in lines]

    def channel_of(self, owner: str) -> int | None:
        """The channel of the speaker with this name."""
        return next((c for c, name in enumerate(self._names) if name.casefold() == owner.casefold()), None)

    def evidence(self, sentence: str, source: Sequence[int], owner: int | None = None) -> tuple[Evidence, ...]:
        """The cited lines with their times, if they support the sentence.

        Otherwise the line that says nearly the same words. Nothing if there is no such line, or if the
        lines don't make it a task of `owner`, the channel of the person to whom it is assigned.
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
        return tuple(Evidence(line.utterance.line, line.utterance.start, line.utterance.end) for line in found)

    def _can_commit(self, line: NumberedLine, owner: int) -> bool:
        """Whether a line can assign a task to this speaker: by their own words, or by naming or addressing them."""
        address_words = table_of(self._language).address_words
        if line.utterance.channel == owner or address_words is None:
            return True
        text = line.utterance.text.casefold().replace("’", "'")
        return self._names[owner].casefold() in text or not address_words.isdisjoint(re.findall(r"[\w']+", text))
