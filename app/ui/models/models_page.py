"""The page of models: what this computer has, what is here and in use, what can be fetched or brought."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.errors import AssistantError
from app.core.model import Model, ModelKind
from app.services.hardware.computer import Computer, this_computer
from app.services.models.listing import Offer
from app.ui.models.computer_facts import FactCards, facts_of
from app.ui.models.context_slider import ContextChoice
from app.ui.models.downloads import ModelWork
from app.ui.models.forecasts import Forecasts
from app.ui.models.model_row import ModelRow
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.dialogs import Question
from app.ui.widgets.file_dialogs import ask_for_model, ask_where_to_save
from app.ui.widgets.form_rows import WorkLine
from app.ui.widgets.rich_text import Prose
from app.ui.widgets.scroll_page import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.measurement import Measurement
    from app.services.application import Tacit
    from app.services.models.installing import Finding
    from app.ui.runtime.bridge import Bridge

    _Found = tuple[Computer, list[Offer], list[tuple[Model, Measurement | None]]]
_WIDTH = 1010
_LAID_OUT = 50  # milliseconds until what was added has its place
_SECTIONS = ((ModelKind.LANGUAGE, "Chat and summaries"), (ModelKind.SPEECH, "Speech"))
_PROMISE = (
    "What is proposed suits this computer. Each download is checked against its published SHA-256 before it is used."
)


class ModelSection(QWidget):
    """The models of one kind; those that don't suit this computer come with a click."""

    wished = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._theme = theme
        self.rows: dict[str, ModelRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(12), 0, 0)
        column.setSpacing(0)
        column.addWidget(label(title, "head", self))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        column.addLayout(self._rows)
        self.all_button = button("", self, "link", self._show_all)
        column.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._is_whole = False

    def show_offers(self, offers: list[Offer], work: ModelWork) -> None:
        """Show these in their order; rows that were there stay, with what is open in them."""
        shown = [offer for offer in offers if offer.is_near or self._is_whole or work.of(offer.id) is not None]
        for gone in self.rows.keys() - {offer.id for offer in shown}:
            row = self.rows.pop(gone)
            row.hide()
            row.deleteLater()
        for place, offer in enumerate(shown):
            row = self.rows.get(offer.id) or self._made(offer)
            if self._rows.indexOf(row) != place:
                self._rows.removeWidget(row)
                self._rows.insertWidget(place, row)
            row.show_offer(offer, work.of(offer.id), work.errors.get(offer.id))
        self._offers, self._work = offers, work
        more = len(offers) - len(shown)
        self.all_button.setText(f"Show {more} more")
        self.all_button.setAccessibleName(f"Show {more} more: {self.accessibleName()}")
        self.all_button.setVisible(more > 0)

    def _made(self, offer: Offer) -> ModelRow:
        made = self.rows[offer.id] = ModelRow(self._theme, self, offer)
        made.wished.connect(lambda wish: self.wished.emit(made.offer, wish))
        return made

    def _show_all(self) -> None:
        self._is_whole = True
        known = set(self.rows)
        self.show_offers(self._offers, self._work)
        first = next((offer.id for offer in self._offers if offer.id not in known), None)
        if first is not None:
            self.rows[first].do_button.setFocus(Qt.FocusReason.OtherFocusReason)


class ModelsPage(Sheet):
    """`models_changed` says that another model may be in use, `look_wanted` brings the offer to look inside of."""

    models_changed = Signal()
    look_wanted = Signal(object)

    def __init__(self, theme: Theme, tacit: "Tacit", work: ModelWork, bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(theme, parent, "Models", _WIDTH, top=28)
        self._theme, self._tacit, self._work, self._bridge = theme, tacit, work, bridge
        self._offering = tacit.offering  # one for the page's life: it measures the memory's speed at its first look
        self._offers: list[Offer] = []
        self._unmeasured: list[Model] = []
        self._is_measuring = False
        px, inner, column = theme.px, self.inner, self.column
        column.addWidget(label("Models", "title", inner))
        promise = Prose(theme, inner, role="second")
        promise.set_text(_PROMISE)
        column.addWidget(promise)
        column.addSpacing(px(6))
        self.cards = FactCards(theme, inner)
        self.cards.measure_wanted.connect(self.measure)
        column.addWidget(self.cards)
        self.context = ContextChoice(theme, inner)
        self.context.chosen.connect(self._choose_context)
        column.addWidget(self.context)
        self.sections = {kind: ModelSection(theme, inner, title) for kind, title in _SECTIONS}
        for section in self.sections.values():
            section.wished.connect(self._do)
            column.addWidget(section)
        column.addSpacing(px(10))
        column.addWidget(self._own(inner))
        column.addStretch(1)
        self.forecasts = Forecasts(self._offering, bridge, self.notice.fail, self)
        self.forecasts.found.connect(self._show_offers)
        work.changed.connect(self._show_one)
        work.ended.connect(lambda _: self.read_again())

    def _own(self, parent: QWidget) -> QWidget:
        px = self._theme.px
        made = QWidget(parent)
        made.setAccessibleName("Models of your own")
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(4))
        words = Prose(self._theme, made, role="second")
        words.set_text(
            "Have a model already? Add a GGUF file, a Whisper folder or a model pack from this disk or a stick, or "
            "drop it here."
        )
        column.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.file_button = button(
            "Add a file…", made, "inline", partial(self._choose, is_folder=False), "Add a model file"
        )
        self.folder_button = button(
            "Add a folder…", made, "inline", partial(self._choose, is_folder=True), "Add a model folder"
        )
        for part in (self.file_button, self.folder_button):
            row.addWidget(part)
        row.addStretch(1)
        column.addLayout(row)
        self.line = WorkLine(self._theme, made, "Adding a model")
        column.addWidget(self.line)
        return made

    # What is shown

    def begin(self) -> None:
        """Read what may have changed since the last time, the memory that is free among it."""
        self.forecasts.grow_old()
        self.read_again()
        self.pane.setFocus(Qt.FocusReason.OtherFocusReason)

    def read_again(self) -> None:
        """Read the shelf, the catalogue and the computer again."""

        def look() -> "_Found":
            computer = this_computer(self._tacit.models.folder)
            offers = self._offering.offers(computer)
            history = self._tacit.measuring
            own = [offer.model for offer in offers if offer.is_in_use and offer.model and not offer.model.is_demo]
            return computer, offers, [(model, history.latest(model)) for model in own]

        self._bridge.apart(look, self._show, self.notice.fail)

    def _show(self, found: "_Found") -> None:
        computer, self._offers, own = found
        measured = [latest for _, latest in own if latest is not None]
        self._unmeasured = [model for model, latest in own if latest is None]
        self.cards.show_facts(facts_of(computer, measured))
        self.cards.offer_measuring(is_offered=bool(own) and not measured, is_busy=self._is_measuring)
        self.context.show_context(self._tacit.settings.current.context_tokens)
        self._show_offers(self.forecasts.with_known(self._offers))
        self.forecasts.weigh(self._offers)

    def _choose_context(self, tokens: int) -> None:
        def weigh(_: object) -> None:
            self.forecasts.weigh_for_another_context(self.forecasts.with_known(self._offers))

        def fail(error: Exception) -> None:  # the choice holds until Tacit ends
            self.notice.fail(error)
            weigh(None)

        self._bridge.apart(lambda: self._tacit.settings.change(context_tokens=tokens), weigh, fail)

    def measure(self) -> None:
        """Measure how fast the models in use are."""
        measuring, models = self._tacit.measuring, self._unmeasured

        def end() -> None:
            self._is_measuring = False
            self.forecasts.grow_old()
            self.read_again()

        def fail(error: Exception) -> None:
            end()
            self.notice.fail(error)

        self._is_measuring = True
        self.cards.offer_measuring(is_offered=True, is_busy=True)
        self._bridge.ask(
            lambda context: [measuring.measure(model, context, is_quick=True) for model in models], lambda _: end(),
            fail, cancelled=end, lane="language", title="Measuring",
        )  # fmt: skip

    def _show_offers(self, offers: list[Offer]) -> None:
        for kind, section in self.sections.items():
            section.show_offers([offer for offer in offers if offer.kind is kind], self._work)

    def row(self, model: str) -> ModelRow | None:
        """The row of a model, if it is shown."""
        return next((s.rows[model] for s in self.sections.values() if model in s.rows), None)

    def _show_one(self, model: str) -> None:
        row = self.row(model)
        if row is None:
            self.read_again()
        else:
            row.show_offer(row.offer, self._work.of(model), self._work.errors.get(model))

    def _moved(self) -> None:
        self.read_again()
        self.models_changed.emit()

    # What a person does

    def _do(self, offer: Offer, wish: str) -> None:
        self.notice.hide()
        if wish == "pull":
            self._work.pull(offer.id)
        elif wish == "pause":
            self._work.pause(offer.id)
        elif wish == "use":
            self._change(lambda: self._tacit.models.use(offer.id), f"{offer.name} is in use from now on.")
        elif wish == "look":
            self.look_wanted.emit(offer)
        elif wish == "forget":
            self._change(lambda: self._tacit.offering.forget_part(offer.id), "What had arrived is deleted.")
        elif wish == "verify":
            self._verify(offer)
        elif wish == "pack":
            ask_where_to_save(self, offer.id, "zip", partial(self.write_pack, offer), "Write a model pack")
        elif wish == "remove":
            self._ask_to_remove(offer)

    def _change(self, work: "Callable[[], object]", said: str) -> None:
        def done(_: object) -> None:
            self.notice.note(said)
            self._moved()

        self._bridge.apart(work, done, self.notice.fail)

    def _ask_to_remove(self, offer: Offer) -> None:
        again = (
            "It can be downloaded again." if offer.entry is not None else "Its file is deleted from the models folder."
        )
        question = Question(self._theme, self, f"Remove {offer.name}?", again, "Remove")
        question.accepted.connect(
            lambda: self._change(lambda: self._tacit.bringing.remove(offer.id), f"{offer.name} was removed.")
        )
        question.open()

    def _verify(self, offer: Offer) -> None:
        def done(found: "list[Finding]") -> None:
            self._rest()
            for finding in found:
                if finding.is_good is None:
                    self.notice.keep(f"{offer.name} was put here by hand.", "No hash of it is kept to compare with.")
                elif finding.is_good:
                    self.notice.note(f"{offer.name} is as it came.", "Each file has the hash that it must have.")
                else:
                    self.notice.fail(AssistantError(f"{offer.name} is damaged.", "Remove it, and bring it in again."))

        job = self._bridge.ask(
            lambda context: list(self._tacit.bringing.verify(context, offer.id)), done, self._failed,
            cancelled=self._rest, event=self.line.take, lane="keeping", title="Checking a model",
        )  # fmt: skip
        self.line.follow(job, "Checking")
        self._reveal()

    def write_pack(self, offer: Offer, out: Path) -> None:
        """Write a pack of one model."""

        def done(_: object) -> None:
            self._rest()
            self.notice.keep(
                "The model pack is written.", "Another computer takes it in on this page, without a network."
            )

        job = self._bridge.ask(
            lambda context: self._tacit.bringing.pack([offer.id], out, context), done, self._failed,
            cancelled=self._rest, event=self.line.take, lane="keeping", title="Writing a model pack",
        )  # fmt: skip
        self.line.follow(job, "Packing")
        self._reveal()

    def pull(self, models: "Sequence[str]") -> None:
        """Download these, as was agreed on another page."""
        for model in models:
            self._work.pull(model)

    def _choose(self, *, is_folder: bool) -> None:
        ask_for_model(self, lambda path: self.bring([path]), is_folder=is_folder)

    def bring(self, paths: "Sequence[Path]") -> None:
        """Take in files, folders or packs from this disk."""
        self.notice.hide()

        def done(models: list[Model]) -> None:
            self._rest()
            names = ", ".join(model.name for model in models)
            advice = "Where only the demo models were, they are in use from now on."
            self.notice.keep(f"Taken in: {names}.", advice)
            self._moved()

        job = self._work.bring(paths, done, self._failed, cancelled=self._rest, event=self.line.take)
        self.line.follow(job, "Copying")
        self._reveal()

    def _failed(self, error: Exception) -> None:
        self._rest()
        self.notice.fail(error)

    def _rest(self) -> None:
        if self.line.is_over:  # else it shows the next one already
            self.line.end()

    def _reveal(self) -> None:
        QTimer.singleShot(_LAID_OUT, self.line, lambda: self.pane.ensureWidgetVisible(self.line))

    def leave(self) -> bool:
        """Close what is open in a row; False if there was nothing, and the page itself can be left."""
        rows = [row for section in self.sections.values() for row in section.rows.values()]
        return any(row.leave() for row in rows)
