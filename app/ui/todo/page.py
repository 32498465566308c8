"""The registration of the page of tasks."""

from typing import TYPE_CHECKING

from app.ui.navigation.page import Group, Page

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame
    from app.ui.todo.todo_page import TodoPage


def _make(frame: "PageFrame") -> "TodoPage":
    from app.ui.todo.todo_page import TodoPage

    page = TodoPage(frame.theme, frame.session.tasks, frame.bridge, frame)
    page.counted.connect(lambda count: frame.badge_changed.emit(PAGE.key, str(count) if count else ""))
    page.moment_wanted.connect(frame.moment_wanted)
    return page


# Made at the start: the side bar says how many tasks are open.
PAGE: "Page[TodoPage]" = Page("todo", "To do", Group.MAIN, 40, _make, keys="Ctrl+D", is_made_at_start=True)
