"""The list of models and the pages of the models looked into, of which one is shown."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from app.ui.models.downloads import ModelDownloads

if TYPE_CHECKING:
    from app.services.models.listing import Offer
    from app.ui.models.model_page import ModelPage
    from app.ui.models.models_page import ModelsPage
    from app.ui.navigation.page import Page
    from app.ui.navigation.page_frame import PageFrame


class ModelsView(QStackedWidget):
    """Follows the downloads from the start; the list and the page of each model are made when they are first shown."""

    def __init__(self, frame: "PageFrame", page: "Page[Any]") -> None:
        super().__init__(frame)
        self.setAccessibleName("Models")
        self._frame, self._page = frame, page
        self.downloads = ModelDownloads(frame.application, frame.session.pull, frame.bridge, self)
        self.downloads.network_changed.connect(self._tell_network)
        self.downloads.ended.connect(self._on_ended)
        self._list: ModelsPage | None = None
        self.model_pages: dict[str, ModelPage] = {}

    def begin(self) -> None:
        """Show the list, and read what may have changed."""
        self.setCurrentWidget(self.list)
        self.list.begin()

    def leave(self) -> bool:
        """Close what is open in the shown list or model; from a model, go back to the list."""
        for model, inside in self.model_pages.items():
            if self.currentWidget() is inside:
                if not inside.leave():
                    self._leave_model(model)
                return True
        return self.list.leave()

    @property
    def list(self) -> "ModelsPage":
        """The list of models."""
        if self._list is None:
            from app.ui.models.models_page import ModelsPage

            frame = self._frame
            made = self._list = ModelsPage(frame.theme, frame.application, self.downloads, frame.bridge, self)
            made.models_changed.connect(frame.models_changed)
            made.inspect_wanted.connect(self.show_model)
            self.addWidget(made)
        return self._list

    def show_model(self, offer: "Offer") -> "ModelPage":
        """Show the contents of an installed model."""
        page = self.model_pages.get(offer.id)
        if page is None:
            from app.ui.models.model_page import ModelPage

            frame = self._frame
            page = self.model_pages[offer.id] = ModelPage(
                frame.theme, frame.application, frame.bridge, frame.notice, self
            )
            page.back_wanted.connect(partial(self._leave_model, offer.id))
            page.models_folder_changed.connect(frame.models_changed)
            self.addWidget(page)
        page.show_offer(offer)
        self.setCurrentWidget(page)
        page.begin()
        return page

    def _leave_model(self, model: str) -> None:
        self.begin()
        row = self.list.row(model)
        if row is not None:
            row.do_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell_network(self) -> None:
        self._frame.network_changed.emit(self.downloads.is_network_open, self.downloads.remaining_seconds)

    def _on_ended(self, model: str) -> None:
        """Show a failed download in the frame's notice bar, unless the list is shown."""
        self._frame.models_changed.emit()
        if self._frame.is_shown(self._page) and self.currentWidget() is self._list:
            return
        error = self.downloads.errors.get(model)
        if error is not None:
            self._frame.notice.show_error(error, "Models", lambda: self._frame.show_page(self._page))
