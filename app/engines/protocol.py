"""The messages between a parent and its worker: MessagePack with a length in front."""

import struct
import threading
from typing import BinaryIO

import msgspec

from app.core.engines import Delta, Generated, Heard, Pcm, Prompt, SpeechOptions
from app.core.fit import HeaderFacts, Need, Profile
from app.core.inspection import Bandwidth, Inspection, Planned
from app.core.job import Progress
from app.core.model import LanguageFacts
from app.core.recording import Survey
from app.core.sandbox_report import Standing

PROTOCOL = 2
LARGEST_FRAME = 16 * 1024 * 1024  # bytes; a longer one is a fault of the other side
_LENGTH = struct.Struct(">I")


class Begin(msgspec.Struct, frozen=True, tag=True):
    """The first message to a worker: give up your rights, all but these places to read, and to write."""

    reads: tuple[str, ...]
    writes: tuple[str, ...] = ()


class Hello(msgspec.Struct, frozen=True, tag=True):
    """The worker is up and its rights are gone."""

    protocol: int
    is_filtered: bool


class Heartbeat(msgspec.Struct, frozen=True, tag=True):
    """The worker lives; sent every few seconds while it computes."""


class Done(msgspec.Struct, frozen=True, tag=True):
    """The request has ended well, or was cancelled."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The request has failed: an error of ours by its class, or the class of a foreign one."""

    kind: str
    title: str = ""
    advice: str = ""


class WantBytes(msgspec.Struct, frozen=True, tag=True):
    """Serve this range of the file."""

    offset: int
    length: int


class WantSound(msgspec.Struct, frozen=True, tag=True):
    """Give the next block of sound."""


class Counts(msgspec.Struct, frozen=True, tag=True):
    """Tokens of each text."""

    tokens: tuple[int, ...]


class Probe(msgspec.Struct, frozen=True, tag=True):
    """Try to get out, and tell what came of it; any worker answers."""


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


class LoadModel(msgspec.Struct, frozen=True, tag=True):
    """Load the model at `path`; a language model by the first of the profiles that fits into `free` bytes.

    With `free` at 0 nobody knows, and the first is taken.
    """

    path: str
    threads: int
    profiles: tuple[Profile, ...] = ()
    free: int = 0


class WeighModel(msgspec.Struct, frozen=True, tag=True):
    """Say what a language model needs: the one at `path`, or one of these facts and that size in bytes."""

    profile: Profile
    path: str = ""
    facts: HeaderFacts | None = None
    size: int = 0


class InspectModel(msgspec.Struct, frozen=True, tag=True):
    """Say what is inside the GGUF file or the Whisper folder at `path`."""

    path: str


class PlanQuantised(msgspec.Struct, frozen=True, tag=True):
    """Say how many bytes the model would have in another type."""

    path: str
    type_name: str
    threads: int


class WriteQuantised(msgspec.Struct, frozen=True, tag=True):
    """Write the model in another type to `target`, which lies where the worker may write."""

    path: str
    target: str
    type_name: str
    threads: int


class MeasureMemory(msgspec.Struct, frozen=True, tag=True):
    """Measure how fast so many threads read memory."""

    threads: int


class AskUsage(msgspec.Struct, frozen=True, tag=True):
    """Say how much memory the worker takes."""


class Usage(msgspec.Struct, frozen=True, tag=True):
    """Bytes of the worker in memory now, and the most that ever were."""

    resident: int
    peak: int


class Transcribe(msgspec.Struct, frozen=True, tag=True):
    """Recognise the sound that `WantSound` brings."""

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


class Bytes(msgspec.Struct, frozen=True, tag=True):
    """The range that was wanted; fewer bytes only at the end of the file."""

    data: bytes


class Sound(msgspec.Struct, frozen=True, tag=True):
    """The next block of sound, or None at its end."""

    block: Pcm | None


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """End the running request soon."""


Request = (
    Probe | SurveyMedia | DecodeMedia | LoadModel | Transcribe | CountTexts | CountPrompt | Generate | WeighModel
    | InspectModel | PlanQuantised | WriteQuantised | MeasureMemory | AskUsage
)  # fmt: skip
Reply = Bytes | Sound
ToWorker = Begin | Request | Reply | Cancel
Value = (
    Progress | Survey | Pcm | Heard | Delta | Generated | LanguageFacts | Counts | Standing | Need | Usage
    | Inspection | Planned | Bandwidth
)  # fmt: skip
ToParent = Hello | Heartbeat | Done | Failed | WantBytes | WantSound | Value

to_worker = msgspec.msgpack.Decoder(ToWorker)
to_parent = msgspec.msgpack.Decoder(ToParent)


class WireError(Exception):
    """The other side is gone, or does not keep to the protocol."""


class Sender:
    """Writes messages to a pipe, whole, from any thread."""

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
        WireError: the input ends inside a message, or claims to be too long.
    """
    head = _exactly(pipe, _LENGTH.size)
    if not head:
        return None
    (size,) = _LENGTH.unpack(head)
    if size > LARGEST_FRAME:
        raise WireError("message too long")
    body = _exactly(pipe, size)
    if len(body) != size:
        raise WireError("cut off")
    return body


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    out = bytearray()
    while len(out) < size:
        piece = pipe.read(size - len(out))
        if not piece:
            break
        out += piece
    if out and len(out) < size:
        raise WireError("cut off")
    return bytes(out)
