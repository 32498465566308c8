"""The database of a backup is read by a process without rights, which can't harm or mislead the one that writes."""

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlcipher3.dbapi2 as driver

from app.core.errors import AssistantError, VaultDamaged, VaultTooNew
from app.core.import_options import ExportPlan, StepOptions
from app.core.job import Cancelled
from app.storage.database import schema
from app.storage.database.connection import Database, open_database
from app.storage.database.foreign_rows import read_rows
from app.storage.database.row_stream import Begun, Ended, Message, Refused, Rows, TooLarge, Unreadable, packed
from app.storage.offline_vault import open_offline
from app.storage.safety import foreign_database
from app.storage.safety.foreign_database import take_over
from app.storage.safety.restore import StagedRestore
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.storage.calls import add
from tests.storage.hostile_backups import PASSPHRASE, Entry, Stranger

VAULTS = Path(__file__).parents[2] / "fixtures" / "vaults"
EARLIER = {"version-1": "correct horse battery staple", "version-5": "plain horses eat correct batteries"}


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """A stranger with a vault of one call, who changes nothing."""
    return Stranger(tmp_path_factory.mktemp("made"))


def contents(path: Path, key: bytes) -> dict[str, Any]:
    """The version, the schema and every row of every table, with the row numbers of those that have some."""
    db = open_database(path, key)
    try:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        found: dict[str, Any] = {
            name: list(db.query(f'SELECT * FROM "{name}"'))  # noqa: S608 - a name that the database gave
            for name in names
            if not name.startswith(("utterances_fts_", "notes_fts_"))  # how the index is cut into pieces differs
        }
        found["schema"] = sorted(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall())
        found["version"] = db.execute("PRAGMA user_version").fetchone()
        found["hits"] = db.execute("SELECT rowid FROM utterances_fts ('a* OR t* OR w*') ORDER BY rowid").fetchall()
        return found
    finally:
        db.conn.close()


def nothing() -> None:
    """Nobody cancels."""


@pytest.mark.parametrize("name", [*EARLIER, "migrated from version-1", "migrated from version-5", "of today"])
def test_a_database_of_every_version_is_taken_over_row_by_row(name: str, tmp_path: Path, stranger: Stranger) -> None:
    earlier = name.removeprefix("migrated from ")
    passphrase = EARLIER.get(earlier, PASSPHRASE)
    folder = Path(shutil.copytree(VAULTS / earlier if earlier in EARLIER else stranger.folder, tmp_path / "vault"))
    if name != earlier:
        Vault.open(folder, passphrase).close()
    with open_offline(folder, passphrase) as offline:
        before = contents(offline.database, offline.database_key)  # closing it folds its log
        take_over(offline.database, offline.database_key, tmp_path / "new.db", nothing)
        assert contents(tmp_path / "new.db", offline.database_key) == before
    assert sum(len(rows) for rows in before.values()) > 10
    assert before["hits"]


@pytest.mark.parametrize("version", range(1, schema.VERSION + 1))
def test_the_tables_of_every_version_are_known_to_both_sides(version: int, tmp_path: Path) -> None:
    key = bytes(32)
    db = open_database(tmp_path / "old.db", key)
    schema.create_tables(db, version)
    db.execute("INSERT INTO conversations (rowid, id, title, updated) VALUES (7, ?, 'T', ?)", ["x" * 8, "2026-01-01"])
    db.execute("DELETE FROM conversations")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.conn.close()
    take_over(tmp_path / "old.db", key, tmp_path / "new.db", nothing)
    assert contents(tmp_path / "new.db", key) == contents(tmp_path / "old.db", key)


def test_where_to_a_strangers_calls_are_exported_is_not_taken_over(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path / "vault")
    store = CallStore(vault)
    plan = ExportPlan(str(tmp_path))
    known = add(store, "we meet on Monday")
    store.set_step_options(known, StepOptions(2, export=plan))
    assert store.get(known).wants_export
    key, path = vault.database_key, tmp_path / "vault" / "vault.db"
    vault.close()
    take_over(path, key, tmp_path / "new.db", nothing)
    there, taken_over = contents(path, key), contents(tmp_path / "new.db", key)
    assert (len(there["step_options"]), taken_over["step_options"]) == (1, [])
    assert taken_over["recordings"] == there["recordings"]


def test_tables_that_were_made_in_another_order_are_taken_over(tmp_path: Path) -> None:
    db = open_database(tmp_path / "old.db", bytes(32))
    schema.create_tables(db)
    db.execute("INSERT INTO drafts (place, text) VALUES ('a', 'b')")
    (drafts,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'drafts'").fetchone()
    db.execute("DROP TABLE drafts")
    db.execute(drafts)
    db.execute("INSERT INTO drafts (place, text) VALUES ('a', 'b')")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.conn.close()
    take_over(tmp_path / "old.db", bytes(32), tmp_path / "new.db", nothing)
    assert contents(tmp_path / "new.db", bytes(32)) == contents(tmp_path / "old.db", bytes(32))


def test_the_process_that_restores_never_opens_the_file_that_came(
    stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stranger.write(tmp_path / "b.tacit")
    opened: list[str] = []
    came = stranger.folder.joinpath("vault.db").read_bytes()
    monkeypatch.setattr(driver, "connect", _noting(driver.connect, opened, came))
    restoring = StagedRestore(file, tmp_path / "vault", PASSPHRASE)
    restoring.finish()
    own = [name for name in opened if name != ":memory:"]
    assert own
    assert {Path(name).name for name in own} == {"vault.db"}
    assert not list((tmp_path / "vault").glob("*.unread"))
    vault = Vault.open(tmp_path / "vault", PASSPHRASE)
    assert [call.title for call in CallStore(vault).all()] == ["A stranger's call"]
    vault.close()


def _noting(connect: Callable[..., Any], opened: list[str], came: bytes) -> Callable[..., Any]:
    def noted(path: str, *args: object, **options: object) -> object:
        opened.append(path)
        assert not Path(path).exists() or Path(path).read_bytes() != came
        return connect(path, *args, **options)

    return noted


# --- A process that reads and was taken over ------------------------------------------------------------------------


class Liar:
    """Starts, in the place of the process that reads, one that sends what a test says."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._script = home / "liar.py"
        self._said = home / "said"
        monkeypatch.setattr(foreign_database, "own_command", lambda: [sys.executable, str(self._script)])

    def says(self, *messages: Message | bytes, then: str = "") -> None:
        """Have it send these messages, or raw bytes, and then run a line of Python."""
        framed = [
            raw if isinstance(raw, bytes) else len(body := msgspec.msgpack.encode(raw)).to_bytes(4) + body
            for raw in messages
        ]
        self._said.write_bytes(b"".join(framed))
        self._script.write_text(
            textwrap.dedent(f"""
            import os, sys, time
            sys.stdout.buffer.write(open({str(self._said)!r}, "rb").read())
            sys.stdout.buffer.flush()
            {then}
        """)
        )


@pytest.fixture
def liar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Liar:
    """A process that lies."""
    return Liar(tmp_path, monkeypatch)


def refusal(stranger: Stranger, home: Path, entries: Sequence[Entry] | None = None) -> AssistantError:
    """Why a restore is refused; the vault that would be replaced is as it was, and nothing else is left."""
    mine = home / "mine" / "vault"
    Path(shutil.copytree(stranger.folder, mine))
    before = {path.relative_to(mine): path.read_bytes() for path in mine.rglob("*") if path.is_file()}
    file = stranger.write(home / "b.tacit", entries)
    with pytest.raises((VaultDamaged, VaultTooNew)) as refused:
        StagedRestore(file, mine, PASSPHRASE)
    after = {path.relative_to(mine): path.read_bytes() for path in mine.rglob("*") if path.is_file()}
    assert {name: raw for name, raw in after.items() if name.name != "vault.lock"} == {
        name: raw for name, raw in before.items() if name.name != "vault.lock"
    }
    assert [path.name for path in (home / "mine").iterdir()] == ["vault"]
    return refused.value


V = schema.VERSION
ROW: list[Any] = ["draft", "words"]
UNREAD = "The database in this backup could not be read to its end."
UNLIKE = "This backup was refused: its database was not read as one that Tacit writes."
VALUE = "This backup was refused: a value of {} is one that no version of Tacit writes."
NOT_WHOLE = "The database in this backup is not whole."
LATER = VaultTooNew().title
LIES: dict[str, tuple[str, list[Message | bytes]]] = {
    "nothing at all": (UNREAD, []),
    "noise": (UNREAD, [b"\x00\x00\x00\x04abcd"]),
    "a message without end": (UNREAD, [b"\xff\xff\xff\xff"]),
    "a message that breaks off": (UNREAD, [b"\x00\x00\x10\x00ab"]),
    "rows before the version": (UNLIKE, [Rows("drafts", [ROW])]),
    "an end before the version": (UNLIKE, [Ended()]),
    "no end": (UNREAD, [Begun(V), Rows("drafts", [ROW])]),
    "a version twice": (UNLIKE, [Begun(V), Begun(V)]),
    "a later version": (LATER, [Begun(V + 1)]),
    "a table of no version": (UNLIKE, [Begun(V), Rows("sqlite_master", [["table", "x", "x", 2, "CREATE"]])]),
    "the index's own table": (UNLIKE, [Begun(V), Rows("utterances_fts_config", [["version", 4]])]),
    "a table of a later version": (UNLIKE, [Begun(1), Rows("drafts", [ROW])]),
    "a name with a quotation mark": (UNLIKE, [Begun(V), Rows('drafts" (place) VALUES (1); --', [ROW])]),
    "no rows again and again": (UNREAD, [Begun(V), *[Rows("drafts", [])] * 100]),
    "too many rows": (UNLIKE, [Begun(V), *[Rows("commits", [[n] for n in range(1000)])] * 200]),
    "too many bytes": (UNLIKE, [Begun(V), *[Rows("drafts", [["draft", "x" * 500_000]])] * 20]),
    "too few values": (UNLIKE, [Begun(V), Rows("drafts", [["draft"]])]),
    "too many values": (UNLIKE, [Begun(V), Rows("drafts", [[*ROW, 1]])]),
    "a value of another type": (VALUE.format("drafts.text"), [Begun(V), packed("drafts", [["draft", b"words"]])]),
    "a list for a value": (UNREAD, [Begun(V), Rows("drafts", [["draft", ["words"]]])]),  # type: ignore[list-item]
    "lists in lists without end": (UNREAD, [Begun(V), Rows("drafts", [[[[[]]] * 100_000]])]),  # type: ignore[list-item]
    "more columns than any table has": (UNREAD, [Begun(V), Rows("drafts", [[None] * 1_000_000])]),
    "nothing where something must be": (VALUE.format("drafts.text"), [Begun(V), Rows("drafts", [["draft", None]])]),
    "a number that SQLite can't keep": (UNREAD, [Begun(V), Rows("commits", [[(1 << 64) - 1]])]),
    "a boolean": (UNREAD, [Begun(V), Rows("commits", [[True]])]),
    "an id that leads out": (
        VALUE.format("sound_without_call.id"),
        [Begun(V), Rows("sound_without_call", [["../../x", 0]])],
    ),
    "the same key twice": (UNLIKE, [Begun(V), Rows("drafts", [ROW, ROW])]),
    "an id of another length": (
        VALUE.format("steps.recording"),
        [Begun(V), Rows("steps", [["0" * 32, "transcribe", ""]]), Ended()],
    ),
    "a large value in no table of ours": (UNLIKE, [Begun(V), TooLarge("words of a stranger")]),
    "a reason of its own": (UNREAD, [Unreadable("bored")]),  # type: ignore[arg-type]
    "a damaged file": (NOT_WHOLE, [Unreadable("damaged")]),
    "a file of a later version": (LATER, [Unreadable("too new")]),
    "one that is damaged further on": (NOT_WHOLE, [Begun(V), Unreadable("damaged")]),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_no_honest_reader_sends_ends_in_words(lie: str, liar: Liar, stranger: Stranger, tmp_path: Path) -> None:
    title, messages = LIES[lie]
    liar.says(*messages)
    refused = refusal(stranger, tmp_path)
    assert refused.title == title
    assert refused.advice.startswith("Nothing was changed; ") or isinstance(refused, VaultTooNew)
    assert "stranger" not in refused.title


def test_a_row_whose_owner_is_missing_is_found_in_what_was_written(
    liar: Liar, stranger: Stranger, tmp_path: Path
) -> None:
    liar.says(Begun(V), Rows("steps", [["06fp3fzb2aaa", "transcribe", ""]]), Ended())
    without_sound = stranger.entries[:2]
    assert refusal(stranger, tmp_path, without_sound).title == NOT_WHOLE


def test_a_process_that_dies_at_once_or_later_ends_in_words(liar: Liar, stranger: Stranger, tmp_path: Path) -> None:
    liar.says(Begun(V), then="os.abort()")
    assert refusal(stranger, tmp_path).title == UNREAD


def test_a_process_that_hangs_is_ended(
    liar: Liar, stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_database, "_LONGEST_SILENCE", 1.0)
    liar.says(Begun(V), then=f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    assert "took too long" in refusal(stranger, tmp_path).title
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_person_can_cancel_while_it_is_read(liar: Liar, tmp_path: Path) -> None:
    liar.says(Begun(V), then="time.sleep(600)")
    (tmp_path / "x").write_bytes(b"")
    looks = iter(range(5))

    def look() -> None:
        if next(looks, None) is None:
            raise Cancelled

    with pytest.raises(Cancelled):
        take_over(tmp_path / "x", bytes(32), tmp_path / "new.db", look)


# --- The process that reads -----------------------------------------------------------------------------------------


def test_the_reader_reaches_the_one_file_and_nothing_else(tmp_path: Path) -> None:
    """In a process of its own, with its own walls up: another file of the person's, writing, sockets and programs."""
    if sys.platform != "linux":
        pytest.skip("these walls are Linux's; another system has its own, or none")
    import subprocess

    (tmp_path / "one").write_bytes(b"1")
    (tmp_path / "other").write_bytes(b"2")
    script = f"""
from app.engines.sandbox import confine
assert confine.confine_worker("vault", [{str(tmp_path / "one")!r}])
assert open({str(tmp_path / "one")!r}, "rb").read() == b"1"
import _socket, os
for what in (
    lambda: open({str(tmp_path / "other")!r}, "rb"), lambda: open({str(tmp_path / "one")!r}, "r+b"),
    lambda: open({str(tmp_path / "new")!r}, "wb"), lambda: os.unlink({str(tmp_path / "one")!r}),
    lambda: os.listdir({str(tmp_path)!r}), lambda: os.execv("/bin/true", ["true"]), lambda: os.kill(os.getppid(), 0),
):
    try:
        what()
    except OSError:
        continue
    raise SystemExit(1)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[3]).returncode == 0


def test_the_reader_says_why_it_reads_nothing(stranger: Stranger, tmp_path: Path) -> None:
    with open_offline(stranger.folder, PASSPHRASE) as offline:
        key = offline.database_key
    file = tmp_path / "a.db"

    def messages(work: Callable[[Database], object]) -> list[Message]:
        shutil.copy(stranger.folder / "vault.db", file)
        db = open_database(file, key)
        work(db)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        db.conn.close()
        return list(read_rows(file, key))

    assert isinstance(messages(lambda _: None)[-1], Ended)
    assert messages(lambda db: db.execute("PRAGMA user_version = 99")) == [Unreadable("too new")]
    assert isinstance(messages(lambda db: db.execute("CREATE TABLE x (a)"))[0], Refused)
    assert messages(lambda db: db.execute("INSERT INTO drafts VALUES ('a', zeroblob(70000000))"))[-1] == TooLarge(
        "drafts"
    )
    assert list(read_rows(file, bytes(32))) == [Unreadable("damaged")]
    raw = bytearray((stranger.folder / "vault.db").read_bytes())
    raw[-3000] ^= 1
    file.write_bytes(raw)
    assert list(read_rows(file, key)) == [Unreadable("damaged")]
