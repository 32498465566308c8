"""The commands on chats."""

from typing import TYPE_CHECKING

from app.ui.chats.page import PAGE
from app.ui.navigation.command import Command

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame


def _has_chat(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and frame.page(PAGE).current is not None


NEW = Command("chats.new", "New chat", lambda frame: frame.show_page(PAGE).new(), "Ctrl+N")
DELETE = Command("chat.delete", "Delete…", lambda frame: frame.page(PAGE).ask_to_delete(), is_enabled=_has_chat)
COMMANDS = (NEW, DELETE)
