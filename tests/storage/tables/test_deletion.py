"""Deleting is forgetting: the key, every word, and the answers that quote them are in no file of the vault."""

import random
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.cli.dates import full_date
from app.core.conversation import Citation, Message, Role
from app.core.deletion import REMOVED_ANSWER, Consequences, Quotes
from app.core.errors import VaultDamaged
from app.core.ids import CallId, made_at, new_call_id, new_task_id
from app.core.summary import ActionItem
from app.core.task import TaskChange, TaskMark
from app.services.vault.maintenance import Maintenance
from app.storage.files.layout import DATABASE_NAME, EARLIER_DATABASE_NAME
from app.storage.files.sealed_file import SealedReader
from app.storage.keys.vault_header import subkey
from app.storage.safety import backups
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.tasks import TaskStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.conftest import opened_vault
from tests.storage.calls import add, uid

MASTER = b"f" * 32
PAGE, RESERVED = 4096, 80  # SQLCipher 4: of each page the last 80 bytes are its nonce and its check


def decrypted(path: Path, key: bytes) -> bytes:
    """Every page of a database or of its log, as SQLite sees it; also the pages that nothing points at."""
    raw = path.read_bytes() if path.exists() else b""
    if path.name.endswith("-wal"):
        frame = PAGE + 24
        places = range(32, len(raw) - frame + 1, frame)
        pages = [(struct.unpack(">I", raw[at : at + 4])[0], raw[at + 24 : at + frame]) for at in places]
    else:
        pages = [(at // PAGE + 1, raw[at : at + PAGE]) for at in range(0, len(raw), PAGE)]
    found = b""
    for number, page in pages:
        cipher = Cipher(algorithms.AES(key), modes.CBC(page[-RESERVED : -RESERVED + 16])).decryptor()
        found += cipher.update(page[16 if number == 1 else 0 : -RESERVED])
    return found


def in_files(folder: Path, wanted: list[bytes]) -> set[bytes]:
    """Which of these byte strings lie in the database and its log, in any letter case."""
    key = subkey(MASTER, "tacit database v1")
    paths = [path for path in folder.rglob("*") if path.name.startswith(DATABASE_NAME) or path.suffix == ".db"]
    there = b"".join(decrypted(path, key) for path in paths if not path.name.endswith("-shm")).lower()
    return {piece for piece in wanted if piece.lower() in there}


def words(chance: random.Random, count: int) -> list[str]:
    return ["".join(chance.choices("abcdefghijklmnop", k=9)) for _ in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(folder: Path) -> Vault:
    """A vault of calls with words of their own each, so that every trace can be told."""
    return opened_vault(folder, MASTER)


def test_no_word_and_no_key_of_a_deleted_call_is_in_any_file(folder: Path, vault: Vault) -> None:
    chance = random.Random(5)
    store, chats = CallStore(vault), ConversationStore(vault)
    stays, goes = words(chance, 200), words(chance, 200)

    def filled(own: list[str], title: str) -> CallId:
        return add(store, *(" ".join(chance.choices(own, k=12)) for _ in range(150)), title=title)

    filled(stays, "Stays")
    gone = filled(goes, f"Title {goes[0]}")
    filled(stays, "Stays too")
    store.save_summary(gone, call_summary(f"Summary {goes[1]}", f"They spoke of {goes[2]}.", (), (), (), "model"))
    change = TaskChange(text=f"Edited {goes[7]}", due=goes[8])
    TaskStore(vault).put([TaskMark(new_task_id(), gone, ActionItem(f"Send {goes[6]}", "", ""), change)])
    chat = chats.start(gone)
    chats.append(chat.id, Message(Role.USER, f"What of {goes[3]}?"))
    with vault.write() as db:
        db.execute("INSERT INTO drafts VALUES (?, ?), (?, ?)", [gone, f"And {goes[4]}?", chat.id, f"Or {goes[5]}?"])
        # One segment, in which the words of all calls lie side by side.
        db.execute("INSERT INTO utterances_fts (utterances_fts) VALUES ('optimize')")
    (key,) = vault.row("SELECT media_key FROM recordings WHERE id = ?", [gone])
    sealed = store.media_path(gone).read_bytes()
    marks = [word.encode() for word in goes] + [key]
    assert len(in_files(folder, marks)) == len(marks), "the search finds what is there"
    store.delete(gone)
    assert in_files(folder, marks) == set(), "at once, while the vault is open"
    assert len(in_files(folder, [word.encode() for word in stays])) == len(stays)
    assert not store.media_path(gone).exists()
    vault.close()
    assert in_files(folder, marks) == set()
    (folder / "worn flash").write_bytes(sealed)  # what deleting a file leaves
    for other in (bytes(32), subkey(MASTER, "tacit database v1")):
        with SealedReader(folder / "worn flash", other) as reader:
            assert (reader.size, reader.is_finished) == (0, False), "nothing of it opens"


def test_no_word_of_a_deleted_chat_is_in_any_file(folder: Path, vault: Vault) -> None:
    chats = ConversationStore(vault)
    chat = chats.start(None)
    chats.append(chat.id, Message(Role.USER, "What about quxwordone?"))
    chats.append(chat.id, Message(Role.ASSISTANT, "It is quxwordtwo."))
    with vault.write() as db:
        db.execute("INSERT INTO drafts VALUES (?, 'quxwordthree')", [chat.id])
    marks = [b"quxwordone", b"quxwordtwo", b"quxwordthree"]
    assert len(in_files(folder, marks)) == 3
    chats.delete(chat.id)
    assert in_files(folder, marks) == set()
    vault.close()


def test_every_connection_and_every_search_index_deletes_for_good(vault: Vault) -> None:
    assert vault.row("PRAGMA secure_delete")[0] == 1
    names = [name for (name,) in vault.rows("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%fts5%'")]
    assert sorted(names) == ["notes_fts", "utterances_fts"], "another index must be looked at here too"
    for name in names:
        assert dict(vault.rows(f"SELECT * FROM {name}_config"))["secure-delete"] == 1  # noqa: S608 - a name of ours
    vault.close()


def test_answers_that_cite_or_quote_a_deleted_call_go_with_it(vault: Vault) -> None:
    store, chats = CallStore(vault), ConversationStore(vault)
    said = "The pallets will be at the gate on the ninth of March, not before noon."
    gone, stays = add(store, said), add(store, "Somebody else speaks of the weather.")
    chat = chats.start(None)
    chats.append(chat.id, Message(Role.USER, "When do the pallets come?"))
    place, other = (Citation(one, uid(store, one), 0.0, 9.0, 1) for one in (gone, stays))
    cites = chats.append(chat.id, Message(Role.ASSISTANT, "In March. [1]", (place,), note="n"))
    quotes = chats.append(chat.id, Message(Role.ASSISTANT, "pallets will be at the gate on [1] the ninth of March"))
    alike = chats.append(chat.id, Message(Role.ASSISTANT, "The pallets will be at the gate.", (other,)))
    own = chats.append(chat.id, Message(Role.USER, said))
    assert store.answers_quoting(gone) == 2
    assert store.answers_quoting(stays) == 1
    assert store.delete(gone) == {chat.id}
    kept = dict(vault.rows("SELECT id, text FROM messages"))
    assert (kept[cites], kept[quotes]) == (REMOVED_ANSWER, REMOVED_ANSWER)
    assert (kept[alike], kept[own]) == ("The pallets will be at the gate.", said), "a person's own words are theirs"
    assert chats.get(chat.id).messages[1] == Message(Role.ASSISTANT, REMOVED_ANSWER)
    chats.replace(alike, Message(Role.ASSISTANT, "Late. [1]", (place,)))
    assert dict(vault.rows("SELECT id, text FROM messages"))[alike] == REMOVED_ANSWER, "also one that is still written"
    vault.close()


def test_a_deletion_that_fails_deletes_nothing(vault: Vault) -> None:
    store, chats = CallStore(vault), ConversationStore(vault)
    gone = add(store, "We agree.")
    chat = chats.start(None)
    chats.append(chat.id, Message(Role.ASSISTANT, "Yes. [1]", (Citation(gone, uid(store, gone), 0.0, 9.0, 1),)))
    (key,) = vault.row("SELECT media_key FROM recordings")
    with vault.write() as db:
        db.execute("CREATE TRIGGER no BEFORE DELETE ON recordings BEGIN SELECT raise(ABORT, 'no'); END")
    with pytest.raises(VaultDamaged):
        store.delete(gone)
    assert vault.row("SELECT media_key FROM recordings")[0] == key
    assert chats.get(chat.id).messages[0].text == "Yes. [1]"
    assert len(store.search('"agree"', 5)) == 1
    with store.sound(gone) as reader:
        assert reader.size
    vault.close()


def test_traces_that_a_kill_left_are_erased_at_the_next_start(
    folder: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CallStore(vault)
    gone = add(store, "quxwordone quxwordtwo")
    monkeypatch.setattr(Vault, "erase_traces", lambda _: False)
    store.delete(gone)
    monkeypatch.undo()
    assert in_files(folder, [b"quxwordone"]), "the log has it"
    Maintenance(vault).copy_if_due()
    assert not in_files(folder, [b"quxwordone"])
    vault.close()


def test_the_database_of_the_version_before_goes_with_the_first_deletion(folder: Path, vault: Vault) -> None:
    gone = add(CallStore(vault), "We agree.")
    (folder / EARLIER_DATABASE_NAME).write_bytes(b"it holds the key too")
    CallStore(vault).delete(gone)
    assert not (folder / EARLIER_DATABASE_NAME).exists()
    vault.close()


def test_what_a_broken_off_copy_left_is_removed_at_the_next_start(folder: Path, vault: Vault) -> None:
    (folder / "backups").mkdir()
    for left in ("backup.part", "backup.part-journal", "backups/2026-11-21T10-00-00Z.part"):
        (folder / left).write_bytes(b"it holds keys too")
    Maintenance(vault)
    assert not list(folder.rglob("*.part*"))
    vault.close()


def test_a_copy_ends_when_it_is_no_longer_wanted(folder: Path, vault: Vault) -> None:
    class Enough(Exception):
        pass

    asked = 0

    def checkpoint() -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise Enough

    add(CallStore(vault), *(f"line {n}" for n in range(2000)))
    with pytest.raises(Enough):
        backups.make_copy(vault, datetime(2026, 11, 21, tzinfo=UTC), checkpoint=checkpoint)
    assert list((folder / "backups").iterdir()) == []
    assert len(vault.rows("SELECT 1 FROM utterances")) == 2000, "the connection is as good as before"
    vault.close()


def test_what_a_deletion_means_is_said_in_sentences() -> None:
    assert (Consequences().answers_sentence, Consequences().copies_sentence(full_date)) == ("", "")
    until = datetime(2026, 12, 26, 12, 0, tzinfo=UTC)
    assert Consequences(1).answers_sentence == "One answer over several calls that quoted it is removed."
    assert Consequences(3).answers_sentence == "3 answers over several calls that quoted it are removed."
    assert (
        Consequences(0, until).copies_sentence(full_date).endswith("can still hold its words until 26 December 2026.")
    )


def test_a_quote_is_a_run_of_words_that_nobody_says_by_chance() -> None:
    quotes = Quotes(["One two three four five six seven eight nine.", "Short."])
    assert quotes.are_in("He said: «two, three four FIVE six [3] seven eight nine», I think.")
    assert not quotes.are_in("one two three four five six seven")
    assert not quotes.are_in("Short.")


def test_an_id_tells_when_it_was_made() -> None:
    assert abs(made_at(new_call_id()) - datetime.now(UTC)) < timedelta(seconds=5)
