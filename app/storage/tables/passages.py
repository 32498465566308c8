"""Passages in the vault, each with the vector that a model made of it."""

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.core.call import TRANSCRIBE
from app.core.embedding import Vector
from app.core.errors import NotFound
from app.core.ids import CallId, UtteranceId
from app.core.search_passages import PassagePlace
from app.storage.vault import Vault

_LARGEST = 127  # of a byte with a sign


@dataclass(frozen=True, slots=True)
class KeptPassage:
    """A passage as it is stored: its call, its place, and its vector as `pack_vector` made it."""

    call: CallId
    place: PassagePlace
    packed: bytes


class IndexOutdated(Exception):
    """The lines of a call, or the model, changed while its passages were made, which is to begin again."""


def pack_vector(vector: Vector) -> bytes:
    """A float32 scale, and each value as a byte with a sign that is multiplied by it; all little-endian."""
    scale = array("f", [max(map(abs, vector), default=0.0) / _LARGEST or 1.0])
    return scale.tobytes() + array("b", (round(value / scale[0]) for value in vector)).tobytes()


class PassageStore:
    """Keeps the passages of each call with the key of the model that made them (`core.embedding.vectors_key`)."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def begin(self, call: CallId, model: bytes) -> tuple[int, set[PassagePlace]]:
        """Begin or go on with a call's passages; those of another model are deleted.

        Returns the number of its `edits`, to be read before its lines are, and the places that are there.

        Raises:
            NotFound: there is no such call.
        """
        with self._vault.write() as db:
            if not db.execute("SELECT 1 FROM recordings WHERE id = ?", [call]).fetchone():
                raise NotFound
            row = db.execute("SELECT model, edits FROM passage_indexes WHERE recording = ?", [call]).fetchone()
            if row is None:
                db.execute("INSERT INTO passage_indexes (recording, model) VALUES (?, ?)", [call, model])
                return 0, set()
            if row[0] != model:
                db.execute("DELETE FROM passages WHERE recording = ?", [call])
                db.execute(
                    "UPDATE passage_indexes SET model = ?, is_whole = 0, saved = saved + 1 WHERE recording = ?",
                    [model, call],
                )
            rows = db.execute("SELECT first, last, part FROM passages WHERE recording = ?", [call]).fetchall()
        return row[1], {PassagePlace(UtteranceId(first), UtteranceId(last), part) for first, last, part in rows}

    def save(
        self,
        call: CallId,
        model: bytes,
        edits: int,
        made: Sequence[tuple[PassagePlace, tuple[float, float], Vector]] = (),
        *,
        outdated: Collection[PassagePlace] = (),
        is_whole: bool = False,
    ) -> None:
        """Save passages with the seconds at which their first and last lines begin, delete the outdated ones.

        `is_whole` says that the call has all of its passages now.

        Raises:
            IndexOutdated: the call's lines were edited since `begin`, or the model is another; nothing was saved.
        """
        with self._vault.write() as db:
            row = db.execute("SELECT model, edits FROM passage_indexes WHERE recording = ?", [call]).fetchone()
            if row is None or tuple(row) != (model, edits):
                raise IndexOutdated
            db.conn.executemany(
                "DELETE FROM passages WHERE recording = ? AND first = ? AND last = ? AND part = ?",
                [(call, place.first, place.last, place.part) for place in outdated],
            )
            db.conn.executemany(
                "INSERT INTO passages (recording, first, last, part, first_start, last_start, vector) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(call, p.first, p.last, p.part, *starts, pack_vector(vector)) for p, starts, vector in made],
            )
            db.execute(
                "UPDATE passage_indexes SET is_whole = ?, saved = saved + 1 WHERE recording = ?", [is_whole, call]
            )

    def unfinished(self, model: bytes) -> list[CallId]:
        """The calls with a whole transcript whose passages are not all made by this model, newest first."""
        rows = self._vault.rows(
            "SELECT r.id FROM recordings r JOIN steps s ON s.recording = r.id AND s.step = ? AND s.done IS NOT NULL "
            "LEFT JOIN passage_indexes i ON i.recording = r.id "
            "WHERE (i.recording IS NULL OR NOT i.is_whole OR i.model <> ?) "
            "AND EXISTS (SELECT 1 FROM utterances u WHERE u.recording = r.id) ORDER BY r.date DESC, r.id DESC",
            [TRANSCRIBE, model],
        )
        return [CallId(call) for (call,) in rows]

    def stamps(self, model: bytes) -> dict[CallId, tuple[int, int]]:
        """For each call with passages of this model two numbers, one of which is another whenever they change."""
        rows = self._vault.rows("SELECT recording, edits, saved FROM passage_indexes WHERE model = ?", [model])
        return {CallId(call): (edits, saved) for call, edits, saved in rows}

    def of_call(self, call: CallId) -> list[KeptPassage]:
        """The passages of a call, in order."""
        rows = self._vault.rows(
            "SELECT recording, first, last, part, vector FROM passages WHERE recording = ? ORDER BY first_start, id",
            [call],
        )
        return [
            KeptPassage(CallId(of), PassagePlace(UtteranceId(first), UtteranceId(last), part), packed)
            for of, first, last, part, packed in rows
        ]
