"""What came of an action on a text."""

from dataclasses import dataclass
from functools import cached_property

import msgspec

from app.core.summary import Summary
from app.core.writing.action import TextAction
from app.core.writing.difference import Difference, difference
from app.core.writing.text_lines import TextLines


class SoFar(msgspec.Struct, frozen=True):
    """The result as far as it is checked; it stands in the place of all that was reported before."""

    text: str


@dataclass(frozen=True)
class Written:
    """The result of an action.

    Attributes:
        action: What was done.
        old: The person's text.
        new: The result: the text in other words, or what belongs below it.
        language: The code of the result's language; "" where it is not known.
        model: The name of the model that wrote it.
        notes: What the person must know of it, as sentences: what it leaves out, adds, or was left as it is.
        summary: Of a text that was summed up, or whose tasks were listed; with `lines`, where its evidence lies.
    """

    action: TextAction
    old: str
    new: str
    language: str
    model: str
    notes: tuple[str, ...] = ()
    summary: Summary | None = None
    lines: TextLines | None = None

    @cached_property
    def difference(self) -> Difference:
        """What differs between the person's text and the result."""
        return difference(self.old, self.new)
