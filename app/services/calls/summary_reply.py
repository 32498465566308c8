"""A model's replies to the summary's prompt: read by the template, and merged into one summary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.core.evidence import distinct_indices, is_same_point, without_repetition
from app.core.prompts import NumberedLine
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.summary_template import Section, SummaryTemplate
from app.core.transcript import Speaker
from app.services.calls.supporting_lines import SupportingLines

_MOST_EVIDENCE = 3  # lines shown for a point


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


@dataclass(frozen=True, slots=True)
class SummaryReply:
    """The reply for one chunk: its lines as they were numbered for it, and what was written, by section key."""

    lines: Sequence[NumberedLine]
    heading: Heading
    facts: Mapping[str, list[Fact]]
    actions: Mapping[str, list[Action]]


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


def decode_heading(prose: Sequence[Section], text: str) -> Heading:
    """Read the title and the sections of prose out of a reply.

    Raises:
        msgspec.DecodeError: one of them is missing or no text.
    """
    found = msgspec.json.decode(text, type=dict[str, Any])
    return Heading(
        msgspec.convert(found.get("title"), str), {s.key: msgspec.convert(found.get(s.key), str) for s in prose}
    )


def without_repeated_sentences(heading: Heading) -> Heading:
    """The heading with each sentence of its prose once."""
    return Heading(heading.title, {key: without_repetition(text) for key, text in heading.prose.items()})


def merge_replies(
    template: SummaryTemplate,
    replies: Sequence[SummaryReply],
    heading: Heading,
    speakers: Sequence[Speaker],
    language: str,
) -> Summary:
    """The summary of a call from the replies for its chunks: every point and task, without duplicates."""
    points: dict[str, list[Point]] = {s.key: [] for s in template.sections if s.kind == "points"}
    tasks: dict[str, list[ActionItem]] = {s.key: [] for s in template.sections if s.kind == "tasks"}
    for reply in replies:
        support = SupportingLines(reply.lines, speakers, language)
        said = {key: [_point(fact, support) for fact in facts] for key, facts in reply.facts.items()}
        for section in template.sections:
            if section.kind == "points":
                points[section.key] += _new_points(section, template, said)
            elif section.kind == "tasks":
                tasks[section.key] += [_action(action, support) for action in reply.actions[section.key]]
    return template.summary(
        heading.title.strip(),
        "",
        {key: text.strip() for key, text in heading.prose.items()},
        {key: _each_once(found) for key, found in points.items()},
        {key: _actions_once(found) for key, found in tasks.items()},
    )


def _new_points(section: Section, template: SummaryTemplate, said: Mapping[str, list[Point]]) -> list[Point]:
    """The points of a section; a detail leaves out what a section that is none says too."""
    if not section.is_detail:
        return said[section.key]
    others = [p for s in template.sections if s.kind == "points" and not s.is_detail for p in said[s.key]]
    return [p for p in said[section.key] if not any(is_same_point(p.text, other.text) for other in others)]


def _each_once(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without duplicates, each with the evidence of all its duplicates."""
    kept = distinct_indices([point.text for point in points])
    return tuple(
        Point(points[k].text, _merged_evidence(p.evidence for p in points if is_same_point(p.text, points[k].text)))
        for k in kept
    )


def _merged_evidence(evidence: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    found = {e.utterance: e for some in evidence for e in some}
    return tuple(sorted(found.values(), key=lambda e: e.start))[:_MOST_EVIDENCE]


def _actions_once(actions: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    """The items without duplicates: those with the same task, owner and date; another date makes another item."""
    said = [f"{a.task} {a.owner} {a.due}" for a in actions]
    return tuple(
        msgspec.structs.replace(
            actions[k],
            evidence=_merged_evidence(
                a.evidence for a, s in zip(actions, said, strict=True) if is_same_point(s, said[k])
            ),
        )
        for k in distinct_indices(said)
    )


def _point(fact: Fact, support: SupportingLines) -> Point:
    text = fact.text.strip()
    return Point(text, support.evidence(text, fact.source))


def _action(action: Action, support: SupportingLines) -> ActionItem:
    task, owner, due = action.task.strip(), action.owner.strip(), action.due.strip()
    speaker = support.speaker_named(owner)
    if speaker is None:
        return ActionItem(task, owner, due, support.evidence(f"{task} {due} by {owner}", action.source))
    return ActionItem(task, owner, due, support.evidence(f"{task} {due}", action.source, speaker), speaker)
