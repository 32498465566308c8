"""A call's summary: its sections, and the evidence of each point and task."""

from typing import Literal, TypeVar

import msgspec

from app.core.ids import SpeakerId, UtteranceId
from app.core.transcript import Transcript, text_digest

SectionKind = Literal["prose", "points", "tasks"]


class Evidence(msgspec.Struct, frozen=True):
    """An utterance that supports a point; `start` and `end` in seconds, as they were when the summary was written."""

    utterance: UtteranceId
    start: float
    end: float


class Point(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key point, a decision or a sentence of prose; without evidence it is shown as not confirmed.

    `instead` is what the call says, in its words, where the point has another figure or name: its evidence then
    contradicts it.
    """

    text: str
    evidence: tuple[Evidence, ...] = ()
    instead: tuple[str, ...] = ()


class ActionItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that somebody has to do; `speaker` is set if the owner is on the call.

    The owner's name is then the speaker's, even after the speaker is renamed. `instead` is as that of a point.
    """

    task: str
    owner: str
    due: str
    evidence: tuple[Evidence, ...] = ()
    speaker: SpeakerId | None = None
    instead: tuple[str, ...] = ()


Item = TypeVar("Item", Point, ActionItem)


class SummarySection(msgspec.Struct, frozen=True, omit_defaults=True):
    """One section of a summary; `kind` says which one of `text`, `points` and `tasks` is filled.

    It has its own title, so that a summary can be read when its template is gone. A detail is shown after the other
    sections. `sentences` are those of the text, each with its evidence; a summary of an earlier version has none.
    """

    key: str
    title: str
    kind: SectionKind
    text: str = ""
    points: tuple[Point, ...] = ()
    tasks: tuple[ActionItem, ...] = ()
    is_detail: bool = False
    sentences: tuple[Point, ...] = ()

    @property
    def items(self) -> tuple[Point | ActionItem, ...]:
        """What needs evidence: the points or the tasks."""
        return (*self.points, *self.tasks)

    @property
    def found_items(self) -> tuple[Point | ActionItem, ...]:
        """The points or tasks of which the call speaks."""
        return tuple(item for item in self.items if item.evidence)

    @property
    def items_not_found(self) -> tuple[Point | ActionItem, ...]:
        """The others."""
        return tuple(item for item in self.items if not item.evidence)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.text or self.points or self.tasks)


class Summary(msgspec.Struct, frozen=True):
    """The summary of a call, as the template named `template` asks for it.

    `sections` are in the template's order; `model` is the name of the model that wrote them. `of` is the digest of the
    transcript that they were written from (`text_digest`), "" in summaries of an earlier version.
    """

    title: str
    sections: tuple[SummarySection, ...]
    model: str
    template: str
    of: str = ""

    def section(self, key: str) -> SummarySection:
        """The section with this key.

        Raises:
            KeyError: there is none.
        """
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)

    def is_before_corrections(self, transcript: Transcript) -> bool:
        """Whether a line says something else now than when it was written from this transcript."""
        return bool(self.of) and self.of != text_digest(transcript.utterances)

    @property
    def sections_as_shown(self) -> tuple[SummarySection, ...]:
        """The sections in the order in which a person reads them: details come last."""
        return tuple(sorted(self.sections, key=lambda section: section.is_detail))

    @property
    def has_evidence(self) -> bool:
        """Whether any line of the call bears any of it; a summary that has nothing to bear counts as borne."""
        items = [item for s in self.sections for item in (*s.items, *s.sentences)]
        return not items or any(item.evidence for item in items)

    @property
    def lead(self) -> SummarySection | None:
        """The prose at the top, which stands right below the title and has no heading of its own."""
        shown = self.sections_as_shown
        return shown[0] if shown and shown[0].kind == "prose" else None


def without_times(summary: Summary) -> Summary:
    """The same summary, with evidence as in a text that has no times."""
    sections = tuple(
        msgspec.structs.replace(
            section,
            points=tuple(map(_untimed, section.points)),
            tasks=tuple(map(_untimed, section.tasks)),
            sentences=tuple(map(_untimed, section.sentences)),
        )
        for section in summary.sections
    )
    return msgspec.structs.replace(summary, sections=sections)


def without_owners(summary: Summary) -> Summary:
    """The same summary, with tasks of which it is not told whose they are."""
    sections = tuple(
        msgspec.structs.replace(
            section, tasks=tuple(msgspec.structs.replace(task, owner="", speaker="") for task in section.tasks)
        )
        for section in summary.sections
    )
    return msgspec.structs.replace(summary, sections=sections)


def _untimed(item: Item) -> Item:
    evidence = tuple(msgspec.structs.replace(one, start=0.0, end=0.0) for one in item.evidence)
    return msgspec.structs.replace(item, evidence=evidence)
