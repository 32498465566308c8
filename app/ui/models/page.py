"""The registration of the page of models."""

from typing import TYPE_CHECKING

from app.ui.navigation.page import Group, Page

if TYPE_CHECKING:
    from app.ui.models.models_view import ModelsView
    from app.ui.navigation.page_frame import PageFrame


def _make(frame: "PageFrame") -> "ModelsView":
    from app.ui.models.models_view import ModelsView

    return ModelsView(frame, PAGE)


# Made at the start: it follows the downloads that went on while Tacit was locked.
PAGE: "Page[ModelsView]" = Page("models", "Models", Group.SETTINGS, 10, _make, keys="Ctrl+M", is_made_at_start=True)
