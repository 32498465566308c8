"""Reading a database that may be a stranger's: what the process without rights does, and no other one."""

from collections.abc import Iterator
from pathlib import Path

from app.core.errors import VaultDamaged
from app.storage.database import row_stream, schema
from app.storage.database.connection import Database, open_as_it_lies, translate_database_errors
from app.storage.database.integrity import require_whole_pages_and_tables
from app.storage.database.known_schema import compare_schema
from app.storage.database.known_values import has_too_large_value, tables_of
from app.storage.database.step_options import NOT_RESTORED

_MOST_ROWS, _MOST_BYTES = 1000, 1 << 20  # of one message


def read_rows(path: Path, key: bytes) -> Iterator[row_stream.Message]:
    """Yield what the database at `path` holds, table by table, or why it is not read. No file is changed."""
    try:
        db = open_as_it_lies(path, key, with_log=False)
        try:
            yield from _messages(db)
        finally:
            db.conn.close()
    except VaultDamaged:
        yield row_stream.Unreadable("damaged")


def _messages(db: Database) -> Iterator[row_stream.Message]:
    with translate_database_errors():
        for pragma in ("temp_store=MEMORY", "cell_size_check=ON", "mmap_size=0"):
            db.execute(f"PRAGMA {pragma}").fetchall()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > schema.VERSION:
            yield row_stream.Unreadable("too new")
            return
        if (found := compare_schema(db)) is not None:
            yield row_stream.Refused(*found)
            return
        require_whole_pages_and_tables(db)
        yield row_stream.Begun(version)
        for table in tables_of(db):
            if table in NOT_RESTORED:
                continue
            columns = [name for (name,) in db.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall()]
            if has_too_large_value(db, table, columns):
                yield row_stream.TooLarge(table)
                return
            yield from _rows(db, table, columns)
    yield row_stream.Ended()


def _rows(db: Database, table: str, columns: list[str]) -> Iterator[row_stream.Rows]:
    names = ", ".join(f'"{name}"' for name in columns)
    some: list[row_stream.Row] = []
    size = 0
    for row in db.execute(f'SELECT {names} FROM "{table}"'):
        some.append(list(row))
        size += row_stream.least_bytes(some[-1])
        if len(some) >= _MOST_ROWS or size >= _MOST_BYTES:
            yield row_stream.packed(table, some)
            some, size = [], 0
    if some:
        yield row_stream.packed(table, some)
