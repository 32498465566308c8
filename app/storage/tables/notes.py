"""Notes in the vault: their texts, the versions of these, and the trash."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from app.core.errors import NotFound
from app.core.ids import NoteId
from app.core.note import (
    Note,
    NoteEntry,
    NoteVersion,
    excerpt_of,
    is_worth_keeping,
    superfluous,
    tags_of,
    title_of,
)
from app.core.note_links import link_key, with_renamed_links
from app.core.search import all_terms_query
from app.storage.database.connection import Database
from app.storage.database.notes import spaced_column
from app.storage.tables.deletion import forget_notes
from app.storage.vault import Vault

_BEGINNING = 2_000  # characters of a text that title and excerpt are read from
_ENTRY = f"uid, substr(text, 1, {_BEGINNING}), tags, created, edited, is_pinned, deleted"
_NOTE = "uid, text, created, edited, is_pinned, deleted, (SELECT count(*) FROM note_versions WHERE note = uid)"
_NONE = ("There is no note with that id.", "Nothing was changed; «tacit note list» shows the ids.")
_MANY = ("More than one note has an id that begins so.", "Nothing was changed; write more of the id.")


class NoteStore:
    """Reads and writes notes; every write is one transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def entries(self, *, in_trash: bool = False) -> list[NoteEntry]:
        """The notes, the pinned ones first and then the newest; or those in the trash, the last deleted first."""
        rows = self._vault.rows(
            f"SELECT {_ENTRY} FROM notes WHERE (deleted IS NOT NULL) = ? "
            "ORDER BY coalesce(deleted, '') DESC, is_pinned DESC, edited DESC, id DESC",
            [int(in_trash)],
        )
        return [_entry(*row) for row in rows]

    def entry(self, note: NoteId) -> NoteEntry | None:
        """One note as it stands in a list, also one in the trash."""
        row = self._vault.row(f"SELECT {_ENTRY} FROM notes WHERE uid = ?", [note])
        return None if row is None else _entry(*row)

    def get(self, note: NoteId) -> Note:
        """One note, also one in the trash.

        Raises:
            NotFound: there is none.
        """
        row = self._vault.row(f"SELECT {_NOTE} FROM notes WHERE uid = ?", [note])
        if row is None:
            raise NotFound(*_NONE)
        return _note(*row)

    def find(self, beginning: str) -> NoteId:
        """The one note whose id begins so.

        Raises:
            NotFound: there is none, or more than one.
        """
        found = self._vault.rows("SELECT uid FROM notes WHERE substr(uid, 1, length(?1)) = ?1 LIMIT 2", [beginning])
        if len(found) != 1 or not beginning:
            raise NotFound(*(_MANY if len(found) > 1 and beginning else _NONE))
        return NoteId(found[0][0])

    def add(self, note: NoteId, text: str, now: datetime) -> None:
        """Store a new note; one that is there already gets this text."""
        with self._vault.write() as db:
            if db.execute("SELECT 1 FROM notes WHERE uid = ?", [note]).fetchone() is not None:
                self.save(note, text, now)
                return
            db.execute(
                "INSERT INTO notes (uid, text, spaced, tags, name, created, edited) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [note, text, spaced_column(text), _tags(text), title_of(text), _stamp(now), _stamp(now)],
            )

    def save(self, note: NoteId, text: str, now: datetime, *, keeps: bool = False) -> bool:
        """Save the text of a note; False if it was this text already.

        The one before is kept as a version where that is worth it, and always if `keeps`.

        Raises:
            NotFound: there is no such note any more.
        """
        with self._vault.write() as db:
            row = db.execute("SELECT text, edited, created FROM notes WHERE uid = ?", [note]).fetchone()
            if row is None:
                raise NotFound(*_NONE)
            before, edited, created = row
            if before == text:
                return False
            (kept,) = db.execute("SELECT max(kept) FROM note_versions WHERE note = ?", [note]).fetchone()
            since = datetime.fromisoformat(kept or created)
            if before.strip() and (keeps or is_worth_keeping(before, text, since, now)):
                db.execute(
                    "INSERT INTO note_versions (note, edited, kept, text) VALUES (?, ?, ?, ?)",
                    [note, edited, _stamp(now), before],
                )
                _thin_out(db, note)
            _write(db, note, text, now)
        return True

    def rename(self, note: NoteId) -> list[NoteId]:
        """Let the links that lead to a note by an earlier title lead to it by the present one.

        Returns the other notes that were changed by it. Their dates stay. Links stay where another note has the
        earlier title.

        Raises:
            NotFound: there is no such note any more.
        """
        with self._vault.write() as db:
            row = db.execute("SELECT text, name FROM notes WHERE uid = ?", [note]).fetchone()
            if row is None:
                raise NotFound(*_NONE)
            after, before = title_of(row[0]), row[1]
            if before == after or not after:
                return []
            others = db.execute(
                f"SELECT substr(text, 1, {_BEGINNING}) FROM notes WHERE uid <> ? AND deleted IS NULL", [note]
            ).fetchall()
            changed = []
            if before and link_key(before) not in {link_key(title_of(text)) for (text,) in others}:
                linking = db.execute(*_with_link_to(before)).fetchall()
                texts = ((NoteId(uid), text, with_renamed_links(text, before, after)) for uid, text in linking)
                changed = [(uid, new) for uid, text, new in texts if new != text and uid != note]
            for uid, text in changed:
                _write(db, uid, text)
            db.execute("UPDATE notes SET name = ? WHERE uid = ?", [after, note])
        return [uid for uid, _ in changed]

    def names(self) -> list[tuple[NoteId, str, str]]:
        """The id of each note that is not in the trash, its title, and the one that links know; the newest first."""
        rows = self._vault.rows(
            f"SELECT uid, substr(text, 1, {_BEGINNING}), name FROM notes WHERE deleted IS NULL "
            "ORDER BY edited DESC, id DESC"
        )
        return [(NoteId(uid), title_of(text), name) for uid, text, name in rows]

    def with_link_to(self, title: str) -> list[tuple[NoteId, str]]:
        """The ids and texts of notes that may have a link to this title and are not in the trash, the newest first."""
        question, values = _with_link_to(title)
        rows = self._vault.rows(f"{question} AND deleted IS NULL ORDER BY edited DESC, id DESC", values)
        return [(NoteId(uid), text) for uid, text in rows]

    def search(self, expression: str, limit: int) -> list[Note]:
        """The notes that match an FTS5 expression and are not in the trash, best first."""
        if not expression:
            return []
        rows = self._vault.rows(
            f"SELECT {_NOTE} FROM (SELECT rowid AS found, bm25(notes_fts) AS rank FROM notes_fts "
            "WHERE notes_fts MATCH ?) JOIN notes ON notes.id = found WHERE deleted IS NULL ORDER BY rank LIMIT ?",
            [expression, limit],
        )
        return [_note(*row) for row in rows]

    def ids_with(self, expression: str) -> set[NoteId]:
        """The notes that match an FTS5 expression, also those in the trash."""
        if not expression:
            return set()
        query = "SELECT uid FROM notes WHERE id IN (SELECT rowid FROM notes_fts WHERE notes_fts MATCH ?)"
        return {NoteId(uid) for (uid,) in self._vault.rows(query, [expression])}

    def pin(self, note: NoteId, is_pinned: bool) -> None:
        """Pin a note to the top of the list, or take it from there."""
        self._set(note, "is_pinned", int(is_pinned))

    def move_to_trash(self, note: NoteId, now: datetime | None) -> None:
        """Move a note to the trash; with None out of it again."""
        self._set(note, "deleted", None if now is None else _stamp(now))

    def versions(self, note: NoteId) -> list[NoteVersion]:
        """What texts a note had, the newest first."""
        rows = self._vault.rows("SELECT id, edited FROM note_versions WHERE note = ? ORDER BY id DESC", [note])
        return [NoteVersion(number, datetime.fromisoformat(edited)) for number, edited in rows]

    def version(self, note: NoteId, number: int) -> str:
        """One text that a note had.

        Raises:
            NotFound: it is not kept any more.
        """
        row = self._vault.row("SELECT text FROM note_versions WHERE note = ? AND id = ?", [note, number])
        if row is None:
            raise NotFound("This version is not kept any more.", "Nothing was changed; choose another one.")
        return str(row[0])

    def deleted_before(self, moment: datetime) -> list[NoteId]:
        """The notes that came into the trash before a moment."""
        return [NoteId(uid) for (uid,) in self._vault.rows("SELECT uid FROM notes WHERE deleted < ?", [_stamp(moment)])]

    def forget(self, notes: Collection[NoteId]) -> None:
        """Delete notes for good, with their versions; nothing of them is left in the database."""
        forget_notes(self._vault, notes)

    def _set(self, note: NoteId, column: str, value: object) -> None:
        with self._vault.write() as db:
            if not db.execute(f"UPDATE notes SET {column} = ? WHERE uid = ? RETURNING id", [value, note]).fetchall():
                raise NotFound(*_NONE)


def _with_link_to(title: str) -> tuple[str, list[str]]:
    """The query for notes that may link to a title: the index knows which have its words."""
    question = "SELECT uid, text FROM notes WHERE instr(text, '[[')"
    if words := all_terms_query(title):
        return f"{question} AND id IN (SELECT rowid FROM notes_fts WHERE notes_fts MATCH ?)", [words]
    return question, []


def _write(db: Database, note: NoteId, text: str, now: datetime | None = None) -> None:
    db.execute(
        "UPDATE notes SET text = ?, spaced = ?, tags = ?, edited = coalesce(?, edited) WHERE uid = ?",
        [text, spaced_column(text), _tags(text), None if now is None else _stamp(now), note],
    )


def _thin_out(db: Database, note: NoteId) -> None:
    rows = db.execute("SELECT id, edited FROM note_versions WHERE note = ? ORDER BY id", [note]).fetchall()
    for place in superfluous([datetime.fromisoformat(edited) for _, edited in rows]):
        db.execute("DELETE FROM note_versions WHERE id = ?", [rows[place][0]])


def _tags(text: str) -> str:
    return " ".join(tags_of(text))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _moment(stamp: str | None) -> datetime | None:
    return None if stamp is None else datetime.fromisoformat(stamp)


def _entry(uid: str, text: str, tags: str, created: str, edited: str, is_pinned: int, deleted: str | None) -> NoteEntry:
    return NoteEntry(
        NoteId(uid), title_of(text), excerpt_of(text), tuple(tags.split()), datetime.fromisoformat(created),
        datetime.fromisoformat(edited), bool(is_pinned), _moment(deleted),
    )  # fmt: skip


def _note(*row: Any) -> Note:
    uid, text, created, edited, is_pinned, deleted, versions = row
    return Note(
        NoteId(uid), text, datetime.fromisoformat(created), datetime.fromisoformat(edited), bool(is_pinned),
        _moment(deleted), versions,
    )  # fmt: skip
