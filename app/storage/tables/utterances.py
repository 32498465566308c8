"""Utterances in the vault: each is edited, or gives way to others, without another one losing its id."""

from collections.abc import Iterable

import msgspec

from app.core.conversation import Citation, CitedWords
from app.core.errors import LineChanged, NotFound
from app.core.ids import CallId, SpeakerId, UtteranceId
from app.core.line_changes import LineChange, heard_since
from app.core.transcript import Utterance
from app.storage.database.connection import Database
from app.storage.tables import speakers
from app.storage.tables.transcripts import insert_utterances, pack_words, spaced_or_none, unpack_words
from app.storage.vault import Vault


class UtteranceStore:
    """Reads and changes single utterances; every change is one transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def edit(self, utterance: UtteranceId, text: str, seen: str | None = None) -> str:
        """Change what an utterance says; returns what it said. Its words stay as they were recognised.

        `seen` is what it said when the change was thought of. What was heard behind that since stays behind the text.

        Raises:
            NotFound: there is no such utterance.
            LineChanged: it says something else than what was `seen` by now.
        """
        with self._vault.write() as db:
            row = db.execute("SELECT text FROM utterances WHERE uid = ?", [utterance]).fetchone()
            if row is None:
                raise NotFound
            before = str(row[0])
            if seen is not None and before not in (seen, text):
                if not before.startswith(seen):
                    raise LineChanged
                text += heard_since(seen, before)
            if before != text:
                _keep_earlier(db, utterance)
            _set_text(db, utterance, text)
        return before

    def change(self, change: LineChange) -> None:
        """Let lines of a call take the place of others; citations of one that goes follow the one that has its words.

        Raises:
            NotFound: there is no such line any more, or the call has no such speaker; nothing was changed.
            LineChanged: a line is not as it was when the change was thought of; nothing was changed.
        """
        with self._vault.write() as db:
            for speaker in change.added:
                speakers.restore_speaker(db, change.call, speaker)
            for said in change.before:
                if _stored(db, change.call, said.id) != msgspec.structs.replace(said, line=0):
                    raise LineChanged
            staying = {said.id: said for said in change.before if any(one.id == said.id for one in change.after)}
            for said in change.before:
                if said.id not in staying:
                    _keep_earlier(db, said.id, _successor(said, change.after))
                    db.execute("DELETE FROM utterances WHERE uid = ?", [said.id])
            for said in change.after:
                _check_speaker(db, change.call, said.speaker)
                old = staying.get(said.id)
                if old is None:
                    insert_utterances(db, change.call, [said])
                else:
                    _update(db, old, said)
            for speaker in change.removed:
                speakers.remove_unused_speaker(db, change.call, speaker)

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
                "SELECT successor FROM earlier_utterances WHERE uid = ? ORDER BY id DESC LIMIT 1", [at]
            )
            at = None if row is None else row[0]
        return None


def _stored(db: Database, call: CallId, utterance: UtteranceId) -> Utterance:
    """An utterance of a call as it is stored; its line is left at 0."""
    row = db.execute(
        'SELECT channel, speaker, start, "end", text, words, language, is_language_doubtful FROM utterances '
        "WHERE uid = ? AND recording = ?",
        [utterance, call],
    ).fetchone()
    if row is None:
        raise NotFound
    track, speaker, start, end, text, words, language, is_doubtful = row
    return Utterance(
        utterance, track, SpeakerId(speaker), start, end, text, unpack_words(words), 0, language, bool(is_doubtful)
    )


def _update(db: Database, old: Utterance, said: Utterance) -> None:
    # Column by column: a passage goes with any update of the columns that it is made of, search with one of the text.
    if old.text != said.text:
        _keep_earlier(db, said.id)
        _set_text(db, said.id, said.text)
    if (old.start, old.end, old.words) != (said.start, said.end, said.words):
        db.execute(
            'UPDATE utterances SET start = ?, "end" = ?, words = ? WHERE uid = ?',
            [said.start, said.end, pack_words(said.words), said.id],
        )
    if old.speaker != said.speaker:
        db.execute("UPDATE utterances SET speaker = ? WHERE uid = ?", [said.speaker, said.id])


def _successor(said: Utterance, after: Iterable[Utterance]) -> UtteranceId | None:
    """Which of the lines that take a line's place has most of its time."""
    best = max(after, key=lambda one: min(one.end, said.end) - max(one.start, said.start), default=None)
    return None if best is None else best.id


def _check_speaker(db: Database, call: CallId, speaker: SpeakerId) -> None:
    if not db.execute("SELECT 1 FROM speakers WHERE id = ? AND recording = ?", [speaker, call]).fetchone():
        raise NotFound


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
