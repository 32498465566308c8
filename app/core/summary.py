"""A call's summary: points with their evidence."""

import msgspec


class Evidence(msgspec.Struct, frozen=True):
    """A line of the transcript that supports a point; `start` and `end` in seconds."""

    line: int
    start: float
    end: float


class Point(msgspec.Struct, frozen=True):
    """A key point or decision; without evidence it is shown as unconfirmed."""

    text: str
    evidence: tuple[Evidence, ...] = ()


class ActionItem(msgspec.Struct, frozen=True):
    """Something that somebody has to do; `owner_channel` is set if the owner is on the call.

    The owner's name is then the speaker's, even after the speaker is renamed.
    """

    task: str
    owner: str
    due: str
    evidence: tuple[Evidence, ...] = ()
    owner_channel: int | None = None


class Summary(msgspec.Struct, frozen=True):
    """The summary of a call; `model` is the name of the model that wrote it."""

    title: str
    overview: str
    key_points: tuple[Point, ...]
    decisions: tuple[Point, ...]
    action_items: tuple[ActionItem, ...]
    model: str
