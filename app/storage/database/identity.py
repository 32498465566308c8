"""Migration 6: utterances and speakers get ids, and what was stored by line number or side is rewritten to them."""

import json
from contextlib import suppress
from typing import Any

import msgspec

from app.core.ids import new_speaker_id, new_utterance_id
from app.storage.database.connection import Database, statements

_CHANNELS = {"mono": (0,), "two_sided": (0, 1), "left_only": (0,), "right_only": (1,), "written": (0,)}
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError)  # what reading a damaged value raises
_Lines = list[tuple[str, float, float]]  # the id, start and end of each line of a call, in order


def identify(db: Database) -> None:
    """Bring a database of version 5 to version 6; inside the caller's transaction."""
    # `utterances.id` remains the key of the search index; `uid` is what citations and evidence hold: text, so that no
    # lost counter can give an id twice. `channel` is the number of the track. What an utterance said that a new
    # transcript replaced, or that was merged into another (`successor`), stays in `earlier_utterances` until its call
    # is deleted: citations still find it, and so does the deletion of answers that repeat it.
    for statement in statements("""
    CREATE TABLE speakers (
        id TEXT PRIMARY KEY, recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
        position INTEGER NOT NULL, name TEXT NOT NULL, is_you INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX speakers_in_order ON speakers (recording, position);
    CREATE TABLE tracks (
        recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE, number INTEGER NOT NULL,
        speaker TEXT NOT NULL REFERENCES speakers (id), transcribed_until REAL NOT NULL DEFAULT 0,
        anew_until REAL NOT NULL DEFAULT 0, PRIMARY KEY (recording, number));
    CREATE INDEX tracks_of_a_speaker ON tracks (speaker);
    ALTER TABLE utterances ADD COLUMN uid TEXT;
    ALTER TABLE utterances ADD COLUMN speaker TEXT REFERENCES speakers (id);
    CREATE TABLE retranscriptions (
        recording TEXT PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE,
        speech_model TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT '');
    CREATE TABLE new_utterances (
        id INTEGER PRIMARY KEY, recording TEXT NOT NULL REFERENCES retranscriptions (recording) ON DELETE CASCADE,
        channel INTEGER NOT NULL, start REAL NOT NULL, "end" REAL NOT NULL, text TEXT NOT NULL, words BLOB NOT NULL);
    CREATE INDEX new_utterances_in_order ON new_utterances (recording, start, channel);
    CREATE TABLE earlier_utterances (
        id INTEGER PRIMARY KEY, recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
        uid TEXT NOT NULL, speaker TEXT, start REAL NOT NULL, text TEXT NOT NULL, successor TEXT);
    CREATE INDEX earlier_utterances_by_uid ON earlier_utterances (uid);
    CREATE INDEX earlier_utterances_of_a_call ON earlier_utterances (recording);
    """):
        db.execute(statement)
    for row in db.execute(
        "SELECT id, layout, left_name, right_name, you, transcribed_left, transcribed_right FROM recordings"
    ).fetchall():
        _identify_call(db, *row)
    for statement in statements("""
    CREATE UNIQUE INDEX utterances_by_uid ON utterances (uid);
    CREATE INDEX utterances_of_a_speaker ON utterances (speaker);
    ALTER TABLE recordings DROP COLUMN left_name;
    ALTER TABLE recordings DROP COLUMN right_name;
    ALTER TABLE recordings DROP COLUMN you;
    ALTER TABLE recordings DROP COLUMN transcribed_left;
    ALTER TABLE recordings DROP COLUMN transcribed_right;
    """):
        db.execute(statement)
    _rewrite_citations(db)
    _await_new_transcripts(db)


def _identify_call(
    db: Database, call: str, layout: str, left: str, right: str, you: int | None, until_left: float, until_right: float
) -> None:
    sides = {0: left, 1: right}
    heard = {
        channel for (channel,) in db.execute("SELECT DISTINCT channel FROM utterances WHERE recording = ?", [call])
    }
    channels = sorted({*_CHANNELS[layout], *heard})
    named = sorted({*channels, *(() if layout == "mono" else (0, 1))})  # of one microphone only one name was ever shown
    speakers = {side: new_speaker_id() for side in named}
    db.conn.executemany(
        "INSERT INTO speakers (id, recording, position, name, is_you) VALUES (?, ?, ?, ?, ?)",
        [(speakers[side], call, side, sides.get(side, ""), int(side == you)) for side in named],
    )
    until = {0: until_left, 1: until_right}
    db.conn.executemany(
        "INSERT INTO tracks (recording, number, speaker, transcribed_until) VALUES (?, ?, ?, ?)",
        [(call, channel, speakers[channel], until.get(channel, 0.0)) for channel in channels],
    )
    rows = db.execute("SELECT id, channel FROM utterances WHERE recording = ?", [call]).fetchall()
    db.conn.executemany(
        "UPDATE utterances SET uid = ?, speaker = ? WHERE id = ?",
        [(new_utterance_id(), speakers[channel], id_) for id_, channel in rows],
    )
    (summary,) = db.execute("SELECT summary FROM recordings WHERE id = ?", [call]).fetchone()
    with suppress(*_DAMAGED):  # a damaged one stays as it is, and its reader says so
        if summary is not None:
            rewritten = _rewrite_summary(json.loads(summary), _lines(db, call), speakers)
            db.execute(
                "UPDATE recordings SET summary = ? WHERE id = ?", [json.dumps(rewritten, ensure_ascii=False), call]
            )


def _lines(db: Database, call: str) -> _Lines:
    query = 'SELECT uid, start, "end" FROM utterances WHERE recording = ? ORDER BY start, channel, id'
    return [tuple(row) for row in db.execute(query, [call]).fetchall()]


def _uid(lines: _Lines, line: int, start: float, end: float) -> str:
    """The id of the utterance that was stored as a line number with its times; "" if it is not there any more."""
    # Transcribed anew, a call had other lines under the same numbers, so the times have to agree.
    if 0 < line <= len(lines) and lines[line - 1][1] == start:
        return lines[line - 1][0]
    return next((uid for uid, *times in lines if times == [start, end]), "")


def _pointer(lines: _Lines, stored: dict[str, Any]) -> dict[str, Any]:
    if "utterance" in stored:  # a disk that lost power kept this page and not the one that says so
        return {key: stored[key] for key in ("utterance", "start", "end")}
    start, end = stored["start"], stored["end"]
    return {"utterance": _uid(lines, stored["line"], start, end), "start": start, "end": end}


def _rewrite_summary(summary: dict[str, Any], lines: _Lines, speakers: dict[int, Any]) -> dict[str, Any]:
    for points in ("key_points", "decisions", "action_items"):
        for point in summary[points]:
            point["evidence"] = [_pointer(lines, stored) for stored in point.get("evidence", ())]
    for item in summary["action_items"]:
        item["speaker"] = speakers.get(item.pop("owner_channel", None))
    return summary


def _rewrite_citations(db: Database) -> None:
    lines: dict[str, _Lines] = {}
    rewritten = []
    for number, packed in db.execute("SELECT id, citations FROM messages").fetchall():
        with suppress(*_DAMAGED):  # damaged ones stay as they are
            stored = msgspec.msgpack.decode(packed)
            for one in stored:
                lines.setdefault(one["id"], _lines(db, one["id"]))
            citations = [
                {"id": one["id"], **_pointer(lines[one["id"]], one), "marker": one.get("marker", 0)} for one in stored
            ]
            if citations:
                rewritten.append((msgspec.msgpack.encode(citations), number))
    db.conn.executemany("UPDATE messages SET citations = ? WHERE id = ?", rewritten)


def _await_new_transcripts(db: Database) -> None:
    """Let the calls that were queued for another transcription, whose transcript is still there, wait beside it."""
    queued = "state = 'imported' AND EXISTS (SELECT 1 FROM utterances WHERE recording = recordings.id)"
    db.execute(f"INSERT INTO retranscriptions (recording) SELECT id FROM recordings WHERE {queued}")
    db.execute(
        "UPDATE tracks SET transcribed_until = (SELECT duration FROM recordings WHERE id = tracks.recording) "
        "WHERE recording IN (SELECT recording FROM retranscriptions)"
    )
    db.execute(
        "UPDATE recordings SET state = iif(summary IS NULL, 'transcribed', 'summarized') "
        "WHERE id IN (SELECT recording FROM retranscriptions)"
    )


def ensure_speakers(db: Database) -> None:
    """Give each call the tracks that were lost, with the speakers it would begin with; once its steps are filled in."""
    for call, layout in db.execute("SELECT id, layout FROM recordings").fetchall():
        there = {number for (number,) in db.execute("SELECT number FROM tracks WHERE recording = ?", [call])}
        lost = [channel for channel in _CHANNELS[layout] if channel not in there]
        if not lost:
            continue
        names = [row[0] for row in db.execute("SELECT id FROM speakers WHERE recording = ? ORDER BY position", [call])]
        is_one = layout in ("mono", "written")
        wanted = 1 if is_one else 2
        for position in range(len(names), wanted):
            names.append(new_speaker_id())
            db.execute(
                "INSERT INTO speakers (id, recording, position, name) VALUES (?, ?, ?, ?)",
                [names[-1], call, position, "Speaker" if is_one else ("Left", "Right")[position]],
            )
        # A transcript that was begun goes on after its last line, and not at the end.
        db.conn.executemany(
            "INSERT INTO tracks (recording, number, speaker, transcribed_until) SELECT id, :channel, :speaker, "
            "iif(EXISTS (SELECT 1 FROM steps WHERE recording = :call AND step = 'transcribe' AND done IS NOT NULL), "
            'duration, (SELECT coalesce(max("end"), 0) FROM utterances WHERE recording = :call AND channel = :channel))'
            " FROM recordings WHERE id = :call",
            [{"call": call, "channel": channel, "speaker": names[channel]} for channel in lost],
        )
