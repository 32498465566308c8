"""A model's replies to the summary's prompt: read by the template, and merged into one summary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.core.evidence.passages import Meaning
from app.core.evidence.verdict import Reader
from app.core.evidence.words import (
    distinct_indices,
    is_same_point,
    is_whole,
    whole_sentences,
    without_markers,
    without_repetition,
)
from app.core.plain_text import one_line
from app.core.prompts import NumberedLine
from app.core.repetition import RepetitionGuard
from app.core.statements import statements_of
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.summary_template import Section, SummaryTemplate
from app.core.transcript import Speaker
from app.core.unspaced_scripts import word_count
from app.services.calls.supporting_lines import SupportingLines

_MOST_EVIDENCE = 3  # lines shown for a point
_MOST_PLAIN = 5  # sentences of a plain summary
_LEAST_WORDS = 3  # of a sentence in it


class Fact(msgspec.Struct):
    """A point as a model writes it; `source` are the numbers of the lines it cites."""

    text: str
    source: list[int]


class Action(msgspec.Struct):
    """A task as a model writes it; `source` are the numbers of the lines it cites."""

    task: str
    owner: str
    due: str
    source: list[int]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title and the prose of a call or a part of it; `prose` is by the key of its section."""

    title: str
    prose: Mapping[str, str]

    @property
    def text(self) -> str:
        """What the part is about, as the prompt for the whole call's heading gives it."""
        return " ".join(self.prose.values()) or self.title

    @property
    def goes_in_circles(self) -> bool:
        """Whether any of the prose says the same again and again, as a model does that is too weak for it."""
        for text in self.prose.values():
            guard = RepetitionGuard()
            guard.add(text)
            if guard.is_repeating:
                return True
        return False


@dataclass(frozen=True, slots=True)
class SummaryReply:
    """The reply for one chunk: its lines as they were numbered for it, and what was written, by section key.

    One that is plain was not asked for in the form of a summary, but as a few sentences.
    """

    lines: Sequence[NumberedLine]
    heading: Heading
    facts: Mapping[str, list[Fact]]
    actions: Mapping[str, list[Action]]
    is_plain: bool = False


def decode_reply(template: SummaryTemplate, lines: Sequence[NumberedLine], text: str) -> SummaryReply:
    """Read a reply to `summary_prompt(template, lines)`.

    Raises:
        msgspec.DecodeError: it has another shape; it breaks off, for example.
    """
    found = msgspec.json.decode(text, type=dict[str, Any])
    written = {section.key: found.get(section.key) for section in template.sections}
    kinds = {section.key: section.kind for section in template.sections}
    return SummaryReply(
        lines,
        decode_heading(template.prose, text),
        {k: msgspec.convert(v, list[Fact]) for k, v in written.items() if kinds[k] == "points"},
        {k: msgspec.convert(v, list[Action]) for k, v in written.items() if kinds[k] == "tasks"},
    )


def plain_reply(
    template: SummaryTemplate, lines: Sequence[NumberedLine], text: str, language: str
) -> SummaryReply | None:
    """A few plain sentences as the reply for a chunk: in its first prose, else as its first points; None without any.

    Lists, headings, citations and a last sentence that breaks off are left out.
    """
    said = [without_markers(one.text) for one in statements_of(text, language)]
    said = [one for one in said if is_whole(one) and word_count(one) >= _LEAST_WORDS]
    said = [said[index] for index in distinct_indices(said, language)][:_MOST_PLAIN]
    first = next((s for kind in ("prose", "points") for s in template.sections if s.kind == kind), None)
    if not said or first is None:
        return None
    prose = {s.key: " ".join(said) if s is first else "" for s in template.prose}
    points, tasks = ([s for s in template.sections if s.kind == kind] for kind in ("points", "tasks"))
    facts = {s.key: [Fact(one, []) for one in said] if s is first else [] for s in points}
    return SummaryReply(lines, Heading("", prose), facts, {s.key: [] for s in tasks}, is_plain=True)


def decode_heading(prose: Sequence[Section], text: str) -> Heading:
    """Read the title and the sections of prose out of a reply.

    Raises:
        msgspec.DecodeError: one of them is missing or no text.
    """
    found = msgspec.json.decode(text, type=dict[str, Any])
    title = one_line(msgspec.convert(found.get("title"), str))
    return Heading(title, {s.key: msgspec.convert(found.get(s.key), str) for s in prose})


def without_repeated_sentences(heading: Heading) -> Heading:
    """The heading with whole sentences of prose, each once."""
    prose = {key: without_repetition(whole_sentences(text)) for key, text in heading.prose.items()}
    return Heading(heading.title, prose)


def merge_replies(
    template: SummaryTemplate,
    replies: Sequence[SummaryReply],
    heading: Heading,
    speakers: Sequence[Speaker],
    language: str,
    reader: Reader | None = None,
    meaning: Meaning | None = None,
) -> Summary:
    """The summary of a call from the replies for its chunks: every point and task, without duplicates."""
    points: dict[str, list[Point]] = {s.key: [] for s in template.sections if s.kind == "points"}
    tasks: dict[str, list[ActionItem]] = {s.key: [] for s in template.sections if s.kind == "tasks"}
    lines = [line for reply in replies for line in reply.lines]
    support = SupportingLines(lines, speakers, language, reader, meaning)
    first = 0  # of a reply's lines among all
    for reply in replies:
        said = {key: [_point(fact, support, first) for fact in facts] for key, facts in reply.facts.items()}
        for section in template.sections:
            if section.kind == "points":
                points[section.key] += _new_points(section, template, said, language)
            elif section.kind == "tasks":
                tasks[section.key] += [_action(action, support, first) for action in reply.actions[section.key]]
        first += len(reply.lines)
    title = heading.title.strip()
    prose = {key: text.strip() for key, text in heading.prose.items()}
    return template.summary(
        title if support.bears_title(title, template) else "",
        "",
        prose,
        {key: _each_once(found, language) for key, found in points.items()},
        {key: _actions_once(found, language) for key, found in tasks.items()},
        {key: support.sentences(text) for key, text in prose.items()},
    )


def _new_points(
    section: Section, template: SummaryTemplate, said: Mapping[str, list[Point]], language: str
) -> list[Point]:
    """The points of a section; a detail leaves out what a section that is none says too."""
    if not section.is_detail:
        return said[section.key]
    others = [p for s in template.sections if s.kind == "points" and not s.is_detail for p in said[s.key]]
    return [p for p in said[section.key] if not any(is_same_point(p.text, other.text, language) for other in others)]


def _each_once(points: Sequence[Point], language: str) -> tuple[Point, ...]:
    """The points without duplicates, each with the evidence of all its duplicates."""
    kept = distinct_indices([point.text for point in points], language)
    return tuple(
        msgspec.structs.replace(
            points[k],
            evidence=_merged_evidence(
                p.evidence
                for p in points
                if p.instead == points[k].instead and is_same_point(p.text, points[k].text, language)
            ),
        )
        for k in kept
    )


def _merged_evidence(evidence: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    found = {e.utterance: e for some in evidence for e in some}
    return tuple(sorted(found.values(), key=lambda e: e.start))[:_MOST_EVIDENCE]


def _actions_once(actions: Sequence[ActionItem], language: str) -> tuple[ActionItem, ...]:
    """The items without duplicates: those with the same task, owner and date; another date makes another item."""
    said = [f"{a.task} {a.owner} {a.due}" for a in actions]
    return tuple(
        msgspec.structs.replace(
            actions[k],
            evidence=_merged_evidence(
                a.evidence
                for a, s in zip(actions, said, strict=True)
                if a.instead == actions[k].instead and is_same_point(s, said[k], language)
            ),
        )
        for k in distinct_indices(said, language)
    )


def _point(fact: Fact, support: SupportingLines, first: int) -> Point:
    return support.point(fact.text.strip(), [first + number - 1 for number in fact.source])


def _action(action: Action, support: SupportingLines, first: int) -> ActionItem:
    cited = [first + number - 1 for number in action.source]
    return support.action(action.task.strip(), action.owner.strip(), action.due.strip(), cited)
