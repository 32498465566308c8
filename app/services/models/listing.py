"""The list of models that a person chooses from: installed, partly downloaded, and available for download."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalog.catalogue import CatalogFile, CatalogModel, tier_of
from app.catalog.installed import models_folder, staging
from app.core.errors import AssistantError
from app.core.figures import rough_duration, speech_speed, token_speed
from app.core.fit import LEAST_REALTIME, Fit, Verdict, embedding_need, speech_need, verdict, voice_need, with_speed
from app.core.model import USED_KINDS, Model, ModelKind
from app.services.hardware.computer import Computer
from app.services.hardware.memory_and_cores import free_bytes
from app.services.models.base_models import CONTINUES_TEXTS
from app.services.models.selection import ModelSelection

if TYPE_CHECKING:
    from app.services.models.forecast import Forecasting

_TYPE = re.compile(r"(?<![A-Z0-9])(I?Q\d_[A-Z0-9]+(?:_[A-Z0-9]+)*|MXFP4|BF16|F16|F32)(?![A-Z0-9])", re.IGNORECASE)
_ORDER = (ModelKind.LANGUAGE, ModelKind.SPEECH, ModelKind.EMBEDDING, ModelKind.DIARIZATION)
_DEMO_NAMES = {ModelKind.SPEECH: "Demo speech model", ModelKind.LANGUAGE: "Demo language model"}


@dataclass(frozen=True, slots=True)
class SpeechChoice:
    """A speech model that can hear a call; `name` is its name in code, `title` what people read."""

    name: str
    title: str
    is_demo: bool = False


def speech_choices(models: ModelSelection) -> list[SpeechChoice]:
    """The speech models that are here, the one in use first."""
    return [SpeechChoice(m.name, title_of(m), m.is_demo) for m in models.of_kind(ModelKind.SPEECH)]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Whether a model will run here: its memory in bytes beside the other model in use, and its speed in words.

    `most_minutes` is the longest call that it can read as a whole, if that is less than was requested; else 0. `waits`
    says of a slow one how long it takes.
    """

    verdict: Verdict
    need: int
    speed: str = ""
    is_exact: bool = True
    most_minutes: int = 0
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One model that can be chosen; `arrived` counts the bytes of an unfinished download.

    `is_near` says that it is worth showing first; `is_base` that it is a base model, which is installed and can't be
    used; `forecast` is None where none has been made.
    """

    id: str
    name: str
    kind: ModelKind
    size: int
    type: str
    good_for: str
    licence: str
    host: str = ""
    model: Model | None = None
    entry: CatalogModel | None = None
    is_in_use: bool = False
    is_proposed: bool = False
    is_near: bool = True
    arrived: int = 0
    files: tuple[CatalogFile, ...] = ()
    forecast: Forecast | None = None
    is_base: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it is installed."""
        return self.model is not None

    @property
    def is_confirmed(self) -> bool:
        """Whether more than one source confirms its hash, or it is installed anyway."""
        return self.entry is None or self.entry.is_confirmed or self.is_here


class ModelListing:
    """Reads the models folder and the catalogue, from disk each time: not for the GUI thread."""

    def __init__(self, models: ModelSelection, fitting: "Forecasting | None" = None) -> None:
        self._models = models
        self._forecasting = fitting

    def offers(self, computer: Computer) -> list[Offer]:
        """All models that Tacit has a use for, each kind in display order."""
        if self._forecasting is not None:
            self._forecasting.recognise()
        here = {model.name: model for model in self._models.here()}
        used = [model for kind in USED_KINDS if (model := self._models.in_use(kind)) is not None]
        waiting = self._models.waiting()
        tier = tier_of(computer.memory_gb)
        made = [
            _offer_of(entry, here.pop(entry.id, None), used, waiting.get(entry.id, 0), tier)
            for entry in self._models.catalogue()
            if entry.has_use
        ]
        bases = self._models.base_models
        made += [_offer_of_own(model, used, model in bases) for model in here.values() if model.has_use]
        return sorted(made, key=display_order)

    def with_recommendations(self, offers: list[Offer]) -> list[Offer]:
        """The offers with those recommended for this computer marked, and with `forecasts`. Takes some seconds."""
        if self._forecasting is None:
            return offers
        proposed = {choice.entry.id for choice in self._forecasting.recommend()}
        marked = [replace(offer, is_proposed=True, is_near=True) if offer.id in proposed else offer for offer in offers]
        return sorted(self.with_forecasts(marked), key=display_order)

    def with_forecasts(self, offers: list[Offer]) -> list[Offer]:
        """The offers in order, each that is shown first with a forecast, for the context chosen in the settings."""
        if self._forecasting is None:
            return offers
        found = self._forecasts(self._forecasting, [offer for offer in offers if offer.is_near])
        return [replace(offer, forecast=found.get(offer.id)) for offer in offers]

    def _forecasts(self, fitting: "Forecasting", offers: list[Offer]) -> dict[str, Forecast]:
        free, found = free_bytes(), {}
        tokens = self._models.context_tokens
        entries = [
            offer.entry
            for offer in offers
            if offer.entry is not None and not offer.is_here and offer.kind is ModelKind.LANGUAGE
        ]
        for entry, fit in fitting.of_entries(entries, tokens):
            found[entry.id] = _forecast(fit, tokens)
        for offer in offers:
            if offer.kind is ModelKind.SPEECH:
                found[offer.id] = _speech_forecast(
                    speech_need(offer.size), free, fitting.realtime(offer.size, offer.model)
                )
            elif offer.kind is ModelKind.EMBEDDING:
                with suppress(AssistantError):
                    found[offer.id] = _embedding_forecast(fitting, offer, free)
            elif offer.kind is ModelKind.DIARIZATION:
                need = voice_need(offer.size)
                found[offer.id] = Forecast(verdict(need, free), need, is_exact=False)
            elif offer.model is not None:
                with suppress(AssistantError):  # one that can't be read is reported when it is used
                    found[offer.id] = _forecast(fitting.of_model(offer.model, tokens), tokens)
        return found

    def keep_choice(self) -> None:
        """Make the models in use an explicit choice, so that newly installed ones do not replace them."""
        for kind in USED_KINDS:
            model = self._models.in_use(kind)
            if model is not None and not model.is_demo and not self._models.is_chosen(model):
                self._models.use(model.name)

    def discard_download(self, id_: str) -> None:
        """Delete the partial download of a model.

        Raises:
            DownloadError: it is being downloaded now.
        """
        with staging.StagingFolder(self._models.folder, id_) as arrival:
            arrival.discard()


def title_of(model: Model) -> str:
    """A model's display name."""
    if model.is_demo:
        return _DEMO_NAMES[model.kind]
    record = models_folder.record_of(model)
    return _without_type(record.name) if record is not None else model.name


def _forecast(fit: Fit, wished_tokens: int) -> Forecast:
    rate = fit.tokens_per_second
    if not rate or fit.verdict is Verdict.NOT:
        speed = ""
    else:
        about = "about " if fit.need.is_exact else ""  # else an "about" before the bytes covers both
        speed = f"{about}{token_speed(rate)}"
    most = fit.minutes if fit.need.context_tokens < wished_tokens else 0
    waits = f"an hour's call takes {rough_duration(fit.hour_seconds)}" if fit.verdict is Verdict.SLOW else ""
    return Forecast(fit.verdict, fit.total, speed, fit.need.is_exact, most, waits)


def _embedding_forecast(fitting: "Forecasting", offer: Offer, free: int) -> Forecast:
    is_exact = offer.model is not None
    need = embedding_need(offer.size) if offer.model is None else fitting.embedding_need(offer.model)
    return Forecast(verdict(need, free), need, is_exact=is_exact)


def _speech_forecast(need: int, free: int, realtime: float) -> Forecast:
    judged = with_speed(verdict(need, free), not realtime or realtime >= LEAST_REALTIME)
    speed = speech_speed(realtime) if realtime and judged is not Verdict.NOT else ""
    waits = f"an hour's call takes {rough_duration(3600 / realtime)}" if judged is Verdict.SLOW else ""
    return Forecast(judged, need, speed, is_exact=False, waits=waits)


def _offer_of(entry: CatalogModel, model: Model | None, used: list[Model], arrived: int, tier: int) -> Offer:
    is_for_here = entry.ram_tier_gb == tier or any(known <= tier for known in entry.default_for_gb)
    return Offer(
        entry.id, _without_type(entry.name), entry.kind, entry.size, _type(entry.kind, entry.files[0].name),
        _description(entry), entry.licence, entry.host, model, entry, model in used, False,
        is_for_here or model is not None or arrived > 0, arrived if model is None else 0,
        entry.files,
    )  # fmt: skip


def _offer_of_own(model: Model, used: list[Model], is_base: bool) -> Offer:
    record = models_folder.record_of(model)
    if model.is_demo:
        good_for = "Shows how Tacit works; it knows one small world only."
    elif is_base:
        good_for = f"Can't be used: {CONTINUES_TEXTS}."
    else:
        origins = {"pack": "Came in a model pack.", "own": "Brought from this disk.", "made": "Written here anew."}
        good_for = origins.get(record.origin if record is not None else "", "Put here by hand.")
    licence = record.licence if record is not None else ""
    kind = _type(model.kind, model.path.name)
    files = record.files if record is not None else ()
    return Offer(
        model.name, title_of(model), model.kind, model.size, kind, good_for, licence,
        model=model, is_in_use=model in used, is_base=is_base, files=files,
    )  # fmt: skip


def display_order(offer: Offer) -> tuple[object, ...]:
    """The sort key: in use, installed, demo, partly downloaded, the rest; then proposed ones first, then by size."""
    is_demo = offer.model is not None and offer.model.is_demo
    rank = 0 if offer.is_in_use else 2 if is_demo else 1 if offer.is_here else 3 if offer.arrived else 4
    return (_ORDER.index(offer.kind), rank, not offer.is_proposed, offer.size, offer.id)


def _without_type(name: str) -> str:
    """The name without its type, which is shown beside it."""
    return re.sub(r" \((?:Q\d\w*|MXFP4)\)$", "", name)


def _type(kind: ModelKind, file: str) -> str:
    if kind is ModelKind.SPEECH:
        return "CTranslate2"
    if kind is ModelKind.DIARIZATION:
        return "ONNX"
    found = _TYPE.search(Path(file).stem)
    return found[1].upper() if found else "GGUF"


def _description(entry: CatalogModel) -> str:
    good_for, languages = entry.good_for, entry.languages
    few = languages if len(languages) <= 30 else f"{languages.count(',') + 1} languages"
    context = f"{entry.context_tokens // 1024}k context, " if entry.kind is ModelKind.LANGUAGE else ""
    return f"{good_for[:1].upper()}{good_for[1:]}. {context}{few}."
