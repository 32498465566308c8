"""An open vault is checked while it is worked with, and a backup of it can be watched and stopped."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.job import Cancelled, Progress
from app.services.vault.maintenance import Finding, Maintenance, StagedRestore
from app.storage.safety.backups import make_copy
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import CHEAP
from tests.storage.calls import add

PASSPHRASE = "correct horse battery staple"


class Watching:
    """A job's context that stops after so many reports."""

    def __init__(self, stops_after: int = 1 << 30) -> None:
        self.events: list[object] = []
        self._stops_after = stops_after

    def checkpoint(self) -> None:
        if len(self.events) >= self._stops_after:
            raise Cancelled

    def report(self, event: object) -> None:
        self.events.append(event)

    @property
    def bad(self) -> list[str]:
        return [e.name for e in self.events if isinstance(e, Finding) and not e.is_good]


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = Vault.create(tmp_path / "vault", PASSPHRASE, CHEAP)
    for n in range(3):
        add(CallStore(made), f"We agree on {n}.", title=f"Call {n}")
    yield made
    made.close()


def test_an_open_vault_is_checked_to_the_end(vault: Vault) -> None:
    make_copy(vault, datetime.now(UTC))
    seen = Watching()
    assert Maintenance(vault).check(seen)
    names = [event.name for event in seen.events if isinstance(event, Finding)]
    assert names[:5] == ["log", "pages", "tables", "references", "search index"]
    assert {"sound", "owners"} <= set(names)
    assert names[-1].startswith("backup ")
    assert not vault.read().conn.in_transaction


def test_damage_is_found_in_an_open_vault(vault: Vault) -> None:
    ids = [call.id for call in CallStore(vault).all()]
    sound = vault.media_folder / f"{ids[0]}.sealed"
    sound.write_bytes(sound.read_bytes()[:-3])
    (vault.media_folder / f"{ids[1]}.sealed").unlink()
    (vault.media_folder / "0000rare0000.sealed").write_bytes(b"x")
    seen = Watching()
    assert not Maintenance(vault).check(seen)
    assert sorted(seen.bad) == sorted([f"sound of {ids[0]}", f"sound of {ids[1]}", "file 0000rare0000"])


def test_calls_that_come_and_go_meanwhile_are_no_damage(vault: Vault) -> None:
    store, is_over, made = CallStore(vault), threading.Event(), []

    def work() -> None:
        while not is_over.is_set():
            made.append(add(store, "Another one.", title="Another"))
            store.delete(made[-1])

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(10):
            seen = Watching()
            assert Maintenance(vault).check(seen), [e for e in seen.events if not getattr(e, "is_good", True)]
    finally:
        is_over.set()
        worker.join()
    assert len(made) > 5


def test_a_backup_is_watched_and_when_stopped_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    target, seen = tmp_path / "out" / "b.tacit", Watching()
    target.parent.mkdir()
    assert Maintenance(vault).back_up(target, seen) == []
    steps = [event for event in seen.events if isinstance(event, Progress)]
    assert {event.step for event in steps} == {"Writing", "Checking"}
    assert all(event.fraction is not None and 0 <= event.fraction <= 1 for event in steps)
    StagedRestore(target, tmp_path / "other", PASSPHRASE).give_up()
    target.unlink()
    with pytest.raises(Cancelled):
        Maintenance(vault).back_up(target, Watching(stops_after=2))
    assert list(target.parent.iterdir()) == []
    assert not list(vault.folder.glob("*.part"))
