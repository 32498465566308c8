"""The speed of the installed models: measured within seconds, kept per machine and model, without content."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.core.engines import Delta, Engines, Generated, LanguageEngine, Pcm, Prompt, SpeechEngine, SpeechOptions
from app.core.errors import AssistantError
from app.core.files import FileSource, write_atomically
from app.core.job import Cancelled, JobContext, NullContext, Progress
from app.core.measurement import Measurement, is_contended
from app.core.model import Model, ModelKind
from app.core.resources import demo_call
from app.services.hardware import memory_and_cores

_MOST_KEPT = 500  # measurements, of all models together
_QUICK_SECONDS = 2.0  # seconds of generating
_FULL_SECONDS = 8.0
_QUICK_WORDS, _FULL_WORDS = 64, 512  # words in the prompt
_PROBE_TOKENS = 16  # tokens generated first, to see how many fit into the time
_SOUND_SECONDS = 20.0  # seconds of the demo call that are transcribed
_POLL = 0.2  # seconds between two checks for cancellation
_GRAMMAR = "root ::= [a-z ]{2000}\n"  # for a model that would end its reply too early


class _BenchmarkFile(msgspec.Struct):
    """The file's content: measurements and the speed of memory, by machine."""

    bytes_per_second: dict[str, float] = {}
    measurements: dict[str, list[Measurement]] = {}


class Benchmark:
    """Measures models and keeps the results in a file beside the settings."""

    def __init__(self, path: Path, engines: Callable[[], Engines]) -> None:
        self._path = path
        self._engines = engines
        self._machine = memory_and_cores.machine_key()
        self._has_timed_memory = False

    def history(self, model: Model | None = None) -> list[Measurement]:
        """The measurements on this machine, oldest first; of one model, or of all."""
        found = self._read().measurements.get(self._machine, [])
        return [m for m in found if model is None or (m.model, m.size) == (model.name, model.size)]

    def latest(self, model: Model) -> Measurement | None:
        """The newest measurement of a model on this machine."""
        return next(reversed(self.history(model)), None)

    def bytes_per_second(self) -> float:
        """The read speed of memory: the best ever measured here, because other programs may be busy now."""
        kept = self._read()
        best = kept.bytes_per_second.get(self._machine, 0.0)
        if not self._has_timed_memory:
            self._has_timed_memory = True
            with closing(self._engines().models()) as engine:
                best = max(best, engine.bytes_per_second())
            kept.bytes_per_second[self._machine] = best
            self._write(kept)
        return best

    def measure(self, model: Model, context: JobContext | None = None, *, is_quick: bool = False) -> Measurement:
        """Measure a model; with `is_quick` in two seconds of generating, else in a fuller run.

        The result is kept, unless other programs kept the processor busy meanwhile (`is_contended`): what is then
        measured says how fast they are, and would be shown as this computer's speed for months.

        Raises:
            ModelError, EngineError: it can't be used.
            Cancelled: no result was kept.
        """
        job = context or NullContext()
        found = (
            self._measure_language(model, job, is_quick)
            if model.kind is ModelKind.LANGUAGE
            else self._measure_speech(model, job)
        )
        if found.is_contended:
            return found
        kept = self._read()
        every = [*kept.measurements.get(self._machine, []), found]
        kept.measurements[self._machine] = every[-_MOST_KEPT:]
        self._write(kept)
        return found

    def _measure_language(self, model: Model, context: JobContext, is_quick: bool) -> Measurement:
        prompt = Prompt((("user", "a b c d " * ((_QUICK_WORDS if is_quick else _FULL_WORDS) // 4)),))
        with closing(self._engines().language(model)) as engine, _stoppable(engine, context):
            context.report(Progress("Loading", 0))
            engine.facts()
            load = _Load(engine)
            read = _run_reply(engine, prompt, _PROBE_TOKENS, context)
            seconds = _QUICK_SECONDS if is_quick else _FULL_SECONDS
            tokens = max(_PROBE_TOKENS, int((_rate(read) or 1.0) * seconds))
            before = memory_and_cores.energy_joules()
            written = _run_reply(engine, prompt, tokens, context, seconds)
            after, peak, is_contended = memory_and_cores.energy_joules(), engine.peak_bytes(), load.is_contended()
        fresh = read.prompt_tokens - read.reused_tokens
        return Measurement(
            model.name, model.kind.value, model.size, _now(), memory_and_cores.performance_cores(),
            tokens_in=fresh / read.seconds_to_first if read.seconds_to_first else 0.0, tokens_out=_rate(written),
            first_word=read.seconds_to_first, peak=peak, joules=_joules_each(before, after, written.reply_tokens),
            is_contended=is_contended,
        )  # fmt: skip

    def _measure_speech(self, model: Model, context: JobContext) -> Measurement:
        engines = self._engines()
        source = FileSource(demo_call())
        with (
            closing(source),
            closing(engines.media()) as media,
            closing(engines.speech(model)) as engine,
            _stoppable(engine, context),
        ):
            context.report(Progress("Loading", 0))
            blocks = list(_until(media.decode(source, (0, 1)), _SOUND_SECONDS))
            list(engine.transcribe(iter(blocks[:1]), SpeechOptions((0, 1), "en")))  # loads the model
            before, began, load = memory_and_cores.energy_joules(), time.monotonic(), _Load(engine)
            heard = list(engine.transcribe(_report_progress(blocks, context), SpeechOptions((0, 1), "en")))
            seconds, after, peak = time.monotonic() - began, memory_and_cores.energy_joules(), engine.peak_bytes()
            is_contended = load.is_contended()
        length = sum(block.duration for block in blocks) if heard else 0.0
        return Measurement(
            model.name, model.kind.value, model.size, _now(), memory_and_cores.performance_cores(),
            realtime=length / seconds, first_word=seconds, peak=peak, joules=_joules_each(before, after, length),
            is_contended=is_contended,
        )  # fmt: skip

    def _read(self) -> _BenchmarkFile:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_BenchmarkFile)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _BenchmarkFile()

    def _write(self, kept: _BenchmarkFile) -> None:
        with suppress(OSError):  # it will be measured again
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(self._path, msgspec.json.encode(kept), is_durable=False)


class _Load:
    """What other programs take from the processor while an engine works."""

    def __init__(self, engine: LanguageEngine | SpeechEngine) -> None:
        self._engine = engine
        self._began = self._now()

    def is_contended(self) -> bool:
        """Whether they took what the engine could have used."""
        everyone, own, seconds = (now - then for now, then in zip(self._now(), self._began, strict=True))
        return is_contended(max(0.0, everyone - own), own, seconds, os.cpu_count() or 1)

    def _now(self) -> tuple[float, float, float]:
        return memory_and_cores.busy_seconds(), self._engine.processor_seconds(), time.monotonic()


@contextmanager
def _stoppable(engine: LanguageEngine | SpeechEngine, context: JobContext) -> Iterator[None]:
    """End the engine as soon as the job is cancelled: while it loads or reads, nothing else checks."""
    is_done = threading.Event()

    def watch() -> None:
        while not is_done.wait(_POLL):
            try:
                context.checkpoint()
            except Cancelled:
                engine.close()  # repeatedly: a worker may have been just starting

    watcher = threading.Thread(target=watch, name="stop", daemon=True)
    watcher.start()
    try:
        yield
    except AssistantError:
        context.checkpoint()  # if it was ended from here, this raises Cancelled instead
        raise
    finally:
        is_done.set()
        watcher.join()


def _run_reply(
    engine: LanguageEngine, prompt: Prompt, tokens: int, context: JobContext, seconds: float | None = None
) -> Generated:
    """Generate a reply of so many tokens and return its figures; a grammar forces on a model that ends it early.

    `seconds` is how long it should take, for the progress.
    """
    ended = _run_to_end(engine.generate(prompt, "", tokens), context, seconds)
    if ended.reply_tokens >= tokens // 2:
        return ended
    return _run_to_end(engine.generate(prompt, _GRAMMAR, tokens), context, seconds)


def _run_to_end(
    values: Iterator[Progress | Delta | Generated], context: JobContext, seconds: float | None
) -> Generated:
    """Consume a reply and return its final figures, reporting progress."""
    began: float | None = None
    ended: Generated | None = None
    for value in values:
        if isinstance(value, Progress):
            context.report(value)
            continue
        began = began or time.monotonic()
        if seconds is not None:
            context.report(Progress("Writing", min(seconds, time.monotonic() - began), seconds, "s"))
        if isinstance(value, Generated):
            ended = value
    assert ended is not None
    return ended


def _report_progress(blocks: list[Pcm], context: JobContext) -> Iterator[Pcm]:
    """The blocks, with the progress reported as each is taken."""
    whole = blocks[-1].start + blocks[-1].duration
    for block in blocks:
        context.report(Progress("Listening", block.start, whole, "s"))
        yield block


def _rate(reply: Generated) -> float:
    """Tokens per second after the first one."""
    seconds = reply.seconds - reply.seconds_to_first
    return (reply.reply_tokens - 1) / seconds if reply.reply_tokens > 1 and seconds > 0 else 0.0


def _until(blocks: Iterator[Pcm], seconds: float) -> Iterator[Pcm]:
    for block in blocks:
        if block.start >= seconds:
            return
        yield block


def _joules_each(before: float | None, after: float | None, count: float) -> float:
    return (after - before) / count if before is not None and after is not None and count and after > before else 0.0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
