"""The messages between a parent and its worker: MessagePack, each with its length in front."""

import struct
import threading
from typing import Annotated, BinaryIO

import msgspec

from app.core.call import SoundTrack, Survey
from app.core.document import Document
from app.core.embedding import MOST_DIMENSIONS, EmbeddingFacts
from app.core.engines import Delta, Generated, Heard, Likelihood, Pcm, Prompt, SpeechOptions
from app.core.fit import HeaderFacts, Need, Profile
from app.core.inspection import Bandwidth, Inspection, Planned
from app.core.job import Progress
from app.core.model import LanguageFacts
from app.core.playback import Speed
from app.core.prompt_state import StateHead, StatePiece
from app.core.ranges import Count, Seconds, Tokens
from app.core.sampling import GREEDY, Sampling
from app.core.sandbox_report import Confinement
from app.core.voices import LARGEST_PRINT, MOST_SPEAKERS, VoicePrints
from app.core.written_call import WrittenCall

PROTOCOL = 4
LARGEST_FRAME = 16 * 1024 * 1024  # bytes; a longer frame is an error of the sender
MOST_PRINTS = 100_000  # voice prints of one request, however short each is
_LENGTH = struct.Struct(">I")


class Begin(msgspec.Struct, frozen=True, tag=True):
    """The first message to a worker: drop all rights except reading and writing these paths."""

    reads: tuple[str, ...]
    writes: tuple[str, ...] = ()


class Hello(msgspec.Struct, frozen=True, tag=True):
    """The worker has started and dropped its rights."""

    protocol: int
    is_filtered: bool


class Heartbeat(msgspec.Struct, frozen=True, tag=True):
    """The worker is alive; sent every few seconds."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """The request has succeeded, or was cancelled."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The request has failed: `kind` is the class name of our error, or of any other exception.

    The words are the parent's (`core.errors`). `lines` are the lines of code that another exception passed
    (`core.diagnostics`); what it said stays behind.
    """

    kind: Annotated[str, msgspec.Meta(max_length=200)]
    lines: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=400)], ...], msgspec.Meta(max_length=100)] = ()


class WantBytes(msgspec.Struct, frozen=True, tag=True):
    """Ask the parent for this range of the file, in bytes."""

    offset: Count
    length: Count


class WantSound(msgspec.Struct, frozen=True, tag=True):
    """Ask the parent for the next block of audio."""


class Counts(msgspec.Struct, frozen=True, tag=True):
    """The number of tokens of each text."""

    tokens: tuple[Tokens, ...]


class Probe(msgspec.Struct, frozen=True, tag=True):
    """Try to break out, and report the results; every kind of worker answers this."""


class SurveyMedia(msgspec.Struct, frozen=True, tag=True):
    """Survey the file of `size` bytes."""

    size: int


class DecodeMedia(msgspec.Struct, frozen=True, tag=True):
    """Decode the file of `size` bytes; see `MediaEngine.decode`."""

    size: int
    channels: tuple[int, ...]
    start: float
    rate: int
    is_mixed: bool
    tracks: tuple[SoundTrack, ...] = ()
    is_seekable: bool = True
    speed: Speed = 1.0


class ReadText(msgspec.Struct, frozen=True, tag=True):
    """Read a call out of the text of `size` bytes; see `MediaEngine.read_text`. Its lines come in parts."""

    size: int
    is_any_text: bool = False
    is_prose: bool = False


class ReadDocument(msgspec.Struct, frozen=True, tag=True):
    """Read the document of `size` bytes; see `DocumentEngine.read`. Its lines come in parts.

    `suffix` is how its name ends, without the dot; nothing else of its name is told.
    """

    size: int
    suffix: Annotated[str, msgspec.Meta(max_length=16)] = ""


class LoadModel(msgspec.Struct, frozen=True, tag=True):
    """Load the model at `path`; a language model with the first of the profiles that fits into `free` bytes.

    If `free` is 0 it is unknown, and the first profile is used.
    """

    path: str
    threads: int
    profiles: tuple[Profile, ...] = ()
    free: int = 0


class WeighModel(msgspec.Struct, frozen=True, tag=True):
    """Plan the memory of a language model: the one at `path`, or one with these facts and a file of `size` bytes."""

    profile: Profile
    path: str = ""
    facts: HeaderFacts | None = None
    size: int = 0


class InspectModel(msgspec.Struct, frozen=True, tag=True):
    """Describe the contents of the GGUF or ONNX file, or of the Whisper folder, at `path`."""

    path: str


class PlanQuantised(msgspec.Struct, frozen=True, tag=True):
    """Compute the size in bytes that the model would have in another type."""

    path: str
    type_name: str
    threads: int


class WriteQuantised(msgspec.Struct, frozen=True, tag=True):
    """Write the model in another type to `target`, a path that the worker may write to."""

    path: str
    target: str
    type_name: str
    threads: int


class MeasureMemory(msgspec.Struct, frozen=True, tag=True):
    """Measure the memory bandwidth that so many threads reach."""

    threads: int


class AskUsage(msgspec.Struct, frozen=True, tag=True):
    """Report how much memory the worker uses."""


class Usage(msgspec.Struct, frozen=True, tag=True):
    """The worker's resident memory now and at its peak, in bytes, and the processor time of all its threads."""

    resident: Count
    peak: Count
    processor_seconds: Seconds = 0.0


class Transcribe(msgspec.Struct, frozen=True, tag=True):
    """Recognise the audio that the worker requests by `WantSound`."""

    options: SpeechOptions


class CountTexts(msgspec.Struct, frozen=True, tag=True):
    """Count the tokens of each text."""

    texts: tuple[str, ...]


class CountPrompt(msgspec.Struct, frozen=True, tag=True):
    """Count the tokens of a rendered prompt."""

    prompt: Prompt


class Generate(msgspec.Struct, frozen=True, tag=True):
    """Reply to a prompt; see `LanguageEngine.generate`."""

    prompt: Prompt
    grammar: str
    reply_tokens: int
    sampling: Sampling = GREEDY


class ReadPrompt(msgspec.Struct, frozen=True, tag=True):
    """Evaluate what other prompts share with a prompt; see `LanguageEngine.read`."""

    prompt: Prompt


class SaveState(msgspec.Struct, frozen=True, tag=True):
    """Give what is evaluated of the prompt's beginning; see `LanguageEngine.state`."""

    prompt: Prompt
    known: StateHead | None = None


class LoadState(msgspec.Struct, frozen=True, tag=True):
    """Take what was evaluated earlier; see `LanguageEngine.load_state`.

    The bytes of the pieces are requested by `WantBytes`, as if they followed each other.
    """

    prompt: Prompt
    heads: tuple[StateHead, ...]


class CompareWords(msgspec.Struct, frozen=True, tag=True):
    """Compare two words as the beginning of a reply; see `LanguageEngine.likelihood`."""

    prompt: Prompt
    one: str
    other: str


class EmbedTexts(msgspec.Struct, frozen=True, tag=True):
    """Embed each text; see `EmbeddingEngine.embed`. The prefixes are in the texts already."""

    texts: Annotated[tuple[str, ...], msgspec.Meta(max_length=1000)]


class Embedded(msgspec.Struct, frozen=True, tag=True):
    """The vectors of the next texts: little-endian float32 values of unit length."""

    vectors: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(max_length=4 * MOST_DIMENSIONS)], ...], msgspec.Meta(max_length=1000)
    ]


class Listen(msgspec.Struct, frozen=True, tag=True):
    """Make voice prints of the audio that the worker requests by `WantSound`; see `VoiceEngine.listen`."""

    channels: Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=63)], ...], msgspec.Meta(max_length=8)]


class GroupVoices(msgspec.Struct, frozen=True, tag=True):
    """Group voice prints by speaker; see `VoiceEngine.group`."""

    prints: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(max_length=LARGEST_PRINT)], ...], msgspec.Meta(max_length=MOST_PRINTS)
    ]
    count: Annotated[int, msgspec.Meta(ge=0, le=MOST_SPEAKERS)] = 0


class Grouped(msgspec.Struct, frozen=True, tag=True):
    """The number of the speaker of each voice print."""

    labels: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=0, lt=MOST_SPEAKERS)], ...], msgspec.Meta(max_length=MOST_PRINTS)
    ]


class Bytes(msgspec.Struct, frozen=True, tag=True):
    """The requested range; shorter only at the end of the file."""

    data: bytes


class Sound(msgspec.Struct, frozen=True, tag=True):
    """The next block of audio, or None at its end."""

    block: Pcm | None


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Stop the running request soon."""


ANSWERS: dict[type[msgspec.Struct], tuple[type[msgspec.Struct], ...]] = {
    Probe: (Confinement,), SurveyMedia: (Progress, Survey), DecodeMedia: (Pcm,), ReadText: (WrittenCall,),
    ReadDocument: (Progress, Document),
    LoadModel: (LanguageFacts, EmbeddingFacts),
    Transcribe: (Heard,), CountTexts: (Counts,), CountPrompt: (Counts,), Generate: (Progress, Delta, Generated),
    CompareWords: (Progress, Likelihood), ReadPrompt: (Progress,), SaveState: (StatePiece,), LoadState: (Progress,),
    EmbedTexts: (Embedded,), Listen: (VoicePrints,), GroupVoices: (Grouped,),
    WeighModel: (Need,), InspectModel: (Inspection,), PlanQuantised: (Planned,), WriteQuantised: (Progress, Planned),
    MeasureMemory: (Bandwidth,), AskUsage: (Usage,),
}  # fmt: skip
"""The values with which a worker may answer each request; with any other it breaks the protocol."""

Request = (
    Probe | SurveyMedia | DecodeMedia | ReadText | ReadDocument | LoadModel | Transcribe | CountTexts | CountPrompt
    | Generate | CompareWords | ReadPrompt | SaveState | LoadState | EmbedTexts | Listen | GroupVoices | WeighModel
    | InspectModel | PlanQuantised | WriteQuantised | MeasureMemory | AskUsage
)  # fmt: skip
Reply = Bytes | Sound
ToWorker = Begin | Request | Reply | Cancel
Value = (
    Progress | Survey | Pcm | Heard | Delta | Generated | Likelihood | LanguageFacts | EmbeddingFacts | Embedded
    | VoicePrints | Grouped | StatePiece | Counts | Confinement | Need | Usage | Inspection | Planned | Bandwidth
    | WrittenCall | Document
)  # fmt: skip
ToParent = Hello | Heartbeat | Done | Failed | WantBytes | WantSound | Value

to_worker = msgspec.msgpack.Decoder(ToWorker)
to_parent = msgspec.msgpack.Decoder(ToParent)


class WireError(Exception):
    """The other side is gone, or breaks the protocol."""


class Sender:
    """Writes whole messages to a pipe; safe to use from any thread."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._mutex = threading.Lock()
        self._encoder = msgspec.msgpack.Encoder()

    def send(self, message: ToWorker | ToParent) -> None:
        """Send one message.

        Raises:
            WireError: the other side is gone, or the message is too long.
        """
        body = self._encoder.encode(message)
        if len(body) > LARGEST_FRAME:
            raise WireError("message too long")
        try:
            with self._mutex:
                self._pipe.write(_LENGTH.pack(len(body)) + body)
                self._pipe.flush()
        except (OSError, ValueError) as error:
            raise WireError("the other side is gone") from error


def receive(pipe: BinaryIO) -> bytes | None:
    """The next message's bytes, or None at the end of input.

    Raises:
        WireError: the input ends inside a message, or the message claims to be too long.
    """
    head = _read_exactly(pipe, _LENGTH.size)
    if not head:
        return None
    (size,) = _LENGTH.unpack(head)
    if size > LARGEST_FRAME:
        raise WireError("message too long")
    body = _read_exactly(pipe, size)
    if len(body) != size:
        raise WireError("cut off")
    return body


def _read_exactly(pipe: BinaryIO, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = pipe.read(size - len(data))
        if not part:
            break
        data += part
    if data and len(data) < size:
        raise WireError("cut off")
    return bytes(data)
