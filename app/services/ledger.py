"""The ledger: when the network was open, for what, and what came from where."""

from pathlib import Path
from typing import Any

from app.catalog import openings
from app.core.download import Opening
from app.storage.ledger import LedgerStore


class Ledger:
    """The openings in the vault, and those that were noted in the models folder while no vault could take them."""

    def __init__(self, store: LedgerStore, models: Path) -> None:
        self._store = store
        self._models = models

    def take_over(self) -> None:
        """Bring what was noted into the vault; a note is deleted once it is there."""
        for notes in openings.noted(self._models):
            if notes.opening is not None:
                self._store.save(notes.opening)
            notes.forget()

    def openings(self) -> list[Opening]:
        """Every opening, newest first."""
        self.take_over()
        return self._store.all()


def noted_openings(models: Path) -> list[Opening]:
    """What is noted outside the vault, newest first: all there is where there is no vault yet."""
    return [notes.opening for notes in reversed(openings.noted(models)) if notes.opening is not None]


def opening_json(opening: Opening) -> dict[str, Any]:
    """An opening as the ledger is exported."""
    return {
        "model": opening.model, "opened": opening.opened.isoformat(timespec="seconds"),
        "closed": opening.closed.isoformat(timespec="seconds") if opening.closed else None,
        "hosts": opening.hosts, "bytes": opening.size, "ending": opening.ending or "unknown",
    }  # fmt: skip
