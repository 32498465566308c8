"""Transcripts in the vault: written piece by piece, and a new one beside the earlier until it takes its place."""

from collections.abc import Sequence
from typing import Any

import msgspec

from app.core.call import FIND_SPEAKERS, TRANSCRIBE
from app.core.errors import NotFound
from app.core.ids import CallId, SpeakerId, UtteranceId, new_utterance_id
from app.core.speech import Interval
from app.core.transcript import NO_SPEAKER, Transcript, Utterance, Word
from app.core.transcript_match import SpeakersByTime, as_corrected, same_utterances, still_written
from app.core.unspaced_scripts import is_unspaced, spaced
from app.storage.database.connection import Database
from app.storage.tables.speakers import speakers_of
from app.storage.tables.speech import save_speech, speech_of
from app.storage.tables.steps import begin_step, finish_step, forget_steps
from app.storage.vault import Vault

_ORDER = "ORDER BY start, channel, id"
_ROW = "row "  # before the key of a new utterance, which has no id of its own yet
pack_words = msgspec.msgpack.Encoder().encode
unpack_words = msgspec.msgpack.Decoder(tuple[Word, ...]).decode


class TranscriptSuperseded(Exception):
    """Another transcription of the call was requested while one was being written, which is to begin again."""


def spaced_or_none(text: str) -> str | None:
    """What the column `spaced` holds for a text."""
    return spaced(text) if is_unspaced(text) else None


def read_transcript(vault: Vault, call: CallId) -> Transcript:
    """The transcript that is shown: the earlier one while a new one is being written.

    Raises:
        NotFound: there is no such call.
    """
    row = vault.row("SELECT duration, language, speech_model FROM recordings WHERE id = ?", [call])
    if row is None:
        raise NotFound
    duration, language, model = row
    rows = vault.rows(
        'SELECT uid, channel, speaker, start, "end", text, words, language, is_language_doubtful FROM utterances '
        f"WHERE recording = ? {_ORDER}",
        [call],
    )
    found = tuple(
        Utterance(
            UtteranceId(uid),
            track,
            SpeakerId(speaker),
            start,
            end,
            text,
            unpack_words(words),
            line,
            code,
            bool(doubt),
        )
        for line, (uid, track, speaker, start, end, text, words, code, doubt) in enumerate(rows, 1)
    )
    return Transcript(language, duration, model, found, speakers_of(vault, call), speech_of(vault, call))


def request_retranscription(vault: Vault, call: CallId, language: str, model: str = "") -> None:
    """Have a call transcribed anew, in `language` or "" to detect it; its transcript stays until the new one is whole.

    `model` is the name of the speech model that hears it, or "" for the one in use.

    A call that is not transcribed to its end starts again beside what it has. A transcription that is running is told
    so when it saves next (`TranscriptSuperseded`): what it hears from there on would lack its beginning.
    """
    with vault.write() as db:
        db.execute("UPDATE recordings SET asked_language = ?, asked_model = ? WHERE id = ?", [language, model, call])
        is_begun = db.execute("SELECT 1 FROM steps WHERE recording = ? AND done IS NULL", [call]).fetchone()
        has_lines = _has_lines(db, call)
        if not has_lines:
            _restart(db, call, "")
        if has_lines or is_begun:
            _restart_beside(db, call, "")


def begin_transcript(vault: Vault, call: CallId, speech_model: str) -> None:
    """Begin a transcript, or go on with the one that this model began.

    If there are words by another model, or to the end of the call, the new transcript is written beside them.
    """
    with vault.write() as db:
        row = db.execute("SELECT speech_model FROM recordings WHERE id = ?", [call]).fetchone()
        beside = db.execute("SELECT speech_model FROM retranscriptions WHERE recording = ?", [call]).fetchone()
        if row is None:
            raise NotFound
        steps = db.execute("SELECT step, done FROM steps WHERE recording = ?", [call]).fetchall()
        if beside is not None and not _has_lines(db, call):
            _forget_new_transcript(db, call)
            _restart(db, call, speech_model)
            begin_step(db, call, TRANSCRIBE)
        elif beside is not None:
            if beside[0] != speech_model:
                _restart_beside(db, call, speech_model)
        elif row[0] == speech_model and steps == [(TRANSCRIBE, None)]:
            return
        elif _has_lines(db, call):
            _restart_beside(db, call, speech_model)
        else:
            _restart(db, call, speech_model)
            begin_step(db, call, TRANSCRIBE)


def save_utterances(
    vault: Vault,
    call: CallId,
    track: int,
    until: float,
    found: Sequence[Utterance],
    language: str,
    speech: Sequence[Interval] = (),
) -> None:
    """Save the utterances heard on a track up to the second `until`; those that are shown with their search rows.

    `speech` is where somebody speaks on it since what was saved before.

    One with the id of the track's last utterance (`last_utterances`) is that one going on, and takes its place.
    The call's language becomes the one spoken most so far; `language` is it while no utterance names its own.

    Raises:
        TranscriptSuperseded: another one was requested since this one began; nothing was saved.
    """
    with vault.write() as db:
        if _is_begun_beside(db, call):
            _insert_new(db, call, found)
            _set_language(db, call, "retranscriptions", "recording", "new_utterances", language)
            column = "anew_until"
        else:
            insert_utterances(db, call, [said for said in found if not _is_updated(db, call, said)])
            _set_language(db, call, "recordings", "id", "utterances", language)
            column = "transcribed_until"
        row = db.execute(f"SELECT {column} FROM tracks WHERE recording = ? AND number = ?", [call, track]).fetchone()
        if row is None:  # the call was deleted meanwhile
            raise NotFound
        save_speech(db, call, track, row[0], until, speech)
        db.execute(
            f"UPDATE tracks SET {column} = max({column}, ?) WHERE recording = ? AND number = ?", [until, call, track]
        )


def _insert_new(db: Database, call: CallId, found: Sequence[Utterance]) -> None:
    columns = 'start, "end", text, words, language, is_language_doubtful'
    for u in found:
        said = (u.start, u.end, u.text, pack_words(u.words), u.language, u.is_language_doubtful)
        if u.id.startswith(_ROW):
            query = f"UPDATE new_utterances SET ({columns}) = (?, ?, ?, ?, ?, ?) WHERE id = ? AND recording = ?"
            db.execute(query, [*said, int(u.id.removeprefix(_ROW)), call])
        else:
            query = f"INSERT INTO new_utterances ({columns}, recording, channel) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            db.execute(query, [*said, call, u.track])


def _is_updated(db: Database, call: CallId, said: Utterance) -> bool:
    """Whether an utterance was there already, and is now as it went on."""
    query = (
        'UPDATE utterances SET start = ?, "end" = ?, text = ?, words = ?, spaced = ?, language = ?, '
        "is_language_doubtful = ? WHERE uid = ? AND recording = ?"
    )
    _, *columns = _columns(said)
    return bool(db.execute(query, [*columns, said.id, call]).rowcount)


def last_utterances(vault: Vault, call: CallId) -> tuple[Utterance, ...]:
    """The last utterance of each track in the transcript that is being written; with an id to save it by."""
    is_beside = is_written_beside(vault, call)
    table, uid = ("new_utterances", f"'{_ROW}' || id") if is_beside else ("utterances", "uid")
    speaker = "''" if is_beside else "speaker"
    rows = vault.rows(
        f'SELECT {uid}, channel, {speaker}, start, "end", text, words, language, is_language_doubtful FROM {table} u '
        f"WHERE recording = ? AND id = (SELECT id FROM {table} v WHERE v.recording = u.recording "
        "AND v.channel = u.channel ORDER BY start DESC, id DESC LIMIT 1)",
        [call],
    )
    return tuple(
        Utterance(
            UtteranceId(uid), track, SpeakerId(speaker), start, end, text, unpack_words(words), 0, code, bool(doubt)
        )
        for uid, track, speaker, start, end, text, words, code, doubt in rows
    )


def _set_language(db: Database, call: CallId, table: str, key: str, lines: str, heard: str) -> None:
    """Set the language of a transcript: the one spoken most, or what was heard before there are words."""
    db.execute(
        f"UPDATE {table} SET language = coalesce((SELECT language FROM {lines} WHERE recording = :call "
        "AND language <> '' GROUP BY language ORDER BY sum(\"end\" - start) DESC, min(id) LIMIT 1), "
        f"nullif(language, ''), :heard) WHERE {key} = :call",
        {"call": call, "heard": heard},
    )


def insert_written(db: Database, call: CallId, lines: Sequence[Utterance], language: str) -> None:
    """Store the lines of a call that came as text, whose transcript is whole with them; inside a transaction."""
    insert_utterances(db, call, lines)
    db.execute("UPDATE recordings SET language = ? WHERE id = ?", [language, call])
    db.execute(
        "UPDATE tracks SET transcribed_until = (SELECT duration FROM recordings WHERE id = :call) "
        "WHERE recording = :call",
        {"call": call},
    )
    finish_step(db, call, TRANSCRIBE)


def finish_transcript(vault: Vault, call: CallId, *, finds_speakers: bool = False) -> None:
    """Mark the transcript as complete: without a line, the call is silent; written beside another, it replaces it.

    With `finds_speakers` its speakers are to be told apart next.

    Raises:
        TranscriptSuperseded: another one was requested since this one began; nothing was changed.
    """
    with vault.write() as db:
        if _is_begun_beside(db, call):
            _replace(db, call)
        forget_steps(db, call)  # what was made from an earlier transcript is made again
        finish_step(db, call, TRANSCRIBE)
        if finds_speakers and _has_lines(db, call):
            begin_step(db, call, FIND_SPEAKERS)


def give_up_retranscription(vault: Vault, call: CallId) -> None:
    """Forget the new transcript of a call; the earlier one stays.

    Raises:
        TranscriptSuperseded: another one was requested since this one began; it stays.
    """
    with vault.write() as db:
        if _is_begun_beside(db, call):
            _forget_new_transcript(db, call)


def is_written_beside(vault: Vault, call: CallId) -> bool:
    """Whether a new transcript is awaited or being written beside the one that is shown."""
    return vault.row("SELECT 1 FROM retranscriptions WHERE recording = ?", [call]) is not None


def has_heard_words(vault: Vault, call: CallId) -> bool:
    """Whether the transcript that is being written has any words."""
    table = "new_utterances" if is_written_beside(vault, call) else "utterances"
    return vault.row(f"SELECT 1 FROM {table} WHERE recording = ? LIMIT 1", [call]) is not None


def spoken_last(vault: Vault, call: CallId) -> dict[int, str]:
    """The language that was surely spoken last on each track, in the transcript that is being written."""
    table = "new_utterances" if is_written_beside(vault, call) else "utterances"
    rows = vault.rows(
        f"SELECT channel, language FROM {table} WHERE recording = ? AND language <> '' AND NOT is_language_doubtful "
        "ORDER BY start, id",
        [call],
    )
    return dict(rows)


def transcription_progress(vault: Vault, call: CallId) -> dict[int, float]:
    """The seconds up to which the transcript that is being written is saved, by track.

    Raises:
        NotFound: there is no such call.
    """
    column = "anew_until" if is_written_beside(vault, call) else "transcribed_until"
    rows = vault.rows(f"SELECT number, {column} FROM tracks WHERE recording = ? ORDER BY number", [call])
    if not rows:
        raise NotFound
    return dict(rows)


def _has_lines(db: Database, call: CallId) -> bool:
    return db.execute("SELECT 1 FROM utterances WHERE recording = ? LIMIT 1", [call]).fetchone() is not None


def _is_begun_beside(db: Database, call: CallId) -> bool:
    beside = db.execute("SELECT speech_model FROM retranscriptions WHERE recording = ?", [call]).fetchone()
    if beside is not None and not beside[0]:  # requested, and not begun by any model
        raise TranscriptSuperseded
    return beside is not None


def _forget_new_transcript(db: Database, call: CallId) -> None:
    db.execute("DELETE FROM retranscriptions WHERE recording = ?", [call])
    db.execute("UPDATE tracks SET anew_until = 0 WHERE recording = ?", [call])


def _restart(db: Database, call: CallId, speech_model: str) -> None:
    forget_steps(db, call)
    db.execute("UPDATE recordings SET speech_model = ?, language = '' WHERE id = ?", [speech_model, call])
    db.execute("UPDATE tracks SET transcribed_until = 0 WHERE recording = ?", [call])


def _restart_beside(db: Database, call: CallId, speech_model: str) -> None:
    _forget_new_transcript(db, call)
    db.execute("INSERT INTO retranscriptions (recording, speech_model) VALUES (?, ?)", [call, speech_model])


def insert_utterances(db: Database, call: CallId, found: Sequence[Utterance]) -> None:
    """Store utterances, each of its speaker, or else of its track's; inside the caller's transaction.

    Raises:
        NotFound: the call is gone.
    """
    query = "SELECT number, speaker FROM tracks WHERE recording = ?"
    speakers: dict[int, str] = dict(db.execute(query, [call]).fetchall())
    if found and not speakers:  # the call was deleted meanwhile
        raise NotFound
    db.conn.executemany(
        'INSERT INTO utterances (recording, channel, start, "end", text, words, spaced, language, '
        "is_language_doubtful, uid, speaker) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (call, *_columns(u), u.id, speakers[u.track] if u.speaker == NO_SPEAKER else u.speaker)
            for u in found
        ],
    )  # fmt: skip


def _columns(said: Utterance) -> tuple[Any, ...]:
    return (
        said.track, said.start, said.end, said.text, pack_words(said.words), spaced_or_none(said.text), said.language,
        said.is_language_doubtful,
    )  # fmt: skip


def _replace(db: Database, call: CallId) -> None:
    """Let the new transcript take the place of the earlier one.

    What says the same keeps its id and its speaker, and what was corrected the person's words. What is heard otherwise
    has the speaker of what was heard there before. A line that a person wrote stays where nothing is heard either.
    """
    columns = f'channel, start, "end", text, words {{}} WHERE recording = ? {_ORDER}'
    known = db.execute(f"SELECT id, uid, speaker, {columns.format('FROM utterances')}", [call]).fetchall()
    languages = ", language, is_language_doubtful FROM new_utterances"
    heard = db.execute(f"SELECT {columns.format(languages)}", [call]).fetchall()
    earlier = [Utterance(UtteranceId(r[1]), r[3], SpeakerId(r[2]), r[4], r[5], r[6], unpack_words(r[7])) for r in known]
    new = [
        Utterance(new_utterance_id(), track, NO_SPEAKER, start, end, text, unpack_words(words), 0, spoken, bool(doubt))
        for track, start, end, text, words, spoken, doubt in heard
    ]
    same = same_utterances(earlier, new)
    db.conn.executemany(
        'UPDATE utterances SET channel = ?, start = ?, "end" = ?, text = ?, words = ?, spaced = ?, language = ?, '
        "is_language_doubtful = ? WHERE id = ?",
        [(*_columns(as_corrected(new[position], earlier[at])), known[at][0]) for position, at in same.items()],
    )
    stays = {*same.values(), *still_written(earlier, new)}
    gone = [(row[0],) for at, row in enumerate(known) if at not in stays]
    db.conn.executemany(
        "INSERT INTO earlier_utterances (recording, uid, speaker, start, text) "
        "SELECT recording, uid, speaker, start, text FROM utterances WHERE id = ?",
        gone,
    )
    db.conn.executemany("DELETE FROM utterances WHERE id = ?", gone)
    before = SpeakersByTime(earlier)
    others = (utterance for position, utterance in enumerate(new) if position not in same)
    insert_utterances(db, call, [msgspec.structs.replace(one, speaker=before.speaker_of(one)) for one in others])
    db.execute(
        "UPDATE recordings SET (speech_model, language) = "
        "(SELECT speech_model, language FROM retranscriptions WHERE recording = :call) WHERE id = :call",
        {"call": call},
    )
    db.execute("UPDATE tracks SET transcribed_until = anew_until, anew_until = 0 WHERE recording = ?", [call])
    db.execute("DELETE FROM retranscriptions WHERE recording = ?", [call])
