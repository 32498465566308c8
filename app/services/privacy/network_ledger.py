"""The ledger: when the network was open, for what, and what came from where."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.catalog.catalogue import catalog
from app.catalog.download import network_log as openings
from app.core import errors
from app.core.download import Opening
from app.core.errors import AssistantError, ModelMissing
from app.core.files import write_whole
from app.storage.tables.network_ledger import LedgerStore

_ENDINGS = {"arrived": "It arrived, whole and checked.", "stopped": "It was stopped; what had arrived was kept."}
_NO_ENDING = "It was not seen to end: it is still open, or its process was killed."


class Ledger:
    """The openings in the vault, and those that were noted in the models folder while no vault could take them."""

    def __init__(self, store: LedgerStore, models: Path, *, is_demo: bool = False) -> None:
        self._store = store
        self._models = models
        self._is_demo = is_demo

    def take_over(self) -> None:
        """Bring what was noted into the vault; a note is deleted once it is there, unless that is a demo's."""
        for notes in openings.noted(self._models):
            if notes.opening is not None:
                self._store.save(notes.opening)
            if not self._is_demo:  # else the ledger would end with the demo
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


def told(opening: Opening) -> str:
    """Why the door was open, what came from where, and how it ended."""
    hosts = ", ".join(f"{_bytes(size)} from {host}" for host, size in opening.hosts.items())
    return f"To fetch {_name(opening.model)}: {hosts or 'no host was asked'}. {_ending(opening)}"


def in_sentences(openings_: Sequence[Opening]) -> list[str]:
    """Each opening with its time, as a report has it."""
    return [f"{o.opened.astimezone():%Y-%m-%d %H:%M %Z}. {told(o)}" for o in openings_]


def save(openings_: Sequence[Opening], path: Path) -> None:
    """Write the ledger to a file: JSON if its name ends so, else a sentence on a line.

    Raises:
        AssistantError: the file can't be written there.
    """
    if path.suffix.casefold() == ".json":
        text = json.dumps([opening_json(o) for o in openings_], ensure_ascii=False, indent=1)
    else:
        text = "\n".join(in_sentences(openings_))
    write_whole(path, text + "\n")


def _name(model: str) -> str:
    try:
        return catalog().find(model).name
    except ModelMissing:  # one of another version's catalogue
        return model


def _bytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _ending(opening: Opening) -> str:
    if not opening.ending:
        return _NO_ENDING
    kind = getattr(errors, opening.ending, None)
    failure = kind if isinstance(kind, type) and issubclass(kind, AssistantError) else AssistantError
    return _ENDINGS.get(opening.ending) or f"It failed: {failure.default_title}"
