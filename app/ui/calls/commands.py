"""The commands on calls, on the open call and on its player."""

from typing import TYPE_CHECKING

from app.core.exports import ExportFormat, export_formats
from app.ui.calls.page import PAGE
from app.ui.navigation.command import Command

if TYPE_CHECKING:
    from app.ui.calls.call_page import CallPage
    from app.ui.navigation.page_frame import PageFrame

_STEP = 5.0  # seconds that an arrow key moves the player


def _call(frame: "PageFrame") -> "CallPage":
    return frame.page(PAGE).call


def _has_call(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and frame.page(PAGE).has_call


def _has_transcript(frame: "PageFrame") -> bool:
    return _has_call(frame) and _call(frame).has_transcript


def _has_sides(frame: "PageFrame") -> bool:
    return _has_call(frame) and _call(frame).has_sides


SEARCH = Command("calls.search", "Search everything", lambda frame: frame.show_page(PAGE).focus_search(), "Ctrl+K")
IMPORT = Command("calls.import", "Import…", lambda frame: frame.show_page(PAGE).choose_files(), "Ctrl+O")
RENAME = Command("call.rename", "Rename…", lambda frame: _call(frame).header.begin_rename(), "F2", _has_call)
NAME_SPEAKERS = Command(
    "call.name_speakers", "Name the speakers…", lambda frame: _call(frame).name_speakers(), is_enabled=_has_call
)
SWAP_SIDES = Command("call.swap_sides", "Swap sides", lambda frame: _call(frame).swap_sides(), is_enabled=_has_sides)
SUMMARIZE = Command(
    "call.summarize", "Summarize again", lambda frame: _call(frame).summarize(), is_enabled=_has_transcript
)
DELETE = Command(
    "call.delete", "Delete…", lambda frame: _call(frame).ask_to_delete(), "Del", _has_call, yields_to_text=True
)
COPY = Command("call.copy", "Copy as text", lambda frame: _call(frame).copy(), is_enabled=_has_transcript)
PLAY = Command(
    "player.toggle", "Play or pause", lambda frame: _call(frame).player.toggle(), "Space", _has_call,
    yields_to_text=True,
)  # fmt: skip
BACK = Command(
    "player.back", "Five seconds back", lambda frame: _call(frame).player.skip(-_STEP), "Left", _has_call,
    yields_to_text=True,
)  # fmt: skip
FORWARD = Command(
    "player.forward", "Five seconds on", lambda frame: _call(frame).player.skip(_STEP), "Right", _has_call,
    yields_to_text=True,
)  # fmt: skip


def _export(fmt: ExportFormat) -> Command:
    title = f"{fmt.title} (.{fmt.suffix})"
    return Command(f"call.export.{fmt.name}", title, lambda frame: _call(frame).export(fmt.name), "", _has_transcript)


EXPORTS = tuple(_export(fmt) for fmt in export_formats())
EXPORT_MENU = (EXPORTS, (COPY,))
MORE_MENU = ((RENAME, NAME_SPEAKERS, SWAP_SIDES, SUMMARIZE), (DELETE,))
PLAYER = (PLAY, BACK, FORWARD)
COMMANDS = (SEARCH, IMPORT, *PLAYER, *MORE_MENU[0], *EXPORTS, COPY, DELETE)
