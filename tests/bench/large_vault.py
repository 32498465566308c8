"""A large vault for measurements: 200 calls of 500 lines, 10,000 messages, words as often as in a language."""

import bisect
import itertools
import random
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import sqlcipher3.dbapi2 as driver

from app.core.call import Survey
from app.core.conversation import Citation, Message, Role
from app.core.ids import CallId, ConversationId, new_call_id
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Layout, Transcript, Utterance, Word, default_speakers, spoken
from app.storage import vault
from app.storage.database import connection as cipher
from app.storage.database.connection import Database
from app.storage.files.sealed_file import SealedWriter
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.new_call import NewCall
from app.storage.vault import Vault
from tests.call_summaries import call_summary

CALLS, LINES, CONVERSATIONS, MESSAGES = 200, 500, 500, 20
_A_PIECE = 4  # lines in one transaction, about what the recogniser saves at a time
_WORDS = 20_000
_FREQUENT = (
    "the i you to and a of it that we in is so for on have do with this but be as they what not at can will yes if"
).split()
_SYLLABLES = "ba co de fi gu ha jo ke li mu na po re si tu va wo xe yo za bra cli dro fle gra plu ste tri".split()


def _vocabulary(chance: random.Random) -> list[str]:
    known = dict.fromkeys(_FREQUENT)
    while len(known) < _WORDS:
        known["".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4))))] = None
    return list(known)


class Language:
    """Words drawn with the frequency of a natural language's: the n-th most frequent as often as 1/n (Zipf)."""

    def __init__(self, seed: int = 5) -> None:
        self.chance = random.Random(seed)
        self.words = _vocabulary(random.Random(1))
        self._sums = list(itertools.accumulate(1 / rank for rank in range(1, _WORDS + 1)))

    def word(self) -> str:
        """One word."""
        return self.words[bisect.bisect(self._sums, self.chance.random() * self._sums[-1])]

    def sentence(self, most: int) -> str:
        """Up to `most` words."""
        return " ".join(self.word() for _ in range(self.chance.randint(3, most))).capitalize() + "."

    def line(self, start: float, channel: int) -> Utterance:
        """Something said, with its words as the recogniser times them."""
        at, words = start, []
        text = self.sentence(21)
        for part in text.split():
            end = at + 0.08 + 0.05 * len(part) + 0.1 * self.chance.random()
            words.append(Word(f" {part}", at, end, self.chance.random()))
            at = end + 0.02
        return spoken(channel, start, at, text, tuple(words))


@dataclass(frozen=True)
class Contents:
    """What is in a large vault."""

    calls: list[CallId]
    conversations: list[ConversationId]
    lines: list[str]
    words: list[str]


def filled(made: Vault, calls: int = CALLS, conversations: int = CONVERSATIONS) -> Contents:
    """Fill an empty vault through its stores, a few lines a transaction; the same words each time."""
    language, store, talks = Language(), CallStore(made), ConversationStore(made)
    made.read().execute("PRAGMA synchronous=OFF")  # of this connection, while it is filled
    there = [_call(store, language, n) for n in range(calls)]
    found = [_conversation(made, talks, language, n, [one for one, _ in there]) for n in range(conversations)]
    made.read().execute("PRAGMA synchronous=FULL")
    return Contents([one for one, _ in there], found, [text for _, texts in there for text in texts], language.words)


def _call(store: CallStore, language: Language, number: int) -> tuple[CallId, list[str]]:
    chance, at, lines = language.chance, 1.0, []
    for n in range(LINES):
        lines.append(language.line(at, n % 2))
        at = lines[-1].end + chance.random()
    survey = Survey(at, 2, (-20.0, -21.0), 0.01, chance.randbytes(int(at) * 20), False, "opus")
    new = NewCall(
        new_call_id(), language.sentence(6), False, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number),
        survey, Layout.TWO_SIDED, default_speakers(Layout.TWO_SIDED), "", True, secrets.token_bytes(32),
        secrets.token_bytes(32),
    )  # fmt: skip
    writer = SealedWriter(store.media_path(new.id), new.media_key)
    writer.write(b"a short sound")
    writer.close()
    store.add(new)
    store.begin_transcript(new.id, "small")
    for first in range(0, LINES, _A_PIECE):
        piece = lines[first : first + _A_PIECE]
        for channel in (0, 1):
            store.save_utterances(new.id, channel, piece[-1].end, [u for u in piece if u.track == channel], "en")
    store.finish_transcript(new.id)
    store.save_summary(new.id, _summary(language, store.transcript(new.id)))
    return new.id, [line.text for line in lines]


def _summary(language: Language, transcript: Transcript) -> Summary:
    def evidence() -> tuple[Evidence, ...]:
        line = transcript.utterances[language.chance.randrange(LINES)]
        return (Evidence(line.id, line.start, line.end),)

    points = tuple(Point(language.sentence(20), evidence()) for _ in range(8))
    actions = tuple(
        ActionItem(language.sentence(12), "You", "Friday", evidence(), transcript.speakers[0].id) for _ in range(5)
    )
    overview = " ".join(language.sentence(25) for _ in range(4))
    return call_summary(language.sentence(5), overview, points, points[:3], actions, "small")


def _conversation(
    made: Vault, talks: ConversationStore, language: Language, number: int, calls: Sequence[CallId]
) -> ConversationId:
    one = calls[number % len(calls)]
    lines = CallStore(made).transcript(one).utterances
    with made.write():
        known = talks.start(one if number % 2 else None)
        for n in range(MESSAGES):
            citations = tuple(Citation(one, lines[at].id, lines[at].start, lines[at].end, at + 1) for at in (2, 69))
            text = " ".join(language.sentence(20) for _ in range(3 if n % 2 else 1))
            role = Role.ASSISTANT if n % 2 else Role.USER
            talks.append(known.id, Message(role, text, citations if n % 2 else ()))
    return known.id


def _plain(path: Path, _: bytes) -> Database:
    """A database without a key; all else is as in `cipher.open_database`."""
    connection = driver.connect(str(path), isolation_level=None, check_same_thread=False)
    for pragma in vars(cipher)["_PRAGMAS"].strip().splitlines():
        connection.execute(pragma).fetchall()
    return Database(connection, execute_plugins=False)


@contextmanager
def without_encryption() -> Iterator[Any]:
    """Vaults and connections that are opened inside are plain SQLite, for comparison; the product has no such door."""
    with mock.patch.object(vault, "open_database", _plain):
        yield
