"""The engine protocols, and the values that they exchange."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, Protocol

import msgspec

from app.core.call import Survey
from app.core.conversation import StopReason
from app.core.document import Document
from app.core.embedding import EmbeddingFacts, Vector
from app.core.fit import HeaderFacts, Need, Profile
from app.core.inspection import Inspection
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.playback import Speed
from app.core.prompt_state import StateHead, StatePiece, StoredState
from app.core.ranges import Rate, Seconds, Tokens
from app.core.sampling import GREEDY, Sampling
from app.core.sandbox_report import Prover
from app.core.transcript import Segment
from app.core.voices import VoiceEngine
from app.core.written_call import WrittenCall

SAMPLE_RATE = 16_000  # Hz of all PCM between engines; what Whisper and Silero's VAD expect


class ByteSource(Protocol):
    """The bytes of a file, on disk or sealed in the vault."""

    @property
    def size(self) -> int:
        """Size in bytes."""

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer only at the end."""


class Pcm(msgspec.Struct, frozen=True, tag=True):
    """Audio from `start` (seconds) on: one mono track per channel, signed 16-bit little-endian; `rate` in Hz.

    `speed` is how many times as fast as the call it is.
    """

    start: Seconds
    rate: Rate
    tracks: Annotated[tuple[bytes, ...], msgspec.Meta(max_length=8)]
    speed: Speed = 1.0

    @property
    def duration(self) -> float:
        """Seconds of the call."""
        return len(self.tracks[0]) / 2 / self.rate * self.speed if self.tracks else 0.0


class MediaEngine(Protocol):
    """Decodes recordings."""

    def survey(self, source: ByteSource) -> Iterator[Progress | Survey]:
        """Read all audio once; the last value is the `Survey`.

        Raises:
            UnsupportedMedia: it has no audio that can be decoded.
            MediaDamaged: it is a recording, but nothing of it can be read.
        """

    def decode(
        self,
        source: ByteSource,
        channels: Sequence[int],
        start: float = 0.0,
        rate: int = SAMPLE_RATE,
        is_mixed: bool = False,
        survey: Survey | None = None,
        speed: float = 1.0,
    ) -> Iterator[Pcm]:
        """Decode the given channels from `start` (seconds) on, in blocks of about two seconds that follow each other.

        With `is_mixed` all channels of the file are mixed into one track; `rate` is in Hz. With a `speed` it is so
        many times as fast, at the same pitch. The file's
        `survey` says what of it the channels are; without it they are the first two of the first sound track.
        The iterator may be closed at any time.
        """

    def read_text(self, source: ByteSource, *, is_any_text: bool = False, is_prose: bool = False) -> WrittenCall:
        """Read a call out of a text; with `is_any_text` also one that names neither speakers nor times.

        With `is_prose` the lines of a plain text come as somebody wrote them, without speakers or times.

        Raises:
            NoTranscript: it tells of no call.
            TextUnreadable, TextTooLong, BlankFile: it is damaged, too long, or says nothing.
        """

    def close(self) -> None:
        """Release everything."""


class DocumentEngine(Protocol):
    """Reads documents."""

    def read(self, source: ByteSource, suffix: str = "") -> Generator[Progress | Document, None, None]:
        """Read a document; the last value is the `Document`.

        `suffix` is how its name ends, without the dot: what tells a table or a source file from other text.

        Raises:
            DocumentError: there is nothing that can be read, and why.
        """

    def close(self) -> None:
        """Release everything."""


class Heard(msgspec.Struct, frozen=True, tag=True):
    """What was recognised on `channel` up to `until` (seconds); `language` is that of its last words.

    `speech` is where somebody speaks (start and end in seconds), also where no word was understood.
    """

    channel: Annotated[int, msgspec.Meta(ge=0, le=63)]
    until: Seconds
    segments: tuple[Segment, ...]
    language: Annotated[str, msgspec.Meta(max_length=8)]
    speech: tuple[tuple[Seconds, Seconds], ...] = ()


class SpeechOptions(msgspec.Struct, frozen=True):
    """`channels` gives the channel of each PCM track; `language` is a code, or "" to detect it stretch by stretch.

    `spoken_before` is the language that was spoken last on each channel, when a transcription goes on.
    """

    channels: tuple[int, ...]
    language: str = ""
    spoken_before: dict[int, str] = {}


class SpeechEngine(Protocol):
    """Recognises speech."""

    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        """Recognise each track by itself, in constant memory; results are in order of time per channel.

        Raises:
            ModelDamaged: the model can't be loaded.
            EngineCrashed: the worker died; what was yielded remains valid.
        """

    def peak_bytes(self) -> int:
        """The peak memory of its process; 0 if it has none."""
        return 0

    def processor_seconds(self) -> float:
        """The processor time that its process has used; 0 if it has none."""
        return 0.0

    def close(self) -> None:
        """Release everything."""


Turn = tuple[Literal["system", "user", "assistant"], str]
"""The role of a message in a prompt, and its text."""


class Prompt(msgspec.Struct, frozen=True):
    """The messages that the language engine gets, in order; if the last is the assistant's, it is gone on with.

    The first `shared` characters of the first message behind the system's are those that other prompts have too, such
    as the lines of a call: what is evaluated of them is kept.
    """

    messages: tuple[Turn, ...]
    shared: int = 0


class Delta(msgspec.Struct, frozen=True, tag=True):
    """The next part of a reply: whole characters, never part of a stop string."""

    text: Annotated[str, msgspec.Meta(max_length=1_000_000)]


class Generated(msgspec.Struct, frozen=True, tag=True):
    """The end of a reply, with times in seconds and the prompt tokens that were evaluated or reused from the cache."""

    stop_reason: StopReason
    prompt_tokens: Tokens
    reused_tokens: Tokens
    reply_tokens: Tokens
    seconds_to_first: Seconds
    seconds: Seconds


class Likelihood(msgspec.Struct, frozen=True, tag=True):
    """How likely a reply begins with the one word rather than with the other, from 0 to 1."""

    of_one: Annotated[float, msgspec.Meta(ge=0, le=1)]


class LanguageEngine(Protocol):
    """Reads and writes text with a language model."""

    def facts(self) -> LanguageFacts:
        """Load the model if needed and describe it.

        Raises:
            ModelDamaged, ModelTooLarge, EngineCrashed: it can't be loaded.
        """

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text with the model's own tokenizer."""

    def count_prompt(self, prompt: Prompt) -> int:
        """Count the tokens of the prompt as the model's own chat template renders it."""

    def generate(
        self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512, sampling: Sampling = GREEDY
    ) -> Iterator[Progress | Delta | Generated]:
        """Stream a reply; the last value is `Generated`. Closing the iterator stops the engine.

        While a long prompt is read, `Progress` in tokens says how far it is.

        The reply follows `grammar` (GBNF), if given.

        Raises:
            ContextOverflow: prompt and reply don't fit the context.
            EngineCrashed: the worker died.
        """

    def read(self, prompt: Prompt) -> Iterator[Progress]:
        """Evaluate what other prompts share with this one (`Prompt.shared`), and keep it for them.

        Yields how far it is, in tokens. Closing the iterator stops it; what was read until then is kept too. The
        engine keeps one such beginning: reading that of another call gives this one up.

        Raises:
            ContextOverflow: it doesn't fit the context.
            EngineCrashed: the worker died.
        """

    def state(self, prompt: Prompt, known: StateHead | None = None) -> Iterator[StatePiece]:
        """What is evaluated and kept of this prompt's beginning, piece by piece, so that it can be stored.

        Nothing, if the last piece of what is stored is `known` and reaches nearly as far, or if this model's state
        can't be taken apart.

        Raises:
            EngineCrashed: the worker died.
        """

    def load_state(self, prompt: Prompt, stored: StoredState) -> Iterator[Progress]:
        """Take what was stored of this prompt's beginning, if it fits and reaches further than what is evaluated.

        Raises:
            VaultDamaged: it is not as it was stored; what was taken before stays.
            EngineCrashed: the worker died.
        """

    def likelihood(self, prompt: Prompt, one: str, other: str) -> float:
        """How likely a reply to the prompt begins with the word `one` rather than with `other`, from 0 to 1.

        Either may be capitalised. Nothing is written, so it costs the reading of the prompt alone.

        Raises:
            ContextOverflow: the prompt doesn't fit the context.
            EngineCrashed: the worker died.
        """

    def peak_bytes(self) -> int:
        """The peak memory of its process; 0 if it has none."""
        return 0

    def processor_seconds(self) -> float:
        """The processor time that its process has used; 0 if it has none."""
        return 0.0

    def close(self) -> None:
        """Release everything."""


class EmbeddingEngine(Protocol):
    """Turns texts into vectors with an embedding model."""

    def facts(self) -> EmbeddingFacts:
        """Load the model if needed and describe it.

        Raises:
            ModelDamaged, ModelTooLarge, EngineCrashed: it can't be loaded.
        """

    def embed(self, texts: Sequence[str], *, is_question: bool = False) -> list[Vector]:
        """The vectors of the texts, in their order; a text too long for the model is cut.

        A question is embedded as the model wants a question, a passage as it wants a passage.

        Raises:
            ModelDamaged, ModelTooLarge: the model can't be loaded.
            EngineCrashed, EngineOutOfMemory: the worker died.
        """

    def peak_bytes(self) -> int:
        """The peak memory of its process; 0 if it has none."""
        return 0

    def processor_seconds(self) -> float:
        """The processor time that its process has used; 0 if it has none."""
        return 0.0

    def close(self) -> None:
        """Release everything."""


class ModelEngine(Protocol):
    """Inspects, measures and converts models without running them."""

    def need(self, profile: Profile, path: Path | None = None, facts: HeaderFacts | None = None, size: int = 0) -> Need:
        """The memory that the language model at `path` needs, or one with these facts and a file of `size` bytes.

        Raises:
            ModelDamaged: it is not a model, or damaged.
        """

    def inspect(self, path: Path) -> Inspection:
        """Describe the contents of a GGUF or ONNX file, or of a Whisper folder.

        Raises:
            ModelDamaged: it is not a model, or damaged.
        """

    def quantised_size(self, path: Path, type_name: str) -> int:
        """The model's size in bytes in another type (`core.inspection.QUANTISED`)."""

    def quantise(self, path: Path, target: Path, type_name: str) -> Iterator[Progress]:
        """Write the model to `target` in another type.

        Raises:
            ModelDamaged: llama.cpp can't convert it.
            Cancelled: the iterator was closed.
        """

    def bytes_per_second(self) -> float:
        """How fast the engines' threads read memory on this computer."""

    def close(self) -> None:
        """Release everything."""


class Engines(Protocol):
    """Creates engines; each of them must be closed."""

    def media(self) -> MediaEngine:
        """A new decoder, in a process of its own."""

    def documents(self) -> DocumentEngine:
        """A new reader of documents, in a process of its own."""

    def speech(self, model: Model) -> SpeechEngine:
        """The speech engine for this model."""

    def language(self, model: Model) -> LanguageEngine:
        """The language engine for this model."""

    def embedding(self, model: Model) -> EmbeddingEngine:
        """The embedding engine for this model."""

    def voices(self, model: Model) -> VoiceEngine:
        """The engine that tells voices apart with this voice print model."""

    def models(self, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> ModelEngine:
        """A worker for model files; it may read the files in `reads` and write to the folders in `writes`."""

    def prover(self) -> Prover:
        """Asks each kind of process to test its sandbox; it holds no resources and needs no closing."""


class LoudspeakerStream(Protocol):
    """An open loudspeaker; writing to it blocks while its buffer is full."""

    @property
    def delay(self) -> float:
        """The seconds until what is played next is heard."""

    def play(self, samples: bytes) -> None:
        """Queue mono PCM, as the bytes of float32 samples."""

    def finish(self) -> None:
        """Wait until everything was heard."""

    def close(self) -> None:
        """Stop playing immediately."""


OpenLoudspeaker = Callable[[int], LoudspeakerStream]
"""Opens the default loudspeaker at a rate in Hz; raises `SoundUnavailable` if there is no sound system."""
