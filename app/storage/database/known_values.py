"""Checks that each value of a database is one that the program could have written, so that its readers may trust it."""

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from app.core.call import Survey
from app.core.conversation import Citation, Mark, Role, StopReason
from app.core.embedding import MOST_DIMENSIONS
from app.core.errors import VaultDamaged
from app.core.ids import is_id
from app.core.import_options import StepOptions
from app.core.summary import ActionItem, Summary
from app.core.task import TaskChange
from app.core.transcript import Layout
from app.storage.database.connection import Database, translate_database_errors

_TABLES = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'"

_Check = Callable[[Any], bool]

_KINDS: dict[str, _Check] = {
    "TEXT": lambda value: isinstance(value, str),
    "INTEGER": lambda value: isinstance(value, int),
    "REAL": lambda value: isinstance(value, (float, int)) and -_MOST_SECONDS <= value <= _MOST_SECONDS,
    "BLOB": lambda value: isinstance(value, bytes),
}
_MOST_SECONDS = 1e9  # thirty years; every REAL is a time within a call
_MOST_COMMITS = 1 << 53
_KEY_BYTES = 32
_MODEL_KEY_BYTES = 16
_SCALE = struct.Struct("<f")  # in front of the bytes of a vector
_NO_PARTS = msgspec.msgpack.encode(())
_ROWS = 1000  # read and checked at once
_LARGEST = 64 << 20  # bytes of one value
_SHORT = 10_000  # characters of a title, a name or the name of a model
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)  # in every time zone

_Seconds = Annotated[float, msgspec.Meta(ge=-_MOST_SECONDS, le=_MOST_SECONDS)]


class _TimedWord(msgspec.Struct, array_like=True):
    """A `Word` whose numbers the decoder checks itself: there are millions of them in a large vault."""

    text: str
    start: _Seconds
    end: _Seconds
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)]


def require_known_values(db: Database) -> None:
    """Require of every row that its values have the type, the range and the form that the program gives them.

    The schema is already known to be that of the database's version (`require_known_schema`).

    Raises:
        VaultDamaged: a value is not; the title names the column, never the value.
    """
    with translate_database_errors():
        for table in tables_of(db):
            checks = column_checks(db, table)
            names = ", ".join(f'"{name}"' for name in checks)
            if has_too_large_value(db, table, checks):
                raise too_large(table)
            rows = db.execute(f'SELECT {names} FROM "{table}"')
            while some := rows.fetchmany(_ROWS):
                require_known_rows(table, checks, some)


def tables_of(db: Database) -> list[str]:
    """The names of the tables that hold what was written; a search index is made of them."""
    with translate_database_errors():
        return [name for (name,) in db.execute(_TABLES).fetchall()]


def has_too_large_value(db: Database, table: str, columns: Iterable[str]) -> bool:
    """Whether a value of these columns is larger than any of ours, found without reading it."""
    is_large = " OR ".join(f'octet_length("{name}") > {_LARGEST}' for name in columns)
    with translate_database_errors():
        return db.execute(f'SELECT 1 FROM "{table}" WHERE {is_large} LIMIT 1').fetchone() is not None


def too_large(table: str) -> VaultDamaged:
    """The error of a table that `has_too_large_value`."""
    return VaultDamaged(f"A value of {table} is larger than any that Tacit writes.")


def require_known_rows(
    table: str, checks: Mapping[str, Callable[[Any], bool]], rows: Sequence[Sequence[object]]
) -> None:
    """Require of each row of a table that its values, one for each of `checks`, pass them.

    Raises:
        VaultDamaged: a value does not; the title names the column, never the value.
    """
    for (name, is_known), column in zip(checks.items(), zip(*rows, strict=True), strict=True):
        if not all(map(is_known, column)):
            raise VaultDamaged(f"A value of {table}.{name} is one that no version of Tacit writes.")


def column_checks(db: Database, table: str) -> dict[str, Callable[[Any], bool]]:
    """For each column of a table whether a value is one that the database's version of the program writes."""
    with translate_database_errors():
        (version,) = db.execute("PRAGMA user_version").fetchone()
        columns = db.execute(f"SELECT name, type, \"notnull\" FROM pragma_table_info('{table}')").fetchall()
        return {name: _check_of(table, name, kind, bool(required), version) for name, kind, required in columns}


def with_known_values(row: dict[str, Any], checks: Mapping[str, Callable[[Any], bool]]) -> dict[str, Any] | None:
    """The row with nothing in the place of what no version of the program writes; None where it can't do without."""
    for name, value in row.items():
        if not checks[name](value):
            fitting = [empty for empty in (None, _NO_PARTS) if checks[name](empty)]
            if not fitting:
                return None
            row[name] = fitting[0]
    return row


def _check_of(table: str, name: str, kind: str, is_required: bool, version: int) -> _Check:
    of_form = _forms(version).get((table, name), is_id if name == "recording" else _KINDS[kind])
    return of_form if is_required else lambda value: value is None or of_form(value)


def _forms(version: int) -> dict[tuple[str, str], _Check]:
    """The columns of which more is known than their type."""
    is_current = version >= 6  # before, citations and summaries held numbers of lines, which a migration rewrites
    return {
        ("recordings", "id"): is_id, ("recordings", "title"): _is_short, ("recordings", "date"): _is_moment,
        ("recordings", "imported"): _is_moment, ("recordings", "duration"): _is_duration,
        ("recordings", "layout"): _one_of(*(layout.value for layout in Layout)),
        ("recordings", "left_name"): _is_short, ("recordings", "right_name"): _is_short,
        ("recordings", "language"): _is_short, ("recordings", "asked_language"): _is_short,
        ("recordings", "speech_model"): _is_short, ("recordings", "asked_model"): _is_short,
        ("recordings", "content_hash"): _is_key, ("recordings", "media_key"): _is_key,
        ("recordings", "survey"): lambda value: value == b"" or _is_survey(value),
        ("recordings", "summary"): _json_of(Summary if is_current else dict[str, Any]),
        ("surveys", "survey"): _is_survey,
        ("speakers", "id"): is_id, ("speakers", "name"): _is_short, ("utterances", "uid"): is_id,
        ("utterances", "words"): _are_words, ("new_utterances", "words"): _are_words,
        ("earlier_utterances", "uid"): is_id, ("earlier_utterances", "successor"): is_id,
        ("conversations", "id"): is_id, ("conversations", "title"): _is_short,
        ("conversations", "updated"): _is_moment,
        ("messages", "role"): _one_of(*(role.value for role in Role)),
        ("messages", "stop_reason"): _one_of(*(reason.value for reason in StopReason)),
        ("messages", "citations"): _packed(tuple[Citation, ...] if is_current else tuple[dict[str, Any], ...]),
        ("messages", "marks"): _packed(tuple[Mark, ...]),
        ("steps", "step"): _is_short, ("steps", "done"): lambda value: value == "" or _is_moment(value),
        ("door_openings", "model"): _is_short, ("door_openings", "opened"): _is_moment,
        ("door_openings", "closed"): _is_moment, ("door_openings", "hosts"): _json_of(dict[str, int]),
        ("door_openings", "ending"): _is_short,
        ("commits", "number"): lambda value: isinstance(value, int) and 0 <= value < _MOST_COMMITS,
        ("passages", "first"): is_id, ("passages", "last"): is_id, ("passages", "vector"): _is_vector,
        ("passage_indexes", "model"): lambda value: isinstance(value, bytes) and len(value) == _MODEL_KEY_BYTES,
        ("sound_without_call", "id"): is_id, ("headers", "mac"): _is_key,
        ("notes", "uid"): is_id, ("notes", "name"): _is_short, ("notes", "created"): _is_moment,
        ("notes", "edited"): _is_moment, ("notes", "deleted"): _is_moment, ("note_versions", "note"): is_id,
        ("note_versions", "edited"): _is_moment, ("note_versions", "kept"): _is_moment,
        ("step_options", "options"): _json_of(StepOptions), ("imported_files", "version"): _is_key,
        ("tasks", "id"): is_id, ("tasks", "said"): _json_of(ActionItem), ("tasks", "changed"): _json_of(TaskChange),
    }  # fmt: skip


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _SHORT


def _is_key(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == _KEY_BYTES


def _is_vector(value: object) -> bool:
    if not isinstance(value, bytes) or not _SCALE.size < len(value) <= _SCALE.size + MOST_DIMENSIONS:
        return False
    return bool(0 < _SCALE.unpack_from(value)[0] <= 1)  # false for what is not a number


def _is_duration(value: Any) -> bool:
    return _KINDS["REAL"](value) and value >= 0


def _is_moment(value: Any) -> bool:
    try:
        moment = datetime.fromisoformat(value)  # what is no text raises TypeError
        return moment.tzinfo is not None and _EARLIEST <= moment <= _LATEST
    except (TypeError, ValueError, OverflowError):
        return False


def _one_of(*known: str) -> _Check:
    return lambda value: value in known


def _is_survey(value: object) -> bool:
    found = _unpacked(value, Survey)
    return (
        found is not None
        and found.channels in (1, 2)
        and len(found.levels) >= found.channels
        and all(map(math.isfinite, found.levels))
        and _is_duration(found.duration)
    )


def _are_words(value: object) -> bool:
    return _unpacked(value, list[_TimedWord]) is not None


def _packed(kind: Any) -> _Check:
    return lambda value: _unpacked(value, kind) is not None


def _unpacked(value: object, kind: Any) -> Any:
    try:
        return msgspec.msgpack.decode(value, type=kind) if isinstance(value, bytes) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def _json_of(kind: Any) -> _Check:
    def is_it(value: Any) -> bool:
        try:
            msgspec.json.decode(value, type=kind)  # what is neither text nor bytes raises TypeError
        except (TypeError, ValueError, RecursionError, msgspec.DecodeError):
            return False
        return True

    return is_it
