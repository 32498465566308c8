"""A call's summary: points that carry their evidence."""

import msgspec


class Evidence(msgspec.Struct, frozen=True):
    """A line of the transcript that supports a point, with its seconds."""

    line: int
    start: float
    end: float


class Point(msgspec.Struct, frozen=True):
    """A key point or decision. Without evidence it is unconfirmed, and shown as such."""

    text: str
    evidence: tuple[Evidence, ...] = ()


class ActionItem(msgspec.Struct, frozen=True):
    """Something somebody is to do. `owner_channel` is set if the owner is on the call.

    The owner's name is then the speaker's, also after a renaming.
    """

    task: str
    owner: str
    due: str
    evidence: tuple[Evidence, ...] = ()
    owner_channel: int | None = None


class Summary(msgspec.Struct, frozen=True):
    """What a call came to; `model` is the name of the model that wrote it."""

    title: str
    overview: str
    key_points: tuple[Point, ...]
    decisions: tuple[Point, ...]
    action_items: tuple[ActionItem, ...]
    model: str
