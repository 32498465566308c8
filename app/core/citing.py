"""Where a reply cites: which of its brackets are citations, which of them hold, and what it claims without one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from app.core.conversation import Mark
from app.core.evidence.passages import CallLines, Meaning, SpokenLine, people_named
from app.core.evidence.verdict import Finding, judge, judge_answer
from app.core.evidence.words import Overlap, content_stems, overlap, sentences_of
from app.core.languages.tables import table_of
from app.core.sentence_end import QUESTION_MARKS

_MARKER = re.compile(r"\[(\d{1,9}(?:, ?\d{1,9})*)\]")
_GROUP = re.compile(rf"{_MARKER.pattern}(?:[ \t]*{_MARKER.pattern})*")
_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})(.*)$")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINE_START = re.compile(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:#{1,6}[ \t]+)?(?:\*\*|\|[ \t]*)?")
_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_ENDS_CLAUSE = re.compile(r"[ \t]*(?:$|[.,;:!?…。，、；！？।؟|)\]»”’\"*_])")
_FOLLOWS_CLAUSE = re.compile(r"[\s.,;:!?…。，、；！？।؟)»”’\"'*_|]")
_LEAST_STEMS = 3  # content words of a sentence that says something
_SHARED = 2  # of them that one line of a call has to have, for the sentence to be about it
_SHARE = 1 / 3  # of them that the material has to have

_MOST_CITED = 3  # lines in the place of a claim's citation


class CitableLines:
    """The lines that a reply may cite, under their numbers; `names` are those of people in the calls."""

    def __init__(
        self,
        lines: Mapping[int, SpokenLine],
        names: Sequence[str] = (),
        language: str = "",
        meaning: Meaning | None = None,
    ) -> None:
        self.numbers = list(lines)
        self._meaning = meaning
        self._lines, self._names, self.language = list(lines.values()), names, language
        self._found: dict[tuple[str, tuple[int, ...], str], Finding] = {}
        self._claimed: dict[str, bool] = {}

    @cached_property
    def call(self) -> CallLines:
        """The same lines, read."""
        return CallLines(self._lines, self.language, self._names, self._meaning)

    def finding(self, said: str, cited: tuple[int, ...] = (), question: str = "") -> Finding:
        """What the lines bear of a sentence, or of a short answer to a question.

        It is remembered, for a reply is read again at each citation that streams in.
        """
        key = said, cited, question
        if key not in self._found:
            judged = judge_answer(said, question, self.call) if question else judge(said, self.call, cited)
            self._found[key] = judged
        return self._found[key]

    def is_claimed(self, sentence: str) -> bool:
        """Whether a sentence claims something about the calls; remembered too."""
        if sentence not in self._claimed:
            self._claimed[sentence] = _is_claim(sentence, self.call)
        return self._claimed[sentence]


def reply_marks(text: str, lines: CitableLines, question: str = "") -> tuple[Mark, ...]:
    """The places where a reply cites lines, each with the numbers that bear it, or with none: not confirmed.

    A reply in a few words is looked up together with the `question`, without which it says nothing.

    A bracket counts as a citation by where it stands: outside code, behind something that it can be about, with numbers
    of lines that were given. Where its lines don't bear what is said, those that do take their place. A sentence that
    claims something about a call without a citation has a place of no length behind it, with the lines that bear it.
    """
    if not lines.numbers:
        return ()
    numbers_of = lines.numbers
    code = code_spans(text)
    asked = question if not code and _is_short_answer(text, question, lines) else ""
    is_about_code = any("\n" in text[start:end] for start, end in code)  # what explains code is about the code
    marks: list[Mark] = []
    for start, line in _lines_outside(text, code):
        begun = _match_end(_LINE_START, line)
        for found in _GROUP.finditer(line):
            if _is_inside(start + found.start(), code):
                continue
            cited = [numbers_of.index(n) for n in _numbers(found[0]) if n in numbers_of]
            clear = _stands_as_citation(line, found, begun)
            said = _MARKER.sub("", line[begun : found.start()])
            if not cited or clear is None or not said.strip():
                continue
            claimed = _last_sentence(said, lines.language)
            if not is_about_code:
                marks += _claims(said[: -len(claimed)], start + begun, lines)
            finding = lines.finding(claimed, tuple(cited), asked)
            if finding.verdict == "confirmed" or clear:
                borne = _borne_numbers(finding, numbers_of)
                marks.append(Mark(start + found.start(), start + found.end(), borne))
                begun = found.end()
        if not is_about_code and not line.lstrip().startswith("#"):
            marks += _claims(line[begun:], start + begun, lines)
    if asked and not marks:
        end = len(text.rstrip())
        marks.append(Mark(end, end, _borne_numbers(lines.finding(text.strip(), (), asked), numbers_of)))
    return tuple(marks)


def code_spans(text: str) -> list[tuple[int, int]]:
    """The stretches of a Markdown text that are code: fenced, also if the fence is still open, indented, or inline."""
    blocks = list(_code_blocks(text))
    spans, at = list(blocks), 0
    for start, end in [*blocks, (len(text), len(text))]:
        for paragraph in re.finditer(r"(?:.+\n?)+", text[at:start]):
            first = at + paragraph.start()
            spans += [(first + found.start(), first + found.end()) for found in _CODE.finditer(paragraph[0])]
        at = end
    return sorted(spans)


def without_marks(text: str, marks: Sequence[Mark], doubt: str = "") -> str:
    """The text without its citations and the spaces before them; `doubt` stands where one was not confirmed."""
    parts, at = [], 0
    for mark in marks:
        parts.append(text[at : mark.start].rstrip(" \t") if mark.end > mark.start else text[at : mark.start])
        parts.append("" if mark.numbers or not doubt else f" {doubt}")
        at = mark.end
    return "".join([*parts, text[at:]])


def checked_text(text: str, marks: Sequence[Mark]) -> str:
    """The text with its citations as they were checked: the numbers that bear each, or `(not confirmed)`."""
    parts, at = [], 0
    for mark in marks:
        checked = f"[{', '.join(map(str, mark.numbers))}]" if mark.numbers else "(not confirmed)"
        parts += [text[at : mark.start], checked if mark.end > mark.start else f" {checked}"]
        at = mark.end
    return "".join([*parts, text[at:]])


def _code_blocks(text: str) -> Iterator[tuple[int, int]]:
    at, opened, fence, is_blank, in_list = 0, -1, "", True, False
    for line in text.splitlines(keepends=True):
        found = _FENCE.match(line)
        if fence:
            if found and found[1].startswith(fence) and not found[2].strip():
                yield opened, at + len(line)
                fence = ""
        elif found and not (found[1][0] == "`" and "`" in found[2]):
            opened, fence = at, found[1]
        elif line.startswith(("    ", "\t")) and is_blank and not in_list:
            yield at, at + len(line)
            at += len(line)
            continue  # the next line may go on with it
        elif line.strip():
            in_list = bool(_ITEM.match(line)) or (in_list and line[0] in " \t")
        is_blank = not line.strip()
        at += len(line)
    if fence:
        yield opened, len(text)


def _lines_outside(text: str, code: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        if not any(start <= at and at + len(line) <= end for start, end in code):
            yield at, line
        at += len(line) + 1


def _is_inside(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _match_end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _numbers(group: str) -> list[int]:
    return list(dict.fromkeys(int(number) for number in re.findall(r"\d+", group)))


def _stands_as_citation(line: str, found: re.Match[str], begun: int) -> bool | None:
    """True: a bracket here is a citation; False: only if its lines bear what is said; None: it is something else."""
    before, after = line[: found.start()], line[found.end() :]
    if found.start() <= begun and not before[begun:].strip():
        return None  # the number of a footnote, or a list of its own
    if after.startswith(("(", "[")) or re.match(r":[ \t]*\S", after):
        return None  # of a link, or what it stands for
    if not _FOLLOWS_CLAUSE.match(before[-1]) or before.rstrip().endswith(("=", "(", "[", "{", "+", "<", ":", ",")):
        return False if before[-1].isalpha() and before[-2:-1].isalpha() and _ENDS_CLAUSE.match(after) else None
    is_list = "," in found[0] and not _ENDS_CLAUSE.match(after)
    return bool(_ENDS_CLAUSE.match(after)) and not is_list


def _last_sentence(text: str, language: str) -> str:
    """The sentence at the end of a text, with what stands behind it."""
    sentences = sentences_of(text, language)
    return text[text.rindex(sentences[-1]) :] if sentences else text


def _borne_numbers(finding: Finding, numbers: Sequence[int]) -> tuple[int, ...]:
    lines = finding.lines if finding.verdict == "confirmed" else ()
    return tuple(numbers[index] for index in lines[:_MOST_CITED])


def _claims(text: str, start: int, lines: CitableLines) -> Iterator[Mark]:
    """A place of no length behind each sentence that claims something about the call, as it was found."""
    at = 0
    for sentence in sentences_of(text.rstrip().removesuffix("|"), lines.language):
        at = text.index(sentence, at) + len(sentence.rstrip())
        if lines.is_claimed(sentence):
            yield Mark(start + at, start + at, _borne_numbers(lines.finding(sentence), lines.numbers))


def _is_short_answer(text: str, question: str, lines: CitableLines) -> bool:
    """Whether a reply tells something about the call in a few words, with which only its question makes a claim."""
    said = _MARKER.sub("", text).strip()
    stems = content_stems(said, table_of(lines.language))
    if not question or not 0 < len(stems) < _LEAST_STEMS or len(sentences_of(said, lines.language)) > 1:
        return False
    if people_named(said, lines.call.speakers):
        return True
    return _is_about(overlap(f"{question} {said}", lines.call.content, (), lines.language))


def _is_claim(sentence: str, call: CallLines) -> bool:
    if sentence.rstrip('*_"”’) ').endswith((*QUESTION_MARKS, ":")):
        return False
    shared = overlap(sentence, call.content, call.speakers, call.language)
    if shared.stems < _LEAST_STEMS:
        return False
    return shared.has_name or _is_about(shared)


def _is_about(shared: Overlap) -> bool:
    return shared.in_one_line >= _SHARED and shared.known >= shared.stems * _SHARE
