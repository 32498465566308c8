"""Migration 16: what a chat may use, the branches of its messages, a title of the person's own, and its pin."""

from app.storage.database.connection import Database, statements


def keep_chat_branches(db: Database) -> None:
    """Create the columns and the table; inside the caller's transaction.

    A message follows its `parent`, which is an earlier one; `leaf` is the last message of the branch that is shown, and
    without it the newest is. Chats of before asked all calls, and still do.
    """
    for statement in statements("""
    ALTER TABLE messages ADD COLUMN parent INTEGER;
    UPDATE messages SET parent = (
        SELECT max(earlier.id) FROM messages earlier
        WHERE earlier.conversation = messages.conversation AND earlier.id < messages.id);
    ALTER TABLE conversations ADD COLUMN leaf INTEGER;
    ALTER TABLE conversations ADD COLUMN is_titled INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE conversations ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE conversations ADD COLUMN uses_everything INTEGER NOT NULL DEFAULT 0;
    UPDATE conversations SET uses_everything = 1 WHERE recording IS NULL;
    CREATE TABLE chat_calls (
        conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE, PRIMARY KEY (conversation, recording));
    CREATE INDEX chat_calls_by_call ON chat_calls (recording);
    """):
        db.execute(statement)
