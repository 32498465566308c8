"""A measurement and the bar that it must reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`least` or `most` is the bar; a figure without one is there to be read."""

    name: str
    value: float
    least: float | None = None
    note: str = ""
    most: float | None = None

    @property
    def is_good(self) -> bool:
        """Whether it reaches its bar."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    def __str__(self) -> str:
        bar = "" if self.least is None else f">= {self.least:.2f}"
        bar = bar if self.most is None else f"<= {self.most:.2f}"
        verdict = "" if not bar else "ok" if self.is_good else "MISSED"
        return f"{self.name:<44} {self.value:>8.3f} {bar:>8}  {verdict:<7} {self.note}".rstrip()
