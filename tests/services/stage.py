"""A stage for use cases: a real vault, the engines one asks for, and somebody who watches a job."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.catalog.installed import models_folder
from app.core.change import Change
from app.core.conversation import Message
from app.core.engines import Engines, LanguageEngine, MediaEngine, SpeechEngine
from app.core.ids import CallId, UtteranceId
from app.core.job import Cancelled
from app.core.model import Model
from app.core.resources import demo_call, demo_models
from app.core.transcript import Layout, Word, spoken
from app.services.calls.importing import Importing
from app.services.calls.library import Library
from app.services.calls.line_meaning import LineMeanings
from app.services.calls.passage_index import PassageIndex
from app.services.calls.prompt_states import PromptStates
from app.services.calls.reading_ahead import ReadingAhead
from app.services.calls.related_passages import RelatedPassages
from app.services.calls.search import Search
from app.services.calls.summarizing import Summarizing
from app.services.calls.transcribing import Transcribing
from app.services.chats.answering import Answering
from app.services.engine_pool import EnginePool
from app.services.models.selection import ModelSelection
from app.services.settings import SettingsFile
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.passages import PassageStore
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines
from tests.storage.calls import add

GGUF, WHISPER = demo_models() / "language.gguf", demo_models() / "speech"
TRUTH: dict[str, Any] = json.loads(demo_call().with_suffix(".json").read_text())


class Watching:
    """A job's surroundings: keeps what is reported, and cancels at the checkpoint or event one asks for."""

    def __init__(self, stop_at: int = -1, stop_when: Callable[[object], bool] = lambda _: False) -> None:
        self.events: list[object] = []
        self.checkpoints = 0
        self.is_stopped = False
        self._stop_at = stop_at
        self._stop_when = stop_when

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if self.is_stopped or self.checkpoints == self._stop_at:
            raise Cancelled

    def report(self, event: object) -> None:
        self.events.append(event)
        self.is_stopped = self.is_stopped or self._stop_when(event)


class Kept(ScriptedEngines):
    """Real engines that outlive the use case, beside fresh decoders that one may choose."""

    def __init__(
        self,
        media: Callable[[], MediaEngine] | None = None,
        speech: SpeechEngine | None = None,
        language: LanguageEngine | None = None,
    ) -> None:
        super().__init__(speech, language)
        self._decoder = media

    def media(self) -> Any:
        """A fresh decoder."""
        return self._decoder() if self._decoder else super().media()


def provisioning(folder: Path, demo: Callable[[], list[Model]] = models_folder.bundled_models) -> ModelSelection:
    """The models in a folder, and settings beside it."""
    return ModelSelection(folder / "models", SettingsFile(folder / "config" / "settings.json"), demo)


def here(folder: Path) -> list[str]:
    """The names on the shelf."""
    return [model.name for model in models_folder.models_in(folder / "models")]


def left_over(folder: Path) -> list[Path]:
    """Files of what was begun to be taken in."""
    return [path for path in (folder / "models").glob(".incoming/*/*") if path.is_file()]


class Stage:
    """Every use case on one vault."""

    def __init__(
        self,
        vault: Vault,
        engines: Engines,
        models: ModelSelection | None = None,
        states: PromptStates | None = None,
    ) -> None:
        self.vault = vault
        self.changes = list[Change]()
        self.store = CallStore(vault)
        self.conversations = ConversationStore(vault)
        self.engine_pool = EnginePool(engines, models or provisioning(vault.folder.parent))
        self.library = Library(self.store, self.changes.append)
        self.importing = Importing(self.store, self.engine_pool, self.changes.append)
        self.transcribing = Transcribing(
            self.store, self.engine_pool, self.changes.append, ReadingAhead(self.store, self.engine_pool)
        )
        self.passage_index = PassageIndex(self.store, PassageStore(vault), self.engine_pool)
        meanings = LineMeanings(self.store, self.passage_index)
        self.summarizing = Summarizing(
            self.store, self.engine_pool, self.changes.append, least_words=0, states=states, meanings=meanings
        )
        self.related = RelatedPassages(self.store, self.passage_index)
        self.searching = Search(self.store, self.related)
        self.answering = Answering(
            self.conversations, self.store, self.related, self.engine_pool, self.changes.append, states, meanings
        )

    def line(self, call: CallId, utterance: UtteranceId) -> int:
        """The number under which an utterance is shown."""
        return next(u.line for u in self.store.transcript(call).utterances if u.id == utterance)

    def cited(self, reply: Message) -> list[int]:
        """The numbers of the lines that a reply cites."""
        return [self.line(citation.id, citation.utterance) for citation in reply.citations]

    def media_files(self) -> list[str]:
        """The names in the vault's media folder."""
        return sorted(path.name for path in self.vault.media_folder.iterdir())


def said() -> dict[int, Sequence[Word]]:
    """The words of the demo call by its truth, spread evenly over their turns."""
    words: dict[int, list[Word]] = {0: [], 1: []}
    for (channel, text), (start, end) in zip(TRUTH["turns"], TRUTH["times"], strict=True):
        parts = text.split()
        step = (end - start) / len(parts)
        words[channel] += [
            Word(f" {part}", start + n * step, start + (n + 1) * step - 0.02, 1.0) for n, part in enumerate(parts)
        ]
    return dict(words)


def told(store: CallStore, times: int = 1, title: str = "Launch") -> CallId:
    """A transcribed call in which the demo call is said so many times over."""
    known = add(store, title=title)
    for round_ in range(times):
        for (channel, text), (start, end) in zip(TRUTH["turns"], TRUTH["times"], strict=True):
            at = round_ * TRUTH["duration"]
            store.save_utterances(known, channel, at + end, [spoken(channel, at + start, at + end, text)], "en")
    store.finish_transcript(known)
    return known


def lines_of(
    store: CallStore,
    texts: Sequence[str],
    title: str = "A call",
    layout: Layout = Layout.TWO_SIDED,
    language: str = "en",
) -> CallId:
    """A transcribed call of these lines."""
    known = add(store, *texts, title=title, layout=layout, language=language)
    store.finish_transcript(known)
    return known


def varied_words(count: int) -> str:
    """A text of so many different words: a reply of one word again and again would be ended as a circle."""
    return " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(count)) + " "
