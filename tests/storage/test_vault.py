"""Vaults are made, opened, refused, and kept whole by transactions."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.core.errors import (
    AssistantError,
    VaultDamaged,
    VaultError,
    VaultInUse,
    VaultMissing,
    VaultTooNew,
    WrongPassphrase,
)
from app.storage.database import schema
from app.storage.database.connection import open_database
from app.storage.files.layout import CREATING_NAME, DATABASE_NAME, HEADER_NAME, vault_exists
from app.storage.keys import vault_header
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.running import CHEAP
from tests.storage.calls import add, new

PASSPHRASE = "correct horse battery staple"


def test_a_vault_is_made_and_opened_with_its_passphrase_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "vault"
    assert not vault_exists(folder)
    made = Vault.create(folder, PASSPHRASE, CHEAP)
    known = add(CallStore(made), "We agree.")
    made.close()
    assert vault_exists(folder)
    with pytest.raises(WrongPassphrase):
        Vault.open(folder, PASSPHRASE.upper())
    opened = Vault.open(folder, PASSPHRASE)
    assert CallStore(opened).get(known).title == "A call"
    opened.close()


def test_the_same_letters_typed_another_way_are_the_same_passphrase(tmp_path: Path) -> None:
    Vault.create(tmp_path, "zwölf Boxkämpfer jagen Viktor", CHEAP).close()
    Vault.open(tmp_path, "zwo\u0308lf Boxka\u0308mpfer jagen Viktor").close()


def test_there_is_no_second_vault_in_a_folder(tmp_path: Path) -> None:
    Vault.create(tmp_path, PASSPHRASE, CHEAP).close()
    with pytest.raises(AssistantError, match="already"):
        Vault.create(tmp_path, "another passphrase altogether", CHEAP)
    Vault.open(tmp_path, PASSPHRASE).close()


def test_no_vault_is_not_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(VaultMissing):
        Vault.open(tmp_path / "nowhere", PASSPHRASE)
    assert not (tmp_path / "nowhere").exists()


def test_a_making_that_was_cut_off_can_be_done_again(tmp_path: Path) -> None:
    Vault.create(tmp_path, PASSPHRASE, CHEAP).close()
    (tmp_path / HEADER_NAME).unlink()  # the header comes last
    (tmp_path / CREATING_NAME).touch()
    Vault.create(tmp_path, "another passphrase altogether", CHEAP).close()
    Vault.open(tmp_path, "another passphrase altogether").close()


def test_the_open_vault_is_in_use_here_and_in_another_process(tmp_path: Path) -> None:
    made = Vault.create(tmp_path, PASSPHRASE, CHEAP)
    with pytest.raises(VaultInUse):
        Vault.open(tmp_path, PASSPHRASE)
    script = (
        "import sys, pathlib; from app.storage.vault import Vault\n"
        "try: Vault.open(pathlib.Path(sys.argv[1]), 'x')\n"
        "except Exception as e: print(type(e).__name__)"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, cwd=root, check=True).stdout == "VaultInUse\n"
    made.close()
    said = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True).stdout
    assert said == "WrongPassphrase\n"


def test_a_killed_owner_leaves_no_lock_and_no_damage(tmp_path: Path) -> None:
    script = (
        "import os, sys, pathlib, signal; from app.storage.vault import Vault\n"
        "from app.storage.tables.calls import CallStore; from tests.storage.calls import add\n"
        "from tests.running import CHEAP\n"
        "v = Vault.create(pathlib.Path(sys.argv[1]), sys.argv[2], CHEAP)\n"
        "add(CallStore(v), 'Saved before the end.')\n"
        "w = v.write(); w.__enter__().execute('DELETE FROM recordings'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, str(tmp_path), PASSPHRASE]
    ended = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    opened = Vault.open(tmp_path, PASSPHRASE)
    store = CallStore(opened)
    assert [u.text for r in store.all() for u in store.transcript(r.id).utterances] == ["Saved before the end."]
    opened.close()


def test_a_vault_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    master = b"n" * 32
    opened_vault(tmp_path, master).close()
    key = vault_header.subkey(master, "tacit database v1")
    db = open_database(tmp_path / DATABASE_NAME, key)
    db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.conn.close()
    for _ in range(2):
        with pytest.raises(VaultTooNew):
            opened_vault(tmp_path, master)


def test_another_key_does_not_open_the_database(tmp_path: Path) -> None:
    opened_vault(tmp_path, b"a" * 32).close()
    with pytest.raises(VaultDamaged):
        opened_vault(tmp_path, b"b" * 32)
    opened_vault(tmp_path, b"a" * 32).close()


def test_a_missing_database_is_not_made_anew(tmp_path: Path) -> None:
    Vault.create(tmp_path, PASSPHRASE, CHEAP).close()
    (tmp_path / DATABASE_NAME).unlink()
    with pytest.raises(VaultDamaged, match="missing"):
        Vault.open(tmp_path, PASSPHRASE)
    assert not (tmp_path / DATABASE_NAME).exists()


def test_a_raise_undoes_the_whole_block(vault: Vault) -> None:
    store = CallStore(vault)
    known = add(store, "We agree.")

    def half() -> None:
        with vault.write():
            store.rename(known, "Another title")
            store.request_summary(known)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert store.get(known).title == "A call"
    assert store.search('"agree"', 5)[0].id == known


def test_a_write_within_a_write_is_part_of_it(vault: Vault) -> None:
    store = CallStore(vault)
    known = add(store)
    with vault.write() as outer, vault.write() as inner:
        assert inner is outer
        store.rename(known, "Inside")
    assert store.get(known).title == "Inside"
    assert not vault.read().conn.in_transaction


def test_a_failed_statement_leaves_no_open_transaction(vault: Vault) -> None:
    store = CallStore(vault)
    made = new()
    store.add(made)
    with pytest.raises(VaultError):
        store.add(made)
    assert not vault.read().conn.in_transaction
    store.rename(made.id, "Still writes")
    assert store.get(made.id).title == "Still writes"


def test_each_thread_has_a_connection_and_writers_take_turns(vault: Vault) -> None:
    store = CallStore(vault)
    known = add(store)
    seen, failures = [], []

    def write(number: int) -> None:
        try:
            seen.append(vault.read())
            for _ in range(15):
                with vault.write() as db:
                    before = len(store.get(known).title)
                    db.execute("UPDATE recordings SET title = title || 'x' WHERE id = ?", [known])
                    assert len(store.get(known).title) == before + 1
                store.search('"anything"', 3)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len({id(db) for db in seen}) == 4
    assert store.get(known).title == "A call" + "x" * 60


def test_readers_see_a_whole_transaction_or_none(vault: Vault) -> None:
    store = CallStore(vault)
    known = add(store)
    inside, seen = threading.Event(), threading.Event()
    titles = []

    def look() -> None:
        inside.wait(5)
        titles.append(store.get(known).title)
        seen.set()

    thread = threading.Thread(target=look)
    thread.start()
    with vault.write():
        store.rename(known, "Later")
        inside.set()
        seen.wait(5)
    thread.join()
    assert titles == ["A call"]
    assert store.get(known).title == "Later"


def test_a_closed_vault_says_so_and_opens_again(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path)
    known = add(CallStore(vault), "We agree.")
    vault.close()
    vault.close()
    with pytest.raises(VaultError):
        CallStore(vault).all()
    again = opened_vault(tmp_path)
    assert CallStore(again).get(known).id == known
    again.close()


def test_every_confirmed_write_is_meant_to_survive_a_power_cut(vault: Vault) -> None:
    db = vault.read()
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert db.execute("PRAGMA temp_store").fetchone()[0] == 2


def test_unlocking_does_not_wait_for_numpy_and_leaves_it_to_others() -> None:
    code = "import sys, app.storage.vault, app.services.session; print('numpy' in sys.modules); import numpy"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False"]
