"""The files of readings: each point that a model wrote, what the product showed of it, and what a reader found."""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

FOLDER = Path(__file__).parent / "readings"


@dataclass(frozen=True)
class Reading:
    """A point of a summary or a sentence of an answer.

    Attributes:
        call: The name of the call.
        model: The beginning of the model's name.
        kind: The section it stands in, or the question that it answers.
        point: What the model wrote.
        verdict: What the product shows of it: confirmed, contradicted, not found, unmarked (it makes no claim), shown
            or none (a title), or no summary.
        lines: The numbers of the lines that it shows.
        truth: true or false by the reader; "-" for what says nothing about the call; "?" for what was not read yet.
        why: The reader's reason.
    """

    call: str
    model: str
    kind: str
    point: str
    verdict: str
    lines: str
    truth: str
    why: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What a reading holds for, whichever model wrote it: an answer's sentence only under its question."""
        return self.call, self.kind if self.kind.startswith("answer") else "", self.point

    def read_as(self, known: "Reading | None") -> "Reading":
        """This with the truth and the reason of a reading of the same."""
        return replace(self, truth=known.truth, why=known.why) if known else self


def readings_of(model: str) -> Path:
    """The file of a model's readings."""
    return FOLDER / f"{model}.tsv"


def read(path: Path) -> list[Reading]:
    """The readings in a file; none if there is none."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Reading(*row) for row in list(csv.reader(file, "excel-tab"))[1:]]


def write(path: Path, readings: Iterable[Reading]) -> None:
    """Write a file of readings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, "excel-tab", lineterminator="\n")
        writer.writerow([one.name for one in fields(Reading)])
        writer.writerows(astuple(one) for one in readings)


def known_truths() -> dict[tuple[str, str, str], Reading]:
    """All that was read, by what it holds for."""
    every = [one for path in sorted(FOLDER.glob("*.tsv")) for one in read(path)]
    return {one.key: one for one in every if one.truth != "?"}
