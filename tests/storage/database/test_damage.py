"""A database whose pages were overwritten or cut is a clear error wherever it is met, never a crash."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import VaultDamaged, VaultError
from app.core.ids import CallId
from app.storage.database.connection import open_database
from app.storage.files.layout import DATABASE_NAME
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.storage.calls import add

PAGE = 4096


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    vault = opened_vault(tmp_path)
    store = CallStore(vault)
    for n in range(12):
        add(store, *(f"line {m} of call {n} about the launch {os.urandom(40).hex()}" for m in range(30)))
    vault.close()
    return tmp_path


READS: dict[str, Callable[[Vault, CallId], object]] = {
    "all": lambda v, r: CallStore(v).all(),
    "get": lambda v, r: CallStore(v).get(r),
    "find": lambda v, r: CallStore(v).find(r[:11]),
    "transcript": lambda v, r: CallStore(v).transcript(r),
    "search": lambda v, r: CallStore(v).search('"launch"', 50),
    "titled": lambda v, r: CallStore(v).search_titles(["call"], 50),
    "summary": lambda v, r: CallStore(v).summary(r),
    "survey": lambda v, r: CallStore(v).survey(r),
    "progress": lambda v, r: CallStore(v).progress(r),
    "by_hash": lambda v, r: CallStore(v).by_hash(bytes(32)),
    "sweep": lambda v, r: CallStore(v).remove_unwanted_sound(),
    "conversations": lambda v, r: ConversationStore(v).all(),
    "of_recording": lambda v, r: ConversationStore(v).of_call(r),
}
WRITES: dict[str, Callable[[Vault, CallId], object]] = {
    "rename": lambda v, r: CallStore(v).rename(r, "x"),
    "state": lambda v, r: CallStore(v).finish_step(r, "summarize"),
    "delete": lambda v, r: CallStore(v).delete(r),
    "start": lambda v, r: ConversationStore(v).start(r),
}


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_every_page_but_the_first_overwritten(folder: Path, name: str) -> None:
    vault = opened_vault(folder)
    known = CallStore(vault).all()[0].id
    vault.close()
    path = folder / DATABASE_NAME
    content = path.read_bytes()
    path.write_bytes(content[:PAGE] + random.Random(1).randbytes(len(content) - PAGE))
    with pytest.raises(VaultDamaged):
        opened_and(folder, (READS | WRITES)[name], known)


def opened_and(folder: Path, action: Callable[[Vault, CallId], object], known: CallId) -> None:
    vault = opened_vault(folder)
    try:
        action(vault, known)
    finally:
        vault.close()


@pytest.mark.parametrize("seed", range(12))
def test_a_few_random_pages_overwritten(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray((folder / DATABASE_NAME).read_bytes())
    for _ in range(3):
        page = chance.randrange(len(content) // PAGE)
        content[page * PAGE : (page + 1) * PAGE] = chance.randbytes(PAGE)
    (folder / DATABASE_NAME).write_bytes(content)
    try:
        vault = opened_vault(folder)
    except VaultError:
        return
    met = 0
    for action in [*READS.values(), *WRITES.values()]:
        try:
            for call in CallStore(vault).all():
                action(vault, call.id)
        except VaultDamaged:
            met += 1
        except VaultError:
            continue  # what is gone by then is not found
    vault.close()
    assert met


@pytest.mark.parametrize("keep", [0, 1, 100, PAGE - 1, PAGE, PAGE + 1, 5 * PAGE, 9 * PAGE + 17])
def test_a_database_that_was_cut_off(folder: Path, keep: int) -> None:
    content = (folder / DATABASE_NAME).read_bytes()
    (folder / DATABASE_NAME).write_bytes(content[:keep])
    with pytest.raises(VaultError):
        opened_and(folder, lambda v, r: CallStore(v).search('"launch"', 50), CallId("0"))


def test_a_damaged_sound_is_met_where_it_is_read(folder: Path) -> None:
    vault = opened_vault(folder)
    store = CallStore(vault)
    known = store.all()[0].id
    path = store.media_path(known)
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(VaultDamaged), store.sound(known):
        pass
    path.unlink()
    with pytest.raises(VaultDamaged), store.sound(known):
        pass
    assert len(store.transcript(known).utterances) == 30
    vault.close()


def test_a_fault_whose_message_holds_bytes_that_are_no_text_is_damage(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a.db", bytes(32))
    db.execute("CREATE TABLE t (x)")
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_master SET name = CAST(x'8989' AS TEXT), sql = 'nonsense'")
    db.conn.close()
    with pytest.raises(VaultDamaged):
        open_database(tmp_path / "a.db", bytes(32))
