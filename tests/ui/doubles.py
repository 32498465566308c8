"""A product and a session made of values in memory, with the real lanes."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import msgspec

from app.core.call import Call, CallState, Survey
from app.core.change import Change
from app.core.conversation import Citation, CitedWords, Conversation, Message, Role, StopReason
from app.core.deletion import Consequences
from app.core.engines import Delta
from app.core.errors import AssistantError, NotFound, Offline, SoundUnavailable, WrongPassphrase
from app.core.ids import CallId, ConversationId, UtteranceId, new_call_id, new_conversation_id
from app.core.job import Cancelled, Job, JobContext, JobKind, Lane, Progress
from app.core.search import Hit
from app.core.settings import Settings
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import (
    Layout,
    Transcript,
    Utterance,
    Word,
    default_speakers,
    default_tracks,
    given_to_tracks,
    spoken,
    with_line_numbers,
    with_sides_swapped,
)
from app.services.application import Application
from app.services.calls.library import renamed
from app.services.chats.drafts import UnderWay
from app.services.jobs.lanes import Lanes
from app.services.models.crash_count import CrashCount
from app.services.session import Session
from app.ui.calls.player_bar import Playback
from app.ui.conversation.question import Questions
from tests.call_summaries import call_summary
from tests.doubles.engines import ScriptedProver

if TYPE_CHECKING:
    from app.core.download import NetworkLogEntry
    from app.core.sandbox_report import Confinement

SPEAKERS = default_speakers(Layout.TWO_SIDED, "Leo", "Priya")
TRACKS = default_tracks(Layout.TWO_SIDED, SPEAKERS)
SAID = (
    (1, "Unfortunately the price went up again. We pay about twelve percent more than in March."),
    (0, "I see. And the last delivery was late, three boxes were damaged."),
    (1, "Right. They offered a five percent discount if we renew for two years."),
    (0, "Then we agree to renew the contract, but we pay in two parts."),
    (1, "Okay. Can you send the price list by Friday?"),
    (0, "Sure, I will send it by Friday."),
)


def utterance(channel: int, start: float, text: str) -> Utterance:
    """A line whose third word was hardly recognised."""
    words = [
        Word(" " + word, start + n * 0.3, start + n * 0.3 + 0.25, 0.3 if n == 2 else 0.9)
        for n, word in enumerate(text.split())
    ]
    return spoken(channel, start, start + 0.3 * len(words), text, tuple(words))


def transcript(lines: int = len(SAID)) -> Transcript:
    """A transcript of as many lines, ten seconds apart."""
    said = [utterance(SAID[n % len(SAID)][0], 10.0 * n, SAID[n % len(SAID)][1]) for n in range(lines)]
    numbered = with_line_numbers(given_to_tracks(said, TRACKS))
    found = tuple(msgspec.structs.replace(one, id=line_id(one.line)) for one in numbered)
    return Transcript("en", 10.0 * lines, "double", found, SPEAKERS)


def line_id(number: int) -> UtteranceId:
    """The id of a line of each of these transcripts."""
    return UtteranceId(f"line-{number}")


def call(title: str, state: CallState = CallState.SUMMARIZED, lines: int = len(SAID)) -> Call:
    """A call of two sides."""
    return Call(
        new_call_id(), title, datetime.now(UTC) - timedelta(days=1), 10.0 * lines, state, Layout.TWO_SIDED,
        SPEAKERS, TRACKS, "en", "Renew with a discount; price list by Friday.",
    )  # fmt: skip


SUMMARY = call_summary(
    "Supply contract", "Leo and Priya renew the supply contract.",
    (Point("Prices are up about 12 percent", (Evidence(line_id(1), 0.0, 5.0),)), Point("Nobody said this")),
    (Point("Renew the contract for two years", (Evidence(line_id(4), 30.0, 35.0),)),),
    (ActionItem("Send the price list", "Leo", "by Friday", (Evidence(line_id(6), 50.0, 55.0),), SPEAKERS[0].id),),
    "double",
)  # fmt: skip


@dataclass
class Library:
    """Calls in memory."""

    publish: Callable[[Change], None]
    kept: dict[str, Call] = field(default_factory=dict)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)

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
        count = int(self.kept[known].duration * 10)
        peaks = bytes(peak for n in range(count) for peak in ((n * 37 % 200, 0) if n // 100 % 2 else (0, n * 53 % 200)))
        return Survey(self.kept[known].duration, 2, (-20.0, -20.0), 0.0, peaks, False, "opus")

    def _change(self, known: CallId, **what: Any) -> None:
        self.kept[known] = msgspec.structs.replace(self.kept[known], **what)
        self.publish(Change("recording", known))

    def rename(self, known: CallId, title: str) -> None:
        self._change(known, title=title)

    def swap_sides(self, known: CallId) -> None:
        self._change(known, speakers=with_sides_swapped(self.kept[known].speakers))

    def name_speakers(self, known: CallId, left: str = "", right: str = "") -> None:
        self._change(known, speakers=renamed(self.kept[known].speakers, (left, right)))

    def delete(self, known: CallId) -> None:
        del self.kept[known]
        self.publish(Change("recording", known, is_gone=True))


@dataclass
class Answering:
    """Conversations in memory; a reply comes in pieces, slowly if asked to."""

    publish: Callable[[Change], None]
    library: Library
    kept: dict[str, Conversation] = field(default_factory=dict)
    pieces: Sequence[str] = ("By ", "Friday [6", "].")
    pause: float = 0.0
    error: Exception | None = None

    def conversations(self) -> list[Conversation]:
        return [msgspec.structs.replace(c, messages=()) for c in reversed(self.kept.values())]

    def conversation(self, known: ConversationId) -> Conversation:
        return self.kept[known]

    def of_call(self, known: CallId) -> Conversation | None:
        return next((c for c in self.kept.values() if c.call == known), None)

    def start(self, call: CallId | None = None) -> Conversation:
        made = Conversation(new_conversation_id(), "", datetime.now(UTC), call)
        self.kept[made.id] = made
        return made

    def _append(self, known: ConversationId, message: Message) -> None:
        old = self.kept[known]
        title = old.title or message.text
        self.kept[known] = msgspec.structs.replace(old, title=title, messages=(*old.messages, message))
        self.publish(Change("conversation", known))

    def reply(self, known: ConversationId, question: str, context: JobContext) -> Message:
        self._append(known, Message(Role.USER, question))
        if self.error is not None:
            raise self.error
        text, reason = "", StopReason.FINISHED
        try:
            for piece in self.pieces:
                time.sleep(self.pause)
                context.checkpoint()
                text += piece
                context.report(Delta(piece))
        except Cancelled:
            reason = StopReason.STOPPED
        about = self.kept[known].call or next(iter(self.library.kept), CallId(""))
        message = Message(Role.ASSISTANT, text, (Citation(CallId(about), line_id(6), 50.0, 55.0, 6),), reason)
        self._append(known, message)
        return message

    def delete(self, known: ConversationId) -> None:
        del self.kept[known]
        self.publish(Change("conversation", known, is_gone=True))


@dataclass
class Player:
    """Stands where it is put; it never sounds."""

    position: float = 0.0
    duration: float = 0.0
    is_playing: bool = False
    problem: AssistantError | None = None
    without_sound: bool = False

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


_PLAYBACK: type[Playback] = Player  # mypy compares the doubles with what the widgets ask for
_QUESTIONS: type[Questions] = Answering


def _offline(_: JobContext) -> None:
    raise Offline


class SessionDouble:
    """A session in memory with the real lanes."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self._listeners: list[Callable[[Change], None]] = []
        self.library = Library(self._publish)
        self.answering = Answering(self._publish, self.library)
        self.player = Player()
        self.drafts = SimpleNamespace(load=lambda: ({}, UnderWay()), keep=lambda _: None, leave=lambda *_: None)
        self.openings: list[NetworkLogEntry] = []
        self.ledger = SimpleNamespace(entries=lambda: self.openings)
        self.search = SimpleNamespace(search=self._search)
        self.call_export = SimpleNamespace(text=self._text, save=self._save)
        self.means = Consequences()
        self.copies: list[str] = []  # what was done to them
        self.deletion = SimpleNamespace(of_call=lambda _: self.means, of_chat=lambda _: self.means)
        self.maintenance = SimpleNamespace(
            copy_if_due=lambda _: self.copies.append("kept"),
            replace_copies=lambda _: self.copies.append("rewritten"),
            copy_problem=None,
        )
        self.import_error: Exception | None = None
        self.import_pause = 0.0
        self.advanced: list[str] = []
        self.transcribed_again: list[tuple[str, str]] = []
        self.is_closed = False
        self.recovery_key: str | None = None

    def _publish(self, change: Change) -> None:
        for listener in self._listeners:
            listener(change)

    def observe_changes(self, listener: Callable[[Change], None]) -> None:
        self._listeners.append(listener)

    def _search(self, query: str, limit: int = 50) -> list[Hit]:
        words = query.casefold().split()
        return [
            Hit(CallId(known), self.library.kept[known].title, u.line, u.start, u.text, u.id)
            for known in self.library.kept
            for u in self.library.transcripts[known].utterances
            if all(w in u.text.casefold() for w in words)
        ][:limit]

    def _text(self, known: CallId, fmt: str) -> str:
        return "\n".join(u.text for u in self.library.transcripts[known].utterances)

    def _save(self, known: CallId, fmt: str, path: Path) -> None:
        path.write_text(self._text(known, fmt))

    def import_files(self, paths: Sequence[Path]) -> list[Job[Call]]:
        return [self.lanes.submit(self._import_job(path)) for path in paths]

    def _import_job(self, path: Path) -> Job[Call]:
        return Job("Importing", partial(self._import, path), Lane.DISK, kind=JobKind.IMPORT)

    def _import(self, path: Path, context: JobContext) -> Call:
        for done in range(10):
            context.checkpoint()
            context.report(Progress("Importing", done, 10, "bytes"))
            time.sleep(self.import_pause)
        if self.import_error is not None:
            raise self.import_error
        made = self.library.add(call(path.stem))
        self._publish(Change("recording", made.id))
        return made

    def resume(self) -> None:
        """Nothing was left unfinished."""

    def advance(self, known: CallId) -> None:
        self.advanced.append(known)

    def transcribe_again(self, known: CallId, language: str = "") -> None:
        self.transcribed_again.append((known, language))

    def summarize(self, known: CallId) -> Job[Summary]:
        return self.lanes.submit(self._summary_job(known))

    def _summary_job(self, known: CallId) -> Job[Summary]:
        return Job("Summarizing", lambda _: SUMMARY, Lane.LANGUAGE, subject=known, kind=JobKind.STEP)

    def pull(self, model: str) -> Job[Any]:
        return self.lanes.submit(Job("Downloading", _offline, Lane.NETWORK, subject=model, kind=JobKind.DOWNLOAD))

    def close(self) -> None:
        self.lanes.close()
        self.is_closed = True


class TacitDouble:
    """A product whose vault is opened by one passphrase, at once."""

    def __init__(self, session: SessionDouble, *, has_vault: bool = True, is_offline_enforced: bool = False) -> None:
        self.vault_folder = Path("nowhere")
        self.is_offline_enforced = is_offline_enforced
        self._session, self._has_vault = session, has_vault
        self.is_prepared = False
        self.settings = SimpleNamespace(problem=None, current=Settings(theme="light"), change=lambda **_: Settings())
        self.models = SimpleNamespace(
            in_use=lambda kind: None,
            uses_demo=lambda: False,
            download_client=SimpleNamespace(active_downloads=set),
            crash_count=CrashCount(),
        )
        self.standings: list[Confinement] = []

    def engines(self) -> Any:
        return SimpleNamespace(prover=lambda: ScriptedProver(self.standings))

    def vault_exists(self) -> bool:
        return self._has_vault

    def keychain_opens(self) -> bool:
        return False

    def prepare(self) -> None:
        self.is_prepared = True

    def unlock(self, passphrase: str) -> Session:
        if passphrase != "correct horse battery staple":
            raise WrongPassphrase
        return cast("Session", self._session)

    def create(self, passphrase: str, *, is_demo: bool = False) -> Session:
        return self.unlock(passphrase)


def as_tacit(session: SessionDouble, **facts: bool) -> Application:
    """The double, as the window's type wants it."""
    return cast("Application", TacitDouble(session, **facts))
