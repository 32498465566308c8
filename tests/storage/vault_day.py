"""A person's day with a vault, beside a plain model of what it should hold: the half of the machine that writes."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.assembly import build
from app.core.call import CallState
from app.core.conversation import Message
from app.core.errors import NotFound
from app.core.ids import CallId, ConversationId
from app.core.plain_text import one_line
from app.core.summary import Summary
from app.core.transcript import Layout, Utterance, with_sides_swapped
from app.storage.files.sealed_file import SealedWriter
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.doubles.keychains import Memory, keychain_on
from tests.running import CHEAP
from tests.storage import random_content
from tests.storage.calls import join, new
from tests.storage.plain_model import TALK_TITLE, Call, Content, Talk, moment, removed
from tests.storage.random_content import which

if TYPE_CHECKING:
    from app.services.session import Session

T = TypeVar("T")

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it


def picked(found: "dict[str, T]", number: int) -> tuple[str, T]:
    """One of them."""
    return list(found.items())[number % len(found)]


class Day(RuleBasedStateMachine):
    """A vault and its model; what a person and the product write goes to both."""

    def __init__(self) -> None:
        super().__init__()
        # In memory where there is such a place: what a disk loses is tried elsewhere, and takes the time.
        self.home = Path(tempfile.mkdtemp(prefix="machine-", dir=_MEMORY if _MEMORY.is_dir() else None))
        self.folder = self.home / "vault"
        self.session: Session | None = None
        self.now = Content("", "")
        self.keychain = Memory()
        self.saved: list[tuple[Path, Content]] = []
        self.former: set[str] = set()  # secrets that opened the vault once
        self.clock = datetime(2026, 3, 1, tzinfo=UTC)
        self.count = 0

    # --- What the machine uses

    @property
    def tacit(self) -> Any:
        """The product, locked."""
        return build(
            self.folder, self.home / "models", is_offline_enforced=True, cost=CHEAP, keychain=keychain_on(self.keychain)
        )  # fmt: skip

    @property
    def vault(self) -> Vault:
        """The open vault."""
        found: Vault = vars(self.opened())["_vault"]
        return found

    @property
    def library(self) -> Any:
        """Its calls, through the use cases."""
        return self.opened().library

    @property
    def store(self) -> CallStore:
        """Its recordings."""
        return CallStore(self.vault)

    @property
    def talks(self) -> ConversationStore:
        """Its conversations."""
        return ConversationStore(self.vault)

    def secret(self, kind: str) -> str:
        """What opens the vault now."""
        return self.now.passphrase if kind == "passphrase" else self.now.recovery_key

    def fresh(self, name: str) -> Path:
        """A path that nothing lies at."""
        self.count += 1
        return self.home / f"{name}-{self.count}"

    def opened(self) -> "Session":
        """The session; a locked vault is unlocked for it."""
        if self.session is None:
            self.session = self.tacit.unlock(self.now.passphrase)
        assert self.session is not None
        return self.session

    def some_call(self, number: int) -> tuple[CallId, Call]:
        """One of the calls; one is brought in where there is none."""
        if not self.now.calls:
            self.bring_in("A call", b"its sound", Layout.TWO_SIDED, 0)
        id_, call = picked(self.now.calls, number)
        return CallId(id_), call

    def some_talk(self, number: int) -> tuple[ConversationId, Talk]:
        """One of the conversations; one is begun where there is none."""
        if not self.now.talks:
            self.start_talk(number, on_a_call=False)
        id_, talk = picked(self.now.talks, number)
        return ConversationId(id_), talk

    def pointed(self, message: Message, number: int, quotes: bool) -> Message:
        """The message with its citations on a call, perhaps one that is not there, and perhaps in the call's words."""
        id_, call = self.some_call(number)
        cited = tuple(msgspec.structs.replace(c, id=id_ if number % 4 else c.id) for c in message.citations)
        text = call.said[number % len(call.said)].text if quotes and call.said else message.text
        return msgspec.structs.replace(message, citations=cited, text=text)

    def close(self) -> None:
        """End the session."""
        if self.session is not None:
            self.session.close()
            self.session = None

    # --- A person's day

    @initialize(passphrase=random_content.passphrases)
    def make(self, passphrase: str) -> None:
        """Make the vault."""
        if not self.tacit.strength(passphrase).is_enough:
            passphrase = "correct horse battery staple"
        self.session = self.tacit.create(passphrase)
        self.now = Content(passphrase, self.session.recovery_key or "")
        assert self.now.recovery_key

    @rule(
        title=random_content.shown,
        sound=random_content.sounds,
        layout=st.sampled_from([layout for layout in Layout if layout is not Layout.WRITTEN]),
        day=st.integers(0, 3),
    )
    def bring_in(self, title: str, sound: bytes, layout: Layout, day: int) -> None:
        """A recording is sealed and stored."""
        made = new(title, layout, moment(day))
        self.seal(self.store.partial_media_path(made.id), made.media_key, sound)
        self.store.store(made)
        self.now.calls[made.id] = Call(title, sound, made.speakers, moment(day), layout)

    def seal(self, path: Path, key: bytes, sound: bytes) -> Path:
        """Write a sealed file."""
        writer = SealedWriter(path, key)
        writer.write(sound)
        writer.close()
        return path

    @rule(number=which, model=st.sampled_from(["small", "large"]))
    def begin_transcript(self, number: int, model: str) -> None:
        """Transcribing starts, or starts beside what there is."""
        id_, call = self.some_call(number)
        self.store.begin_transcript(id_, model)
        call.begin(model)

    def some_begun_call(self, number: int) -> tuple[CallId, Call]:
        """A call whose transcript a model has begun; after a repair a new one is only awaited."""
        id_, call = self.some_call(number)
        if call.state is CallState.IMPORTED or (call.anew is not None and not call.anew.model):
            self.begin_transcript(number, "small")
        return id_, call

    @rule(number=which)
    def give_up_retranscription(self, number: int) -> None:
        """The new transcript is not wanted any more."""
        id_, call = self.some_call(number)
        self.store.give_up_retranscription(id_)
        call.anew = None

    @rule(
        number=which,
        side=st.integers(0, 1),
        until=st.floats(0, 100),
        found=random_content.lines,
        language=random_content.languages,
    )
    def hear(self, number: int, side: int, until: float, found: list[Utterance], language: str) -> None:
        """A piece of a transcript is saved."""
        id_, call = self.some_begun_call(number)
        channel = call.layout.channels[side % len(call.layout.channels)]
        found = [msgspec.structs.replace(one, track=channel) for one in found]
        self.store.save_utterances(id_, channel, until, found, language)
        call.hear(channel, until, found, language)

    @rule(number=which)
    def finish_transcript(self, number: int) -> None:
        """The transcript is whole."""
        id_, call = self.some_begun_call(number)
        self.store.finish_transcript(id_)
        call.finish()
        call.learn(self.store.transcript(id_).utterances)

    @rule(number=which, text=random_content.said)
    def edit(self, number: int, text: str) -> None:
        """A person corrects a line."""
        _, call = self.some_call(number)
        if call.said:
            at = number % len(call.said)
            self.store.utterances.edit(call.said[at].id, text)
            call.said[at] = msgspec.structs.replace(call.said[at], text=text)

    @rule(number=which)
    def merge(self, number: int) -> None:
        """A person joins two lines of one track."""
        id_, call = self.some_call(number)
        pairs = [(a, b) for a in call.said for b in call.said if a.id != b.id and a.track == b.track]
        if pairs:
            one, other = pairs[number % len(pairs)]
            join(self.store, id_, one.id, other.id)
            spoken = (one.text, other.text) if one.start <= other.start else (other.text, one.text)
            joined = msgspec.structs.replace(
                one, start=min(one.start, other.start), end=max(one.end, other.end), text=" ".join(spoken).strip(),
                words=tuple(sorted((*one.words, *other.words), key=lambda word: word.start)),
            )  # fmt: skip
            call.said = [joined if known is one else known for known in call.said if known is not other]
            call.earlier.append(other.text)

    @rule(number=which, summary=random_content.summaries)
    def summarize(self, number: int, summary: Summary) -> None:
        """A summary is saved, and names the call unless a person has."""
        id_, call = self.some_call(number)
        self.store.save_summary(id_, summary)
        call.summary, call.state = summary, CallState.SUMMARIZED
        if summary.title and not call.is_titled:
            call.title = summary.title

    @rule(number=which, title=random_content.typed)
    def rename(self, number: int, title: str) -> None:
        """A person names a call."""
        id_, call = self.some_call(number)
        plain = one_line(title)[:200]
        if not plain:
            return
        self.library.rename(id_, title)
        call.title, call.is_titled = plain, True

    @rule(number=which, left=random_content.typed, right=random_content.typed, swaps=st.booleans())
    def name_speakers(self, number: int, left: str, right: str, swaps: bool) -> None:
        """A person says who is who."""
        id_, call = self.some_call(number)
        self.library.name_speakers(id_, [left, right])
        names = (one_line(left)[:60], one_line(right)[:60])
        call.speakers = tuple(
            msgspec.structs.replace(one, name=name or one.name) for one, name in zip(call.speakers, names, strict=False)
        )
        if swaps:
            self.library.swap_sides(id_)
            call.speakers = with_sides_swapped(call.speakers)

    @rule(number=which)
    def delete(self, number: int) -> None:
        """A person deletes a call."""
        id_, _ = self.some_call(number)
        self.library.delete(id_)
        self.now.forget(id_)
        with pytest.raises(NotFound):
            self.store.get(id_)

    @rule(number=which, on_a_call=st.booleans())
    def start_talk(self, number: int, on_a_call: bool) -> None:
        """A conversation begins."""
        call = picked(self.now.calls, number)[0] if on_a_call and self.now.calls else None
        made = self.talks.start(CallId(call) if call else None)
        self.now.talks[made.id] = Talk(call)

    @rule(number=which, message=random_content.messages, quotes=st.booleans())
    def say(self, number: int, message: Message, quotes: bool) -> None:
        """A question or a reply is saved."""
        id_, talk = self.some_talk(number)
        message = self.pointed(message, number, quotes)
        talk.numbers.append(self.talks.append(id_, message))
        talk.messages.append(message)
        talk.title = talk.title or one_line(message.text)[:TALK_TITLE]

    @rule(number=which, message=random_content.messages, removes=st.booleans())
    def say_more(self, number: int, message: Message, removes: bool) -> None:
        """A reply grows, or comes to nothing; one that cites a call which is not there is not kept."""
        there = {id_: talk for id_, talk in self.now.talks.items() if talk.messages}
        if not there:
            self.say(number, message, quotes=False)
            return
        _, talk = picked(there, number)
        at = number % len(talk.messages)
        if removes:
            self.talks.remove_message(talk.numbers.pop(at))
            talk.messages.pop(at)
            return
        message = self.pointed(message, number, quotes=False)
        self.talks.replace(talk.numbers[at], message)
        is_kept = all(citation.id in self.now.calls for citation in message.citations)
        talk.messages[at] = message if is_kept else removed(message)

    @rule(number=which)
    def delete_talk(self, number: int) -> None:
        """A conversation is deleted."""
        id_, _ = self.some_talk(number)
        self.talks.delete(id_)
        del self.now.talks[id_]

    @rule(query=random_content.asked | random_content.typed)
    def search(self, query: str) -> None:
        """Search finds what is there, and nothing that was deleted."""
        searching = self.opened().search
        if query.isascii() or set(query.split()) <= set(random_content.WORDS):
            hits = searching.search(query, 1000)
            assert {(hit.id, hit.line) for hit in hits} == self.now.found(query)
            assert len(hits) == len(self.now.found(query))
        else:
            searching.search(query)  # how other scripts are cut is tried elsewhere; it must not fail
