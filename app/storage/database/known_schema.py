"""Comparison of a database's tables, indexes, views and triggers with those that its version of the program makes."""

from collections import Counter
from enum import Enum
from functools import cache

from app.core.errors import VaultDamaged
from app.storage.database import schema
from app.storage.database.connection import Database, new_database_in_memory, translate_database_errors

_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_INDEXES = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'"
# 5 once a row was deleted with `secure-delete`, as FTS5 does by itself; no other setting is ever made.
_KNOWN_SETTINGS = ({("secure-delete", 1), ("version", 4)}, {("secure-delete", 1), ("version", 5)})


class Strange(Enum):
    """In what way a database is not as its version of the program makes it."""

    FOREIGN = "foreign"
    MISSING = "missing"
    SETTINGS = "settings"


def foreign_parts(db: Database) -> str:
    """What of the database was not made by its version of the program, in a sentence; "" if it is as that makes it.

    The sentence repeats no name.

    Raises:
        VaultDamaged: the database can't be read.
    """
    found = compare_schema(db)
    return "" if found is None else described(*found)


def compare_schema(db: Database) -> tuple[Strange, int] | None:
    """In what way the database is not as its version of the program makes it, and in how many parts; None if it is.

    A trigger or view of somebody else's could keep what is deleted, or answer in the place of a table. So this comes
    before any other query: none runs it, for only the schema's own table is read.

    Raises:
        VaultDamaged: the database can't be read.
    """
    with translate_database_errors():
        (version,) = db.execute("PRAGMA user_version").fetchone()
        expected = _objects_of_version(version)
        found = Counter(tuple(row) for row in db.execute(_OBJECTS).fetchall())
        foreign, missing = (found - expected).total(), (expected - found).total()
        if foreign:
            return Strange.FOREIGN, foreign
        if missing:
            return Strange.MISSING, missing
        for (index,) in db.execute(_INDEXES).fetchall():
            if {tuple(row) for row in db.execute(f"SELECT k, v FROM {index}_config").fetchall()} not in _KNOWN_SETTINGS:
                return Strange.SETTINGS, 1
        return None


def described(strange: Strange, parts: int) -> str:
    """What `compare_schema` found, in a sentence."""
    if strange is Strange.FOREIGN:
        found = "1 part of the database was" if parts == 1 else f"{parts} parts of the database were"
        return f"{found} made by no version of Tacit."
    if strange is Strange.MISSING:
        return f"The database lacks {parts} of the parts that its version of Tacit makes."
    return "The search index has settings that no version of Tacit makes."


def require_known_schema(db: Database) -> None:
    """Require that the database consists of what its version makes, and of nothing else.

    Raises:
        VaultDamaged: something is foreign, missing or changed, or can't be read.
    """
    if found := foreign_parts(db):
        raise VaultDamaged(found)


def within_sentence(title: str) -> str:
    """A title as the rest of a sentence that says what follows from it."""
    return title[:1].lower() + title[1:]


@cache
def _objects_of_version(version: int) -> Counter[tuple[str | None, ...]]:
    if not 1 <= version <= schema.VERSION:
        return Counter()
    db = new_database_in_memory()
    try:
        schema.create_tables(db, version)
        return Counter(tuple(row) for row in db.execute(_OBJECTS).fetchall())
    finally:
        db.conn.close()
