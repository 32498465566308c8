"""Counts how often the product confirms what a careful reader found true, and what that reader found false.

    python -m tests.real.count_readings

It reads the files in `tests/real/readings/` and runs no model. A title has no verdict and isn't counted; a sentence
without a mark is not confirmed.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.real.readings_file import FOLDER, Reading, read

_LEAST_TRUE = 0.85  # of true points confirmed, by the model that is meant for real calls
_MOST_FALSE = 0.05  # of false points confirmed, by any
_ANY = frozenset({"SmolLM2"})  # models of which only that is wanted: nothing false stands confirmed


@dataclass(frozen=True)
class Count:
    """Of how many points of one kind, how many are confirmed."""

    confirmed: int
    all: int

    @property
    def share(self) -> float:
        """Of the points; none confirmed where there is none."""
        return self.confirmed / self.all if self.all else 0.0

    def __str__(self) -> str:
        return f"{self.confirmed} of {self.all} ({self.share:.0%})"


def count(readings: Sequence[Reading], truth: str) -> Count:
    """How many of the points with this truth the product confirms."""
    found = [one for one in readings if one.truth == truth and one.kind != "title"]
    return Count(sum(one.verdict == "confirmed" for one in found), len(found))


def lines_of(model: str, readings: Sequence[Reading]) -> list[str]:
    """What is printed of a model's readings: by call and in all, against what is wanted."""
    calls = dict.fromkeys(one.call for one in readings)
    rows = [
        f"  {call}: true {count(of, 'true')}, false {count(of, 'false')}"
        for call in calls
        for of in [[one for one in readings if one.call == call]]
    ]
    true, false = count(readings, "true"), count(readings, "false")
    wanted = "" if model in _ANY else f", {_is(true.share >= _LEAST_TRUE)} at least {_LEAST_TRUE:.0%}"
    unread = sum(one.truth == "?" for one in readings)
    return [
        f"{model}: {len(readings)} points of {len(calls)} calls" + (f", {unread} of them not read" if unread else ""),
        *rows,
        f"  true ones confirmed: {true}{wanted}",
        f"  false ones confirmed: {false}, {_is(false.share <= _MOST_FALSE)} at most {_MOST_FALSE:.0%}",
    ]


def _is(is_met: bool) -> str:
    return "which is" if is_met else "which is NOT"


def main() -> int:
    """Print the figures of every file of readings."""
    for path in sorted(FOLDER.glob("*.tsv")):
        print("\n".join(lines_of(path.stem, read(path))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
