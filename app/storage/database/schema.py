"""The tables, as numbered migrations that are only ever appended to."""

from collections.abc import Callable

from app.core.unspaced_scripts import is_unspaced, spaced
from app.storage.database.chat_branches import keep_chat_branches
from app.storage.database.commits import count_commits
from app.storage.database.connection import Database, statements
from app.storage.database.identity import identify
from app.storage.database.notes import keep_notes
from app.storage.database.ownership import keep_ownership
from app.storage.database.passages import keep_passages
from app.storage.database.reply_marks import keep_reply_marks
from app.storage.database.step_options import keep_step_options
from app.storage.database.steps import create_steps
from app.storage.database.summary_sections import reshape_summaries
from app.storage.database.tasks import keep_tasks


def _first(db: Database) -> None:
    # Not executescript: it would commit the transaction that a migration runs in.
    for statement in statements("""
    CREATE TABLE recordings (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, is_titled INTEGER NOT NULL DEFAULT 0, date TEXT NOT NULL,
        imported TEXT NOT NULL, duration REAL NOT NULL, state TEXT NOT NULL, layout TEXT NOT NULL,
        left_name TEXT NOT NULL, right_name TEXT NOT NULL, you INTEGER, language TEXT NOT NULL DEFAULT '',
        asked_language TEXT NOT NULL DEFAULT '', is_truncated INTEGER NOT NULL DEFAULT 0,
        wants_summary INTEGER NOT NULL DEFAULT 1, transcribed_left REAL NOT NULL DEFAULT 0,
        transcribed_right REAL NOT NULL DEFAULT 0, speech_model TEXT NOT NULL DEFAULT '',
        content_hash BLOB NOT NULL UNIQUE, media_key BLOB NOT NULL, survey BLOB NOT NULL, summary BLOB);
    CREATE INDEX recordings_by_date ON recordings (date DESC);
    CREATE TABLE utterances (
        id INTEGER PRIMARY KEY, recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
        channel INTEGER NOT NULL, start REAL NOT NULL, "end" REAL NOT NULL, text TEXT NOT NULL, words BLOB NOT NULL);
    CREATE INDEX utterances_in_order ON utterances (recording, start, channel);
    CREATE VIRTUAL TABLE utterances_fts USING fts5 (
        text, content='utterances', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
    INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('secure-delete', 1);
    CREATE TRIGGER utterances_inserted AFTER INSERT ON utterances BEGIN
        INSERT INTO utterances_fts (rowid, text) VALUES (new.id, new.text); END;
    CREATE TRIGGER utterances_deleted AFTER DELETE ON utterances BEGIN
        INSERT INTO utterances_fts (utterances_fts, rowid, text) VALUES ('delete', old.id, old.text); END;
    CREATE TRIGGER utterances_updated AFTER UPDATE OF text ON utterances BEGIN
        INSERT INTO utterances_fts (utterances_fts, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO utterances_fts (rowid, text) VALUES (new.id, new.text); END;
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, updated TEXT NOT NULL,
        recording TEXT REFERENCES recordings (id) ON DELETE CASCADE);
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        role TEXT NOT NULL, text TEXT NOT NULL, citations BLOB NOT NULL, stop_reason TEXT NOT NULL, note TEXT NOT NULL);
    CREATE INDEX messages_in_order ON messages (conversation, id);
    """):
        db.execute(statement)


def _drafts(db: Database) -> None:
    # What a person has typed but not sent; `place` is the id of the conversation or call it belongs to, or 'new'.
    db.execute("CREATE TABLE drafts (place TEXT PRIMARY KEY, text TEXT NOT NULL)")


def _unspaced(db: Database) -> None:
    # Chinese, Japanese, Thai: the tokenizer takes a whole run of letters for one word, so no search
    # finds a word inside it. `spaced` holds such a line with its letters separated, and the index reads that.
    # A custom function in the triggers would need trusted_schema, which is off on purpose.
    for statement in statements("""
    DROP TRIGGER utterances_inserted;
    DROP TRIGGER utterances_deleted;
    DROP TRIGGER utterances_updated;
    DROP TABLE utterances_fts;
    ALTER TABLE utterances ADD COLUMN spaced TEXT;
    CREATE VIEW utterances_indexed AS SELECT id, coalesce(spaced, text) AS text FROM utterances;
    CREATE VIRTUAL TABLE utterances_fts USING fts5 (
        text, content='utterances_indexed', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
    INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('secure-delete', 1);
    """):
        db.execute(statement)
    fill_spaced_column(db)
    for statement in statements("""
    INSERT INTO utterances_fts (utterances_fts) VALUES ('rebuild');
    CREATE TRIGGER utterances_inserted AFTER INSERT ON utterances BEGIN
        INSERT INTO utterances_fts (rowid, text) VALUES (new.id, coalesce(new.spaced, new.text)); END;
    CREATE TRIGGER utterances_deleted AFTER DELETE ON utterances BEGIN
        INSERT INTO utterances_fts (utterances_fts, rowid, text)
        VALUES ('delete', old.id, coalesce(old.spaced, old.text)); END;
    CREATE TRIGGER utterances_updated AFTER UPDATE OF text, spaced ON utterances BEGIN
        INSERT INTO utterances_fts (utterances_fts, rowid, text)
        VALUES ('delete', old.id, coalesce(old.spaced, old.text));
        INSERT INTO utterances_fts (rowid, text) VALUES (new.id, coalesce(new.spaced, new.text)); END;
    """):
        db.execute(statement)


def fill_spaced_column(db: Database) -> None:
    """Fill the column `spaced` of the lines that need it and lack it; inside the caller's transaction."""
    rows = db.execute("SELECT id, text FROM utterances WHERE spaced IS NULL").fetchall()
    wanted = [(spaced(text), id_) for id_, text in rows if is_unspaced(text)]
    db.conn.executemany("UPDATE utterances SET spaced = ? WHERE id = ?", wanted)


def _surveys(db: Database) -> None:
    # A survey is kilobytes of peaks. It used to precede the summary in the call's row, so listing all calls read
    # it too, and took four times as long. The column stays, empty, so that no table has to be rewritten.
    db.execute(
        "CREATE TABLE surveys (recording TEXT PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE, "
        "survey BLOB NOT NULL)"
    )
    move_surveys(db)


def move_surveys(db: Database) -> None:
    """Move surveys still stored in the calls' rows to their own table; inside the caller's transaction."""
    db.execute("INSERT OR IGNORE INTO surveys SELECT id, survey FROM recordings WHERE length(survey) > 0")
    db.execute("UPDATE recordings SET survey = x'' WHERE length(survey) > 0")


def _door_openings(db: Database) -> None:
    # One row per download that used the network; `hosts` is JSON, from host to bytes received from it.
    db.execute(
        "CREATE TABLE door_openings (id TEXT PRIMARY KEY, model TEXT NOT NULL, opened TEXT NOT NULL, closed TEXT, "
        "hosts TEXT NOT NULL, ending TEXT NOT NULL)"
    )


def create_tables(db: Database, version: int | None = None) -> None:
    """Create the tables of this version, or of an earlier one, in an empty database."""
    for migration in MIGRATIONS[:version]:
        migration(db)
    db.execute(f"PRAGMA user_version = {VERSION if version is None else version}")


def run_migrations(db: Database, version: int) -> None:
    """Bring a database of `version` to this one; inside the caller's transaction."""
    for migration in MIGRATIONS[version:]:
        migration(db)
    db.execute(f"PRAGMA user_version = {VERSION}")


def _identity_steps_and_sections(db: Database) -> None:
    identify(db)
    create_steps(db)  # after it, for it tells in `state` which transcripts are shown while another one is awaited
    reshape_summaries(db)


def _asked_model(db: Database) -> None:
    # The speech model that a person chose for one call; '' means the one in use, whichever that is then.
    db.execute("ALTER TABLE recordings ADD COLUMN asked_model TEXT NOT NULL DEFAULT ''")


def _languages_of_utterances(db: Database) -> None:
    # '' is the call's language: earlier versions wrote all of a call in one.
    for table in ("utterances", "new_utterances"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN language TEXT NOT NULL DEFAULT ''")
        db.execute(f"ALTER TABLE {table} ADD COLUMN is_language_doubtful INTEGER NOT NULL DEFAULT 0")


def _written_calls(_: Database) -> None:
    # Calls that came as text have the layout `written`, which earlier versions do not know: they must not open them.
    # The sealed file of such a call is the text itself.
    pass


def _speech(db: Database) -> None:
    # Nothing is known of the calls that were transcribed before.
    db.execute(
        "CREATE TABLE speech (recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE, "
        'track INTEGER NOT NULL, start REAL NOT NULL, "end" REAL NOT NULL, PRIMARY KEY (recording, track, start))'
    )


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    _first,
    _drafts,
    _unspaced,
    _surveys,
    _door_openings,
    _identity_steps_and_sections,
    _asked_model,
    keep_reply_marks,
    _languages_of_utterances,
    keep_ownership,
    count_commits,
    _written_calls,
    keep_passages,
    _speech,
    keep_step_options,
    keep_chat_branches,
    keep_notes,
    keep_tasks,
)
"""Migration n brings a vault from version n to n + 1; each runs in a transaction of its own."""

VERSION = len(MIGRATIONS)
