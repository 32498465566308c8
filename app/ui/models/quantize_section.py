"""A smaller copy of one language model: the types on offer, how large the copy will be, and writing it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.figures import size
from app.core.job import Lane
from app.core.model import Model, ModelKind
from app.services.models.listing import title_of
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.flow import Flow
from app.ui.widgets.form_rows import ChoiceButton, JobProgress, Section
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.core.job import JobContext
    from app.services.application import Application
    from app.services.models.quantizing import Smaller
    from app.ui.runtime.bridge import Bridge

_DEFAULT_TYPE = "Q4_K_M"  # the type that most people choose
_WHY = "Fewer bits for each weight: a smaller file, less memory, a quicker reply, and a little less understood."


class QuantizeSection(Section):
    """Offers a smaller copy of a model; hidden for models that can't be quantized."""

    copy_written = Signal(object)  # the copy that was written

    def __init__(
        self, theme: Theme, parent: QWidget, tacit: "Application", bridge: "Bridge", notice: Callable[[], NoticeBar]
    ) -> None:
        super().__init__(theme, parent, "Another type")
        self._tacit, self._bridge, self._notice = tacit, bridge, notice
        self._model: Model | None = None
        self._offered: list[Smaller] = []
        self.choice: ChoiceButton | None = None
        self.copy_row = self.add_row("A smaller copy", "")
        self.write_button = button("Write the copy", self.copy_row, "plain", self.write)
        self.write_button.setMinimumHeight(theme.px(32))
        self._across = Flow(self.copy_row, "A smaller copy", theme.px(8))
        self.write_button.setParent(self._across)
        self._across.add(self.write_button)
        self.line = JobProgress(theme, self.copy_row, "Writing a copy")
        self.copy_row.below.addWidget(self._across)
        self.copy_row.below.addWidget(self.line)
        self.hide()

    def show_model(self, model: Model) -> None:
        """Find the types that would make this model smaller; the demo model is small enough."""
        self._model = model
        if model.kind is ModelKind.LANGUAGE and not model.is_demo:
            self._bridge.run_in_thread(lambda: self._tacit.quantizing.smaller(model), self._show, lambda _: self.hide())

    def _show(self, offered: "list[Smaller]") -> None:
        self._offered = offered
        if self.choice is not None:
            self._across.remove(self.choice)
            self.choice.hide()
            self.choice.deleteLater()
            self.choice = None
        if offered:
            names = [smaller.type_name for smaller in offered]
            choices = [(f"{smaller.type_name}, {size(smaller.size)}", smaller.type_name) for smaller in offered]
            self.choice = ChoiceButton(
                self._across, "Type", choices, _DEFAULT_TYPE if _DEFAULT_TYPE in names else names[0]
            )
            self.choice.chosen.connect(lambda _: self._show_words())
            self.choice.setMinimumSize(self._theme.px(160), self._theme.px(32))
            self._across.add(self.choice, 0)
            QWidget.setTabOrder(self.choice, self.write_button)
        self._show_words()
        self._enable_controls(is_free=self.line.isHidden())
        self.show()

    @property
    def chosen(self) -> "Smaller | None":
        """The selected type, which `write` would write."""
        value = self.choice.value if self.choice is not None else None
        return next((smaller for smaller in self._offered if smaller.type_name == value), None)

    def _show_words(self) -> None:
        chosen, model = self.chosen, self._model
        if chosen is None or model is None:
            self.copy_row.words.set_text("There is no smaller type that Tacit can write and that is not here.")
        else:
            sizes = f"{chosen.type_name} takes about {size(chosen.size)} instead of {size(model.size)}"
            self.copy_row.words.set_text(f"{_WHY} {sizes}; this model stays as it is.")

    def write(self) -> None:
        """Write the copy next to the model."""
        chosen, model = self.chosen, self._model
        if chosen is None or model is None:
            return

        def work(context: "JobContext") -> Model:
            self._tacit.listing.keep_choice()  # a copy is not put into use by itself
            return self._tacit.quantizing.quantise(model, chosen.type_name, context)

        def done(copy: Model) -> None:
            self._end_work()
            title = f"{title_of(copy)} is here in {chosen.type_name}: {size(copy.size)} instead of {size(model.size)}."
            self._notice().show_until_closed(
                title, "Try it before you remove the larger one: what was left out does not come back."
            )
            self.copy_written.emit(copy)
            self.show_model(model)

        job = (
            self._bridge.run_job(work, done, self._fail, lane=Lane.BACKGROUND, title="Writing a copy")
            .cancelled(self._end_work)
            .on_event(self.line.show_progress)
            .job
        )
        self._enable_controls(is_free=False)
        self.line.follow(job, "Waiting for its turn")

    def _fail(self, error: Exception) -> None:
        self._end_work()
        self._notice().show_error(error)

    def _end_work(self) -> None:
        self.line.end()
        self._enable_controls(is_free=True)

    def _enable_controls(self, *, is_free: bool) -> None:
        self.write_button.setVisible(self.choice is not None)
        if self.choice is not None:
            self.choice.show()
        self.write_button.setEnabled(is_free)
        if self.choice is not None:
            self.choice.setEnabled(is_free)
        self._across.lay_out_again()
