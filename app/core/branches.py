"""The branches of a chat: each message follows an earlier one, and what was written anew stands beside it."""

from collections.abc import Mapping

from app.core.conversation import MessageVersion


def branch_of(parents: Mapping[int, int | None], leaf: int | None) -> list[MessageVersion]:
    """The messages from the first one to `leaf`, or to the newest if that is not there.

    `parents` has for each message, in the order of their numbers, the one that it follows.
    """
    if not parents:
        return []
    after: dict[int | None, list[int]] = {}
    for number in parents:
        after.setdefault(_parent(parents, number), []).append(number)
    at: int | None = leaf if leaf in parents else max(parents)
    found: list[MessageVersion] = []
    while at is not None:
        parent = _parent(parents, at)
        beside = after[parent]
        found.append(MessageVersion(at, beside.index(at) + 1, len(beside)))
        at = parent
    return found[::-1]


def version_beside(parents: Mapping[int, int | None], number: int, step: int) -> int:
    """The version that is `step` after this message, or before it; at the ends the message itself."""
    parent = _parent(parents, number)
    beside = [other for other in parents if _parent(parents, other) == parent]
    at = beside.index(number) + step
    return beside[at] if 0 <= at < len(beside) else number


def leaf_behind(parents: Mapping[int, int | None], number: int) -> int:
    """The newest of the messages that follow from this one, or itself."""
    behind = {number}
    for other in parents:
        if _parent(parents, other) in behind:
            behind.add(other)
    return max(behind)


def _parent(parents: Mapping[int, int | None], number: int) -> int | None:
    """What a message follows. A message that is lost, or comes later, is followed by none: there is no circle."""
    parent = parents[number]
    return parent if parent is not None and parent < number and parent in parents else None
