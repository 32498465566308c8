"""The services of a session, made of values in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from app.core.call import Call, Survey
from app.core.change import Change
from app.core.check import CheckedStatement
from app.core.conversation import (
    Citation,
    CitedWords,
)
from app.core.deletion import Consequences
from app.core.errors import AssistantError, LineChanged, NotFound, SoundUnavailable
from app.core.found import FoundGroup, Place, has_every_word, spans_of
from app.core.ids import CallId, ConversationId, NoteId
from app.core.job import JobContext
from app.core.line_changes import LineChange
from app.core.search import Hit
from app.core.statements import statements_of
from app.core.summary import Summary
from app.core.transcript import (
    Transcript,
    with_sides_swapped,
)
from app.services.calls.library import renamed
from app.services.chats.drafts import UnderWay

if TYPE_CHECKING:
    from app.core.download import NetworkLogEntry

from tests.ui.example_calls import SAID, SUMMARY, transcript

if TYPE_CHECKING:
    from tests.ui.chats_in_memory import Answering


@dataclass
class Library:
    """Calls in memory."""

    publish: Callable[[Change], None]
    kept: dict[str, Call] = field(default_factory=dict)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    error: Exception | None = None

    def add(self, made: Call, lines: int = len(SAID), summary: Summary | None = SUMMARY) -> Call:
        self.kept[made.id] = made
        self.transcripts[made.id] = transcript(lines)
        if summary is not None:
            self.summaries[made.id] = summary
        return made

    def calls(self) -> list[Call]:
        return list(reversed(self.kept.values()))

    def call(self, known: CallId) -> Call:
        if known not in self.kept:
            raise NotFound
        return self.kept[known]

    def transcript(self, known: CallId) -> Transcript:
        return msgspec.structs.replace(self.transcripts[known], speakers=self.kept[known].speakers)

    def cited(self, citations: Iterable[Citation]) -> list[CitedWords]:
        found = []
        for citation in citations:
            known = self.transcript(citation.id)
            line = next((u for u in known.utterances if u.id == citation.utterance), None)
            found.append(
                CitedWords(citation, 0, "", "") if line is None
                else CitedWords(citation, line.line, known.name(line), line.text)
            )  # fmt: skip
        return found

    def summary(self, known: CallId) -> Summary | None:
        return self.summaries.get(known)

    def survey(self, known: CallId) -> Survey:
        if known in self.surveys:
            return self.surveys[known]
        count = int(self.kept[known].duration * 10)
        peaks = bytes(peak for n in range(count) for peak in ((n * 37 % 200, 0) if n // 100 % 2 else (0, n * 53 % 200)))
        return Survey(self.kept[known].duration, 2, (-20.0, -20.0), 0.0, peaks, False, "opus")

    def _change(self, known: CallId, **what: Any) -> None:
        self.kept[known] = msgspec.structs.replace(self.kept[known], **what)
        self.publish(Change("recording", known))

    def rename(self, known: CallId, title: str) -> None:
        self._change(known, title=title)

    def change(self, change: LineChange, *, is_new: bool) -> None:
        if self.error is not None:
            raise self.error
        known = self.transcript(change.call)
        lines = [msgspec.structs.replace(line, line=0) for line in known.utterances]
        if any(msgspec.structs.replace(line, line=0) not in lines for line in change.before):
            raise LineChanged
        gone = {line.id for line in change.before}
        lines = sorted([line for line in lines if line.id not in gone] + [*change.after], key=lambda one: one.start)
        numbered = tuple(msgspec.structs.replace(line, line=n) for n, line in enumerate(lines, 1))
        removed = {one.id for one in change.removed}
        speakers = tuple(one for one in (*known.speakers, *change.added) if one.id not in removed)
        self.transcripts[change.call] = msgspec.structs.replace(known, utterances=numbered, speakers=speakers)
        if change.added or change.removed:
            self._change(change.call, speakers=speakers)
        self.publish(Change("transcript", change.call))

    def replace(self, old: str, new: str, call: CallId | None = None) -> list[LineChange]:
        made = []
        for known in self.kept if call is None else [call]:
            before = tuple(line for line in self.transcripts[known].utterances if old in line.text)
            after = tuple(msgspec.structs.replace(line, text=line.text.replace(old, new)) for line in before)
            if before:
                made.append(LineChange(CallId(known), before, after))
                self.change(made[-1], is_new=True)
        return made

    def swap_sides(self, known: CallId) -> None:
        self._change(known, speakers=with_sides_swapped(self.kept[known].speakers))

    def name_speakers(self, known: CallId, names: Sequence[str]) -> None:
        self._change(known, speakers=renamed(self.kept[known].speakers, names))

    def delete(self, known: CallId) -> None:
        del self.kept[known]
        self.publish(Change("recording", known, is_gone=True))


@dataclass
class Player:
    """Stands where it is put; it never sounds."""

    position: float = 0.0
    duration: float = 0.0
    is_playing: bool = False
    problem: AssistantError | None = None
    without_sound: bool = False
    speed: float = 1.0

    skips_silence: bool = False

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def set_skips_silence(self, skips: bool) -> None:
        self.skips_silence = skips

    def open(self, call: Call) -> None:
        self.position, self.duration, self.is_playing, self.problem = 0.0, call.duration, False, None

    def play(self) -> None:
        silent = SoundUnavailable("There is no sound system here.", "Everything else works.")
        self.problem = silent if self.without_sound else None
        self.is_playing = not self.without_sound

    def pause(self) -> None:
        self.is_playing = False

    def seek(self, seconds: float) -> None:
        self.position = min(max(0.0, seconds), self.duration)

    def close(self) -> None:
        self.is_playing = False


@dataclass
class SavedDrafts:
    """Drafts that are forgotten."""

    def load(self) -> tuple[dict[str, str], UnderWay]:
        return {}, UnderWay()

    def keep(self, drafts: Mapping[str, str]) -> None:
        """Forget them."""

    def leave(self, drafts: Mapping[str, str], under_way: UnderWay) -> None:
        """Forget them."""


@dataclass
class NetworkLog:
    """The entries that a test puts there."""

    found: "list[NetworkLogEntry]" = field(default_factory=list)

    def entries(self) -> "list[NetworkLogEntry]":
        return self.found


@dataclass
class Search:
    """Finds lines that contain every word."""

    library: Library

    def search(self, query: str, limit: int = 50) -> list[Hit]:
        words = query.casefold().split()
        return [
            Hit(CallId(known), self.library.kept[known].title, u.line, u.start, u.text, u.id)
            for known in self.library.kept
            for u in self.library.transcripts[known].utterances
            if all(w in u.text.casefold() for w in words)
        ][:limit]


@dataclass
class Groups:
    """Finds calls and chats that have every word in one line or message."""

    library: Library
    answering: "Answering"

    def grouped(self, query: str) -> list[FoundGroup]:
        found = []
        for known, made in self.library.kept.items():
            lines = [u for u in self.library.transcripts[known].utterances if has_every_word(u.text, query)]
            places = tuple(Place(u.text, spans_of(u.text, query), u.id, u.start) for u in lines)
            if places or has_every_word(made.title, query):
                spans = spans_of(made.title, query)
                found.append(FoundGroup("call", known, made.title, made.date, spans, places[:3], len(places[3:])))
        for chat in self.answering.kept.values():
            said = [
                Place(m.text, spans_of(m.text, query), message=n)
                for n, m in enumerate(chat.messages)
                if has_every_word(m.text, query)
            ]
            if said:
                found.append(
                    FoundGroup("chat", chat.id, chat.title, chat.updated, (), tuple(said), call=chat.call or "")
                )
        return found


@dataclass
class CallExport:
    """A call's lines as text, whatever the format."""

    library: Library

    def text(self, known: CallId) -> str:
        return "\n".join(u.text for u in self.library.transcripts[known].utterances)

    def save(self, known: CallId, fmt: str, path: Path) -> None:
        path.write_text(self.text(known))


class Checking:
    """Finds no statement of a text in any call."""

    def run(self, _: CallId, text: str, context: JobContext) -> tuple[CheckedStatement, ...]:
        context.checkpoint()
        return tuple(CheckedStatement(one.text, one.start, one.end, "not_found", 0.0) for one in statements_of(text))

    def read(self, path: Path) -> str:
        return path.read_text("utf-8")

    def save(self, report: str, path: Path) -> None:
        path.write_text(report, "utf-8")


@dataclass
class Deletion:
    """Every deletion has the consequences that a test sets."""

    means: Consequences = field(default_factory=Consequences)

    def of_call(self, known: CallId) -> Consequences:
        return self.means

    def of_chat(self, known: ConversationId) -> Consequences:
        return self.means

    def of_note(self, known: NoteId) -> Consequences:
        return self.means


@dataclass
class Maintenance:
    """Notes what was done to the copies."""

    copies: list[str] = field(default_factory=list)
    copy_problem: Exception | None = None
    warnings: list[AssistantError] = field(default_factory=list)

    def copy_if_due(self, context: JobContext) -> bool:
        self.copies.append("kept")
        return True

    def replace_copies(self, context: JobContext) -> None:
        self.copies.append("rewritten")
