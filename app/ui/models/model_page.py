"""The page of one model that is here: what is inside it, how fast it is, and a smaller copy of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.inspection import Inspection
from app.core.model import ModelKind
from app.services.models.listing import Offer
from app.ui.models.computer_facts import FactCards
from app.ui.models.model_row import details_of
from app.ui.models.quantize_section import TypeSection
from app.ui.models.speed_section import SpeedSection
from app.ui.models.weights_map import Weights
from app.ui.style.phrases import size
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, rule
from app.ui.widgets.collapsible_text import FoldedText
from app.ui.widgets.form_rows import Section
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import Prose
from app.ui.widgets.scroll_page import Sheet

if TYPE_CHECKING:
    from app.core.model import Model
    from app.services.application import Tacit
    from app.ui.runtime.bridge import Bridge

_WIDTH = 1010
_LONGEST = 40  # characters of a name that a file gives itself


class ModelPage(Sheet):
    """`left` asks for the models again, `shelf_changed` says that there is one more.

    What has ended while another page is shown is told by the notice `elsewhere`.
    """

    left = Signal()
    shelf_changed = Signal()

    def __init__(self, theme: Theme, tacit: "Tacit", bridge: "Bridge", elsewhere: NoticeBar, parent: QWidget) -> None:
        super().__init__(theme, parent, "Model", _WIDTH, top=20)
        self._theme, self._tacit, self._bridge = theme, tacit, bridge
        self._elsewhere = elsewhere
        self._offer: Offer | None = None
        self._inspected: Model | None = None
        inner, column = self.inner, self.column
        self._head(column)
        self.weights = Weights(theme, inner)
        made_of = Section(theme, inner, "What it is made of")
        self.looking = Prose(theme, made_of, size=13, line=19, role="second")
        for part in (self.looking, self.weights):
            made_of.put(part)
        self.speed = SpeedSection(theme, inner, tacit, bridge, self._bar)
        self.types = TypeSection(theme, inner, tacit, bridge, self._bar)
        self.types.made.connect(lambda _: self.shelf_changed.emit())
        for section in (made_of, self.speed, self.types):
            column.addWidget(section)
        self._texts(column)
        column.addStretch(1)

    def _head(self, column: QVBoxLayout) -> None:
        px, inner = self._theme.px, self.inner
        self.back_button = button("‹ Models", inner, "link", self.left.emit, "Back to the models")
        column.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.title = Prose(self._theme, inner, size=20, line=27, weight=700)
        column.addWidget(self.title)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.chip = label("in use", "use", inner)
        self.words = Prose(self._theme, inner, role="second")
        row.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        column.addLayout(row)
        column.addSpacing(px(6))
        self.cards = FactCards(self._theme, inner)
        self.cards.setAccessibleName("Facts")
        column.addWidget(self.cards)

    def _texts(self, column: QVBoxLayout) -> None:
        section = Section(self._theme, self.inner, "What its file says")
        self.template = FoldedText(self._theme, section, "Chat template")
        self.header = FoldedText(self._theme, section, "Header")
        self.files = FoldedText(self._theme, section, "Files")
        self._below_template = rule(section)
        for row, line in (
            (self.template, self._below_template), (self.header, rule(section)), (self.files, rule(section)),
        ):  # fmt: skip
            section.put(row)
            section.put(line)
        column.addWidget(section)

    def _bar(self) -> NoticeBar:
        return self.notice if self.isVisible() else self._elsewhere

    # What is shown

    def show_offer(self, offer: Offer) -> None:
        """Show this model; what is in its file is read by `begin`."""
        self._offer = offer
        self.setAccessibleName(offer.name)
        self.title.set_text(offer.name)
        self.chip.setVisible(offer.is_in_use)
        self.words.set_text(f"{offer.good_for} {offer.licence}".strip())
        for part in (self.template, self._below_template):
            part.setVisible(offer.kind is ModelKind.LANGUAGE)
        self.files.show_text("Where they are, where they come from, and their hashes.", "\n".join(details_of(offer)))

    def begin(self) -> None:
        """Read what may have changed since the last time; a worker looks inside once."""
        offer = self._offer
        assert offer is not None
        assert offer.model is not None
        model = offer.model
        self.speed.show_model(model)
        self.types.show_model(model)
        if model != self._inspected:
            self._look(model)
        self.back_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _look(self, model: "Model") -> None:
        self._inspected = model
        self._show_looking("A worker looks inside…")
        self.cards.show_facts(_facts(self._offer, None))

        def show(found: Inspection) -> None:
            if model == self._inspected:
                self._show_inspection(found)

        def fail(error: Exception) -> None:
            if model == self._inspected:
                self._inspected = None
                self._show_looking("Nothing of it can be shown.")
                self._bar().fail(error)

        self._bridge.apart(lambda: self._tacit.converting.inspect(model.path), show, fail)

    def _show_looking(self, words: str) -> None:
        self.looking.set_text(words)
        self.looking.setVisible(bool(words))
        self.weights.setVisible(not words)

    def _show_inspection(self, found: Inspection) -> None:
        self.weights.show_inspection(found)
        self._show_looking("")
        self.cards.show_facts(_facts(self._offer, found))
        if found.template:
            words = f"How it wants a conversation written down, {len(found.template):,} characters."
        else:
            words = "Its file has none."
        self.template.show_text(words, found.template)
        lines = [f"{key}  {value}" for key, value in found.facts]
        self.header.show_text(f"{len(lines):,} lines that its file begins with.", "\n".join(lines))

    def leave(self) -> bool:
        """Fold what is open; False if nothing was, and the page itself can be left."""
        opened = [text for text in (self.template, self.header, self.files) if text.is_open]
        for text in opened:
            text.fold()
            text.fold_button.setFocus(Qt.FocusReason.OtherFocusReason)
        return bool(opened)


def _facts(offer: Offer | None, found: Inspection | None) -> list[tuple[str, str]]:
    """The cards: each fact, and what it is of."""
    facts = []
    if found is not None:
        facts = [
            (_count(found.parameters), "parameters"),
            (found.architecture.removesuffix("Spec")[:_LONGEST] or "unknown", "architecture"),
            (f"{found.context_tokens:,} tokens" if found.context_tokens else "unknown", "context"),
            (f"{found.vocabulary:,} tokens", "vocabulary"),
        ]
    return [*facts, (size(offer.size), f"on disk, {offer.type}")] if offer is not None else facts


def _count(number: int) -> str:
    """`4.0 billion`, `4.8 million`."""
    return f"{number / 1e9:.1f} billion" if number >= 950e6 else f"{number / 1e6:.1f} million"
