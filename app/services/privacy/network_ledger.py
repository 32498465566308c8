"""The network ledger: when the network was used, for what, and what came from where."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.catalog.catalogue import catalog
from app.catalog.download import network_log
from app.core.download import NetworkLogEntry
from app.core.errors import AssistantError, ModelMissing, error_of_kind
from app.core.figures import size
from app.core.output import Output
from app.storage.tables.network_ledger import LedgerStore

_ENDINGS = {"arrived": "It arrived, whole and checked.", "stopped": "It was stopped; what had arrived was kept."}
_REFUSED = "A download of {} was asked for and refused. Nothing was sent."
_UNLISTED = "a model that is not in the catalogue"
_NO_ENDING = "It was not seen to end: it is still open, or its process was killed."


class Ledger:
    """The log entries in the vault, and those kept in the models folder while no vault was open to take them."""

    def __init__(self, store: LedgerStore, models: Path, *, is_demo: bool = False) -> None:
        self._store = store
        self._models = models
        self._is_demo = is_demo

    def import_log(self) -> None:
        """Move entries from the models folder into the vault; a demo's vault gets copies, and the originals stay."""
        for notes in network_log.log_files(self._models):
            if notes.entry is not None:
                self._store.save(notes.entry)
            if not self._is_demo:  # else the ledger would be deleted with the demo
                notes.forget()

    def entries(self) -> list[NetworkLogEntry]:
        """Every entry, newest first."""
        self.import_log()
        return self._store.all()


def logged_entries(models: Path) -> list[NetworkLogEntry]:
    """The entries outside the vault, newest first: without a vault, these are all."""
    return [notes.entry for notes in reversed(network_log.log_files(models)) if notes.entry is not None]


def entry_json(opening: NetworkLogEntry) -> dict[str, Any]:
    """An entry as it is exported."""
    return {
        "model": opening.model, "opened": opening.opened.isoformat(timespec="seconds"),
        "closed": opening.closed.isoformat(timespec="seconds") if opening.closed else None,
        "hosts": opening.hosts, "bytes": opening.size, "ending": opening.ending or "unknown",
    }  # fmt: skip


def is_refusal(opening: NetworkLogEntry) -> bool:
    """Whether a download was asked for and refused, so that the network was not used."""
    return opening.ending == network_log.REFUSED


def entry_sentence(opening: NetworkLogEntry) -> str:
    """One entry in words: why the network was used, what came from where, and how it ended."""
    if is_refusal(opening):
        name = _UNLISTED if opening.model == network_log.UNLISTED else _model_name(opening.model)
        return _REFUSED.format(name)
    hosts = ", ".join(f"{size(count)} from {host}" for host, count in opening.hosts.items())
    return f"To fetch {_model_name(opening.model)}: {hosts or 'no host was asked'}. {_ending_sentence(opening)}"


def entry_sentences(entries: Sequence[NetworkLogEntry]) -> list[str]:
    """Each entry with its time, as shown in a report."""
    return [f"{o.opened.astimezone():%Y-%m-%d %H:%M %Z}. {entry_sentence(o)}" for o in entries]


def save(entries: Sequence[NetworkLogEntry], output: Output) -> None:
    """Write the ledger to a file: JSON if its name ends in .json, else one sentence per line.

    Raises:
        AssistantError: the file can't be written there.
    """
    if output.path.suffix.casefold() == ".json":
        text = json.dumps([entry_json(o) for o in entries], ensure_ascii=False, indent=1)
    else:
        text = "\n".join(entry_sentences(entries))
    output.write_text(text + "\n")


def _model_name(model: str) -> str:
    try:
        return catalog().find(model).name
    except ModelMissing:  # from the catalogue of another version
        return model


def _ending_sentence(opening: NetworkLogEntry) -> str:
    if not opening.ending:
        return _NO_ENDING
    failure = error_of_kind(opening.ending) or AssistantError()
    return _ENDINGS.get(opening.ending) or f"It failed: {failure.title}"
