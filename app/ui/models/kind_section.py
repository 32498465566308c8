"""The models of one kind on the page of models."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.models.listing import Offer
from app.ui.models.downloads import ModelDownloads
from app.ui.models.model_row import ModelRow
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.rich_text import RichText


class ModelKindSection(QWidget):
    """The models of one kind; those that don't suit this computer are shown on request."""

    action_wanted = Signal(object, str)  # the offer, and what the user wants done with it

    def __init__(self, theme: Theme, parent: QWidget, title: str, purpose: str = "") -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._theme = theme
        self.rows: dict[str, ModelRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(12), 0, 0)
        column.setSpacing(0)
        column.addWidget(label(title, "head", self))
        self.purpose = RichText(theme, self, role="second")
        self.purpose.set_text(purpose)
        self.purpose.setVisible(bool(purpose))
        column.addWidget(self.purpose)
        self._row_layout = QVBoxLayout()
        self._row_layout.setSpacing(0)
        column.addLayout(self._row_layout)
        self.all_button = button("", self, "link", self._show_all)
        column.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._is_whole = False

    def show_offers(self, offers: list[Offer], work: ModelDownloads) -> None:
        """Show these offers in order; existing rows are kept, with whatever is open in them."""
        shown = [offer for offer in offers if offer.is_near or self._is_whole or work.download_of(offer.id) is not None]
        for gone in self.rows.keys() - {offer.id for offer in shown}:
            row = self.rows.pop(gone)
            row.hide()
            row.deleteLater()
        for position, offer in enumerate(shown):
            row = self.rows.get(offer.id) or self._make_row(offer)
            if self._row_layout.indexOf(row) != position:
                self._row_layout.removeWidget(row)
                self._row_layout.insertWidget(position, row)
            row.show_offer(offer, work.download_of(offer.id), work.errors.get(offer.id))
        self._offers, self._work = offers, work
        more = len(offers) - len(shown)
        self.all_button.setText(f"Show {more} more")
        self.all_button.setAccessibleName(f"Show {more} more: {self.accessibleName()}")
        self.all_button.setVisible(more > 0)

    def _make_row(self, offer: Offer) -> ModelRow:
        row = self.rows[offer.id] = ModelRow(self._theme, self, offer)
        row.action_wanted.connect(lambda wish: self.action_wanted.emit(row.offer, wish))
        return row

    def _show_all(self) -> None:
        self._is_whole = True
        known = set(self.rows)
        self.show_offers(self._offers, self._work)
        first = next((offer.id for offer in self._offers if offer.id not in known), None)
        if first is not None:
            self.rows[first].do_button.setFocus(Qt.FocusReason.OtherFocusReason)
