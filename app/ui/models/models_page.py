"""The page of models: this computer's hardware, the installed models, and those to download or add from disk."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.errors import AssistantError
from app.core.figures import progress_line
from app.core.job import Lane, Progress
from app.core.model import Model, ModelKind
from app.services.hardware.computer import Computer, this_computer
from app.services.models.listing import Offer
from app.ui.models.computer_facts import FactCards, facts_of, speed_of
from app.ui.models.context_slider import ContextChoice
from app.ui.models.downloads import ModelDownloads
from app.ui.models.forecasts import Forecasts
from app.ui.models.kind_section import ModelKindSection
from app.ui.models.model_row import ModelRow
from app.ui.models.speed_section import NOT_KEPT
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.dialogs import ConfirmDialog
from app.ui.widgets.file_dialogs import ask_for_model, ask_where_to_save
from app.ui.widgets.flow import Flow
from app.ui.widgets.form_rows import JobProgress
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_page import ScrollPage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.measurement import Measurement
    from app.services.application import Application
    from app.services.models.installing import ModelFinding
    from app.ui.runtime.bridge import Bridge

    _Found = tuple[Computer, list[Offer], list[tuple[Model, Measurement | None]]]
_WIDTH = 1010
_LAYOUT_DELAY = 50  # milliseconds until a widget just shown is laid out
_SECTIONS = {
    ModelKind.LANGUAGE: "Chat and summaries", ModelKind.SPEECH: "Speech", ModelKind.EMBEDDING: "Search",
    ModelKind.DIARIZATION: "Speakers",
}  # fmt: skip
_PURPOSES = {
    ModelKind.DIARIZATION: "Optional: tells the voices on one microphone apart, so that each speaker has lines of "
    "their own."
}
_PROMISE = (
    "What is proposed suits this computer. Each download is checked against its published SHA-256 before it is used."
)


class ModelsPage(ScrollPage):
    """Lists the models by kind, and carries out what the user wants done with them."""

    models_changed = Signal()  # another model may be in use
    inspect_wanted = Signal(object)  # the offer whose model is to be inspected

    def __init__(
        self, theme: Theme, tacit: "Application", work: ModelDownloads, bridge: "Bridge", parent: QWidget
    ) -> None:
        super().__init__(theme, parent, "Models", _WIDTH, top=28)
        self._theme, self._tacit, self._work, self._bridge = theme, tacit, work, bridge
        self._offering = tacit.listing  # one for the page's life: its first run measures the memory's speed
        self._offers: list[Offer] = []
        self._unmeasured: list[Model] = []
        self._is_measuring = False
        px, inner, column = theme.px, self.inner, self.column
        column.addWidget(label("Models", "title", inner))
        promise = RichText(theme, inner, role="second")
        promise.set_text(_PROMISE)
        column.addWidget(promise)
        column.addSpacing(px(6))
        self.cards = FactCards(theme, inner)
        self.cards.measure_wanted.connect(self.measure)
        column.addWidget(self.cards)
        self.context = ContextChoice(theme, inner)
        self.context.chosen.connect(self._choose_context)
        column.addWidget(self.context)
        self.sections = {
            kind: ModelKindSection(theme, inner, title, _PURPOSES.get(kind, "")) for kind, title in _SECTIONS.items()
        }
        for section in self.sections.values():
            section.action_wanted.connect(self._carry_out)
            column.addWidget(section)
        column.addSpacing(px(10))
        column.addWidget(self._make_own_models(inner))
        column.addStretch(1)
        self.forecasts = Forecasts(self._offering, bridge, self.notice.show_error, self)
        self.forecasts.ready.connect(self._show_offers)
        work.changed.connect(self._refresh_row)
        work.ended.connect(lambda _: self.read_again())

    def _make_own_models(self, parent: QWidget) -> QWidget:
        px = self._theme.px
        made = QWidget(parent)
        made.setAccessibleName("Models of your own")
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(4))
        words = RichText(self._theme, made, role="second")
        words.set_text(
            "Have a model already? Add a GGUF or ONNX file, a Whisper folder or a model pack from this disk or a "
            "stick, or drop it here."
        )
        column.addWidget(words)
        row = Flow(made, "Add a model", px(8))
        self.file_button = button(
            "Add a file…", row, "inline", partial(self._choose, is_folder=False), "Add a model file"
        )
        self.folder_button = button(
            "Add a folder…", row, "inline", partial(self._choose, is_folder=True), "Add a model folder"
        )
        for part in (self.file_button, self.folder_button):
            row.add(part)
        column.addWidget(row)
        self.line = JobProgress(self._theme, made, "Adding a model")
        column.addWidget(self.line)
        return made

    # What is shown

    def begin(self) -> None:
        """Read what may have changed since the last visit, including the free memory."""
        self.forecasts.mark_outdated()
        self.read_again()
        self.pane.setFocus(Qt.FocusReason.OtherFocusReason)

    def read_again(self) -> None:
        """Read the models folder, the catalogue and the computer again."""

        def read() -> "_Found":
            computer = this_computer(self._tacit.models.folder)
            offers = self._offering.offers(computer)
            history = self._tacit.benchmark
            own = [offer.model for offer in offers if offer.is_in_use and offer.model and not offer.model.is_demo]
            return computer, offers, [(model, history.latest(model)) for model in own]

        self._bridge.run_in_thread(read, self._show, self.notice.show_error)

    def _show(self, found: "_Found") -> None:
        computer, self._offers, own = found
        measured = [latest for _, latest in own if latest is not None]
        self._unmeasured = [model for model, latest in own if latest is None]
        self.cards.show_facts(facts_of(computer, measured))
        self.cards.offer_measuring(is_offered=bool(own) and not measured, is_busy=self._is_measuring)
        self.context.show_context(self._tacit.settings.current.context_tokens)
        self._show_offers(self.forecasts.with_known_forecasts(self._offers))
        self.forecasts.compute(self._offers)

    def _choose_context(self, tokens: int) -> None:
        def weigh(_: object) -> None:
            self.forecasts.compute_for_new_context(self.forecasts.with_known_forecasts(self._offers))

        def fail(error: Exception) -> None:  # the choice holds until Tacit exits
            self.notice.show_error(error)
            weigh(None)

        self._bridge.run_in_thread(lambda: self._tacit.settings.change(context_tokens=tokens), weigh, fail)

    def measure(self) -> None:
        """Measure the models in use that have no measurement yet."""
        benchmark, models = self._tacit.benchmark, self._unmeasured

        def end() -> None:
            self._is_measuring = False
            self.forecasts.mark_outdated()
            self.read_again()

        def fail(error: Exception) -> None:
            end()
            self.notice.show_error(error)

        def done(found: "list[Measurement]") -> None:
            end()
            if busy := [one for one in found if one.is_contended]:
                speeds = " · ".join(speed_of(one) for one in busy)
                happened = f"Other programs kept the processor busy: {speeds} just now."
                self.notice.show_until_closed(happened, NOT_KEPT, "Measure again", self.measure)

        self._is_measuring = True
        self.cards.offer_measuring(is_offered=True, is_busy=True)
        self._bridge.run_job(
            lambda context: [benchmark.measure(model, context, is_quick=True) for model in models],
            done,
            fail,
            lane=Lane.LANGUAGE,
            title="Measuring",
        ).cancelled(end).on_event(self._show_measuring)

    def _show_measuring(self, event: object) -> None:
        if isinstance(event, Progress):
            self.cards.show_measuring(progress_line(event.step, event, None))

    def _show_offers(self, offers: list[Offer]) -> None:
        for kind, section in self.sections.items():
            section.show_offers([offer for offer in offers if offer.kind is kind], self._work)

    def row(self, model: str) -> ModelRow | None:
        """The row of a model, if it is shown."""
        return next((s.rows[model] for s in self.sections.values() if model in s.rows), None)

    def _refresh_row(self, model: str) -> None:
        row = self.row(model)
        if row is None:
            self.read_again()
        else:
            row.show_offer(row.offer, self._work.download_of(model), self._work.errors.get(model))

    def _reload_and_notify(self) -> None:
        self.read_again()
        self.models_changed.emit()

    # What the user does

    def _carry_out(self, offer: Offer, wish: str) -> None:
        self.notice.hide()
        if wish == "pull":
            self._work.pull(offer.id)
        elif wish == "pause":
            self._work.pause(offer.id)
        elif wish == "use":
            self._change(lambda: self._tacit.models.use(offer.id), f"{offer.name} is in use from now on.")
        elif wish == "look":
            self.inspect_wanted.emit(offer)
        elif wish == "forget":
            self._change(lambda: self._tacit.listing.discard_download(offer.id), "What had arrived is deleted.")
        elif wish == "verify":
            self._verify(offer)
        elif wish == "pack":
            ask_where_to_save(self, offer.id, "zip", partial(self.write_pack, offer), "Write a model pack")
        elif wish == "remove":
            self._ask_to_remove(offer)

    def _change(self, work: "Callable[[], object]", said: str) -> None:
        def done(_: object) -> None:
            self.notice.show_note(said)
            self._reload_and_notify()

        self._bridge.run_in_thread(work, done, self.notice.show_error)

    def _ask_to_remove(self, offer: Offer) -> None:
        again = (
            "It can be downloaded again." if offer.entry is not None else "Its file is deleted from the models folder."
        )
        question = ConfirmDialog(self._theme, self, f"Remove {offer.name}?", again, "Remove")
        question.accepted.connect(
            lambda: self._change(lambda: self._tacit.installing.remove(offer.id), f"{offer.name} was removed.")
        )
        question.open()

    def _verify(self, offer: Offer) -> None:
        def done(found: "list[ModelFinding]") -> None:
            self._end_work()
            for finding in found:
                if finding.is_good is None:
                    self.notice.show_until_closed(
                        f"{offer.name} was put here by hand.", "No hash of it is kept to compare with."
                    )
                elif finding.is_good:
                    self.notice.show_note(f"{offer.name} is as it came.", "Each file has the hash that it must have.")
                else:
                    self.notice.show_error(
                        AssistantError(f"{offer.name} is damaged.", "Remove it, and bring it in again.")
                    )

        job = (
            self._bridge.run_job(
                lambda context: list(self._tacit.installing.verify(context, offer.id)),
                done,
                self._fail_work,
                lane=Lane.BACKGROUND,
                title="Checking a model",
            )
            .cancelled(self._end_work)
            .on_event(self.line.show_progress)
            .job
        )
        self.line.follow(job, "Checking")
        self._scroll_to_work()

    def write_pack(self, offer: Offer, out: Path) -> None:
        """Write a model pack of this one model."""

        def done(_: object) -> None:
            self._end_work()
            self.notice.show_until_closed(
                "The model pack is written.", "Another computer takes it in on this page, without a network."
            )

        job = (
            self._bridge.run_job(
                lambda context: self._tacit.installing.pack(
                    [offer.id], self._tacit.outputs.named(out, replaces=True), context
                ),
                done,
                self._fail_work,
                lane=Lane.BACKGROUND,
                title="Writing a model pack",
            )
            .cancelled(self._end_work)
            .on_event(self.line.show_progress)
            .job
        )
        self.line.follow(job, "Packing")
        self._scroll_to_work()

    def pull(self, models: "Sequence[str]") -> None:
        """Download these models, as agreed on another page."""
        for model in models:
            self._work.pull(model)

    def _choose(self, *, is_folder: bool) -> None:
        ask_for_model(self, lambda path: self.add_models([path]), is_folder=is_folder)

    def add_models(self, paths: "Sequence[Path]") -> None:
        """Add models from files, folders or packs on this disk."""
        self.notice.hide()

        def done(models: list[Model]) -> None:
            self._end_work()
            names = ", ".join(model.name for model in models)
            advice = "Where only the demo models were, they are in use from now on."
            self.notice.show_until_closed(f"Taken in: {names}.", advice)
            self._reload_and_notify()

        job = (
            self._work.add_models(paths, done, self._fail_work)
            .cancelled(self._end_work)
            .on_event(self.line.show_progress)
            .job
        )
        self.line.follow(job, "Copying")
        self._scroll_to_work()

    def _fail_work(self, error: Exception) -> None:
        self._end_work()
        self.notice.show_error(error)

    def _end_work(self) -> None:
        if self.line.is_over:  # otherwise it already shows the next job
            self.line.end()

    def _scroll_to_work(self) -> None:
        QTimer.singleShot(_LAYOUT_DELAY, self.line, lambda: self.pane.ensureWidgetVisible(self.line))

    def leave(self) -> bool:
        """Close whatever is open in a row; False if nothing was, and the page itself can be left."""
        rows = [row for section in self.sections.values() for row in section.rows.values()]
        return any(row.leave() for row in rows)
