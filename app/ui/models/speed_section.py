"""How fast one model is on this computer: measured on a click, and shown as it was over time."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.measurement import Measurement
from app.core.model import Model, ModelKind
from app.services.hardware import memory_and_cores
from app.ui.models.computer_facts import FactCards
from app.ui.models.speed_chart import SpeedChart
from app.ui.style.phrases import figure, long_day, size
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.form_rows import Section, WorkLine
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.services.application import Tacit
    from app.ui.runtime.bridge import Bridge

_BEHIND_PEOPLE = 5  # the priority of what nobody waits for: a question goes first
_WORK = {
    ModelKind.LANGUAGE: "It reads some hundred words and writes for eight seconds",
    ModelKind.SPEECH: "It hears twenty seconds of the demo call",
}
_NO_METER = "This system lets no program read the processor's energy meter."


def figures_of(found: Measurement) -> list[tuple[str, str]]:
    """What was measured: each figure, and what it is of."""
    if found.realtime:
        made = [(f"{figure(found.realtime)}× real time", "transcribed")]
        energy = "a second of sound"
    else:
        made = [
            (f"{figure(found.tokens_out)} tokens/s", "written"), (f"{figure(found.tokens_in)} tokens/s", "read"),
            (f"{found.first_word:.2f} s", "until the first word"),
        ]  # fmt: skip
        energy = "a token"
    if found.peak:
        made.append((size(found.peak), "memory at most"))
    if found.joules:
        made.append((f"{found.joules:.2f} J {energy}", "energy of the processor"))
    return made


class SpeedSection(Section):
    """What was measured of a model, and a button that measures it now."""

    def __init__(
        self, theme: Theme, parent: QWidget, tacit: "Tacit", bridge: "Bridge", notice: Callable[[], NoticeBar]
    ) -> None:
        super().__init__(theme, parent, "How fast it is here")
        self._tacit, self._bridge, self._notice = tacit, bridge, notice
        self._model: Model | None = None
        self.told = self.row("Speed", "")
        self.measure_button = button("Measure now", self.told, "plain", self.measure)
        self.told.control(self.measure_button)
        self.line = WorkLine(theme, self.told, "Measuring")
        self.cards = FactCards(theme, self.told)
        self.cards.setAccessibleName("Measured")
        self.chart = SpeedChart(theme, self.told)
        for part in (self.line, self.cards, self.chart):
            self.told.below.addWidget(part)

    def show_model(self, model: Model) -> None:
        """Show what is known of this model."""
        self._model = model
        self._bridge.apart(
            lambda: (self._tacit.measuring.history(model), memory_and_cores.has_energy_meter()),
            self._show,
            lambda error: self._notice().fail(error),
        )

    def _show(self, found: tuple[list[Measurement], bool]) -> None:
        history, has_meter = found
        assert self._model is not None
        self.cards.setVisible(bool(history))
        if not history:
            work = _WORK[self._model.kind]
            self.told.words.set_text(f"Not measured yet. {work}; the figures are kept on this computer.")
            self.chart.show_values([], [], "")
            return
        newest = history[-1]
        times = [datetime.fromisoformat(one.at) for one in history]
        threads = f"{newest.threads} thread{'s' if newest.threads != 1 else ''}"
        often = f", {len(history)} times in all" if len(history) > 1 else ""
        meter = "" if has_meter else f" {_NO_METER}"
        self.told.words.set_text(f"Measured {long_day(times[-1])}, with {threads}{often}.{meter}")
        self.cards.show_facts(figures_of(newest))
        if newest.realtime:
            self.chart.show_values([one.realtime for one in history], times, "× real time")
        else:
            self.chart.show_values([one.tokens_out for one in history], times, "tokens/s written")

    def measure(self) -> None:
        """Measure now; it waits until the engines of its kind have nothing else to do."""
        model = self._model
        if model is None:
            return
        job = self._bridge.ask(
            lambda context: self._tacit.measuring.measure(model, context), self._done, self._fail,
            cancelled=self._rest, event=self.line.take, lane=model.kind.value, priority=_BEHIND_PEOPLE,
            title="Measuring",
        )  # fmt: skip
        self.measure_button.setEnabled(False)
        self.line.follow(job, "Waiting for its turn")

    def _done(self, found: Measurement) -> None:
        self._rest()
        if self._model is not None:
            self.show_model(self._model)
        if not self.isVisible():
            self._notice().note(f"{found.model} is measured: {figures_of(found)[0][0]}.")

    def _fail(self, error: Exception) -> None:
        self._rest()
        self._notice().fail(error)

    def _rest(self) -> None:
        self.line.end()
        self.measure_button.setEnabled(True)
