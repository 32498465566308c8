"""Which model is used for what: a person's own first, the demo models where there are none."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from app.catalog.catalogue import CatalogModel, catalog
from app.catalog.download.client import NoDownloadClient
from app.catalog.installed import models_folder, staging
from app.core.download import DownloadClient
from app.core.errors import DownloadError, ModelError, ModelMissing
from app.core.job import JobContext
from app.core.model import NEEDED_KINDS, Model, ModelKind
from app.services.models.crash_count import CrashCount
from app.services.settings import SettingsFile

DEMO_NOTICE = (
    "The demo models are in use: they know calls about eight topics in 444 words and nothing else. "
    "For real calls get others: «tacit models list» shows what can be fetched or brought."
)


class ModelSelection:
    """Knows the installed models, which of them are in use, and which can be downloaded."""

    def __init__(
        self,
        folder: Path,
        settings: SettingsFile,
        demo: Callable[[], list[Model]] = models_folder.bundled_models,
        door: DownloadClient | None = None,
        crash_count: CrashCount | None = None,
    ) -> None:
        self.folder = folder
        self.download_client = door or NoDownloadClient()
        self.crash_count = crash_count or CrashCount()
        self._settings = settings
        self._demo = demo

    def here(self) -> list[Model]:
        """Every installed model, the person's own first."""
        return models_folder.models_in(self.folder) + self._demo()

    def in_use(self, kind: ModelKind) -> Model | None:
        """The chosen model if it is installed, else the first own one, else the demo model; never one set aside."""
        candidates = [m for m in self.here() if m.kind is kind and not self.crash_count.is_set_aside(m)]
        wanted = self._chosen_name(kind)
        return next((m for m in candidates if m.name == wanted), candidates[0] if candidates else None)

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
            raise ModelMissing(f"There is no {kind.value} model here.")
        return model

    def smaller(self, model: Model) -> list[Model]:
        """The person's own models of the same kind that are smaller, the largest first."""
        own = [m for m in self.here() if m.kind is model.kind and not m.is_demo and m.size < model.size]
        return sorted((m for m in own if not self.crash_count.is_set_aside(m)), key=lambda m: -m.size)

    def use(self, name: str) -> Model:
        """Choose a model by its name, even one that was set aside.

        Raises:
            ModelMissing: no model has that name.
        """
        model = self.named(name)
        if model.kind not in NEEDED_KINDS:
            raise ModelError("There is nothing to choose for this kind of model.", "It is used where it is needed.")
        self.crash_count.forgive(model)
        if model.kind is ModelKind.SPEECH:
            self._settings.change(speech_model=name)
        else:
            self._settings.change(language_model=name)
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
        return any(model is not None and model.is_demo for model in map(self.in_use, kinds))

    def _chosen_name(self, kind: ModelKind) -> str:
        current = self._settings.current
        return current.speech_model if kind is ModelKind.SPEECH else current.language_model
