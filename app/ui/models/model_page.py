"""The page of one installed model: what is inside it, how fast it is, and a smaller copy of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.figures import size
from app.core.inspection import Inspection
from app.core.model import NEEDED_KINDS, ModelKind
from app.services.models.listing import Offer
from app.ui.models.computer_facts import FactCards
from app.ui.models.model_row import details_of
from app.ui.models.quantize_section import QuantizeSection
from app.ui.models.speed_section import SpeedSection
from app.ui.models.weights_map import WeightsView
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, rule
from app.ui.widgets.collapsible_text import CollapsibleText
from app.ui.widgets.form_rows import Section
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_page import ScrollPage

if TYPE_CHECKING:
    from app.core.model import Model
    from app.services.application import Application
    from app.ui.runtime.bridge import Bridge

_WIDTH = 1010
_MAX_NAME_LENGTH = 40  # characters shown of the architecture's name, which the file supplies


class ModelPage(ScrollPage):
    """Shows one model; what ends while another page is shown is reported in the notice bar `elsewhere`."""

    back_wanted = Signal()  # back to the list of models
    models_folder_changed = Signal()  # a model was added to the models folder

    def __init__(
        self, theme: Theme, tacit: "Application", bridge: "Bridge", elsewhere: NoticeBar, parent: QWidget
    ) -> None:
        super().__init__(theme, parent, "Model", _WIDTH, top=20)
        self._theme, self._tacit, self._bridge = theme, tacit, bridge
        self._elsewhere = elsewhere
        self._offer: Offer | None = None
        self._inspected_model: Model | None = None
        inner, column = self.inner, self.column
        self._add_head(column)
        self.weights = WeightsView(theme, inner)
        made_of = Section(theme, inner, "What it is made of")
        self.inspection_status = RichText(theme, made_of, size=13, line=19, role="second")
        for part in (self.inspection_status, self.weights):
            made_of.add_widget(part)
        self.speed = SpeedSection(theme, inner, tacit, bridge, self._visible_notice)
        self.quantize = QuantizeSection(theme, inner, tacit, bridge, self._visible_notice)
        self.quantize.copy_written.connect(lambda _: self.models_folder_changed.emit())
        for section in (made_of, self.speed, self.quantize):
            column.addWidget(section)
        self._add_texts(column)
        column.addStretch(1)

    def _add_head(self, column: QVBoxLayout) -> None:
        px, inner = self._theme.px, self.inner
        self.back_button = button("‹ Models", inner, "link", self.back_wanted.emit, "Back to the models")
        column.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.title = RichText(self._theme, inner, size=20, line=27, weight=700)
        column.addWidget(self.title)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.chip = label("in use", "use", inner)
        self.words = RichText(self._theme, inner, role="second")
        row.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        column.addLayout(row)
        column.addSpacing(px(6))
        self.cards = FactCards(self._theme, inner)
        self.cards.setAccessibleName("Facts")
        column.addWidget(self.cards)

    def _add_texts(self, column: QVBoxLayout) -> None:
        section = Section(self._theme, self.inner, "What its file says")
        self.template = CollapsibleText(self._theme, section, "Chat template")
        self.header = CollapsibleText(self._theme, section, "Header")
        self.files = CollapsibleText(self._theme, section, "Files")
        self._below_template = rule(section)
        for row, line in (
            (self.template, self._below_template), (self.header, rule(section)), (self.files, rule(section)),
        ):  # fmt: skip
            section.add_widget(row)
            section.add_widget(line)
        column.addWidget(section)

    def _visible_notice(self) -> NoticeBar:
        return self.notice if self.isVisible() else self._elsewhere

    # What is shown

    def show_offer(self, offer: Offer) -> None:
        """Show this model; `begin` reads what is in its file."""
        self._offer = offer
        self.setAccessibleName(offer.name)
        self.title.set_text(offer.name)
        self.chip.setVisible(offer.is_in_use)
        self.words.set_text(f"{offer.good_for} {offer.licence}".strip())
        for part in (self.template, self._below_template):
            part.setVisible(offer.kind is ModelKind.LANGUAGE)
        self.files.show_text("Where they are, where they come from, and their hashes.", "\n".join(details_of(offer)))

    def begin(self) -> None:
        """Read what may have changed since the last visit; a worker inspects the file once."""
        offer = self._offer
        assert offer is not None
        assert offer.model is not None
        model = offer.model
        self.speed.setVisible(model.kind in NEEDED_KINDS)  # nobody waits for the others
        if model.kind in NEEDED_KINDS:
            self.speed.show_model(model)
        self.quantize.show_model(model)
        if model != self._inspected_model:
            self._inspect(model)
        self.back_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _inspect(self, model: "Model") -> None:
        self._inspected_model = model
        self._show_status("A worker looks inside…")
        self.cards.show_facts(_facts(self._offer, None))

        def show(found: Inspection) -> None:
            if model == self._inspected_model:
                self._show_inspection(found)

        def fail(error: Exception) -> None:
            if model == self._inspected_model:
                self._inspected_model = None
                self._show_status("Nothing of it can be shown.")
                self._visible_notice().show_error(error)

        self._bridge.run_in_thread(lambda: self._tacit.quantizing.inspect(model.path), show, fail)

    def _show_status(self, words: str) -> None:
        self.inspection_status.set_text(words)
        self.inspection_status.setVisible(bool(words))
        self.weights.setVisible(not words)

    def _show_inspection(self, found: Inspection) -> None:
        self.weights.show_inspection(found)
        self._show_status("")
        self.cards.show_facts(_facts(self._offer, found))
        if found.chat_template:
            words = f"How it wants a conversation written down, {len(found.chat_template):,} characters."
        else:
            words = "Its file has none."
        self.template.show_text(words, found.chat_template)
        lines = [f"{key}  {value}" for key, value in found.facts]
        self.header.show_text(f"{len(lines):,} lines that its file begins with.", "\n".join(lines))

    def leave(self) -> bool:
        """Fold any open text; False if there was none, and the page itself can be left."""
        open_texts = [text for text in (self.template, self.header, self.files) if text.is_open]
        for text in open_texts:
            text.fold()
            text.fold_button.setFocus(Qt.FocusReason.OtherFocusReason)
        return bool(open_texts)


def _facts(offer: Offer | None, found: Inspection | None) -> list[tuple[str, str]]:
    """The cards: each value and its label."""
    facts = []
    if found is not None:
        facts = [
            (_count(found.parameters), "parameters"),
            (found.architecture.removesuffix("Spec")[:_MAX_NAME_LENGTH] or "unknown", "architecture"),
        ]
        if found.vocabulary:
            context = f"{found.context_tokens:,} tokens" if found.context_tokens else "unknown"
            facts += [(context, "context"), (f"{found.vocabulary:,} tokens", "vocabulary")]
    return [*facts, (size(offer.size), f"on disk, {offer.type}")] if offer is not None else facts


def _count(number: int) -> str:
    """`4.0 billion`, `4.8 million`."""
    return f"{number / 1e9:.1f} billion" if number >= 950e6 else f"{number / 1e6:.1f} million"
