"""How fast the models here are: measured in seconds, kept per machine and model, without content."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.core.engines import Delta, Engines, Generated, LanguageEngine, Pcm, Prompt, SpeechEngine, SpeechOptions
from app.core.errors import AssistantError
from app.core.files import FileSource
from app.core.job import Cancelled, Context, Progress, Silent
from app.core.measurement import Measurement
from app.core.model import Model, ModelKind
from app.core.resources import demo_call
from app.services.hardware import memory_and_cores

_MOST_KEPT = 500  # measurements, of all models together
_QUICK = 2.0  # seconds of writing
_FULL = 8.0
_QUICK_WORDS, _FULL_WORDS = 64, 512  # words read before it
_FEW = 16  # tokens that are written to see how many fit into the time
_SOUND = 20.0  # seconds of the demo call that are heard
_LOOK = 0.2  # seconds between two looks whether it was stopped
_GRAMMAR = "root ::= [a-z ]{2000}\n"  # for a model that ends its reply before the time is over


class _Kept(msgspec.Struct):
    """The file: measurements and the memory's speed, by machine."""

    bytes_per_second: dict[str, float] = {}
    measurements: dict[str, list[Measurement]] = {}


class Measuring:
    """Measures, and remembers in a file beside the settings."""

    def __init__(self, path: Path, engines: Callable[[], Engines]) -> None:
        self._path = path
        self._engines = engines
        self._machine = memory_and_cores.key()
        self._has_looked = False

    def history(self, model: Model | None = None) -> list[Measurement]:
        """What was measured on this machine, oldest first; of one model, or of all."""
        found = self._read().measurements.get(self._machine, [])
        return [m for m in found if model is None or (m.model, m.size) == (model.name, model.size)]

    def latest(self, model: Model) -> Measurement | None:
        """The newest measurement of a model here."""
        return next(reversed(self.history(model)), None)

    def bytes_per_second(self) -> float:
        """How fast memory is read here: the best that was ever seen, for other programs may be at work now."""
        kept = self._read()
        best = kept.bytes_per_second.get(self._machine, 0.0)
        if not self._has_looked:
            self._has_looked = True
            with closing(self._engines().models()) as engine:
                best = max(best, engine.bytes_per_second())
            kept.bytes_per_second[self._machine] = best
            self._write(kept)
        return best

    def measure(self, model: Model, context: Context | None = None, *, is_quick: bool = False) -> Measurement:
        """Measure a model now and keep the result; two seconds of writing, or a fuller run.

        Raises:
            ModelError, EngineError: it can't be used.
            Cancelled: nothing was kept.
        """
        job = context or Silent()
        found = self._language(model, job, is_quick) if model.kind is ModelKind.LANGUAGE else self._speech(model, job)
        kept = self._read()
        every = [*kept.measurements.get(self._machine, []), found]
        kept.measurements[self._machine] = every[-_MOST_KEPT:]
        self._write(kept)
        return found

    def _language(self, model: Model, context: Context, is_quick: bool) -> Measurement:
        prompt = Prompt((("user", "a b c d " * ((_QUICK_WORDS if is_quick else _FULL_WORDS) // 4)),))
        with closing(self._engines().language(model)) as engine, _stoppable(engine, context):
            context.report(Progress("Loading", 0))
            engine.facts()
            context.report(Progress("Reading", 0))
            read = _reply(engine, prompt, _FEW, Silent())
            seconds = _QUICK if is_quick else _FULL
            tokens = max(_FEW, int((_rate(read) or 1.0) * seconds))
            before = memory_and_cores.energy_joules()
            written = _reply(engine, prompt, tokens, context, seconds)
            after, peak = memory_and_cores.energy_joules(), engine.peak_bytes()
        fresh = read.prompt_tokens - read.reused_tokens
        return Measurement(
            model.name, model.kind.value, model.size, _now(), memory_and_cores.performance_cores(),
            tokens_in=fresh / read.seconds_to_first if read.seconds_to_first else 0.0, tokens_out=_rate(written),
            first_word=read.seconds_to_first, peak=peak, joules=_each(before, after, written.reply_tokens),
        )  # fmt: skip

    def _speech(self, model: Model, context: Context) -> Measurement:
        engines = self._engines()
        source = FileSource(demo_call())
        with (
            closing(source),
            closing(engines.media()) as media,
            closing(engines.speech(model)) as engine,
            _stoppable(engine, context),
        ):
            context.report(Progress("Loading", 0))
            blocks = list(_upto(media.decode(source, (0, 1)), _SOUND))
            list(engine.transcribe(iter(blocks[:1]), SpeechOptions((0, 1), "en")))  # loads the model
            before, began = memory_and_cores.energy_joules(), time.monotonic()
            heard = list(engine.transcribe(_told(blocks, context), SpeechOptions((0, 1), "en")))
            seconds, after, peak = time.monotonic() - began, memory_and_cores.energy_joules(), engine.peak_bytes()
        length = sum(block.duration for block in blocks) if heard else 0.0
        return Measurement(
            model.name, model.kind.value, model.size, _now(), memory_and_cores.performance_cores(),
            realtime=length / seconds, first_word=seconds, peak=peak, joules=_each(before, after, length),
        )  # fmt: skip

    def _read(self) -> _Kept:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _Kept()

    def _write(self, kept: _Kept) -> None:
        fresh = self._path.with_suffix(".new")
        with suppress(OSError):  # it is measured again, then
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(self._path)


@contextmanager
def _stoppable(engine: LanguageEngine | SpeechEngine, context: Context) -> Iterator[None]:
    """End the engine as soon as the job is stopped: while it loads or reads, nobody else would look."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK):
            try:
                context.checkpoint()
            except Cancelled:
                engine.close()  # again and again: a worker may just have been starting

    watcher = threading.Thread(target=watch, name="stop", daemon=True)
    watcher.start()
    try:
        yield
    except AssistantError:
        context.checkpoint()  # it was ended from here, and is not at fault
        raise
    finally:
        is_over.set()
        watcher.join()


def _reply(
    engine: LanguageEngine, prompt: Prompt, tokens: int, context: Context, seconds: float | None = None
) -> Generated:
    """The figures of a reply of so many tokens; a model that would end it sooner is held to letters.

    `seconds` is how long it should take.
    """
    ended = _ended(engine.generate(prompt, "", tokens), context, seconds)
    if ended.reply_tokens >= tokens // 2:
        return ended
    return _ended(engine.generate(prompt, _GRAMMAR, tokens), context, seconds)


def _ended(values: Iterator[Delta | Generated], context: Context, seconds: float | None) -> Generated:
    """The figures at a reply's end."""
    began: float | None = None
    ended: Generated | None = None
    for value in values:
        began = began or time.monotonic()
        context.report(Progress("Writing", min(seconds or 0.0, time.monotonic() - began), seconds, "s"))
        if isinstance(value, Generated):
            ended = value
    assert ended is not None
    return ended


def _told(blocks: list[Pcm], context: Context) -> Iterator[Pcm]:
    """The blocks, with a word on how far it is as each is taken."""
    whole = blocks[-1].start + blocks[-1].duration
    for block in blocks:
        context.report(Progress("Listening", block.start, whole, "s"))
        yield block


def _rate(reply: Generated) -> float:
    """Tokens a second after the first one."""
    seconds = reply.seconds - reply.seconds_to_first
    return (reply.reply_tokens - 1) / seconds if reply.reply_tokens > 1 and seconds > 0 else 0.0


def _upto(blocks: Iterator[Pcm], seconds: float) -> Iterator[Pcm]:
    for block in blocks:
        if block.start >= seconds:
            return
        yield block


def _each(before: float | None, after: float | None, count: float) -> float:
    return (after - before) / count if before is not None and after is not None and count and after > before else 0.0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
