"""The lines of a text as those of a call are, so that what is said of it is looked up by the same rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.evidence.words import sentences_of
from app.core.ids import UtteranceId, new_utterance_id
from app.core.languages.tables import TABLES, language_of_question, language_of_text
from app.core.summary import ActionItem, Point
from app.core.transcript import NO_SPEAKER, Transcript, Utterance
from app.core.writing.difference import words_of
from app.core.writing.parts import parts_of

UNCONFIRMED = "(not confirmed by the text)"
"""Stands behind what no line of a text bears."""
_LONGEST = 600  # characters of a line; a longer one, such as a paragraph, is looked up sentence by sentence


@dataclass(frozen=True, slots=True)
class TextLines:
    """A text as lines that can be cited; `transcript` has nobody who speaks, and no times.

    The number of a line is that of the text, from 1; a long line of the text is several of the transcript.
    """

    transcript: Transcript

    def numbers(self, item: Point | ActionItem) -> list[int]:
        """The numbers of the lines that are evidence of a point or a task, in order."""
        wanted = {one.utterance for one in item.evidence}
        return sorted({one.line for one in self.transcript.utterances if one.id in wanted})

    def text(self, utterance: UtteranceId) -> str:
        """What a line says; "" if there is none with this id."""
        return next((one.text for one in self.transcript.utterances if one.id == utterance), "")


def cited(numbers: Iterable[int]) -> str:
    """Where a text says something, `[line 3, 8]`, or that no line of it does."""
    said = ", ".join(map(str, numbers))
    return f"[line {said}]" if said else UNCONFIRMED


def text_lines(text: str, language: str) -> TextLines:
    """The lines of a text that say something."""
    found = [
        Utterance(new_utterance_id(), 0, NO_SPEAKER, 0.0, 0.0, piece, line=number)
        for number, line in enumerate(text.splitlines(), 1)
        for piece in _pieces(line.strip(), language)
    ]
    return TextLines(Transcript(language, 0.0, "", tuple(found), ()))


def written_language(text: str) -> str:
    """The code of the language that the words of a text are in; "" where it can't be told."""
    words = " ".join(part.words for part in parts_of(text))
    if sure := language_of_text(words):
        return sure
    said = [word.casefold() for word in words_of(words)]
    likely = language_of_question(said).code
    return likely if any(word in TABLES[likely].stop_words for word in said) else ""


def _pieces(line: str, language: str) -> list[str]:
    if not any(map(str.isalnum, line)):
        return []
    return [line] if len(line) <= _LONGEST else sentences_of(line, language)
