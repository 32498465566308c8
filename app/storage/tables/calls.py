"""Calls in the vault: their facts, transcripts, summaries, search rows and sealed sound."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from app.core.call import SUMMARIZE, TRANSCRIBE, Call, Survey, call_state
from app.core.errors import NotFound, VaultDamaged
from app.core.files import sync_folder
from app.core.ids import CallId, ConversationId, UtteranceId
from app.core.import_options import StepOptions
from app.core.line_changes import LineChange
from app.core.search import Hit
from app.core.speech import Interval
from app.core.summary import Summary
from app.core.transcript import Layout, Speaker, Track, Transcript, Utterance, default_tracks
from app.storage.database.ownership import await_call, call_arrived
from app.storage.files.layout import partial_sound_path, sound_path
from app.storage.files.sealed_file import SealedReader
from app.storage.tables import transcripts
from app.storage.tables.deletion import answers_quoting, forget_call
from app.storage.tables.new_call import NewCall
from app.storage.tables.prompt_states import PromptStateStore
from app.storage.tables.speakers import insert_speakers, speakers_by_call, speakers_of, tracks_by_call, update_speakers
from app.storage.tables.step_options import WANTS_EXPORT, set_step_options, step_options
from app.storage.tables.steps import AWAITS_SPEAKERS, IS_TRANSCRIPT_BEGUN, STEPS_DONE, begin_step, finish_step
from app.storage.tables.stray_sound import remove_unwanted_sound
from app.storage.tables.utterances import UtteranceStore
from app.storage.vault import Vault

_PREVIEW = 160  # characters of the summary's first prose or of the first words
_FACTS = (
    f"id, title, is_titled, date, duration, {STEPS_DONE}, {IS_TRANSCRIPT_BEGUN}, "
    "EXISTS (SELECT 1 FROM utterances WHERE recording = recordings.id), layout, language, is_truncated, "
    f"wants_summary, {AWAITS_SPEAKERS}, "
    # Mostly the first section is the prose, and there it is found five times faster than by walking through all.
    # A damaged summary must not hide every call.
    "coalesce(CASE WHEN NOT json_valid(summary) THEN NULL WHEN summary ->> '$.sections[0].kind' = 'prose' "
    f"THEN substr(coalesce(summary ->> '$.sections[0].text', ''), 1, {_PREVIEW}) "
    f"ELSE (SELECT substr(coalesce(value ->> '$.text', ''), 1, {_PREVIEW}) FROM json_each(summary, '$.sections') "
    "WHERE value ->> '$.kind' = 'prose' ORDER BY key LIMIT 1) END, "
    f"(SELECT substr(text, 1, {_PREVIEW}) FROM utterances WHERE recording = recordings.id "
    "ORDER BY start, channel LIMIT 1), ''), "
    "EXISTS (SELECT 1 FROM retranscriptions WHERE recording = recordings.id), "
    f"summary IS NOT NULL, {WANTS_EXPORT}"
)

_SURVEY = "(SELECT survey FROM surveys WHERE recording = recordings.id)"


class CallStore:
    """Reads and writes calls; every write is one transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._states = PromptStateStore(vault)
        self.utterances = UtteranceStore(vault)

    def media_path(self, call: CallId) -> Path:
        """The path of a call's sealed sound."""
        return sound_path(self._vault.media_folder, call)

    def partial_media_path(self, call: CallId) -> Path:
        """The path of a call's sound while it is being imported."""
        return partial_sound_path(self._vault.media_folder, call)

    def remove_unwanted_sound(self) -> None:
        """Remove the sound of deleted calls and of imports that broke off, at a start."""
        remove_unwanted_sound(self._vault)

    def store(self, new: NewCall) -> None:
        """Store a call whose sound is at `partial_media_path`: the file first, then the row.

        A crash in between leaves a file of which it is noted that it goes.

        Raises:
            OSError, VaultUnwritable, NotEnoughSpace: the disk refuses; nothing is left.
        """
        final = self.media_path(new.id)
        with self._vault.write() as db:
            await_call(db, new.id)
        self.partial_media_path(new.id).replace(final)
        try:
            sync_folder(final.parent)
            self.add(new)
        except BaseException:
            final.unlink(missing_ok=True)
            raise

    def add(self, new: NewCall) -> None:
        """Store a call whose sound is already at `media_path`."""
        with self._vault.write() as db:
            call_arrived(db, new.id)
            db.table("recordings").insert(
                {
                    "id": new.id, "title": new.title, "is_titled": int(new.is_titled),
                    "date": _stamp(new.date or datetime.now(UTC)), "imported": _stamp(datetime.now(UTC)),
                    "duration": new.survey.duration, "state": "",
                    "layout": new.layout.value, "asked_language": new.asked_language,
                    "is_truncated": int(new.survey.is_truncated), "wants_summary": int(new.wants_summary),
                    "content_hash": new.content_hash, "media_key": new.media_key,
                    "survey": b"", "asked_model": new.asked_model,
                }
            )  # fmt: skip
            db.execute("INSERT INTO surveys VALUES (?, ?)", [new.id, msgspec.msgpack.encode(new.survey)])
            set_step_options(db, new.id, new.steps)
            insert_speakers(db, new.id, new.speakers, default_tracks(new.layout, new.speakers))
            if new.layout is Layout.WRITTEN:
                transcripts.insert_written(db, new.id, new.written, new.language)

    def by_hash(self, content_hash: bytes) -> CallId | None:
        """The call imported from the file with this hash, or None."""
        row = self._vault.row("SELECT id FROM recordings WHERE content_hash = ?", [content_hash])
        return CallId(row[0]) if row else None

    def all(self) -> list[Call]:
        """All calls, newest first."""
        rows = self._vault.rows(f"SELECT {_FACTS} FROM recordings ORDER BY date DESC, id DESC")
        speakers, tracks = speakers_by_call(self._vault), tracks_by_call(self._vault)
        return [_call(row, speakers.get(row[0], ()), tracks.get(row[0], ())) for row in rows]

    def get(self, call: CallId) -> Call:
        """One call.

        Raises:
            NotFound: there is none.
        """
        row = self._row(call, _FACTS)
        tracks = tracks_by_call(self._vault, call).get(call, ())
        return _call(row, speakers_of(self._vault, call), tracks)

    def find(self, beginning: str) -> CallId:
        """The one call whose id starts with `beginning`.

        Raises:
            NotFound: there is none, or more than one.
        """
        rows = self._vault.rows(
            "SELECT id FROM recordings WHERE substr(id, 1, length(?)) = ? LIMIT 2", [beginning, beginning]
        )
        if len(rows) != 1 or not beginning:
            raise NotFound
        return CallId(rows[0][0])

    def survey(self, call: CallId) -> Survey:
        """The survey made from the call's sound."""
        return msgspec.msgpack.decode(self._row(call, _SURVEY)[0], type=Survey)

    def date(self, call: CallId) -> datetime:
        """When the call took place."""
        return datetime.fromisoformat(self._row(call, "date")[0])

    def asked_language(self, call: CallId) -> str:
        """The language the person specified, or ""."""
        return str(self._row(call, "asked_language")[0])

    def asked_model(self, call: CallId) -> str:
        """The name of the speech model that the person chose for this call, or ""."""
        return str(self._row(call, "asked_model")[0])

    def speech_model(self, call: CallId) -> str:
        """The name of the model that heard the transcript that is shown; "" before there is one."""
        return str(self._row(call, "speech_model")[0])

    def progress(self, call: CallId) -> dict[int, float]:
        """The seconds up to which the transcript that is being written is saved, by track.

        Raises:
            NotFound: there is no such call.
        """
        return transcripts.transcription_progress(self._vault, call)

    @contextmanager
    def sound(self, call: CallId) -> Iterator[SealedReader]:
        """Open the call's sound, decrypted as it is read.

        Raises:
            VaultDamaged: the file lacks its end, which it had when the call was stored.
        """
        key = self._row(call, "media_key")[0]
        with SealedReader(self.media_path(call), key) as reader:
            if not reader.is_finished:
                raise VaultDamaged("A recording's file in the vault is cut off.")
            yield reader

    def step_options(self, call: CallId) -> StepOptions:
        """What the steps of the call are to do."""
        return step_options(self._vault, call)

    def set_step_options(self, call: CallId, options: StepOptions, again: Sequence[str] = ()) -> None:
        """Set what the steps of the call are to do, and have some of them done again."""
        with self._vault.write() as db:
            set_step_options(db, call, options)
            for step in again:
                begin_step(db, call, step)

    def transcript(self, call: CallId) -> Transcript:
        """The transcript as it is shown: what there is so far, or the earlier one while a new one is being written."""
        return transcripts.read_transcript(self._vault, call)

    def request_retranscription(self, call: CallId, language: str, model: str = "") -> None:
        """Have the call transcribed anew, in `language` by `model`; its transcript stays until the new one is whole."""
        transcripts.request_retranscription(self._vault, call, language, model)

    def begin_transcript(self, call: CallId, speech_model: str) -> None:
        """Begin a transcript or go on with it: beside the one that is shown if another model or a whole one made it."""
        transcripts.begin_transcript(self._vault, call, speech_model)

    def last_utterances(self, call: CallId) -> tuple[Utterance, ...]:
        """The last utterance of each track in the transcript that is being written, which may go on."""
        return transcripts.last_utterances(self._vault, call)

    def save_utterances(
        self, call: CallId, track: int, until: float, found: Sequence[Utterance], language: str,
        speech: Sequence[Interval] = (),
    ) -> None:  # fmt: skip
        """Save the utterances and the speech heard on a track up to the second `until`."""
        transcripts.save_utterances(self._vault, call, track, until, found, language, speech)

    def finish_transcript(self, call: CallId, *, finds_speakers: bool = False) -> None:
        """Mark the transcript as complete; without a line the call is silent, and beside another one it replaces it."""
        transcripts.finish_transcript(self._vault, call, finds_speakers=finds_speakers)
        self._states.remove(call)  # of an earlier transcript

    def give_up_retranscription(self, call: CallId) -> None:
        """Forget the new transcript of a call; the earlier one stays."""
        transcripts.give_up_retranscription(self._vault, call)

    def has_heard_words(self, call: CallId) -> bool:
        """Whether the transcript that is being written has any words."""
        return transcripts.has_heard_words(self._vault, call)

    def spoken_last(self, call: CallId) -> dict[int, str]:
        """The language that was surely spoken last on each track, in the transcript that is being written."""
        return transcripts.spoken_last(self._vault, call)

    def finish_step(self, call: CallId, step: str) -> None:
        """Note that a step is done."""
        with self._vault.write() as db:
            finish_step(db, call, step)

    def request_summary(self, call: CallId) -> None:
        """Request a summary after all."""
        with self._vault.write() as db:
            db.execute("UPDATE recordings SET wants_summary = 1 WHERE id = ?", [call])

    def save_summary(self, call: CallId, summary: Summary, of: Transcript | None = None) -> None:
        """Save the summary; its title becomes the call's unless a person has given one.

        With `of`, the transcript that it was written from: if another one has taken its place meanwhile, the summary is
        one of an earlier transcript, and the call is still to be summarised.
        """
        with self._vault.write() as db:
            rows = db.execute("SELECT uid FROM utterances WHERE recording = ?", [call]).fetchall()
            if of is None or {uid for (uid,) in rows} == {utterance.id for utterance in of.utterances}:
                finish_step(db, call, SUMMARIZE)
            db.execute(
                "UPDATE recordings SET summary = ?, title = iif(is_titled OR ? = '', title, ?) WHERE id = ?",
                [msgspec.json.encode(summary).decode(), summary.title, summary.title, call],
            )

    def correct(self, call: CallId, utterance: UtteranceId, text: str, seen: str | None = None) -> str:
        """Change what a line of the call says, as `UtteranceStore.edit` does; returns what it said.

        Raises:
            NotFound: the call has no such line.
            LineChanged: it says something else than what was `seen` by now.
        """
        if self._vault.row("SELECT 1 FROM utterances WHERE uid = ? AND recording = ?", [utterance, call]) is None:
            raise NotFound
        before = self.utterances.edit(utterance, text, seen)
        self._states.remove(call)  # what was read holds the words from before
        return before

    def change_lines(self, change: LineChange) -> None:
        """Let lines take the place of others, as `UtteranceStore.change` does.

        Raises:
            NotFound, LineChanged: as there; nothing was changed.
        """
        self.utterances.change(change)
        self._states.remove(change.call)

    def summary(self, call: CallId) -> Summary | None:
        """The call's summary, if there is one."""
        stored = self._row(call, "summary")[0]
        return None if stored is None else msgspec.json.decode(stored, type=Summary)

    def rename(self, call: CallId, title: str) -> None:
        """Give the call a title chosen by a person."""
        self._row(call, "id")
        with self._vault.write() as db:
            db.execute("UPDATE recordings SET title = ?, is_titled = 1 WHERE id = ?", [title, call])

    def set_date(self, call: CallId, date: datetime) -> None:
        """Set when the call took place."""
        with self._vault.write() as db:
            db.execute("UPDATE recordings SET date = ? WHERE id = ?", [_stamp(date), call])

    def set_language(self, call: CallId, language: str) -> None:
        """Set the language of a call that came as text."""
        with self._vault.write() as db:
            db.execute(
                "UPDATE recordings SET language = ? WHERE id = ? AND layout = ?", [language, call, Layout.WRITTEN.value]
            )

    def set_speakers(self, call: CallId, speakers: Sequence[Speaker]) -> None:
        """Set the names of these speakers and which of them is the user."""
        self._row(call, "id")
        with self._vault.write() as db:
            update_speakers(db, call, speakers)
        self._states.remove(call)  # their names stand in every line

    def delete(self, call: CallId) -> set[ConversationId]:
        """Delete the call: its key and every word in one transaction, then the file, which is mere noise by then.

        Returns the conversations that lost an answer quoting it.
        """
        self._row(call, "id")
        conversations = forget_call(self._vault, call)
        with suppress(OSError, VaultDamaged):  # the next start removes it; what has no proper id has no file of ours
            self.media_path(call).unlink(missing_ok=True)
        self._states.remove(call)
        return conversations

    def answers_quoting(self, call: CallId) -> int:
        """How many answers in other conversations cite or quote the call."""
        return len(answers_quoting(self._vault, call))

    def search(self, expression: str, limit: int, inside: CallId | None = None, most: int | None = None) -> list[Hit]:
        """Lines that match an FTS5 expression, best first; if more than `most` match, only the newest are ranked."""
        if not expression:
            return []
        rows = self._vault.rows(
            """WITH matching AS (
                SELECT rowid AS id, bm25(utterances_fts) AS rank FROM utterances_fts
                WHERE utterances_fts MATCH :expression ORDER BY rowid DESC LIMIT :most),
            found AS (SELECT id, rank FROM matching ORDER BY rank LIMIT :best)
            SELECT u.recording, r.title, u.start, u.text, u.uid, (SELECT count(*) FROM utterances v
                WHERE v.recording = u.recording AND (v.start, v.channel, v.id) <= (u.start, u.channel, u.id)) FROM found
            JOIN utterances u ON u.id = found.id JOIN recordings r ON r.id = u.recording
            WHERE :inside IS NULL OR u.recording = :inside ORDER BY found.rank LIMIT :limit""",
            {
                "expression": expression, "limit": limit, "inside": inside, "most": -1 if most is None else most,
                "best": limit if inside is None else -1,
            },
        )  # fmt: skip
        return [Hit(CallId(i), title, line, start, text, UtteranceId(uid)) for i, title, start, text, uid, line in rows]

    def count_lines(self, expression: str | None = None, most: int = -1) -> int:
        """How many lines match an FTS5 expression, counted up to `most`; without one, how many there are."""
        if expression is None:
            return int(self._vault.row("SELECT count(*) FROM utterances")[0])
        matching = "SELECT 1 FROM utterances_fts WHERE utterances_fts MATCH ? LIMIT ?"
        return int(self._vault.row(f"SELECT count(*) FROM ({matching})", [expression, most])[0]) if expression else 0

    def search_titles(self, words: Sequence[str], limit: int) -> list[Hit]:
        """The first lines of the calls whose title contains every word."""
        clause = " AND ".join("instr(lower(r.title), lower(?))" for _ in words) or "0"
        rows = self._vault.rows(
            f"""SELECT r.id, r.title, coalesce(u.start, 0), coalesce(u.text, ''), coalesce(u.uid, '')
            FROM recordings r LEFT JOIN utterances u ON u.id =
                (SELECT id FROM utterances WHERE recording = r.id ORDER BY start, channel, id LIMIT 1)
            WHERE {clause} ORDER BY r.date DESC LIMIT ?""",
            [*words, limit],
        )
        return [Hit(CallId(i), title, 1, start, text, UtteranceId(uid)) for i, title, start, text, uid in rows]

    def _row(self, call: CallId, columns: str) -> Sequence[Any]:
        row = self._vault.row(f"SELECT {columns} FROM recordings WHERE id = ?", [call])
        if row is None:
            raise NotFound
        found: Sequence[Any] = row
        return found


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _call(row: Sequence[Any], speakers: tuple[Speaker, ...], tracks: tuple[Track, ...]) -> Call:
    (id_, title, is_titled, date, duration, steps, is_begun, has_lines, layout, language, is_truncated, wants_summary,
     awaits_speakers, preview, awaits, has_summary, wants_export) = row  # fmt: skip
    done = frozenset(steps.split(",") if steps else ())
    state = call_state(done, is_begun=bool(is_begun), has_lines=bool(has_lines))
    return Call(
        CallId(id_), title, datetime.fromisoformat(date), duration, state, Layout(layout), speakers, tracks, language,
        preview, bool(is_truncated), bool(wants_summary), not is_titled, done - {TRANSCRIBE} if awaits else done,
        bool(awaits), bool(has_summary) and SUMMARIZE not in done, bool(awaits_speakers), bool(wants_export),
    )  # fmt: skip
