"""The registration of the page of notes."""

from typing import TYPE_CHECKING

from app.ui.navigation.page import Group, Page

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame
    from app.ui.notes.notes_page import NotesPage


def _make(frame: "PageFrame") -> "NotesPage":
    from app.ui.notes.notes_page import NotesPage

    page = NotesPage(frame.theme, frame.session, frame.bridge, frame, frame)
    page.counted.connect(lambda count: frame.badge_changed.emit(PAGE.key, str(count) if count else ""))
    page.moment_wanted.connect(frame.moment_wanted)
    return page


PAGE: "Page[NotesPage]" = Page("notes", "Notes", Group.MAIN, 30, _make, is_made_at_start=True)
