"""The commands on tasks that hold on every page; what is done to one task, the keys in the list do."""

from typing import TYPE_CHECKING

from app.ui.navigation.command import Command
from app.ui.todo.page import PAGE

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame


def _add(frame: "PageFrame") -> None:
    frame.show_page(PAGE).write_new()


ADD = Command("todo.add", "Add a task", _add, "Ctrl+Shift+D")
COMMANDS = (ADD,)
