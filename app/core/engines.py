"""The engine protocols, and the values that they speak."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from app.core.conversation import StopReason
from app.core.fit import HeaderFacts, Need, Profile
from app.core.inspection import Inspection
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.recording import Survey
from app.core.sandbox_report import Prover
from app.core.transcript import Segment

SAMPLE_RATE = 16_000  # Hz of all PCM between engines; what Whisper and Silero's VAD take


class ByteSource(Protocol):
    """A file's bytes, wherever they lie: on disk, or sealed in the vault."""

    @property
    def size(self) -> int:
        """Bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer only at the end."""


class Pcm(msgspec.Struct, frozen=True, tag=True):
    """Sound from the second `start`: one little-endian signed 16 bit mono track a channel."""

    start: float
    rate: int
    tracks: tuple[bytes, ...]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.tracks[0]) / 2 / self.rate if self.tracks else 0.0


class MediaEngine(Protocol):
    """Decodes recordings."""

    def survey(self, source: ByteSource) -> Iterator[Progress | Survey]:
        """Read the sound once through; the last value is the `Survey`.

        Raises:
            UnsupportedMedia: there is no sound in it that can be decoded.
            MediaDamaged: it is a recording, but nothing of it can be read.
        """

    def decode(
        self,
        source: ByteSource,
        channels: Sequence[int],
        start: float = 0.0,
        rate: int = SAMPLE_RATE,
        is_mixed: bool = False,
    ) -> Iterator[Pcm]:
        """Sound of the given channels from `start` on, in blocks of about two seconds.

        With `is_mixed` all channels of the file are mixed into one track. The iterator may be
        closed at any time.
        """

    def close(self) -> None:
        """Let go of everything."""


class Heard(msgspec.Struct, frozen=True, tag=True):
    """What was recognised on `channel` up to the second `until`."""

    channel: int
    until: float
    segments: tuple[Segment, ...]
    language: str


class SpeechOptions(msgspec.Struct, frozen=True):
    """`channels` numbers the tracks of the PCM that comes; `language` is a code, or "" to detect it."""

    channels: tuple[int, ...]
    language: str = ""


class SpeechEngine(Protocol):
    """Recognises speech."""

    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        """Recognise each track on its own, in flat memory; pieces come in the order of time per channel.

        Raises:
            ModelDamaged: the model can't be loaded.
            EngineCrashed: the worker died; what was yielded stands.
        """

    def peak_bytes(self) -> int:
        """The most memory that its process ever took; 0 if it has none."""
        return 0

    def close(self) -> None:
        """Let go of everything."""


Turn = tuple[Literal["system", "user", "assistant"], str]
"""Who speaks in a prompt, and the text."""


class Prompt(msgspec.Struct, frozen=True):
    """What the language engine gets, in order."""

    messages: tuple[Turn, ...]


class Delta(msgspec.Struct, frozen=True, tag=True):
    """A piece of a reply: whole characters, never half a stop string."""

    text: str


class Generated(msgspec.Struct, frozen=True, tag=True):
    """The end of a reply. Token counts say how much was read anew and how much was reused."""

    stop_reason: StopReason
    prompt_tokens: int
    reused_tokens: int
    reply_tokens: int
    seconds_to_first: float
    seconds: float


class LanguageEngine(Protocol):
    """Reads and writes text with a language model."""

    def facts(self) -> LanguageFacts:
        """Load the model if needed and say what it is.

        Raises:
            ModelDamaged, ModelTooLarge, EngineCrashed: it can't be loaded.
        """

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, by the model's own tokenizer."""

    def count_prompt(self, prompt: Prompt) -> int:
        """Tokens of the prompt as the model's own template renders it."""

    def generate(self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512) -> Iterator[Delta | Generated]:
        """Reply in pieces; the last value is `Generated`. Closing the iterator stops the engine.

        `grammar` is GBNF, which the reply is held to. Temperature is 0.

        Raises:
            ContextOverflow: prompt and reply don't fit the context.
            EngineCrashed: the worker died.
        """

    def peak_bytes(self) -> int:
        """The most memory that its process ever took; 0 if it has none."""
        return 0

    def close(self) -> None:
        """Let go of everything."""


class ModelEngine(Protocol):
    """Looks at models without using them."""

    def need(self, profile: Profile, path: Path | None = None, facts: HeaderFacts | None = None, size: int = 0) -> Need:
        """What the language model at `path` needs, or one of these facts whose file has `size` bytes.

        Raises:
            ModelDamaged: it is none, or damaged.
        """

    def inspect(self, path: Path) -> Inspection:
        """What is inside a GGUF file or a Whisper folder.

        Raises:
            ModelDamaged: it is none, or damaged.
        """

    def quantised_size(self, path: Path, type_name: str) -> int:
        """Bytes that the model will have in another type (`core.inspection.QUANTISED`)."""

    def quantise(self, path: Path, target: Path, type_name: str) -> Iterator[Progress]:
        """Write it so to `target`.

        Raises:
            ModelDamaged: llama.cpp can't.
            Cancelled: the iterator was closed.
        """

    def bytes_per_second(self) -> float:
        """How fast the engines' threads read memory here."""

    def close(self) -> None:
        """Let go of everything."""


class Engines(Protocol):
    """Makes engines; each that it makes must be closed."""

    def media(self) -> MediaEngine:
        """A fresh decoder, in a process of its own."""

    def speech(self, model: Model) -> SpeechEngine:
        """The speech engine on this model."""

    def language(self, model: Model) -> LanguageEngine:
        """The language engine on this model."""

    def models(self, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> ModelEngine:
        """A worker that looks at models; it reaches these files, and to write these folders."""

    def prover(self) -> Prover:
        """Asks each kind of process to try its walls; it holds nothing, and is not closed."""


class LoudspeakerStream(Protocol):
    """An open loudspeaker: mono PCM as float32 bytes goes in, and blocks while its buffer is full."""

    def play(self, samples: bytes) -> None:
        """Queue float32 mono samples."""

    def close(self) -> None:
        """Stop at once."""


OpenLoudspeaker = Callable[[int], LoudspeakerStream]
"""Opens the default loudspeaker at a rate in Hz; raises `EngineCrashed` where there is no sound system."""
