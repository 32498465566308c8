"""Recordings for tests of the vault."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from app.core import line_changes
from app.core.call import Survey
from app.core.ids import CallId, UtteranceId, new_call_id
from app.core.line_changes import LineChange
from app.core.transcript import Layout, Speaker, Utterance, Word, default_speakers, spoken
from app.storage.files.sealed_file import SealedWriter
from app.storage.tables.calls import CallStore
from app.storage.tables.new_call import NewCall
from app.storage.vault import Vault
from tests.running import CHEAP, PASSPHRASE

SURVEY = Survey(60.0, 2, (-20.0, -21.0), 0.01, bytes(range(200)), False, "opus")


def new(title: str = "A call", layout: Layout = Layout.TWO_SIDED, date: datetime | None = None) -> NewCall:
    """A recording that was just brought in."""
    return NewCall(
        new_call_id(), title, False, date or datetime(2026, 3, 9, 14, 5, tzinfo=UTC), SURVEY, layout,
        default_speakers(layout), "", True, secrets.token_bytes(32), secrets.token_bytes(32),
    )  # fmt: skip


def line(text: str, start: float = 0.0, channel: int = 0) -> Utterance:
    """Something said, with its words."""
    words = tuple(Word(f" {part}", start + n, start + n + 0.9, 0.5) for n, part in enumerate(text.split()))
    return spoken(channel, start, start + len(words), text, words)


def add(
    store: CallStore, *texts: str, title: str = "A call", layout: Layout = Layout.TWO_SIDED, language: str = "en"
) -> CallId:
    """Store a call with these lines, one every ten seconds, by turns."""
    made = new(title, layout)
    writer = SealedWriter(store.media_path(made.id), made.media_key)
    writer.write(b"sound of " + title.encode())
    writer.close()
    store.add(made)
    store.begin_transcript(made.id, "small")
    for n, text in enumerate(texts):
        channel = layout.channels[n % len(layout.channels)]
        store.save_utterances(made.id, channel, 10.0 * n + 10, [line(text, 10.0 * n, channel)], language)
    return made.id


def make_vault_of_one_call(folder: Path) -> None:
    """Make a vault whose one call is called First, and close it."""
    vault = Vault.create(folder, PASSPHRASE, CHEAP)
    add(CallStore(vault), "We agree.", title="First")
    vault.close()


def uid(store: CallStore, call: CallId, number: int = 1) -> UtteranceId:
    """The id of a line of a call, from 1."""
    return store.transcript(call).utterances[number - 1].id


def utterance(store: CallStore, call: CallId, id_: UtteranceId) -> Utterance:
    """A line of a call by its id."""
    return next(said for said in store.transcript(call).utterances if said.id == id_)


def split(store: CallStore, call: CallId, id_: UtteranceId, at: int) -> UtteranceId:
    """Split a line at a place in its text; the id of the second half."""
    said = utterance(store, call, id_)
    halves = line_changes.split(said, said.text[:at].strip(), said.text[at:].strip())
    store.change_lines(LineChange(call, (said,), halves))
    return halves[1].id


def join(store: CallStore, call: CallId, first: UtteranceId, second: UtteranceId) -> None:
    """Join two lines to the first."""
    one, other = utterance(store, call, first), utterance(store, call, second)
    store.change_lines(LineChange(call, (one, other), (line_changes.joined(one, other),)))


def give(store: CallStore, call: CallId, ids: Iterable[UtteranceId], speaker: Speaker) -> None:
    """Give lines to a speaker, who is added if the call does not know them."""
    lines = [utterance(store, call, id_) for id_ in ids]
    change = line_changes.given(call, lines, speaker, store.get(call).speakers)
    assert change is not None
    store.change_lines(change)
