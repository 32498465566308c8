"""A product and a session made of values in memory, with the real lanes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import msgspec

from app.core.change import Change
from app.core.conversation import Citation, Conversation, Message, Role, StopReason
from app.core.deletion import Consequences
from app.core.engines import Delta
from app.core.errors import AssistantError, EngineCrashed, NotFound, WrongPassphrase
from app.core.ids import ConversationId, RecordingId, fresh_conversation_id, fresh_recording_id
from app.core.job import Cancelled, Context, Job, Progress
from app.core.recording import Recording, RecordingState, Survey
from app.core.search import Hit
from app.core.settings import Settings
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Layout, Speakers, Transcript, Utterance, Word, numbered
from app.services.application import Tacit
from app.services.chats.drafts import UnderWay
from app.services.jobs.lanes import Runner
from app.services.models.crash_count import Minding
from app.services.session import Session
from tests.doubles.engines import ScriptedProver

if TYPE_CHECKING:
    from app.core.download import Opening
    from app.core.sandbox_report import Standing

SPEAKERS = Speakers(("Leo", "Priya"), 0)
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
    return Utterance(channel, start, start + 0.3 * len(words), text, tuple(words))


def transcript(lines: int = len(SAID)) -> Transcript:
    """A transcript of as many lines, ten seconds apart."""
    spoken = [utterance(SAID[n % len(SAID)][0], 10.0 * n, SAID[n % len(SAID)][1]) for n in range(lines)]
    return Transcript("en", 10.0 * lines, "double", numbered(spoken), SPEAKERS)


def recording(title: str, state: RecordingState = RecordingState.SUMMARIZED, lines: int = len(SAID)) -> Recording:
    """A call of two sides."""
    return Recording(
        fresh_recording_id(), title, datetime.now(UTC) - timedelta(days=1), 10.0 * lines, state, Layout.TWO_SIDED,
        SPEAKERS, "en", "Renew with a discount; price list by Friday.",
    )  # fmt: skip


SUMMARY = Summary(
    "Supply contract", "Leo and Priya renew the supply contract.",
    (Point("Prices are up about 12 percent", (Evidence(1, 0.0, 5.0),)), Point("Nobody said this")),
    (Point("Renew the contract for two years", (Evidence(4, 30.0, 35.0),)),),
    (ActionItem("Send the price list", "Leo", "by Friday", (Evidence(6, 50.0, 55.0),), 0),), "double",
)  # fmt: skip


@dataclass
class Library:
    """Calls in memory."""

    publish: Callable[[Change], None]
    calls: dict[str, Recording] = field(default_factory=dict)
    transcripts: dict[str, Transcript] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)

    def add(self, made: Recording, lines: int = len(SAID), summary: Summary | None = SUMMARY) -> Recording:
        self.calls[made.id] = made
        self.transcripts[made.id] = transcript(lines)
        if summary is not None:
            self.summaries[made.id] = summary
        return made

    def recordings(self) -> list[Recording]:
        return list(reversed(self.calls.values()))

    def recording(self, known: RecordingId) -> Recording:
        if known not in self.calls:
            raise NotFound
        return self.calls[known]

    def transcript(self, known: RecordingId) -> Transcript:
        return msgspec.structs.replace(self.transcripts[known], speakers=self.calls[known].speakers)

    def summary(self, known: RecordingId) -> Summary | None:
        return self.summaries.get(known)

    def survey(self, known: RecordingId) -> Survey:
        count = int(self.calls[known].duration * 10)
        peaks = bytes(peak for n in range(count) for peak in ((n * 37 % 200, 0) if n // 100 % 2 else (0, n * 53 % 200)))
        return Survey(self.calls[known].duration, 2, (-20.0, -20.0), 0.0, peaks, False, "opus")

    def _change(self, known: RecordingId, **what: Any) -> None:
        self.calls[known] = msgspec.structs.replace(self.calls[known], **what)
        self.publish(Change("recording", known))

    def rename(self, known: RecordingId, title: str) -> None:
        self._change(known, title=title)

    def swap_sides(self, known: RecordingId) -> None:
        self._change(known, speakers=self.calls[known].speakers.swapped())

    def name_speakers(self, known: RecordingId, left: str = "", right: str = "") -> None:
        old = self.calls[known].speakers
        self._change(known, speakers=Speakers((left or old.names[0], right or old.names[1]), old.you))

    def delete(self, known: RecordingId) -> None:
        del self.calls[known]
        self.publish(Change("recording", known, is_gone=True))


@dataclass
class Chatting:
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

    def of_recording(self, known: RecordingId) -> Conversation | None:
        return next((c for c in self.kept.values() if c.recording == known), None)

    def start(self, recording: RecordingId | None = None) -> Conversation:
        made = Conversation(fresh_conversation_id(), "", datetime.now(UTC), recording)
        self.kept[made.id] = made
        return made

    def _append(self, known: ConversationId, message: Message) -> None:
        old = self.kept[known]
        title = old.title or message.text
        self.kept[known] = msgspec.structs.replace(old, title=title, messages=(*old.messages, message))
        self.publish(Change("conversation", known))

    def reply(self, known: ConversationId, question: str, context: Context) -> Message:
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
        about = self.kept[known].recording or next(iter(self.library.calls), RecordingId(""))
        message = Message(Role.ASSISTANT, text, (Citation(RecordingId(about), 6, 50.0, 55.0, 6),), reason)
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

    def open(self, recording: Recording) -> None:
        self.position, self.duration, self.is_playing, self.problem = 0.0, recording.duration, False, None

    def play(self) -> None:
        silent = EngineCrashed("There is no sound system here.", "Everything else works.")
        self.problem = silent if self.without_sound else None
        self.is_playing = not self.without_sound

    def pause(self) -> None:
        self.is_playing = False

    def seek(self, seconds: float) -> None:
        self.position = min(max(0.0, seconds), self.duration)

    def close(self) -> None:
        self.is_playing = False


class SessionDouble:
    """A session in memory with the real lanes."""

    def __init__(self) -> None:
        self.runner = Runner()
        self._listeners: list[Callable[[Change], None]] = []
        self.library = Library(self._publish)
        self.chatting = Chatting(self._publish, self.library)
        self.player = Player()
        self.drafting = SimpleNamespace(kept=lambda: ({}, UnderWay()), keep=lambda _: None, leave=lambda *_: None)
        self.openings: list[Opening] = []
        self.ledger = SimpleNamespace(openings=lambda: self.openings)
        self.searching = SimpleNamespace(search=self._search)
        self.exporting = SimpleNamespace(text=self._text, save=self._save)
        self.means = Consequences()
        self.copies: list[str] = []  # what was done to them
        self.forgetting = SimpleNamespace(of_call=lambda _: self.means, of_chat=lambda _: self.means)
        self.keeping = SimpleNamespace(
            keep_if_due=lambda _: self.copies.append("kept"), rewrite_now=lambda _: self.copies.append("rewritten")
        )
        self.import_error: Exception | None = None
        self.import_pause = 0.0
        self.advanced: list[str] = []
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
            Hit(RecordingId(known), self.library.calls[known].title, u.line, u.start, u.text)
            for known in self.library.calls
            for u in self.library.transcripts[known].utterances
            if all(w in u.text.casefold() for w in words)
        ][:limit]

    def _text(self, known: RecordingId, fmt: str) -> str:
        return "\n".join(u.text for u in self.library.transcripts[known].utterances)

    def _save(self, known: RecordingId, fmt: str, path: Path) -> None:
        path.write_text(self._text(known, fmt))

    def take_in(self, paths: Sequence[Path]) -> list[Job[Recording]]:
        return [self.runner.submit(Job("Importing", partial(self._import, path), "disk")) for path in paths]

    def _import(self, path: Path, context: Context) -> Recording:
        for done in range(10):
            context.checkpoint()
            context.report(Progress("Importing", done, 10, "bytes"))
            time.sleep(self.import_pause)
        if self.import_error is not None:
            raise self.import_error
        made = self.library.add(recording(path.stem))
        self._publish(Change("recording", made.id))
        return made

    def resume(self) -> None:
        """Nothing was left unfinished."""

    def advance(self, known: RecordingId) -> None:
        self.advanced.append(known)

    def summarize(self, known: RecordingId) -> Job[Summary]:
        return self.runner.submit(Job("Summarizing", lambda _: SUMMARY, "language", subject=known))

    def close(self) -> None:
        self.runner.close()
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
            door=SimpleNamespace(under_way=set),
            minding=Minding(),
        )
        self.standings: list[Standing] = []

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


def as_tacit(session: SessionDouble, **facts: bool) -> Tacit:
    """The double, as the window's type wants it."""
    return cast("Tacit", TacitDouble(session, **facts))
