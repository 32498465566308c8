"""Whether a model will run here: its memory beside the speech model, its speed, and which models to recommend."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.catalog.catalogue import CatalogModel, tier_of
from app.core.embedding import TEXT_TOKENS
from app.core.engines import Engines, ModelEngine
from app.core.errors import ModelDamaged
from app.core.figures import size, token_speed
from app.core.fit import (
    Fit,
    HeaderFacts,
    Need,
    Profile,
    Verdict,
    assess_fit,
    embedding_need,
    estimated_need,
    is_fast_enough,
    minutes_of,
    speech_need,
    tokens_for,
    voice_need,
)
from app.core.measurement import expected_rate, expected_read_rate, expected_realtime
from app.core.model import Model, ModelKind
from app.services.hardware import memory_and_cores
from app.services.models.benchmark import Benchmark
from app.services.models.selection import ModelSelection

_LEAST_MINUTES = 20  # minutes of a call that a recommended context should hold as a whole
_OPTIONAL = {ModelKind.EMBEDDING: embedding_need, ModelKind.DIARIZATION: voice_need}
_USABLE_SHARE = 0.75  # of all memory; the rest is for the system and the programs that are usually open


@dataclass(frozen=True, slots=True)
class Choice:
    """A recommended model, the reason in words, and its forecast, which is None for a speech model."""

    entry: CatalogModel
    reason: str
    fit: Fit | None = None


class Forecasting:
    """Makes forecasts for installed models and for those in the catalogue."""

    def __init__(self, models: ModelSelection, engines: Callable[[], Engines], benchmark: Benchmark) -> None:
        self._models = models
        self._engines = engines
        self._benchmark = benchmark

    def of_model(self, model: Model, context_tokens: int, *, measures: bool = False) -> Fit:
        """The forecast for an installed language model, with the speech model in use beside it.

        With `measures`, a speed that was never measured is measured now, which takes some seconds.

        Raises:
            ModelDamaged: it can't be read.
        """
        with self._model_engine([model.path]) as engine:
            need = engine.need(Profile(context_tokens), model.path)
        found = self._benchmark.latest(model)
        free = memory_and_cores.free_bytes()
        if found is None and measures and need.total <= free:
            found = self._benchmark.measure(model, is_quick=True)
        rate = found.tokens_out if found else self._expected_rate(model.size, 1.0)
        read = found.tokens_in if found else expected_read_rate(rate, self._benchmark.history())
        return assess_fit(need, self.speech_beside(), free, rate, read)

    def recognise(self) -> None:
        """Have a worker find out what the files are that were put into the models folder by hand."""
        self._models.recognise(self._engines())

    def embedding_need(self, model: Model) -> int:
        """The memory in bytes that an installed embedding model needs.

        Raises:
            ModelDamaged: it can't be read.
        """
        with self._model_engine([model.path]) as engine:
            return engine.need(Profile(TEXT_TOKENS), model.path).total

    def of_entry(self, entry: CatalogModel, contexts: Sequence[int], speech: int | None = None) -> list[Fit]:
        """The forecasts for a language model in the catalogue, one for each context."""
        with self._model_engine() as engine:
            return self._of_entry(engine, entry, contexts, self.speech_beside() if speech is None else speech)

    def of_entries(self, entries: Sequence[CatalogModel], context_tokens: int) -> Iterator[tuple[CatalogModel, Fit]]:
        """The forecast for each language model among these, yielded one by one."""
        speech = self.speech_beside()
        with self._model_engine() as engine:
            for entry in entries:
                if entry.kind is ModelKind.LANGUAGE:
                    yield entry, self._of_entry(engine, entry, [context_tokens], speech)[0]

    def speech_beside(self) -> int:
        """The memory that the speech model in use needs, in bytes; 0 if there is none."""
        model = self._models.in_use(ModelKind.SPEECH)
        return speech_need(model.size) if model else 0

    def recommend(self) -> list[Choice]:
        """A language and a speech model for this computer, each with the reason; only hashes with two sources count.

        The choice depends only on its memory, cores and speed, so that the advice stays the same from day to day;
        each forecast is for the memory that is free now.
        """
        total = memory_and_cores.total_bytes()
        tier = tier_of(memory_and_cores.sold_gb(total))
        entries = [entry for entry in self._models.catalogue() if entry.is_confirmed and entry.ram_tier_gb <= tier]
        heard = _speech_choice(entries, tier, total)
        found = [] if heard is None else [heard]
        beside = speech_need(heard.entry.size) if heard else 0
        written = self._language_choice(entries, tier, beside, int(total * _USABLE_SHARE))
        return found if written is None else [written, *found]

    def optional(self) -> list[Choice]:
        """An embedding and a voice print model, each if there is room for it beside the two that are needed."""
        total = memory_and_cores.total_bytes()
        tier = tier_of(memory_and_cores.sold_gb(total))
        found: dict[ModelKind, Choice] = {}
        for entry in self._models.catalogue():
            if entry.kind in _OPTIONAL and entry.is_confirmed and _is_proposed(entry, tier):
                need = _OPTIONAL[entry.kind](entry.size)
                if need <= total / 4:
                    reason = f"not needed: {entry.good_for}; needs about {size(need)} while it works"
                    found.setdefault(entry.kind, Choice(entry, reason))
        return [found[kind] for kind in _OPTIONAL if kind in found]

    def _language_choice(self, entries: Sequence[CatalogModel], tier: int, beside: int, room: int) -> Choice | None:
        wished = tokens_for(_LEAST_MINUTES)
        with self._model_engine() as engine:
            fits = [
                (entry, self._of_entry(engine, entry, [wished], beside)[0])
                for entry in entries
                if entry.kind is ModelKind.LANGUAGE
            ]
        able = [(entry, fit) for entry, fit in fits if fit.total <= room]
        if not able:
            return None

        # The largest that is fast enough to read along, preferring those that the catalogue proposes; if none is fast
        # enough, the fastest.
        def worth(pair: tuple[CatalogModel, Fit]) -> tuple[bool, bool, float]:
            entry, fit = pair
            is_quick = is_fast_enough(fit.read_per_second, fit.tokens_per_second)
            return is_quick, is_quick and _is_proposed(entry, tier), entry.size if is_quick else fit.tokens_per_second

        entry, fit = max(able, key=worth)
        about = "" if fit.need.is_exact else "about "
        now = "does not fit just now, close other programs" if fit.verdict is Verdict.NOT else fit.verdict.value
        reason = (
            f"{now}: {about}{size(fit.total)} with the speech model, of {size(fit.free)} free; "
            f"about {token_speed(fit.tokens_per_second)}, {fit.minutes} minutes of call in one piece; "
            f"{entry.good_for}"
        )
        return Choice(entry, reason, fit)

    def _of_entry(self, engine: ModelEngine, entry: CatalogModel, contexts: Sequence[int], speech: int) -> list[Fit]:
        free = memory_and_cores.free_bytes()
        rate = self._expected_rate(entry.size, _share_read(entry))
        read = expected_read_rate(rate, self._benchmark.history())
        return [assess_fit(_need(engine, entry, tokens), speech, free, rate, read) for tokens in contexts]

    def realtime(self, file_size: int, model: Model | None = None) -> float:
        """The seconds of sound that a speech model of so many bytes hears in a second; 0 if nothing was measured."""
        found = self._benchmark.latest(model) if model is not None else None
        return found.realtime if found is not None else expected_realtime(file_size, self._benchmark.history())

    def _expected_rate(self, file_size: int, share: float) -> float:
        return expected_rate(int(file_size * share), self._benchmark.history(), self._benchmark.bytes_per_second())

    @contextmanager
    def _model_engine(self, reads: Sequence[Path] = ()) -> Iterator[ModelEngine]:
        engine = self._engines().models(reads)
        try:
            yield engine
        finally:
            engine.close()


def _is_proposed(entry: CatalogModel, tier: int) -> bool:
    """Whether the catalogue proposes it for a computer of this memory tier or a lower one."""
    return any(known <= tier for known in entry.default_for_gb)


def _speech_choice(entries: Sequence[CatalogModel], tier: int, total: int) -> Choice | None:
    # Speech recognition gets a quarter of the memory at most, because the language model needs most of it.
    able = [entry for entry in entries if entry.kind is ModelKind.SPEECH and speech_need(entry.size) <= total / 4]
    if not able:
        return None
    cores = memory_and_cores.performance_cores()
    proposed = [entry for entry in able if _is_proposed(entry, tier)]
    light = [entry for entry in proposed or able if entry.size <= _MOST_BYTES_PER_CORE * cores]
    entry = max(light, key=lambda e: e.size) if light else min(proposed or able, key=lambda e: e.size)
    reason = f"needs about {size(speech_need(entry.size))}, right for {cores} fast cores; {entry.good_for}"
    return Choice(entry, reason)


_MOST_BYTES_PER_CORE = 250_000_000
"""Bytes of a Whisper model per core: small (484 MB) is a little faster than real time on two cores, as base (145 MB)
was measured at 23 times real time (`docs/decisions`) and the encoder's work grows with the file."""


def _need(engine: ModelEngine, entry: CatalogModel, context_tokens: int) -> Need:
    tokens = min(context_tokens, entry.context_tokens) if entry.context_tokens else context_tokens
    if entry.facts is None:
        return estimated_need(entry.size, tokens, is_full=entry.attention in ("", "full"))
    try:
        return engine.need(Profile(tokens), facts=header_facts(entry), size=entry.size)
    except ModelDamaged:  # an architecture whose header can't be derived from so few facts
        return estimated_need(entry.size, tokens, is_full=entry.attention in ("", "full"))


def header_facts(entry: CatalogModel) -> HeaderFacts:
    """The catalogue's facts as those of a file header; files of these sizes have four-bit or eight-bit types."""
    facts = entry.facts
    assert facts is not None
    return HeaderFacts(
        facts.architecture, facts.layers, facts.width, facts.feed_forward, facts.heads, facts.kv_heads,
        facts.head_width, facts.vocabulary, entry.context_tokens,
        "Q8_0" if "Q8_0" in entry.files[0].name else "Q4_K", is_output_tied=facts.width <= _TIED_UNTIL,
        experts=facts.experts, experts_used=facts.experts_used,
        expert_feed_forward=facts.feed_forward // max(1, facts.experts_used) if facts.experts else 0,
    )  # fmt: skip


_TIED_UNTIL = 3072  # width; published models up to this share the token embeddings with the output, larger ones do not


def _share_read(entry: CatalogModel) -> float:
    """The share of its weights that is read per token: in a mixture of experts only the active ones."""
    facts = entry.facts
    if facts is None or not facts.experts:
        return entry.read_share
    return 0.1 + 0.9 * facts.experts_used / facts.experts


def fit_json(fit: Fit) -> dict[str, object]:
    """A forecast in the form of `--json`; sizes in bytes."""
    return {
        "verdict": fit.verdict.value, "bytes": fit.total, "weights": fit.need.weights, "cache": fit.need.cache,
        "compute": fit.need.compute, "program": fit.need.program, "speech": fit.speech, "free": fit.free,
        "exact": fit.need.is_exact, "context_tokens": fit.need.context_tokens,
        "minutes_of_call": minutes_of(fit.need.context_tokens), "tokens_per_second": round(fit.tokens_per_second, 1),
        "read_tokens_per_second": round(fit.read_per_second, 1), "summary_seconds_for_an_hour": round(fit.hour_seconds),
    }  # fmt: skip
