"""Recordings in the vault: their facts, transcripts, summaries, search rows and sealed sound."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from app.core.errors import NotFound, VaultDamaged
from app.core.ids import ConversationId, RecordingId
from app.core.recording import Recording, RecordingState, Survey
from app.core.search import Hit
from app.core.summary import Summary
from app.core.transcript import Layout, Speakers, Transcript, Utterance, Word
from app.core.unspaced_scripts import is_unspaced, spaced
from app.storage.database.connection import translated
from app.storage.files.sealed_file import SealedReader
from app.storage.tables.deletion import answers_quoting, forget_recording
from app.storage.vault import Vault

_MEDIA_SUFFIX, _PART_SUFFIX = ".sealed", ".part"
_PREVIEW = 160  # characters of the overview or of the first words
_FACTS = (
    "id, title, is_titled, date, duration, state, layout, left_name, right_name, you, language, is_truncated, "
    "transcribed_left, transcribed_right, wants_summary, "
    f"coalesce(substr(json_extract(summary, '$.overview'), 1, {_PREVIEW}), (SELECT substr(text, 1, {_PREVIEW}) "
    "FROM utterances WHERE recording = recordings.id ORDER BY start, channel LIMIT 1), '')"
)

_SURVEY = "(SELECT survey FROM surveys WHERE recording = recordings.id)"


class NewRecording(msgspec.Struct, frozen=True):
    """What is stored of a recording when its sound is in the vault."""

    id: RecordingId
    title: str
    is_titled: bool
    date: datetime
    survey: Survey
    layout: Layout
    speakers: Speakers
    asked_language: str
    wants_summary: bool
    content_hash: bytes
    media_key: bytes


class RecordingStore:
    """Reads and writes recordings; every write is one transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def media_path(self, recording: RecordingId) -> Path:
        """Where its sealed sound lies."""
        return self._vault.media_folder / f"{recording}{_MEDIA_SUFFIX}"

    def part_path(self, recording: RecordingId) -> Path:
        """Where its sound lies while it is brought in."""
        return self._vault.media_folder / f"{recording}{_PART_SUFFIX}"

    def sweep(self) -> None:
        """Remove sound that no recording owns: what a crash left of an import or of a deletion."""
        owned = {row[0] for row in self._vault.rows("SELECT id FROM recordings")}
        with translated():
            files = list(self._vault.media_folder.iterdir())
        for path in files:
            if path.suffix == _PART_SUFFIX or (path.suffix == _MEDIA_SUFFIX and path.stem not in owned):
                with suppress(OSError):  # what can't be removed now is removed at a later start
                    path.unlink(missing_ok=True)

    def add(self, new: NewRecording) -> None:
        """Store a recording whose sound is at `media_path` already."""
        with self._vault.write() as db:
            db.table("recordings").insert(
                {
                    "id": new.id, "title": new.title, "is_titled": int(new.is_titled), "date": _stamp(new.date),
                    "imported": _stamp(datetime.now(UTC)), "duration": new.survey.duration, "state": "imported",
                    "layout": new.layout.value, "left_name": new.speakers.names[0], "right_name": new.speakers.names[1],
                    "you": new.speakers.you, "asked_language": new.asked_language,
                    "is_truncated": int(new.survey.is_truncated), "wants_summary": int(new.wants_summary),
                    "content_hash": new.content_hash, "media_key": new.media_key,
                    "survey": b"",
                }
            )  # fmt: skip
            db.execute("INSERT INTO surveys VALUES (?, ?)", [new.id, msgspec.msgpack.encode(new.survey)])

    def by_hash(self, content_hash: bytes) -> RecordingId | None:
        """The recording whose file had this hash."""
        row = self._vault.row("SELECT id FROM recordings WHERE content_hash = ?", [content_hash])
        return RecordingId(row[0]) if row else None

    def all(self) -> list[Recording]:
        """All recordings, newest first."""
        rows = self._vault.rows(f"SELECT {_FACTS} FROM recordings ORDER BY date DESC, id DESC")
        return [_recording(row) for row in rows]

    def get(self, recording: RecordingId) -> Recording:
        """One recording.

        Raises:
            NotFound: there is none.
        """
        row = self._row(recording, _FACTS)
        return _recording(row)

    def find(self, beginning: str) -> RecordingId:
        """The one recording whose id begins so.

        Raises:
            NotFound: there is none, or there are several.
        """
        rows = self._vault.rows(
            "SELECT id FROM recordings WHERE substr(id, 1, length(?)) = ? LIMIT 2", [beginning, beginning]
        )
        if len(rows) != 1 or not beginning:
            raise NotFound
        return RecordingId(rows[0][0])

    def survey(self, recording: RecordingId) -> Survey:
        """What the pass through its sound showed."""
        return msgspec.msgpack.decode(self._row(recording, _SURVEY)[0], type=Survey)

    def asked_language(self, recording: RecordingId) -> str:
        """The language that the person named, or ""."""
        return str(self._row(recording, "asked_language")[0])

    def progress(self, recording: RecordingId) -> tuple[float, float]:
        """The seconds up to which each channel's transcript is saved."""
        left, right = self._row(recording, "transcribed_left, transcribed_right")
        return left, right

    @contextmanager
    def sound(self, recording: RecordingId) -> Iterator[SealedReader]:
        """Its sound, decrypted as it is read.

        Raises:
            VaultDamaged: the file lacks its end, which it had when the recording was stored.
        """
        key = self._row(recording, "media_key")[0]
        with SealedReader(self.media_path(recording), key) as reader:
            if not reader.is_finished:
                raise VaultDamaged("A recording's file in the vault is cut off.")
            yield reader

    def transcript(self, recording: RecordingId) -> Transcript:
        """What is transcribed so far."""
        duration, language, model, left, right, you = self._row(
            recording, "duration, language, speech_model, left_name, right_name, you"
        )
        rows = self._vault.rows(
            'SELECT channel, start, "end", text, words FROM utterances WHERE recording = ? ORDER BY start, channel, id',
            [recording],
        )
        found = tuple(
            Utterance(channel, start, end, text, _words(words), line)
            for line, (channel, start, end, text, words) in enumerate(rows, 1)
        )
        return Transcript(language, duration, model, found, Speakers((left, right), you))

    def start_over(self, recording: RecordingId, speech_model: str) -> None:
        """Forget what was transcribed, before the first piece comes."""
        with self._vault.write() as db:
            db.execute("DELETE FROM utterances WHERE recording = ?", [recording])
            db.execute(
                "UPDATE recordings SET state = 'transcribing', transcribed_left = 0, transcribed_right = 0, "
                "speech_model = ?, summary = NULL WHERE id = ?",
                [speech_model, recording],
            )

    def save_piece(
        self, recording: RecordingId, channel: int, until: float, found: Sequence[Utterance], language: str
    ) -> None:
        """Save what was heard on a channel up to a second, with its search rows."""
        column = "transcribed_right" if channel else "transcribed_left"
        with self._vault.write() as db:
            db.conn.executemany(
                'INSERT INTO utterances (recording, channel, start, "end", text, words, spaced) '
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_row_of(recording, utterance) for utterance in found],
            )
            db.execute(
                f"UPDATE recordings SET {column} = max({column}, ?), "
                "language = iif(language = '', ?, language) WHERE id = ?",
                [until, language, recording],
            )

    def finish_transcript(self, recording: RecordingId) -> None:
        """Mark the transcript as whole."""
        self.set_state(recording, RecordingState.TRANSCRIBED)

    def set_state(self, recording: RecordingId, state: RecordingState) -> None:
        """Write the state alone."""
        with self._vault.write() as db:
            db.execute("UPDATE recordings SET state = ? WHERE id = ?", [state.value, recording])

    def want_summary(self, recording: RecordingId) -> None:
        """A summary is to be written after all."""
        with self._vault.write() as db:
            db.execute("UPDATE recordings SET wants_summary = 1 WHERE id = ?", [recording])

    def save_summary(self, recording: RecordingId, summary: Summary) -> None:
        """Save the summary; its title names the recording unless a person has."""
        with self._vault.write() as db:
            db.execute(
                "UPDATE recordings SET summary = ?, state = 'summarized', "
                "title = iif(is_titled OR ? = '', title, ?) WHERE id = ?",
                [msgspec.json.encode(summary).decode(), summary.title, summary.title, recording],
            )

    def summary(self, recording: RecordingId) -> Summary | None:
        """Its summary, if there is one."""
        stored = self._row(recording, "summary")[0]
        return None if stored is None else msgspec.json.decode(stored, type=Summary)

    def rename(self, recording: RecordingId, title: str) -> None:
        """Give it a person's title."""
        self._row(recording, "id")
        with self._vault.write() as db:
            db.execute("UPDATE recordings SET title = ?, is_titled = 1 WHERE id = ?", [title, recording])

    def set_date(self, recording: RecordingId, date: datetime) -> None:
        """Say when it took place."""
        with self._vault.write() as db:
            db.execute("UPDATE recordings SET date = ? WHERE id = ?", [_stamp(date), recording])

    def hear_anew(self, recording: RecordingId, language: str) -> None:
        """Let it be transcribed from its beginning, in a language; what was heard stays until then."""
        with self._vault.write() as db:
            db.execute(
                "UPDATE recordings SET state = 'imported', language = '', asked_language = ?, transcribed_left = 0, "
                "transcribed_right = 0 WHERE id = ?",
                [language, recording],
            )

    def set_speakers(self, recording: RecordingId, speakers: Speakers) -> None:
        """Say who is on which channel."""
        self._row(recording, "id")
        with self._vault.write() as db:
            db.execute(
                "UPDATE recordings SET left_name = ?, right_name = ?, you = ? WHERE id = ?",
                [*speakers.names, speakers.you, recording],
            )

    def delete(self, recording: RecordingId) -> set[ConversationId]:
        """Forget it: the key and every word in one transaction, then the file, which is noise by then.

        The conversations that lost an answer which quoted it are returned.
        """
        self._row(recording, "id")
        conversations = forget_recording(self._vault, recording)
        with suppress(OSError):  # the next start sweeps it away
            self.media_path(recording).unlink(missing_ok=True)
        return conversations

    def answers_quoting(self, recording: RecordingId) -> int:
        """How many answers in other conversations cite or quote it."""
        return len(answers_quoting(self._vault, recording))

    def search(
        self, expression: str, limit: int, inside: RecordingId | None = None, most: int | None = None
    ) -> list[Hit]:
        """Lines that match an FTS5 expression, best first; `most`: if more do, the newest so many compete."""
        if not expression:
            return []
        rows = self._vault.rows(
            """WITH matching AS (
                SELECT rowid AS id, bm25(utterances_fts) AS rank FROM utterances_fts
                WHERE utterances_fts MATCH :expression ORDER BY rowid DESC LIMIT :most),
            found AS (SELECT id, rank FROM matching ORDER BY rank LIMIT :best)
            SELECT u.recording, r.title, u.start, u.text, (SELECT count(*) FROM utterances v
                WHERE v.recording = u.recording AND (v.start, v.channel, v.id) <= (u.start, u.channel, u.id)) FROM found
            JOIN utterances u ON u.id = found.id JOIN recordings r ON r.id = u.recording
            WHERE :inside IS NULL OR u.recording = :inside ORDER BY found.rank LIMIT :limit""",
            {
                "expression": expression, "limit": limit, "inside": inside, "most": -1 if most is None else most,
                "best": limit if inside is None else -1,
            },
        )  # fmt: skip
        return [Hit(RecordingId(i), title, line, start, text) for i, title, start, text, line in rows]

    def titled(self, words: Sequence[str], limit: int) -> list[Hit]:
        """The first lines of recordings whose title holds every word."""
        clause = " AND ".join("instr(lower(r.title), lower(?))" for _ in words) or "0"
        rows = self._vault.rows(
            f"""SELECT r.id, r.title, coalesce(u.start, 0), coalesce(u.text, '')
            FROM recordings r LEFT JOIN utterances u ON u.id =
                (SELECT id FROM utterances WHERE recording = r.id ORDER BY start, channel, id LIMIT 1)
            WHERE {clause} ORDER BY r.date DESC LIMIT ?""",
            [*words, limit],
        )
        return [Hit(RecordingId(i), title, 1, start, text) for i, title, start, text in rows]

    def _row(self, recording: RecordingId, columns: str) -> Sequence[Any]:
        row = self._vault.row(f"SELECT {columns} FROM recordings WHERE id = ?", [recording])
        if row is None:
            raise NotFound
        found: Sequence[Any] = row
        return found


_decode_words = msgspec.msgpack.Decoder(tuple[Word, ...]).decode


def _words(packed: bytes) -> tuple[Word, ...]:
    return _decode_words(packed)


def _row_of(recording: RecordingId, said: Utterance) -> tuple[Any, ...]:
    apart = spaced(said.text) if is_unspaced(said.text) else None
    return recording, said.channel, said.start, said.end, said.text, msgspec.msgpack.encode(said.words), apart


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _recording(row: Sequence[Any]) -> Recording:
    (id_, title, is_titled, date, duration, state, layout, left, right, you, language, is_truncated, done_left,
     done_right, wants_summary, preview) = row  # fmt: skip
    shape = Layout(layout)
    done = min((done_left, done_right)[channel] for channel in shape.channels)
    return Recording(
        RecordingId(id_), title, datetime.fromisoformat(date), duration, RecordingState(state), shape,
        Speakers((left, right), you), language, preview, bool(is_truncated), done, bool(wants_summary), not is_titled,
    )  # fmt: skip
