"""The registration of the page on what keeps Tacit offline."""

from typing import TYPE_CHECKING

from app.ui.navigation.page import Group, Page

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame
    from app.ui.privacy.privacy_page import PrivacyPage


def _make(frame: "PageFrame") -> "PrivacyPage":
    from app.ui.privacy.privacy_page import PrivacyPage

    return PrivacyPage(frame.theme, frame.application, frame.session.ledger, frame.bridge, frame)


PAGE = Page("privacy", "Privacy", Group.SETTINGS, 20, _make)
