"""Which model does what: a person's own first, the demo models where there are none."""

from collections.abc import Callable
from pathlib import Path

from app.catalog import shelf
from app.core.errors import ModelMissing
from app.core.model import Model, ModelKind
from app.services.minding import Minding
from app.services.settings import SettingsKeeper

DEMO_NOTICE = (
    "The demo models are in use: they know calls about eight topics in 444 words and nothing else. "
    "Put models of your own into the models folder for real calls."
)


class Provisioning:
    """Knows the models in the models folder and which of them is in use."""

    def __init__(
        self,
        folder: Path,
        settings: SettingsKeeper,
        demo: Callable[[], list[Model]] = shelf.demo,
        minding: Minding | None = None,
    ) -> None:
        self.folder = folder
        self.minding = minding or Minding()
        self._settings = settings
        self._demo = demo

    def here(self) -> list[Model]:
        """Every model that can be used, own ones first."""
        return shelf.models_in(self.folder) + self._demo()

    def in_use(self, kind: ModelKind) -> Model | None:
        """The chosen model if it is here, else the first own one, else the demo model; none that is set aside."""
        candidates = [m for m in self.here() if m.kind is kind and not self.minding.is_set_aside(m)]
        wanted = self._wanted(kind)
        return next((m for m in candidates if m.name == wanted), candidates[0] if candidates else None)

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
        model = next((m for m in self.here() if m.name == name), None)
        if model is None:
            raise ModelMissing("No model goes by that name.", "Nothing was changed; «tacit models» lists what is here.")
        self.minding.forgive(model)
        if model.kind is ModelKind.SPEECH:
            self._settings.change(speech_model=name)
        else:
            self._settings.change(language_model=name)
        return model

    def uses_demo(self) -> bool:
        """Whether a demo model is in use."""
        return any(model is not None and model.is_demo for model in map(self.in_use, ModelKind))

    def _wanted(self, kind: ModelKind) -> str:
        current = self._settings.current
        return current.speech_model if kind is ModelKind.SPEECH else current.language_model
