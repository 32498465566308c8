"""The commands on texts."""

from typing import TYPE_CHECKING

from app.ui.navigation.command import Command

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame


def _rewrite_clipboard(frame: "PageFrame") -> None:
    from app.ui.runtime.clipboard import copied_text
    from app.ui.writing.clipboard_dialog import ClipboardDialog

    ClipboardDialog(frame.theme, frame.window(), frame.session.writing, frame.bridge, copied_text()).open()


REWRITE_CLIPBOARD = Command("text.rewrite_clipboard", "Rewrite the clipboard…", _rewrite_clipboard)
COMMANDS = (REWRITE_CLIPBOARD,)
