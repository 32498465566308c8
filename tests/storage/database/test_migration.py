"""A vault of an earlier version comes to this one on a copy: whole, or not at all."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.core.conversation import Citation, Role
from app.core.errors import AssistantError, NotEnoughSpace, VaultDamaged, VaultError
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Transcript
from app.services.vault.maintenance import check_vault
from app.storage.database import migration, schema
from app.storage.database.connection import Database, open_database
from app.storage.files.layout import DATABASE_NAME, EARLIER_DATABASE_NAME
from app.storage.offline_vault import open_offline
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.storage.calls import SURVEY

PASSPHRASE = "correct horse battery staple"
VERSION_1 = Path(__file__).parents[2] / "fixtures" / "vaults" / "version-1"  # as the first version wrote it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A vault of version 1: three calls of four lines, and a question on each."""
    return Path(shutil.copytree(VERSION_1, tmp_path / "vault"))


def opened(folder: Path) -> Database:
    """Its database, as it lies there."""
    with open_offline(folder, PASSPHRASE) as vault:
        return open_database(vault.database, vault.database_key)


def version(folder: Path) -> int:
    db = opened(folder)
    try:
        return int(db.execute("PRAGMA user_version").fetchone()[0])
    finally:
        db.conn.close()


def is_whole(vault: Vault) -> bool:
    """Whether every row of the sample is there."""
    store, conversations = CallStore(vault), ConversationStore(vault)
    calls = sorted(store.all(), key=lambda call: call.title)
    assert [call.title for call in calls] == ["Call 0", "Call 1", "Call 2"]
    for n, call in enumerate(calls):
        lines = [utterance.text for utterance in store.transcript(call.id).utterances]
        assert lines == [f"Line {m} of call {n}: we agree on {m} pallets." for m in range(4)]
        assert store.survey(call.id) == SURVEY
        with store.sound(call.id) as reader:
            assert reader.read(0, 100) == f"sound of Call {n}".encode()
    assert len(store.search('"pallets"', 50)) == 12
    chats = [conversations.get(chat.id) for chat in conversations.all()]
    assert sorted(str(chat.call) for chat in chats) == sorted(["None", calls[1].id, calls[2].id])
    for chat in chats:
        asked, answered = chat.messages
        assert (asked.role, answered.text) == (Role.USER, "They agree on 2 pallets. [3]")
        thirds = {call.id: store.transcript(call.id).utterances[2].id for call in calls}
        assert answered.citations[0] in [Citation(call.id, thirds[call.id], 20.0, 28.0, 3) for call in calls]
    return True


def test_a_vault_of_the_first_version_opens_and_keeps_every_row(folder: Path) -> None:
    assert version(folder) == 1
    assert all(finding.is_good for finding in check_vault(folder, PASSPHRASE)), "it can be checked as it is"
    before = (folder / DATABASE_NAME).read_bytes()
    vault = Vault.open(folder, PASSPHRASE)
    assert vault.is_migrated
    assert is_whole(vault)
    assert "drafts" in vault.read().table_names()
    vault.close()
    assert version(folder) == schema.VERSION
    assert (folder / EARLIER_DATABASE_NAME).read_bytes() == before, "it is kept until the next good start"
    with pytest.raises(AssistantError):
        Vault.open(folder, "not the passphrase")
    assert (folder / EARLIER_DATABASE_NAME).exists()
    vault = Vault.open(folder, PASSPHRASE)
    assert not vault.is_migrated
    assert is_whole(vault)
    vault.close()
    assert sorted(path.name for path in folder.iterdir()) == ["media", "vault.db", "vault.hdr", "vault.lock"]
    assert all(finding.is_good for finding in check_vault(folder, PASSPHRASE))


OLD_SUMMARY = """{"title":"Pallets","overview":"They agree.","key_points":[{"text":"Four pallets","evidence":
[{"line":2,"start":10.0,"end":18.0}]}],"decisions":[{"text":"Take them","evidence":[]}],"action_items":[{"task":"Send",
"owner":"Them","due":"Friday","evidence":[{"line":1,"start":0.0,"end":8.0}],"owner_channel":1}],"model":"small"}"""


def new_summary(transcript: Transcript) -> Summary:
    """What becomes of it."""
    first, second = transcript.utterances[:2]
    return call_summary(
        "Pallets", "They agree.", (Point("Four pallets", (Evidence(second.id, 10.0, 18.0),)),), (Point("Take them"),),
        (ActionItem("Send", "Them", "Friday", (Evidence(first.id, 0.0, 8.0),), second.speaker),), "small",
    )  # fmt: skip


def test_a_summary_of_the_fixed_shape_becomes_sections_and_a_damaged_one_stays(folder: Path) -> None:
    db = opened(folder)
    ids = [row[0] for row in db.execute("SELECT id FROM recordings ORDER BY title").fetchall()]
    for call, summary in zip(ids, (OLD_SUMMARY, "[]", None), strict=True):
        db.execute("UPDATE recordings SET summary = ? WHERE id = ?", [summary, call])
    db.conn.close()
    vault = Vault.open(folder, PASSPHRASE)
    store = CallStore(vault)
    assert store.summary(ids[0]) == new_summary(store.transcript(ids[0]))
    assert store.get(ids[0]).preview == "They agree."
    assert vault.row("SELECT summary FROM recordings WHERE id = ?", [ids[1]])[0] == "[]"
    assert store.summary(ids[2]) is None
    assert store.get(ids[2]).preview.startswith("Line 0")
    assert is_whole(vault)
    vault.close()


def test_what_only_the_log_holds_is_migrated_too(folder: Path, tmp_path: Path) -> None:
    db = opened(folder)
    db.execute("UPDATE recordings SET is_titled = 1")
    for name in (DATABASE_NAME, DATABASE_NAME + "-wal"):  # as a kill leaves them
        shutil.copyfile(folder / name, tmp_path / name)
    db.conn.close()
    for name in (DATABASE_NAME, DATABASE_NAME + "-wal"):
        shutil.copyfile(tmp_path / name, folder / name)
    vault = Vault.open(folder, PASSPHRASE)
    assert is_whole(vault)
    assert vault.row("SELECT min(is_titled) FROM recordings")[0] == 1
    vault.close()


def _losing(db: Database) -> None:
    db.execute("DELETE FROM utterances WHERE id = 3")


def _dropping(db: Database) -> None:
    db.execute("DROP TABLE messages")


def _loosening(db: Database) -> None:
    db.execute("PRAGMA defer_foreign_keys = ON")
    db.execute("UPDATE utterances_fts_data SET block = x'00' WHERE id > 10")


def _raising(db: Database) -> None:
    db.execute("CREATE TABLE later (id TEXT)")
    db.execute("UPDATE recordings SET title = 'changed'")
    raise RuntimeError("a fault of ours")


@pytest.mark.parametrize("fault", [_losing, _dropping, _loosening, _raising])
def test_a_migration_that_loses_or_fails_leaves_the_earlier_version(
    folder: Path, fault: Callable[[Database], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / DATABASE_NAME).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, fault))
        patch.setattr(schema, "VERSION", schema.VERSION + 1)
        with pytest.raises((VaultError, RuntimeError)) as refused:
            Vault.open(folder, PASSPHRASE)
    if isinstance(refused.value, AssistantError):
        assert "Nothing was changed" in refused.value.advice
    assert (folder / DATABASE_NAME).read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["media", "vault.db", "vault.hdr", "vault.lock"]
    vault = Vault.open(folder, PASSPHRASE)  # the lock is free, and the next try with a good version goes well
    assert is_whole(vault)
    vault.close()


def test_a_damaged_database_of_an_earlier_version_is_left_as_it_is(folder: Path, tmp_path: Path) -> None:
    content = bytearray((folder / DATABASE_NAME).read_bytes())
    content[9 * 4096 + 100] ^= 1
    (folder / DATABASE_NAME).write_bytes(content)
    with pytest.raises(VaultDamaged):
        Vault.open(folder, PASSPHRASE)
    assert (folder / DATABASE_NAME).read_bytes() == bytes(content)
    assert not (folder / EARLIER_DATABASE_NAME).exists()


class Cut(BaseException):
    """The process ends here."""


def _failing(patch: pytest.MonkeyPatch, number: int, fault: Callable[[], BaseException]) -> Callable[[], bool]:
    """Let the n-th call that changes the folder fail, and after a cut every later one; whether it was reached."""
    left = number

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0 or (left < 0 and fault is Cut):
                raise fault()
            return real(*arguments, **named)

        return call

    calls: list[tuple[Any, str]] = [
        (os, "open"), (os, "fsync"), (Path, "unlink"), (Path, "replace"), (Path, "hardlink_to"), (shutil, "copyfile"),
        (shutil, "copyfileobj"), (migration, "sync_folder"), (migration, "open_database"),
    ]  # fmt: skip
    for owner, name in calls:
        patch.setattr(owner, name, wrapped(getattr(owner, name)))
    return lambda: left <= 0


@pytest.mark.parametrize("fault", [Cut, lambda: OSError(28, "No space left"), lambda: OSError(5, "I/O error")])
def test_every_call_to_the_disk_may_fail(tmp_path: Path, fault: Callable[[], BaseException]) -> None:
    for number in range(1, 60):
        folder = Path(shutil.copytree(VERSION_1, tmp_path / str(number)))
        with pytest.MonkeyPatch.context() as patch:
            is_reached = _failing(patch, number, fault)
            with suppress(Cut, AssistantError):  # an OSError would be none that a person can read
                Vault.open(folder, PASSPHRASE).close()
        assert version(folder) in (1, schema.VERSION)
        vault = Vault.open(folder, PASSPHRASE)
        assert is_whole(vault)
        vault.close()
        Vault.open(folder, PASSPHRASE).close()
        assert sorted(path.name for path in folder.iterdir()) == ["media", "vault.db", "vault.hdr", "vault.lock"]
        if not is_reached():
            assert number > 8, "some calls were met"
            return
    pytest.fail("the calls have no end")


def test_a_disk_without_links_keeps_the_earlier_file_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    before = (folder / DATABASE_NAME).read_bytes()
    vault = Vault.open(folder, PASSPHRASE)
    assert is_whole(vault)
    vault.close()
    assert (folder / EARLIER_DATABASE_NAME).read_bytes() == before


def test_too_little_room_for_the_copy_is_said_and_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        with pytest.raises(NotEnoughSpace, match=r"not enough room .* make room for 1 MB"):
            Vault.open(folder, PASSPHRASE)
    assert sorted(path.name for path in folder.iterdir()) == ["media", "vault.db", "vault.hdr", "vault.lock"]
    vault = Vault.open(folder, PASSPHRASE)
    assert is_whole(vault)
    vault.close()
