"""The tables of passages and their vectors, and the triggers that forget those whose lines change."""

from app.storage.database.connection import Database, statements

MADE_ANEW = frozenset({"passages", "passage_indexes"})
"""Tables of what a model makes of the transcripts: a repair or a restored backup leaves them empty."""


def keep_passages(db: Database) -> None:
    """Create the tables; inside the caller's transaction.

    `first` and `last` are the ids of a passage's first and last utterance, `first_start` and `last_start` the seconds
    at which these begin. `edits` counts the changes of a call's lines, `saved` those of its passages.
    """
    for statement in statements("""
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY, recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
        first TEXT NOT NULL, last TEXT NOT NULL, part INTEGER NOT NULL, first_start REAL NOT NULL,
        last_start REAL NOT NULL, vector BLOB NOT NULL);
    CREATE INDEX passages_in_order ON passages (recording, first_start);
    CREATE TABLE passage_indexes (
        recording TEXT PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE, model BLOB NOT NULL,
        is_whole INTEGER NOT NULL DEFAULT 0, edits INTEGER NOT NULL DEFAULT 0, saved INTEGER NOT NULL DEFAULT 0);
    CREATE TRIGGER passages_of_inserted AFTER INSERT ON utterances BEGIN
        DELETE FROM passages WHERE recording = new.recording AND first_start <= new.start AND last_start >= new.start;
        UPDATE passage_indexes SET is_whole = 0, edits = edits + 1 WHERE recording = new.recording; END;
    CREATE TRIGGER passages_of_deleted AFTER DELETE ON utterances BEGIN
        DELETE FROM passages WHERE recording = old.recording AND first_start <= old.start AND last_start >= old.start;
        UPDATE passage_indexes SET is_whole = 0, edits = edits + 1 WHERE recording = old.recording; END;
    CREATE TRIGGER passages_of_updated AFTER UPDATE OF recording, start, text ON utterances BEGIN
        DELETE FROM passages WHERE recording = old.recording AND first_start <= old.start AND last_start >= old.start;
        DELETE FROM passages WHERE recording = new.recording AND first_start <= new.start AND last_start >= new.start;
        UPDATE passage_indexes SET is_whole = 0, edits = edits + 1 WHERE recording IN (old.recording, new.recording);
    END;
    """):
        db.execute(statement)
