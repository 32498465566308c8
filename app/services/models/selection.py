"""Which model is used for what: a person's own first, the demo models where there are none."""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalog.catalogue import CatalogModel, catalog
from app.catalog.download.client import NoDownloadClient
from app.catalog.installed import models_folder, staging
from app.core.download import DownloadClient
from app.core.errors import AssistantError, DownloadError, ModelDamaged, ModelError, ModelMissing, ModelStalls
from app.core.job import JobContext
from app.core.model import NEEDED_KINDS, Model, ModelKind
from app.services.models.base_models import CONTINUES_TEXTS, BaseModels
from app.services.models.crash_count import CrashCount
from app.services.models.recognised_kinds import RecognisedKinds
from app.services.settings import SettingsFile

if TYPE_CHECKING:
    from app.core.engines import Engines, ModelEngine

_DEMO_NOTICE = (
    "The demo {models} in use: {pronoun} calls about eight topics in 444 words and nothing else. "
    "For real calls get {others}: «tacit models list» shows what can be fetched or brought."
)

DEMO_HEARD = (
    "The demo model heard this call: it knows 444 words, and writes one of them for every other.",
    "The recording is kept; transcribe it again with a speech model for real calls.",
)
DEMO_REFUSED = (
    "The demo model understood no speech in this recording: it knows 444 words of synthetic voices, and no person.",
    DEMO_HEARD[1],
)


_SETTINGS = {
    ModelKind.SPEECH: "speech_model", ModelKind.LANGUAGE: "language_model", ModelKind.EMBEDDING: "embedding_model",
    ModelKind.DIARIZATION: "voice_model",
}  # fmt: skip
_NAMES = {ModelKind.DIARIZATION: "voice print"}


class ModelSelection:
    """Knows the installed models, which of them are in use, and which can be downloaded."""

    def __init__(
        self,
        folder: Path,
        settings: SettingsFile,
        demo: Callable[[], list[Model]] = models_folder.bundled_models,
        door: DownloadClient | None = None,
        crash_count: CrashCount | None = None,
        base_models: BaseModels | None = None,
        kinds: RecognisedKinds | None = None,
    ) -> None:
        self.folder = folder
        self.download_client = door or NoDownloadClient()
        self.crash_count = crash_count or CrashCount()
        self.base_models = base_models or BaseModels()
        self.recognised_kinds = kinds or RecognisedKinds()
        self._settings = settings
        self._demo = demo

    def here(self) -> list[Model]:
        """Every installed model, the person's own first."""
        return self._own() + self._demo()

    def _own(self) -> list[Model]:
        return [self.recognised_kinds.applied(model) for model in models_folder.models_in(self.folder)]

    def recognise(self, engines: "Engines") -> None:
        """Have a worker look for embedding and voice print models among the files that were put there by hand.

        Nothing in this process reads them. A file is looked into once, and starts no worker after that.
        """
        unknown = [model for model in models_folder.models_in(self.folder) if self.recognised_kinds.is_unknown(model)]
        if unknown:
            tools = engines.models(reads=[model.path for model in unknown])
            try:
                for model in unknown:
                    with suppress(AssistantError):  # one that can't be read is reported when it is used
                        self.recognised_kinds.add(model, _is_recognised(model, tools))
            finally:
                tools.close()

    @property
    def may_have_embedding(self) -> bool:
        """Whether there is an embedding model, or a file that nobody looked into yet and that may be one."""
        files = [model for model in models_folder.models_in(self.folder) if model.kind is ModelKind.LANGUAGE]
        return self.in_use(ModelKind.EMBEDDING) is not None or any(map(self.recognised_kinds.is_unknown, files))

    def in_use(self, kind: ModelKind) -> Model | None:
        """The chosen model if it is installed, else the first own one, else the demo model.

        Never one that was set aside, that Tacit has no use for, or a base model.
        """
        candidates = [m for m in self.here() if m.kind is kind and self._is_usable(m)]
        wanted = self._chosen_name(kind)
        return next((m for m in candidates if m.name == wanted), candidates[0] if candidates else None)

    def installed(self, name: str, kind: ModelKind) -> Model | None:
        """The model of this name and kind, unless it was set aside; None if it is not here."""
        matching = (
            m for m in self.here() if m.name == name and m.kind is kind and not self.crash_count.is_set_aside(m)
        )
        return next(matching, None) if name else None

    def of_kind(self, kind: ModelKind) -> list[Model]:
        """The installed models of a kind that a person can choose, the one in use first."""
        in_use = self.in_use(kind)
        found = [m for m in self.here() if m.kind is kind and m.has_use and not self.crash_count.is_set_aside(m)]
        return sorted(found, key=lambda model: model != in_use)

    def named(self, name: str) -> Model:
        """The model of this name.

        Raises:
            ModelMissing: no model has it.
        """
        model = next((m for m in self.here() if m.name == name), None)
        if model is None:
            raise ModelMissing("No model goes by that name.", "Nothing was changed; «tacit models» lists what is here.")
        return model

    def catalogue(self) -> tuple[CatalogModel, ...]:
        """The models that can be downloaded."""
        return catalog().model

    def entry(self, id_: str) -> CatalogModel:
        """The catalogue's entry of this id.

        Raises:
            ModelMissing: the catalogue has none of that name.
        """
        return catalog().find(id_)

    def waiting(self) -> dict[str, int]:
        """The partly downloaded models, with the bytes that have arrived."""
        return staging.partial_downloads(self.folder)

    def pull(self, id_: str, context: JobContext) -> Model:
        """Download a catalogue model, or resume its download. Slow.

        Raises:
            ModelMissing: the catalogue has none of that name.
            DownloadError: one of its kinds; what has arrived intact is kept.
            Cancelled: it was stopped; what has arrived intact is kept.
        """
        entry = self.entry(id_)
        with closing(self.download_client.pull(entry.id)) as events:
            for progress in events:
                context.checkpoint()
                context.report(progress)
        model = next((m for m in models_folder.models_in(self.folder) if m.name == entry.id), None)
        if model is None:
            raise DownloadError("The model came, but does not lie in the models folder.", "Start the download again.")
        return model

    def needed(self, kind: ModelKind) -> Model:
        """The model in use.

        Raises:
            ModelMissing: there is none.
        """
        model = self.in_use(kind)
        if model is None:
            raise ModelMissing(f"There is no {_NAMES.get(kind, kind.value)} model here.")
        return model

    def smaller(self, model: Model) -> list[Model]:
        """The person's own models of the same kind that are smaller, the largest first."""
        own = [m for m in self.here() if m.kind is model.kind and not m.is_demo and m.size < model.size]
        return sorted((m for m in own if self._is_usable(m)), key=lambda m: -m.size)

    def _is_usable(self, model: Model) -> bool:
        return model.has_use and not self.crash_count.is_set_aside(model) and model not in self.base_models

    def use(self, name: str) -> Model:
        """Choose a model by its name, even one that was set aside.

        Raises:
            ModelMissing: no model has that name.
            ModelError: it is of no use for calls and chats.
        """
        model = self.named(name)
        if model in self.base_models:
            raise ModelError(
                "This model can't be used: " + CONTINUES_TEXTS + ".",
                "Nothing was changed; choose one that was trained to follow instructions (its name often says "
                "«instruct», «chat» or «it»).",
            )
        if not model.has_use:
            raise ModelError(
                "Tacit has no use for this model: it can't tell voices apart.",
                "Nothing was changed; «tacit models list» shows which ones can.",
            )
        self.crash_count.forgive(model)
        self._settings.change(**{_SETTINGS[model.kind]: name})
        return model

    @property
    def context_tokens(self) -> int:
        """The context chosen for language models, in tokens."""
        return self._settings.current.context_tokens

    def is_chosen(self, model: Model) -> bool:
        """Whether a person chose this model by name, so that installing another one changes nothing."""
        return self._chosen_name(model.kind) == model.name

    def uses_demo(self, kinds: Sequence[ModelKind] = NEEDED_KINDS) -> bool:
        """Whether a demo model of one of these kinds is in use."""
        return bool(self._demo_kinds(kinds))

    def demo_notice(self, kinds: Sequence[ModelKind] = NEEDED_KINDS) -> str:
        """What to tell where a demo model of one of these kinds is in use, and which; "" where none is."""
        found = self._demo_kinds(kinds)
        if not found:
            return ""
        if len(found) > 1:
            return _DEMO_NOTICE.format(models="models are", pronoun="they know", others="others")
        return _DEMO_NOTICE.format(models=f"{found[0].value} model is", pronoun="it knows", others="another")

    def _demo_kinds(self, kinds: Sequence[ModelKind]) -> list[ModelKind]:
        in_use = ((kind, self.in_use(kind)) for kind in kinds)
        return [kind for kind, model in in_use if model is not None and model.is_demo]

    def _chosen_name(self, kind: ModelKind) -> str:
        return str(getattr(self._settings.current, _SETTINGS[kind], "")) if kind in _SETTINGS else ""


def _is_recognised(model: Model, tools: "ModelEngine") -> bool:
    """Whether a GGUF file is an embedding model, or an ONNX file a voice print model.

    Raises:
        ModelDamaged: the GGUF file can't be read.
        AssistantError: it could not be looked into.
    """
    if model.kind is not ModelKind.DIARIZATION:
        return tools.inspect(model.path).is_embedding
    try:
        tools.inspect(model.path)
    except ModelStalls:  # a busy computer; it is looked into again
        raise
    except ModelDamaged:
        return False
    return True
