"""A call's summary: its sections, and the evidence of each point and task."""

from typing import Literal

import msgspec

from app.core.ids import SpeakerId, UtteranceId

SectionKind = Literal["prose", "points", "tasks"]


class Evidence(msgspec.Struct, frozen=True):
    """An utterance that supports a point; `start` and `end` in seconds, as they were when the summary was written."""

    utterance: UtteranceId
    start: float
    end: float


class Point(msgspec.Struct, frozen=True):
    """A key point or decision; without evidence it is shown as unconfirmed."""

    text: str
    evidence: tuple[Evidence, ...] = ()


class ActionItem(msgspec.Struct, frozen=True):
    """Something that somebody has to do; `speaker` is set if the owner is on the call.

    The owner's name is then the speaker's, even after the speaker is renamed.
    """

    task: str
    owner: str
    due: str
    evidence: tuple[Evidence, ...] = ()
    speaker: SpeakerId | None = None


class SummarySection(msgspec.Struct, frozen=True, omit_defaults=True):
    """One section of a summary; `kind` says which one of `text`, `points` and `tasks` is filled.

    It has its own title, so that a summary can be read when its template is gone. A detail is shown after the other
    sections.
    """

    key: str
    title: str
    kind: SectionKind
    text: str = ""
    points: tuple[Point, ...] = ()
    tasks: tuple[ActionItem, ...] = ()
    is_detail: bool = False

    @property
    def items(self) -> tuple[Point | ActionItem, ...]:
        """What needs evidence: the points or the tasks."""
        return (*self.points, *self.tasks)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.text or self.points or self.tasks)


class Summary(msgspec.Struct, frozen=True):
    """The summary of a call, as the template named `template` asks for it.

    `sections` are in the template's order; `model` is the name of the model that wrote them.
    """

    title: str
    sections: tuple[SummarySection, ...]
    model: str
    template: str

    def section(self, key: str) -> SummarySection:
        """The section with this key.

        Raises:
            KeyError: there is none.
        """
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(key)

    @property
    def sections_as_shown(self) -> tuple[SummarySection, ...]:
        """The sections in the order in which a person reads them: details come last."""
        return tuple(sorted(self.sections, key=lambda section: section.is_detail))

    @property
    def lead(self) -> SummarySection | None:
        """The prose at the top, which stands right below the title and has no heading of its own."""
        shown = self.sections_as_shown
        return shown[0] if shown and shown[0].kind == "prose" else None
