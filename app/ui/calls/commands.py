"""The commands on calls, on the open call and on its player."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.core.exports import ExportFormat, export_formats
from app.core.playback import faster, slower
from app.ui.calls.page import PAGE
from app.ui.navigation.command import Command

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from app.ui.calls.call_page import CallPage
    from app.ui.navigation.page_frame import PageFrame

_STEP = 5.0  # seconds that an arrow key moves the player


def _call(frame: "PageFrame") -> "CallPage":
    return frame.page(PAGE).call


def _has_call(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and frame.page(PAGE).has_call and not frame.page(PAGE).is_checking


def _can_play(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and frame.page(PAGE).has_call


def _can_check(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and frame.page(PAGE).is_checking and frame.page(PAGE).check.can_check


def _has_report(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and frame.page(PAGE).is_checking and frame.page(PAGE).check.has_report


def _has_transcript(frame: "PageFrame") -> bool:
    return _has_call(frame) and _call(frame).has_transcript


def _has_line(frame: "PageFrame") -> bool:
    return _has_transcript(frame) and _call(frame).transcript.current_row >= 0


def _has_sides(frame: "PageFrame") -> bool:
    return _has_call(frame) and _call(frame).has_sides


def _has_gaps(frame: "PageFrame") -> bool:
    return _has_transcript(frame) and not _call(frame).gaps.isHidden()


def _find_here(frame: "PageFrame") -> None:
    """Find words in the open call, or in what the shown page lists; on a page without a search, in all calls."""
    shown = frame.shown_page
    focus_search = getattr(frame.page(shown), "focus_search", None) if shown is not None else None
    if _has_transcript(frame):
        _call(frame).find_words()
    elif focus_search is not None:
        focus_search()
    else:
        frame.show_page(PAGE).focus_search()


SEARCH = Command("calls.search", "Search everything", lambda frame: frame.search_wanted.emit(), "Ctrl+K")
FIND = Command("calls.find", "Find in calls", lambda frame: frame.show_page(PAGE).focus_search(), "Ctrl+Shift+F")
FIND_HERE = Command("call.find", "Find in what is open, or in all", _find_here, "Ctrl+F")
FIND_NEXT = Command(
    "call.find_next", "Next place found", lambda frame: _call(frame).find_words(1), "F3", _has_transcript
)
FIND_BEFORE = Command(
    "call.find_before", "Place found before", lambda frame: _call(frame).find_words(-1), "Shift+F3", _has_transcript
)
IMPORT = Command("calls.import", "Import…", lambda frame: frame.show_page(PAGE).choose_files(), "Ctrl+O")
RENAME = Command("call.rename", "Rename…", lambda frame: _call(frame).header.begin_rename(), "F2", _has_call)
CORRECT = Command(
    "call.correct", "Correct the line", lambda frame: _call(frame).transcript.begin_correction(), "Ctrl+E", _has_line
)
GIVE = Command("call.give", "Give the line to…", lambda frame: _call(frame).ask_who_speaks(), "Ctrl+G", _has_line)
REPLACE = Command(
    "call.replace", "Replace words…", lambda frame: _call(frame).ask_what_to_replace(), "Ctrl+R", _has_transcript
)
NEXT_DOUBTFUL = Command(
    "call.next_doubtful", "Next doubtful word", lambda frame: _call(frame).doubtful.go(), "F8", _has_transcript
)
DOUBTFUL_BEFORE = Command(
    "call.doubtful_before", "Doubtful word before", lambda frame: _call(frame).doubtful.go(is_back=True), "Shift+F8",
    _has_transcript,
)  # fmt: skip
NEXT_GAP = Command(
    "call.next_gap", "Next gap in the text", lambda frame: _call(frame).gaps.show_next(), "F7", _has_gaps
)
WRITE_GAP = Command(
    "call.write_gap", "Write what is said in the gap…", lambda frame: _call(frame).ask_what_is_said(), "Shift+F7",
    lambda frame: _has_gaps(frame) and _call(frame).gaps.current is not None,
)  # fmt: skip
UNDO = Command(
    "call.undo", "Undo the change of lines", lambda frame: _call(frame).changes.undo(), "Ctrl+Z",
    lambda frame: _has_call(frame) and _call(frame).changes.can_undo, yields_to_text=True,
)  # fmt: skip
REDO = Command(
    "call.redo", "Redo the change of lines", lambda frame: _call(frame).changes.redo(), "Ctrl+Shift+Z",
    lambda frame: _has_call(frame) and _call(frame).changes.can_redo, yields_to_text=True,
)  # fmt: skip
NAME_SPEAKERS = Command(
    "call.name_speakers", "Name the speakers…", lambda frame: _call(frame).on_call.name_speakers(), is_enabled=_has_call
)
FIND_SPEAKERS = Command(
    "call.find_speakers", "Find the speakers…", lambda frame: _call(frame).on_call.find_speakers(),
    is_enabled=lambda frame: _has_transcript(frame) and _call(frame).on_call.has_sound,
)  # fmt: skip
SWAP_SIDES = Command(
    "call.swap_sides", "Swap sides", lambda frame: _call(frame).on_call.swap_sides(), is_enabled=_has_sides
)
SUMMARIZE = Command(
    "call.summarize", "Summarize again", lambda frame: _call(frame).on_call.summarize(), is_enabled=_has_transcript
)
TRANSCRIBE_AGAIN = Command(
    "call.transcribe_again", "Transcribe again…", lambda frame: _call(frame).on_call.transcribe_again(),
    is_enabled=_has_call,
)  # fmt: skip
DELETE = Command(
    "call.delete", "Delete…", lambda frame: _call(frame).on_call.ask_to_delete(), "Del", _has_call, yields_to_text=True
)
COPY = Command("call.copy", "Copy as text", lambda frame: _call(frame).on_call.copy(), is_enabled=_has_transcript)
COPY_WORDS = Command(
    "call.copy_words", "Copy lines without times", lambda frame: _call(frame).transcript.copy_words(), "Ctrl+Shift+C",
    _has_line,
)  # fmt: skip
CHECK_TEXT = Command(
    "call.check_text", "Check a text…", lambda frame: frame.page(PAGE).check_text(), "Ctrl+T", _has_transcript
)
CHECK = Command("call.check", "Check the text", lambda frame: frame.page(PAGE).check.check(), "Ctrl+Return", _can_check)
PLAY = Command(
    "player.toggle", "Play or pause", lambda frame: _call(frame).player.toggle(), "Space", _can_play,
    yields_to_text=True,
)  # fmt: skip
BACK = Command(
    "player.back", "Five seconds back", lambda frame: _call(frame).player.skip(-_STEP), "Left", _can_play,
    yields_to_text=True,
)  # fmt: skip
FORWARD = Command(
    "player.forward", "Five seconds on", lambda frame: _call(frame).player.skip(_STEP), "Right", _can_play,
    yields_to_text=True,
)  # fmt: skip
FASTER = Command(
    "player.faster", "Play faster", lambda frame: _call(frame).player.change_speed(faster), "Ctrl+Up", _can_play
)
SLOWER = Command(
    "player.slower", "Play slower", lambda frame: _call(frame).player.change_speed(slower), "Ctrl+Down", _can_play
)
SKIP = Command(
    "player.skip_silence", "Skip silence", lambda frame: _call(frame).player.choices.skipping.click(), "Ctrl+Shift+J",
    _can_play,
)  # fmt: skip


TYPING_KEYS = (
    ("Split the line", "Enter between words"),
    ("Keep what was typed", "Enter at the end"),
    ("Join it to the line before", "Backspace at the start"),
    ("Give it to a speaker", "Ctrl 1 … 9"),
    ("Leave the line as it was", "Esc"),
)
"""What keys do in the field in which a line is corrected, which are no commands of the window."""
TYPING_HINT = (
    "Enter splits, at the end it keeps · Backspace at the start joins · Ctrl 1…9 gives to a speaker · "
    "Esc leaves the line as it was"
)
GIVING_HINT = "Ctrl 1 to 9 gives a line to a speaker at once."


def place_of_speaker(event: "QKeyEvent") -> int:
    """The place of the speaker to whom a key gives lines, from 1; 0 if it is another key."""
    is_ctrl = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.ControlModifier
    place = event.key() - Qt.Key.Key_0
    return place if is_ctrl and 1 <= place <= 9 else 0


def giving_key(place: int) -> str:
    """The key that gives lines to the speaker in a place, as a person reads it."""
    return f"Ctrl {place}"


def _export(fmt: ExportFormat) -> Command:
    title = f"{fmt.title} (.{fmt.suffix})"
    return Command(
        f"call.export.{fmt.name}", title, lambda frame: _call(frame).on_call.export(fmt.name), "", _has_transcript
    )


def _export_report(suffix: str, title: str) -> Command:
    return Command(
        f"call.report.{suffix}", f"{title} (.{suffix})", lambda frame: frame.page(PAGE).check.export(suffix), "",
        _has_report,
    )  # fmt: skip


REPORTS = (_export_report("md", "Report, Markdown"), _export_report("txt", "Report, plain text"))
EXPORTS = tuple(_export(fmt) for fmt in export_formats())
EXPORT_MENU = (EXPORTS, (COPY, COPY_WORDS))
MORE_MENU = (
    (RENAME, NAME_SPEAKERS, FIND_SPEAKERS, SWAP_SIDES),
    (CORRECT, GIVE, REPLACE, UNDO, REDO),
    (CHECK_TEXT,),
    (TRANSCRIBE_AGAIN, SUMMARIZE),
    (DELETE,),
)
PLAYER = (PLAY, BACK, FORWARD, FASTER, SLOWER, SKIP)
COMMANDS = (
    SEARCH, FIND, IMPORT, *PLAYER, *MORE_MENU[0], FIND_HERE, FIND_NEXT, FIND_BEFORE, *MORE_MENU[1],
    NEXT_DOUBTFUL, DOUBTFUL_BEFORE, NEXT_GAP, WRITE_GAP, CHECK_TEXT, CHECK, *MORE_MENU[3], *EXPORTS, *REPORTS, COPY,
    COPY_WORDS, DELETE,
)  # fmt: skip
