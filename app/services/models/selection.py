"""Which model does what: a person's own first, the demo models where there are none."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.catalog.catalogue import CatalogModel, catalog
from app.catalog.download.client import NoDoor
from app.catalog.installed import models_folder, staging
from app.core.download import Door
from app.core.errors import DownloadError, ModelError, ModelMissing
from app.core.job import Context
from app.core.model import NEEDED_KINDS, Model, ModelKind
from app.services.models.crash_count import Minding
from app.services.settings import SettingsKeeper

DEMO_NOTICE = (
    "The demo models are in use: they know calls about eight topics in 444 words and nothing else. "
    "For real calls get others: «tacit models list» shows what can be fetched or brought."
)


class Provisioning:
    """Knows the models in the models folder, which of them is in use, and which can be fetched through the door."""

    def __init__(
        self,
        folder: Path,
        settings: SettingsKeeper,
        demo: Callable[[], list[Model]] = models_folder.demo,
        door: Door | None = None,
        minding: Minding | None = None,
    ) -> None:
        self.folder = folder
        self.door = door or NoDoor()
        self.minding = minding or Minding()
        self._settings = settings
        self._demo = demo

    def here(self) -> list[Model]:
        """Every model that can be used, own ones first."""
        return models_folder.models_in(self.folder) + self._demo()

    def in_use(self, kind: ModelKind) -> Model | None:
        """The chosen model if it is here, else the first own one, else the demo model; none that is set aside."""
        candidates = [m for m in self.here() if m.kind is kind and not self.minding.is_set_aside(m)]
        wanted = self._wanted(kind)
        return next((m for m in candidates if m.name == wanted), candidates[0] if candidates else None)

    def named(self, name: str) -> Model:
        """The model of this name.

        Raises:
            ModelMissing: no model goes by it.
        """
        model = next((m for m in self.here() if m.name == name), None)
        if model is None:
            raise ModelMissing("No model goes by that name.", "Nothing was changed; «tacit models» lists what is here.")
        return model

    def catalogue(self) -> tuple[CatalogModel, ...]:
        """The models that can be fetched."""
        return catalog().model

    def entry(self, id_: str) -> CatalogModel:
        """One of them.

        Raises:
            ModelMissing: the catalogue has none of that name.
        """
        return catalog().find(id_)

    def waiting(self) -> dict[str, int]:
        """The models of which a part has arrived, and how many bytes."""
        return staging.waiting(self.folder)

    def pull(self, id_: str, context: Context) -> Model:
        """Fetch a model of the catalogue through the door, or go on with it; slow.

        Raises:
            ModelMissing: the catalogue has none of that name.
            DownloadError: one of its kinds; what has arrived right is kept.
            Cancelled: it was stopped; likewise.
        """
        entry = self.entry(id_)
        with closing(self.door.pull(entry.id)) as events:
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
        """The own models of the same kind that are smaller, the largest first."""
        own = [m for m in self.here() if m.kind is model.kind and not m.is_demo and m.size < model.size]
        return sorted((m for m in own if not self.minding.is_set_aside(m)), key=lambda m: -m.size)

    def use(self, name: str) -> Model:
        """Choose a model by its name, also one that was set aside.

        Raises:
            ModelMissing: no model goes by that name.
        """
        model = self.named(name)
        if model.kind not in NEEDED_KINDS:
            raise ModelError("There is nothing to choose for this kind of model.", "It is used where it is needed.")
        self.minding.forgive(model)
        if model.kind is ModelKind.SPEECH:
            self._settings.change(speech_model=name)
        else:
            self._settings.change(language_model=name)
        return model

    @property
    def context_tokens(self) -> int:
        """How much a language model shall read at once."""
        return self._settings.current.context_tokens

    def is_chosen(self, model: Model) -> bool:
        """Whether a person has named this model, so that another one beside it changes nothing."""
        return self._wanted(model.kind) == model.name

    def uses_demo(self) -> bool:
        """Whether a demo model is in use."""
        return any(model is not None and model.is_demo for model in map(self.in_use, NEEDED_KINDS))

    def _wanted(self, kind: ModelKind) -> str:
        current = self._settings.current
        return current.speech_model if kind is ModelKind.SPEECH else current.language_model
