"""Migration 17: notes, the texts that they had, and the search index of what they say."""

from app.core.unspaced_scripts import is_unspaced, spaced
from app.storage.database.connection import Database, statements


def keep_notes(db: Database) -> None:
    """Create the tables; inside the caller's transaction.

    `uid` is a note's id, and `id` the search index's key. `tags` are those of the text, with a space between. `name` is
    the title by which links lead to the note. `deleted` is when it came into the trash. A version's `edited` is when
    the text was last written to, and `kept` when another one took its place.
    """
    for statement in statements("""
    CREATE TABLE notes (
        id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, text TEXT NOT NULL, spaced TEXT, tags TEXT NOT NULL,
        name TEXT NOT NULL, created TEXT NOT NULL, edited TEXT NOT NULL, is_pinned INTEGER NOT NULL DEFAULT 0,
        deleted TEXT);
    CREATE TABLE note_versions (
        id INTEGER PRIMARY KEY, note TEXT NOT NULL REFERENCES notes (uid) ON DELETE CASCADE, edited TEXT NOT NULL,
        kept TEXT NOT NULL, text TEXT NOT NULL);
    CREATE INDEX note_versions_of_note ON note_versions (note, id);
    CREATE VIEW notes_indexed AS SELECT id, coalesce(spaced, text) AS text FROM notes;
    CREATE VIRTUAL TABLE notes_fts USING fts5 (
        text, content='notes_indexed', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
    INSERT INTO notes_fts (notes_fts, rank) VALUES ('secure-delete', 1);
    CREATE TRIGGER notes_inserted AFTER INSERT ON notes BEGIN
        INSERT INTO notes_fts (rowid, text) VALUES (new.id, coalesce(new.spaced, new.text)); END;
    CREATE TRIGGER notes_deleted AFTER DELETE ON notes BEGIN
        INSERT INTO notes_fts (notes_fts, rowid, text) VALUES ('delete', old.id, coalesce(old.spaced, old.text)); END;
    CREATE TRIGGER notes_updated AFTER UPDATE OF text, spaced ON notes BEGIN
        INSERT INTO notes_fts (notes_fts, rowid, text) VALUES ('delete', old.id, coalesce(old.spaced, old.text));
        INSERT INTO notes_fts (rowid, text) VALUES (new.id, coalesce(new.spaced, new.text)); END;
    """):
        db.execute(statement)


def spaced_column(text: str) -> str | None:
    """What the index reads in the place of a text: its letters apart where words have no spaces between them."""
    return spaced(text) if is_unspaced(text) else None
