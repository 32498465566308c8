"""A text that was checked against a call: what the call says of each statement, and the report of it."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from app.core.durations import moment
from app.core.evidence.verdict import Verdict
from app.core.markdown_text import markdown_line
from app.core.plain_text import plain_line
from app.core.transcript import Transcript, Utterance, shown_name

ADVICE = (
    "Figures, names and who says what are checked by code, the rest by words, and a denial by the language model "
    "reading the lines again. Listen before you rely on it."
)
_NAMES: dict[Verdict, str] = {
    "confirmed": "confirmed",
    "contradicted": "the call says otherwise",
    "not_found": "not found in the call",
}
_NOTHING = "This text states nothing that could be looked up."


class CheckedStatement(msgspec.Struct, frozen=True):
    """A statement from `start` to before `end` in the text, and what the call says of it.

    `score` is how much of it a passage of the call says, from 0 to 1. `lines` are the numbers (from 1) of those that
    bear it, contradict it or come nearest to it; `instead` is what the call has for its figures and names.
    """

    text: str
    start: int
    end: int
    verdict: Verdict
    score: float
    lines: tuple[int, ...] = ()
    instead: tuple[str, ...] = ()


def counts_sentence(found: Sequence[CheckedStatement]) -> str:
    """`6 statements: 4 confirmed, 1 contradicted, 1 not found`."""
    if not found:
        return _NOTHING
    counts = Counter(one.verdict.replace("_", " ") for one in found)
    parts = [f"{counts[name]} {name}" for name in ("confirmed", "contradicted", "not found") if counts[name]]
    return f"{len(found)} statement{'s' if len(found) > 1 else ''}: {', '.join(parts)}"


def report_text(
    found: Sequence[CheckedStatement], transcript: Transcript, title: str, is_markdown: bool = False
) -> str:
    """The check as a text that a person reads: each statement, the verdict on it, and the lines with their times.

    Of a text without times the lines have their numbers; where there is one speaker alone, whom nobody named, no line
    repeats it.
    """
    say = markdown_line if is_markdown else plain_line
    head, bullet, quote = ("# ", "- ", "  - ") if is_markdown else ("", "", "    ")
    by_number = {utterance.line: utterance for utterance in transcript.utterances}
    parts = [f"{head}{say(f'Checked against: {title}')}\n\n{counts_sentence(found)}\n"]
    for one in found:
        otherwise = f": {', '.join(map(say, one.instead))}" if one.instead else ""
        nearest = "; nearest:" if one.verdict == "not_found" and one.lines else ""
        lines = [by_number[number] for number in one.lines if number in by_number]
        parts.append(
            f"{bullet}{say(one.text)}\n  {_NAMES[one.verdict]}{otherwise}{nearest}\n"
            + "".join(f"{quote}{_line_text(line, transcript, is_markdown)}\n" for line in lines)
        )
    parts.append(f"{ADVICE}\n")
    return "\n".join(parts)


def _line_text(line: Utterance, transcript: Transcript, is_markdown: bool) -> str:
    say = markdown_line if is_markdown else plain_line
    name = shown_name(line.speaker, transcript.speakers)
    said = f"{name}: {line.text}" if name else line.text
    return f"[{moment(line.start, line.end, line.line)}] {say(said)}"
