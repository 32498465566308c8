"""The registration of the page of settings."""

from typing import TYPE_CHECKING

from app.ui.navigation.page import Group, Page

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame
    from app.ui.settings.settings_page import SettingsPage


def _make(frame: "PageFrame") -> "SettingsPage":
    from app.ui.settings.settings_page import SettingsPage

    page = SettingsPage(
        frame.theme, frame.application, frame.session.key_slots, frame.session.maintenance, frame.bridge, frame
    )
    page.theme_chosen.connect(frame.theme_chosen)
    page.playing.chosen.connect(frame.plays_on_click_chosen)
    return page


PAGE = Page("settings", "General", Group.SETTINGS, 30, _make, keys="Ctrl+,")
