"""How fast one model is on this computer: measured on a click, and charted over time."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.core.figures import size, speech_speed, token_speed
from app.core.job import Lane
from app.core.measurement import Measurement
from app.core.model import Model, ModelKind
from app.core.plain_text import counted
from app.services.hardware import memory_and_cores
from app.ui.models.computer_facts import FactCards
from app.ui.models.speed_chart import SpeedChart
from app.ui.style.phrases import long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.form_rows import JobProgress, Section
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.services.application import Application
    from app.ui.runtime.bridge import Bridge

_LOW_PRIORITY = 5  # a question goes first
_LANES = {ModelKind.LANGUAGE: Lane.LANGUAGE, ModelKind.SPEECH: Lane.SPEECH}  # where the engines of a kind work
_WORK = {
    ModelKind.LANGUAGE: "It reads some hundred words and writes for eight seconds",
    ModelKind.SPEECH: "It hears twenty seconds of the demo call",
}
NOT_KEPT = "This says nothing of the computer and was not kept; measure again when they are done."
_NO_METER = "This system lets no program read the processor's energy meter."


def figures_of(found: Measurement) -> list[tuple[str, str]]:
    """What was measured: each figure and its label."""
    if found.realtime:
        figures = [(speech_speed(found.realtime), "transcribed")]
        energy = "a second of sound"
    else:
        figures = [
            (token_speed(found.tokens_out), "written"),
            (token_speed(found.tokens_in), "read"),
            (f"{found.first_word:.2f} s", "until the first word"),
        ]  # fmt: skip
        energy = "a token"
    if found.peak:
        figures.append((size(found.peak), "memory at most"))
    if found.joules:
        figures.append((f"{found.joules:.2f} J {energy}", "energy of the processor"))
    return figures


class SpeedSection(Section):
    """The measurements of a model, and a button that takes another one."""

    def __init__(
        self, theme: Theme, parent: QWidget, tacit: "Application", bridge: "Bridge", notice: Callable[[], NoticeBar]
    ) -> None:
        super().__init__(theme, parent, "How fast it is here")
        self._tacit, self._bridge, self._notice = tacit, bridge, notice
        self._model: Model | None = None
        self.speed_row = self.add_row("Speed", "")
        self.measure_button = button("Measure now", self.speed_row, "plain", self.measure)
        self.speed_row.add_control(self.measure_button)
        self.line = JobProgress(theme, self.speed_row, "Measuring")
        self.cards = FactCards(theme, self.speed_row)
        self.cards.setAccessibleName("Measured")
        self.chart = SpeedChart(theme, self.speed_row)
        for part in (self.line, self.cards, self.chart):
            self.speed_row.below.addWidget(part)

    def show_model(self, model: Model) -> None:
        """Show the measurements of this model."""
        self._model = model
        self._bridge.run_in_thread(
            lambda: (self._tacit.benchmark.history(model), memory_and_cores.has_energy_meter()),
            self._show,
            lambda error: self._notice().show_error(error),
        )

    def _show(self, found: tuple[list[Measurement], bool]) -> None:
        history, has_meter = found
        assert self._model is not None
        self.cards.setVisible(bool(history))
        if not history:
            work = _WORK[self._model.kind]
            self.speed_row.words.set_text(f"Not measured yet. {work}; the figures are kept on this computer.")
            self.chart.show_values([], [], "")
            return
        newest = history[-1]
        times = [datetime.fromisoformat(one.at) for one in history]
        threads = counted(newest.threads, "thread")
        count = f", {len(history)} times in all" if len(history) > 1 else ""
        meter = "" if has_meter else f" {_NO_METER}"
        self.speed_row.words.set_text(f"Measured {long_day(times[-1])}, with {threads}{count}.{meter}")
        self.cards.show_facts(figures_of(newest))
        if newest.realtime:
            self.chart.show_values([one.realtime for one in history], times, "times real time")
        else:
            self.chart.show_values([one.tokens_out for one in history], times, "tokens a second written")

    def measure(self) -> None:
        """Measure now, or as soon as the engines of its kind are idle."""
        model = self._model
        if model is None:
            return
        job = (
            self._bridge.run_job(
                lambda context: self._tacit.benchmark.measure(model, context),
                self._done,
                self._fail,
                lane=_LANES[model.kind],
                priority=_LOW_PRIORITY,
                title="Measuring",
            )
            .cancelled(self._end_work)
            .on_event(self.line.show_progress)
            .job
        )
        self.measure_button.setEnabled(False)
        self.line.follow(job, "Waiting for its turn")

    def _done(self, measurement: Measurement) -> None:
        self._end_work()
        if measurement.is_contended:
            happened = f"Other programs kept the processor busy: {figures_of(measurement)[0][0]} just now."
            self._notice().show_until_closed(happened, NOT_KEPT, "Measure again", self.measure)
            return
        if self._model is not None:
            self.show_model(self._model)
        if not self.isVisible():
            self._notice().show_note(f"{measurement.model} is measured: {figures_of(measurement)[0][0]}.")

    def _fail(self, error: Exception) -> None:
        self._end_work()
        self._notice().show_error(error)

    def _end_work(self) -> None:
        self.line.end()
        self.measure_button.setEnabled(True)
