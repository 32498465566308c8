"""The database of a backup, taken over row by row from a process without rights, which alone reads the file."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NoReturn

from app.core.errors import VaultDamaged, VaultTooNew
from app.core.own_program import own_command, worker_environment
from app.storage.database import row_stream, schema
from app.storage.database.connection import Database, open_database, translate_database_errors
from app.storage.database.known_schema import described, within_sentence
from app.storage.database.known_values import column_checks, require_known_rows, tables_of, too_large
from app.storage.database.step_options import NOT_RESTORED

_LONGEST_SILENCE, _LONGER_EACH = 120.0, 5_000_000  # seconds, and bytes of the file for which there is one more
_LOOK_EACH = 0.2  # seconds between two looks whether the person has cancelled
_READ_AHEAD = 4  # messages
NOT_WHOLE = "The database in this backup is not whole."
USE_ANOTHER = "Nothing was changed; use another backup."
_NOT_READ = "The database in this backup could not be read to its end."
_TRY_AGAIN = "Nothing was changed; try again, and if it happens again use another backup."
_TOO_SLOW = "Reading the database in this backup took too long, and was stopped."
DO_NOT_TRUST = "Nothing was changed; use another backup, and do not trust this one if somebody else made it."
_UNLIKE = "This backup was refused: its database was not read as one that Tacit writes."
_Incoming = queue.Queue[row_stream.Message | None]


def take_over(unread: Path, key: bytes, database: Path, look: Callable[[], object]) -> None:
    """Write what the database at `unread` holds into a new one at `database`, under the same 32-byte raw key.

    The new one has the tables, indexes and triggers that this program makes for the same version, and the rows in the
    same order. `look` is called again and again, and cancels by raising.

    Raises:
        VaultDamaged: it is damaged, or not one that a version of Tacit writes.
        VaultTooNew: a later version wrote it.
        NotEnoughSpace, VaultUnwritable: the disk refuses.
    """
    size = unread.stat().st_size
    with _reader(unread, key) as incoming:
        silence = _LONGEST_SILENCE + size / _LONGER_EACH
        begun = _next(incoming, silence, look)
        if not isinstance(begun, row_stream.Begun):
            _refuse(begun)
        if begun.version > schema.VERSION:
            raise VaultTooNew
        db = open_database(database, key)
        try:
            with translate_database_errors():
                db.execute("PRAGMA foreign_keys=OFF")  # the rows that others belong to may come later
                db.execute("BEGIN IMMEDIATE")
                schema.create_tables(db, begun.version)
                _Writer(db, size).take(lambda: _next(incoming, silence, look))
                db.execute("COMMIT")
        finally:
            db.conn.close()


class _Writer:
    """Writes the rows that arrive, and no more of them than the file can hold."""

    def __init__(self, db: Database, size: int) -> None:
        self._db = db
        self._left = size
        self._checks = {table: column_checks(db, table) for table in tables_of(db) if table not in NOT_RESTORED}

    def take(self, receive_next: Callable[[], row_stream.Message]) -> None:
        for table in self._checks:
            self._db.execute(f'DELETE FROM "{table}"')  # what a migration wrote into an empty database
        while not isinstance(message := receive_next(), row_stream.Ended):
            if isinstance(message, row_stream.TooLarge) and message.table in self._checks:
                raise refusal(too_large(message.table).title)
            if not isinstance(message, row_stream.Rows) or message.table not in self._checks:
                raise VaultDamaged(_UNLIKE, DO_NOT_TRUST)
            self._write(message.table, message.rows)

    def _write(self, table: str, rows: list[row_stream.Row]) -> None:
        checks = self._checks[table]
        self._left -= sum(map(row_stream.least_bytes, rows))
        if self._left < 0 or any(len(row) != len(checks) for row in rows):
            raise VaultDamaged(_UNLIKE, DO_NOT_TRUST)
        try:
            require_known_rows(table, checks, rows)
        except VaultDamaged as error:
            raise refusal(error.title) from error
        names = ", ".join(f'"{name}"' for name in checks)
        marks = ", ".join("?" * len(checks))
        try:
            with translate_database_errors():
                self._db.conn.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
        except (UnicodeEncodeError, VaultDamaged) as error:  # a key that is there twice, for one
            raise VaultDamaged(_UNLIKE, DO_NOT_TRUST) from error


def refusal(title: str) -> VaultDamaged:
    """The error of a backup with something in it that no version of Tacit writes; `title` says what that is."""
    return VaultDamaged(f"This backup was refused: {within_sentence(title)}", DO_NOT_TRUST)


def _refuse(message: row_stream.Message) -> NoReturn:
    if isinstance(message, row_stream.Refused):
        raise refusal(described(message.strange, message.parts))
    if isinstance(message, row_stream.Unreadable):
        if message.why == "too new":
            raise VaultTooNew
        raise VaultDamaged(NOT_WHOLE, USE_ANOTHER)
    raise VaultDamaged(_UNLIKE, DO_NOT_TRUST)


def _next(incoming: _Incoming, silence: float, look: Callable[[], object]) -> row_stream.Message:
    end = time.monotonic() + silence
    while time.monotonic() < end:
        look()
        with suppress(queue.Empty):
            message = incoming.get(timeout=_LOOK_EACH)
            if message is None:
                raise VaultDamaged(_NOT_READ, _TRY_AGAIN)
            if isinstance(message, row_stream.Unreadable):
                _refuse(message)
            return message
    raise VaultDamaged(_TOO_SLOW, _TRY_AGAIN)


@contextmanager
def _reader(unread: Path, key: bytes) -> Generator[_Incoming]:
    """The messages of a process that reads a file and can do nothing else; it is ended with the block."""
    try:
        process = subprocess.Popen(  # noqa: S603 - our own executable
            [*own_command(), "--worker", "vault"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=worker_environment(),
            cwd=Path(sys.executable).anchor or "/", creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except OSError as error:
        raise VaultDamaged(_NOT_READ, _TRY_AGAIN) from error
    assert process.stdin is not None
    assert process.stdout is not None
    incoming: _Incoming = queue.Queue(_READ_AHEAD)
    reading = threading.Thread(target=_receive_all, args=(process.stdout, incoming), name="vault-out", daemon=True)
    reading.start()
    try:
        with suppress(OSError), process.stdin:  # one that has ended already is told by the other pipe
            row_stream.send(process.stdin, row_stream.Read(str(unread.resolve()), key))
        yield incoming
    finally:
        process.kill()
        process.wait()
        while reading.is_alive():  # it may be blocked on a full queue that nobody reads any more
            with suppress(queue.Empty):
                incoming.get(timeout=0.05)


def _receive_all(pipe: BinaryIO, incoming: _Incoming) -> None:
    """Put messages into the queue until the process ends or sends what is none; a full queue makes it wait."""
    with pipe, suppress(row_stream.BrokenStream, MemoryError):
        while True:
            incoming.put(row_stream.receive(pipe))
    incoming.put(None)
