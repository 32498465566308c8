"""The step after a vault is created: which models to download for this computer, or none for now."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.figures import size
from app.ui.key_entry.passphrase_form import SECOND_STEP, UnlockPageBase
from app.ui.models.model_row import forecast_pieces
from app.ui.style.theme import Theme
from app.ui.widgets import drop_target
from app.ui.widgets.basics import button, label
from app.ui.widgets.drop_target import DropOverlay
from app.ui.widgets.file_dialogs import ask_for_model
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.screen_fit import keep_on_screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.models.listing import Offer

_WIDTH = 480
_KINDS = {"language": "Writes summaries and answers", "speech": "Hears what is said"}
_DEMO = (
    "Until others are here, two demo models stay in use. They know calls about eight topics and nothing else; "
    "enough to try the demo call."
)


_DROP, _DROPPED = "Add models", "Each is looked at before it is taken: a model pack, a GGUF file or a Whisper folder."


class FirstModelsPage(UnlockPageBase):
    """Proposes models: `pulled` carries the ids to download, `brought` the paths to install, `skipped` means later."""

    download_wanted = Signal(object)
    install_wanted = Signal(object)
    skipped = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(
            theme, parent, "Models for this computer",
            "Models that run here do the work. These are proposed for this computer; you can choose others later.",
            _WIDTH, SECOND_STEP,
        )  # fmt: skip
        self.setAcceptDrops(True)
        self.drop_overlay = DropOverlay(theme, lambda _, answer: answer(_DROP, _DROPPED, True), self)
        self.offers: Sequence[Offer] = ()
        px = theme.px
        self._cards = QVBoxLayout()
        self._cards.setSpacing(px(10))
        self.column.addLayout(self._cards)
        self.where = RichText(theme, self._middle, size=13, line=19, role="second")
        self.where.set_text("Looking at the memory, the processor and how fast they are…")
        self.column.addWidget(self.where)
        self.pull_button = button("Download", self._middle, "main", self._pull)
        self.pull_button.setMinimumHeight(px(43))
        self.pull_button.setEnabled(False)
        self.column.addWidget(self.pull_button)
        row = QHBoxLayout()
        row.setSpacing(px(4))
        self.stick_button = button("From a stick…", self._middle, "plain", name="Bring models from a stick")
        self.later_button = button("Later", self._middle, "link", self.skipped.emit, "Later, with the demo models")
        self.stick_button.setMinimumHeight(px(38))
        menu = QMenu(self.stick_button)
        menu.setAccessibleName("From a stick")
        keep_on_screen(menu)
        menu.addAction("A model pack or a GGUF file…", lambda: self._choose(is_folder=False))
        menu.addAction("A folder…", lambda: self._choose(is_folder=True))
        self.stick_button.setMenu(menu)
        row.addWidget(self.stick_button)
        row.addStretch(1)
        row.addWidget(self.later_button)
        self.column.addLayout(row)
        demo = RichText(theme, self._middle, size=13, line=19, role="second")
        demo.set_text(_DEMO)
        self.column.addWidget(demo)
        self.column.addWidget(self.notice)
        self.later_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_offers(self, offers: "Sequence[Offer]") -> None:
        """Show the proposed models, or that none fits."""
        if not offers:
            self.where.set_text("No model of the catalogue fits into the memory here; the demo models work.")
            return
        self.offers = offers
        for offer in offers:
            self._cards.addWidget(self._card(offer))
        hosts = " and ".join(dict.fromkeys(offer.host for offer in offers))
        self.where.set_text(
            f"From {hosts}. Only the downloader connects, only for this; everything else stays offline."
        )
        total = size(sum(offer.size for offer in offers))
        does = f"Download both, {total}" if len(offers) > 1 else f"Download it, {total}"
        self.pull_button.setText(does)
        self.pull_button.setAccessibleName(does)
        self.pull_button.setEnabled(True)

    def _card(self, offer: "Offer") -> QFrame:
        theme, px = self._theme, self._theme.px
        card = QFrame(self._middle)
        card.setProperty("part", "card")
        card.setAccessibleName(offer.name)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(px(16), px(12), px(16), px(12))
        inside.setSpacing(px(2))
        top = QHBoxLayout()
        top.addWidget(label(offer.name, "strong", card))
        top.addStretch(1)
        top.addWidget(label(size(offer.size), "second", card))
        inside.addLayout(top)
        words = RichText(theme, card, size=13, line=19, role="second")
        words.set_text(f"{_KINDS[offer.kind.value]}. {offer.licence}")
        inside.addWidget(words)
        fit = forecast_pieces(offer.forecast, ": ")
        if fit:
            forecast = RichText(theme, card, size=13, line=19)
            forecast.set_pieces(fit)
            inside.addWidget(forecast)
        return card

    def _pull(self) -> None:
        self.download_wanted.emit([offer.id for offer in self.offers])

    def _choose(self, *, is_folder: bool) -> None:
        ask_for_model(self, lambda path: self.install_wanted.emit([path]), is_folder=is_folder)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: a model is dragged over the page."""
        self.drop_overlay.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Qt: it is dragged on."""
        self.drop_overlay.move_over(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Qt: it is dragged out again."""
        self.drop_overlay.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: install what was dropped."""
        self.drop_overlay.leave()
        if paths := drop_target.accept_drop(event):
            self.install_wanted.emit(paths)
