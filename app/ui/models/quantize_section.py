"""Another type for one language model: which are smaller, how large a copy will be, and writing it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.model import Model, ModelKind
from app.services.models.listing import title_of
from app.ui.style.phrases import size
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.form_rows import ChoiceButton, Section, WorkLine
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.core.job import Context
    from app.services.application import Tacit
    from app.services.models.quantizing import Smaller
    from app.ui.runtime.bridge import Bridge

_USUAL = "Q4_K_M"  # the type that most people take
_WHY = "Fewer bits for each weight: a smaller file, less memory, a quicker reply, and a little less understood."


class TypeSection(Section):
    """Offers a smaller copy of a model; `made` brings one that was written. Hidden where there is none to make."""

    made = Signal(object)

    def __init__(
        self, theme: Theme, parent: QWidget, tacit: "Tacit", bridge: "Bridge", notice: Callable[[], NoticeBar]
    ) -> None:
        super().__init__(theme, parent, "Another type")
        self._tacit, self._bridge, self._notice = tacit, bridge, notice
        self._model: Model | None = None
        self._offered: list[Smaller] = []
        self.choice: ChoiceButton | None = None
        self.told = self.row("A smaller copy", "")
        self.write_button = button("Write the copy", self.told, "plain", self.write)
        self.write_button.setMinimumHeight(theme.px(32))
        self._across = QHBoxLayout()
        self._across.setSpacing(theme.px(8))
        self._across.addWidget(self.write_button)
        self._across.addStretch(1)
        self.line = WorkLine(theme, self.told, "Writing a copy")
        self.told.below.addLayout(self._across)
        self.told.below.addWidget(self.line)
        self.hide()

    def show_model(self, model: Model) -> None:
        """Look which types would make this model smaller; the demo model is small enough."""
        self._model = model
        if model.kind is ModelKind.LANGUAGE and not model.is_demo:
            self._bridge.apart(lambda: self._tacit.converting.smaller(model), self._show, lambda _: self.hide())

    def _show(self, offered: "list[Smaller]") -> None:
        self._offered = offered
        if self.choice is not None:
            self.choice.hide()
            self.choice.deleteLater()
            self.choice = None
        if offered:
            names = [smaller.type_name for smaller in offered]
            choices = [(f"{smaller.type_name}, {size(smaller.size)}", smaller.type_name) for smaller in offered]
            self.choice = ChoiceButton(self.told, "Type", choices, _USUAL if _USUAL in names else names[0])
            self.choice.chosen.connect(lambda _: self._say())
            self.choice.setMinimumSize(self._theme.px(160), self._theme.px(32))
            self._across.insertWidget(0, self.choice)
            QWidget.setTabOrder(self.choice, self.write_button)
        self._say()
        self._free(is_free=self.line.isHidden())
        self.show()

    @property
    def chosen(self) -> "Smaller | None":
        """The type that would be written now."""
        value = self.choice.value if self.choice is not None else None
        return next((smaller for smaller in self._offered if smaller.type_name == value), None)

    def _say(self) -> None:
        chosen, model = self.chosen, self._model
        if chosen is None or model is None:
            self.told.words.set_text("There is no smaller type that Tacit can write and that is not here.")
        else:
            sizes = f"{chosen.type_name} takes about {size(chosen.size)} instead of {size(model.size)}"
            self.told.words.set_text(f"{_WHY} {sizes}; this model stays as it is.")

    def write(self) -> None:
        """Write the copy beside the model."""
        chosen, model = self.chosen, self._model
        if chosen is None or model is None:
            return

        def work(context: "Context") -> Model:
            self._tacit.offering.keep_choice()  # a copy is not taken into use by itself
            return self._tacit.converting.quantise(model, chosen.type_name, context)

        def done(made: Model) -> None:
            self._rest()
            title = f"{title_of(made)} is here in {chosen.type_name}: {size(made.size)} instead of {size(model.size)}."
            self._notice().keep(title, "Try it before you remove the larger one: what was left out does not come back.")
            self.made.emit(made)
            self.show_model(model)

        job = self._bridge.ask(
            work, done, self._fail, cancelled=self._rest, event=self.line.take, lane="keeping", title="Writing a copy"
        )
        self._free(is_free=False)
        self.line.follow(job, "Waiting for its turn")

    def _fail(self, error: Exception) -> None:
        self._rest()
        self._notice().fail(error)

    def _rest(self) -> None:
        self.line.end()
        self._free(is_free=True)

    def _free(self, *, is_free: bool) -> None:
        self.write_button.setVisible(self.choice is not None)
        self.write_button.setEnabled(is_free)
        if self.choice is not None:
            self.choice.setEnabled(is_free)
