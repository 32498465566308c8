"""Utterances in the vault: each is edited, split, merged or given to a speaker without another one losing its id."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.core.conversation import Citation, CitedWords
from app.core.errors import AssistantError, NotFound
from app.core.ids import CallId, SpeakerId, UtteranceId, new_utterance_id
from app.core.transcript import Speaker, Word
from app.storage.database.connection import Database
from app.storage.tables import speakers
from app.storage.tables.transcripts import pack_words, spaced_or_none, unpack_words
from app.storage.vault import Vault

_UNSPLIT = "Nothing was changed; choose a place between two words."
_UNCHANGED = "It was left as it is now; correct it again."
_UNMERGED = "Nothing was changed; choose two lines of one call that were heard on the same track."


class UtteranceStore:
    """Reads and changes single utterances; every change is one transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def edit(self, utterance: UtteranceId, text: str, seen: str | None = None) -> str:
        """Change what an utterance says; returns what it said. Its words stay as they were recognised.

        `seen` is what it said when the change was thought of. What was heard behind that since stays behind the text.

        Raises:
            NotFound: there is no such utterance.
            AssistantError: it says something else than what was `seen` by now.
        """
        with self._vault.write() as db:
            before = str(self._row(db, utterance)[5])
            if seen is not None and before not in (seen, text):
                if not before.startswith(seen):
                    raise AssistantError("The line was changed meanwhile.", _UNCHANGED)
                text += before[len(seen) :]
            if before != text:
                _keep_earlier(db, utterance)
            _set_text(db, utterance, text)
        return before

    def split(self, utterance: UtteranceId, at: int) -> UtteranceId:
        """Split an utterance at an offset into its text; the first half keeps the id, that of the second is returned.

        Raises:
            NotFound: there is no such utterance.
            AssistantError: one half would be empty.
        """
        with self._vault.write() as db:
            call, track, speaker, start, end, text, packed = self._row(db, utterance)
            first, second = text[:at].strip(), text[at:].strip()
            if not first or not second:
                raise AssistantError("A line can't be split there.", _UNSPLIT)
            words = unpack_words(packed)
            moment, count = _split_time(words, text, at, start, end)
            before, after = words[:count], words[count:]
            _keep_earlier(db, utterance)
            _set_text(db, utterance, first)
            db.execute(
                'UPDATE utterances SET "end" = ?, words = ? WHERE uid = ?',
                [before[-1].end if before else moment, pack_words(before), utterance],
            )
            made = new_utterance_id()
            db.execute(
                'INSERT INTO utterances (recording, channel, start, "end", text, words, spaced, uid, speaker, '
                "language, is_language_doubtful) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, language, is_language_doubtful "
                "FROM utterances WHERE uid = ?",
                [call, track, moment, end, second, pack_words(after), spaced_or_none(second), made, speaker, utterance],
            )
        return made

    def merge(self, first: UtteranceId, second: UtteranceId) -> None:
        """Merge two utterances of one track; the id of the first stays, and citations of the second follow it.

        Raises:
            NotFound: one of them does not exist.
            AssistantError: they are the same one, or of different calls or tracks.
        """
        with self._vault.write() as db:
            call, track, _, start, end, text, words = self._row(db, first)
            other_call, other_track, _, other_start, other_end, other_text, other_words = self._row(db, second)
            if first == second or (call, track) != (other_call, other_track):
                raise AssistantError("These lines can't be merged.", _UNMERGED)
            _keep_earlier(db, second, first)
            db.execute("DELETE FROM utterances WHERE uid = ?", [second])
            spoken = (text, other_text) if start <= other_start else (other_text, text)
            _set_text(db, first, " ".join(spoken).strip())
            joined = tuple(sorted((*unpack_words(words), *unpack_words(other_words)), key=lambda word: word.start))
            db.execute(
                'UPDATE utterances SET start = ?, "end" = ?, words = ? WHERE uid = ?',
                [min(start, other_start), max(end, other_end), pack_words(joined), first],
            )

    def give(self, utterances: Iterable[UtteranceId], speaker: SpeakerId) -> None:
        """Give utterances to another speaker of their call.

        Raises:
            NotFound: one of them does not exist, or the call has no such speaker; nothing was changed.
        """
        with self._vault.write() as db:
            for utterance in utterances:
                self._give(db, utterance, speaker, self._row(db, utterance)[0])

    def give_track(self, call: CallId, track: int, speakers_: Mapping[UtteranceId, SpeakerId]) -> None:
        """Give the utterances of one track to the speakers who were told apart on it.

        Raises:
            NotFound: an utterance is not on that track, or the call has no such speaker; nothing was changed.
        """
        with self._vault.write() as db:
            for utterance, speaker in speakers_.items():
                if tuple(self._row(db, utterance)[:2]) != (call, track):
                    raise NotFound
                self._give(db, utterance, speaker, call)

    def add_speaker(self, call: CallId, name: str) -> Speaker:
        """Add a speaker to a call.

        Raises:
            NotFound: there is no such call.
        """
        with self._vault.write() as db:
            return speakers.add_speaker(db, call, name)

    def current(self, citations: Iterable[Citation]) -> tuple[Citation, ...]:
        """The citations as they hold now: an utterance that was merged gives way to the one that has its words."""
        found = []
        for citation in citations:
            utterance = self._follow(citation.utterance)
            found.append(
                Citation(
                    citation.id, utterance or citation.utterance, citation.start, citation.end, citation.marker,
                    utterance is None,
                )
            )  # fmt: skip
        return tuple(found)

    def cited(self, citations: Iterable[Citation]) -> list[CitedWords]:
        """What citations point at: the line as it is shown, else the words of the earlier transcript; "" if unknown."""
        return [self._cited(citation) for citation in self.current(citations)]

    def _cited(self, citation: Citation) -> CitedWords:
        line = (
            "SELECT count(*) FROM utterances v WHERE v.recording = u.recording "
            "AND (v.start, v.channel, v.id) <= (u.start, u.channel, u.id)"
        )
        source = "earlier_utterances" if citation.is_earlier else "utterances"
        row = self._vault.row(
            f"SELECT {0 if citation.is_earlier else f'({line})'}, coalesce(s.name, ''), u.text FROM {source} u "
            "LEFT JOIN speakers s ON s.id = u.speaker WHERE u.uid = ? ORDER BY u.id DESC LIMIT 1",
            [citation.utterance],
        )
        number, speaker, text = row if row is not None else (0, "", "")
        return CitedWords(citation, number, speaker, text)

    def _follow(self, utterance: UtteranceId) -> UtteranceId | None:
        """The utterance that has the words of this one; None if they are no longer in a transcript."""
        seen: set[str] = set()
        at: str | None = utterance
        while at and at not in seen:
            if self._vault.row("SELECT 1 FROM utterances WHERE uid = ?", [at]) is not None:
                return UtteranceId(at)
            seen.add(at)
            row = self._vault.row(
                "SELECT successor FROM earlier_utterances WHERE uid = ? AND successor IS NOT NULL LIMIT 1", [at]
            )
            at = None if row is None else row[0]
        return None

    def _row(self, db: Database, utterance: UtteranceId) -> Any:
        row = db.execute(
            'SELECT recording, channel, speaker, start, "end", text, words FROM utterances WHERE uid = ?', [utterance]
        ).fetchone()
        if row is None:
            raise NotFound
        return row

    def _give(self, db: Database, utterance: UtteranceId, speaker: SpeakerId, call: str) -> None:
        if not db.execute("SELECT 1 FROM speakers WHERE id = ? AND recording = ?", [speaker, call]).fetchone():
            raise NotFound
        db.execute("UPDATE utterances SET speaker = ? WHERE uid = ?", [speaker, utterance])


def _keep_earlier(db: Database, utterance: UtteranceId, successor: UtteranceId | None = None) -> None:
    # Answers may repeat what an utterance said before; once the call is deleted, that is how they are found.
    db.execute(
        "INSERT INTO earlier_utterances (recording, uid, speaker, start, text, successor) "
        "SELECT recording, uid, speaker, start, text, ? FROM utterances WHERE uid = ?",
        [successor, utterance],
    )


def _set_text(db: Database, utterance: UtteranceId, text: str) -> None:
    # Both columns in one statement: the search index is told of each change of a row once.
    db.execute("UPDATE utterances SET text = ?, spaced = ? WHERE uid = ?", [text, spaced_or_none(text), utterance])


def _split_time(words: tuple[Word, ...], text: str, at: int, start: float, end: float) -> tuple[float, int]:
    """The second at which the second half begins, and how many of the words belong to the first.

    The times of words are exact; where the text was edited they no longer fit it, and the place in the text decides.
    """
    offset = -(len(words[0].text) - len(words[0].text.lstrip())) if words else 0
    if words and "".join(word.text for word in words).strip() == text:
        for count, word in enumerate(words):
            if count and offset + len(word.text) > at:
                return word.start, count
            offset += len(word.text)
    moment = start + (end - start) * at / max(1, len(text))
    return moment, sum(word.start < moment for word in words)
