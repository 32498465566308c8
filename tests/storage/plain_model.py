"""What a vault should hold, as plain values: the model that the state machine compares it with."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from app.core.call import CallState
from app.core.conversation import Message, Role
from app.core.ids import UtteranceId
from app.core.search import terms
from app.core.summary import Summary
from app.core.transcript import Layout, Speaker, Utterance
from app.core.transcript_match import as_corrected, same_utterances

PREVIEW, TALK_TITLE = 160, 80  # characters
UNKNOWN = UtteranceId("")


@dataclass
class Call:
    """One recording."""

    title: str
    sound: bytes
    speakers: tuple[Speaker, ...]
    date: datetime
    layout: Layout
    is_titled: bool = False
    state: CallState = CallState.IMPORTED
    language: str = ""
    model: str = ""
    heard: dict[int, float] = field(default_factory=dict)
    said: list[Utterance] = field(default_factory=list)  # in the order in which it was saved
    earlier: list[str] = field(default_factory=list)  # what was said in transcripts that another one replaced
    anew: "Anew | None" = None
    summary: Summary | None = None

    def begin(self, model: str) -> None:
        """A model begins to transcribe, or goes on."""
        if self.anew is not None:
            if self.anew.model != model:
                self.anew = Anew(model)
        elif (self.state, self.model) != (CallState.TRANSCRIBING, model):
            if self.said:
                self.anew = Anew(model)
            else:
                self.state, self.model, self.language, self.heard = CallState.TRANSCRIBING, model, "", {}

    def hear(self, track: int, until: float, found: list[Utterance], language: str) -> None:
        """A piece of the transcript that is being written."""
        into = self if self.anew is None else self.anew
        into.said += [self.spoken_by_track(one) for one in found]
        if self.anew is None and found and self.state is CallState.SILENT:
            self.state = CallState.TRANSCRIBED
        into.heard[track] = max(into.heard.get(track, 0.0), until)
        into.language = into.language or language

    def spoken_by_track(self, one: Utterance) -> Utterance:
        """The same, of the speaker whose track it is."""
        return msgspec.structs.replace(one, speaker=self.speakers[one.track].id)

    def finish(self) -> None:
        """The transcript is whole; one that was written beside another replaces it."""
        if self.anew is not None:
            same = {at: new for new, at in same_utterances(in_order(self.said), in_order(self.anew.said)).items()}
            old, new = in_order(self.said), in_order(self.anew.said)
            kept = {
                old[at].id: msgspec.structs.replace(
                    as_corrected(new[position], old[at]), id=old[at].id, speaker=old[at].speaker
                )
                for at, position in same.items()
            }
            self.earlier += [one.text for one in self.said if one.id not in kept]
            self.said = [kept[one.id] for one in self.said if one.id in kept] + [
                msgspec.structs.replace(one, id=UNKNOWN)
                for position, one in enumerate(new)
                if position not in same.values()
            ]
            self.model, self.language, self.heard = self.anew.model, self.anew.language, self.anew.heard
            self.anew = None
        self.state = CallState.TRANSCRIBED if self.said else CallState.SILENT

    def learn(self, found: tuple[Utterance, ...]) -> None:
        """Take over the ids that the vault gave to utterances which it made itself."""
        ids = iter([one.id for one in found if one.id not in {known.id for known in self.said}])
        fresh = [next(ids) if one.id == UNKNOWN else one.id for one in self.lines]
        known = {id(one): new for one, new in zip(self.lines, fresh, strict=True)}
        self.said = [msgspec.structs.replace(one, id=known[id(one)]) for one in self.said]

    @property
    def lines(self) -> list[Utterance]:
        """What was said in the order of a transcript."""
        return in_order(self.said)

    @property
    def preview(self) -> str:
        """What the list shows below the title."""
        if self.summary is not None:
            return self.summary.section("overview").text[:PREVIEW]
        return self.lines[0].text[:PREVIEW] if self.said else ""


@dataclass
class Anew:
    """A transcript that is written beside another one."""

    model: str  # "" while none has begun it
    heard: dict[int, float] = field(default_factory=dict)
    said: list[Utterance] = field(default_factory=list)
    language: str = ""


def in_order(said: list[Utterance]) -> list[Utterance]:
    """In the order of a transcript."""
    return sorted(said, key=lambda line: (line.start, line.track))


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
        gone = self.calls.pop(call)
        runs = {run for text in [*(line.text for line in gone.said), *gone.earlier] for run in _runs(text)}
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
