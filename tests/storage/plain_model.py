"""What a vault should hold, as plain values: the model that the state machine compares it with."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from app.core.call import CallState
from app.core.conversation import Message, Role
from app.core.search import terms
from app.core.summary import Summary
from app.core.transcript import Layout, Speakers, Utterance

PREVIEW, TALK_TITLE = 160, 80  # characters


@dataclass
class Call:
    """One recording."""

    title: str
    sound: bytes
    speakers: Speakers
    date: datetime
    layout: Layout
    is_titled: bool = False
    state: CallState = CallState.IMPORTED
    language: str = ""
    model: str = ""
    heard: list[float] = field(default_factory=lambda: [0.0, 0.0])
    said: list[Utterance] = field(default_factory=list)  # in the order in which it was saved
    summary: Summary | None = None

    @property
    def lines(self) -> list[Utterance]:
        """What was said in the order of a transcript."""
        return sorted(self.said, key=lambda line: (line.start, line.channel))

    @property
    def preview(self) -> str:
        """What the list shows below the title."""
        if self.summary is not None:
            return self.summary.section("overview").text[:PREVIEW]
        return self.lines[0].text[:PREVIEW] if self.said else ""


@dataclass
class Talk:
    """One conversation."""

    call: str | None
    title: str = ""
    messages: list[Message] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # of the rows, to change them by


@dataclass
class Content:
    """All that a person has in a vault, and what opens it."""

    passphrase: str
    recovery_key: str
    keychain: bool | None = False  # whether the keychain opens it; None: after a restore it may or may not
    calls: dict[str, Call] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)

    def forget(self, call: str) -> None:
        """Delete a call, what was asked about it, and the answers elsewhere that cite it or repeat its words."""
        runs = {run for line in self.calls.pop(call).said for run in _runs(line.text)}
        self.talks = {id_: talk for id_, talk in self.talks.items() if talk.call != call}
        for talk in self.talks.values():
            talk.messages = [
                removed(one) if _is_answer(one) and (_cites(one, call) or runs & _runs(one.text)) else one
                for one in talk.messages
            ]

    def found(self, query: str) -> set[tuple[str, int]]:
        """The call and line of everything that a search should find."""
        wanted = [_tokens(term) for term in terms(query)]
        if not wanted:
            return set()
        hits = {
            (id_, number)
            for id_, call in self.calls.items()
            for number, line in enumerate(call.lines, 1)
            if _matches(_tokens(line.text), wanted)
        }
        there = {id_ for id_, _ in hits}
        titled = {
            (id_, 1)
            for id_, call in self.calls.items()
            if id_ not in there and all(_lower(term) in _lower(call.title) for term in terms(query))
        }
        return hits | titled


def removed(message: Message) -> Message:
    """What is left of an answer that quoted a call which was deleted."""
    gone = "This answer was removed with the call that it quoted."
    return msgspec.structs.replace(message, text=gone, citations=(), note="")


def _is_answer(message: Message) -> bool:
    return message.role is Role.ASSISTANT


def _cites(message: Message, call: str) -> bool:
    return any(citation.id == call for citation in message.citations)


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every eight words that follow each other."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + 8]) for at in range(len(words) - 7)}


def spelled(secret: str) -> str:
    """A passphrase as it counts: two ways to type the same letters are one."""
    return unicodedata.normalize("NFKC", secret)


def moment(day: int) -> datetime:
    """A date of a call."""
    return datetime.fromtimestamp(1_700_000_000 + 86_400 * day, UTC)


def _tokens(text: str) -> list[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    return "".join(c if c.isalnum() else " " for c in bare).split()


def _matches(said: list[str], wanted: list[list[str]]) -> bool:
    """Whether every term stands in a line; the last one may be only begun."""
    return all(_stands(said, term, may_be_begun=n == len(wanted) - 1) for n, term in enumerate(wanted))


def _stands(said: list[str], term: list[str], *, may_be_begun: bool) -> bool:
    for at in range(len(said) - len(term) + 1):
        part = said[at : at + len(term)]
        if part[:-1] == term[:-1] and (part[-1] == term[-1] or (may_be_begun and part[-1].startswith(term[-1]))):
            return True
    return False


def _lower(text: str) -> str:
    """As SQLite's lower(): of ASCII alone."""
    return "".join(c.lower() if c.isascii() else c for c in text)
