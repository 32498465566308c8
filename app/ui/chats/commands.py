"""The commands on chats."""

from typing import TYPE_CHECKING

from app.ui.chats.page import PAGE
from app.ui.navigation.command import Command

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame


def _has_chat(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and frame.page(PAGE).on_chat.has_chat


def _is_pinned(frame: "PageFrame") -> bool:
    return _has_chat(frame) and frame.page(PAGE).on_chat.is_pinned


NEW = Command("chats.new", "New chat", lambda frame: frame.show_page(PAGE).new(), "Ctrl+N")
INCOGNITO = Command(
    "chats.new_incognito", "New incognito chat", lambda frame: frame.show_page(PAGE).new(is_incognito=True)
)
USE_CALLS = Command(
    "chat.use_calls", "Use my calls", lambda frame: frame.page(PAGE).composer.chips.toggle_everything(),
    "Ctrl+Shift+A", is_enabled=lambda frame: frame.is_shown(PAGE),
)  # fmt: skip
RENAME = Command("chat.rename", "Rename…", lambda frame: frame.page(PAGE).on_chat.ask_for_title(), is_enabled=_has_chat)
PIN = Command(
    "chat.pin", "Pin", lambda frame: frame.page(PAGE).on_chat.pin(True),
    is_enabled=lambda frame: _has_chat(frame) and not _is_pinned(frame),
)  # fmt: skip
UNPIN = Command("chat.unpin", "Unpin", lambda frame: frame.page(PAGE).on_chat.pin(False), is_enabled=_is_pinned)
DELETE = Command("chat.delete", "Delete…", lambda frame: frame.page(PAGE).on_chat.ask_to_delete(), is_enabled=_has_chat)
COMMANDS = (NEW, INCOGNITO, USE_CALLS, RENAME, PIN, UNPIN, DELETE)
MENU = ((RENAME, PIN, UNPIN), (DELETE,))
