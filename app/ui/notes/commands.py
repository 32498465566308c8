"""The commands on notes, and the keys of the field in which one is written."""

from typing import TYPE_CHECKING

from app.core.writing.action import TextAction
from app.ui.navigation.command import Command
from app.ui.notes.page import PAGE

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame
    from app.ui.notes.notes_page import NotesPage


def _page(frame: "PageFrame") -> "NotesPage":
    return frame.page(PAGE)


def _has_note(frame: "PageFrame") -> bool:
    return frame.is_shown(PAGE) and _page(frame).can_change


def _is_pinned(frame: "PageFrame") -> bool:
    return _has_note(frame) and _page(frame).note.is_pinned


def _can_be_pinned(frame: "PageFrame") -> bool:
    return _has_note(frame) and not _page(frame).note.is_pinned


def _has_text(frame: "PageFrame") -> bool:
    return _has_note(frame) and _page(frame).note.can_rewrite


def _rewriting(action: TextAction, title: str) -> Command:
    """The command that does something with the selected text, or with the whole note."""
    return Command(f"note.{action.value}", title, lambda frame: _page(frame).note.rewrite(action), is_enabled=_has_text)


NEW = Command("notes.new", "New note", lambda frame: frame.show_page(PAGE).new(), "Ctrl+Shift+N")
PIN = Command("note.pin", "Pin", lambda frame: _page(frame).pin(True), is_enabled=_can_be_pinned)
UNPIN = Command("note.unpin", "Unpin", lambda frame: _page(frame).pin(False), is_enabled=_is_pinned)
VERSIONS = Command("note.versions", "Versions", lambda frame: _page(frame).note.show_versions(), is_enabled=_has_note)
LINKED = Command("note.links", "Links", lambda frame: _page(frame).note.show_links(), is_enabled=_has_note)
COPY = Command("note.copy", "Copy as Markdown", lambda frame: _page(frame).note.copy(), is_enabled=_has_note)
EXPORT = Command("note.export", "Export as Markdown…", lambda frame: _page(frame).export(), is_enabled=_has_note)
DELETE = Command("note.delete", "Move to the trash", lambda frame: _page(frame).delete(), is_enabled=_has_note)

FRIENDLY = _rewriting(TextAction.FRIENDLY, "Friendly")
FORMAL = _rewriting(TextAction.FORMAL, "Formal")
BRIEF = _rewriting(TextAction.BRIEF, "Brief")
SHORTER = _rewriting(TextAction.SHORTER, "Shorter")
PROOFREAD = _rewriting(TextAction.PROOFREAD, "Proofread")
TRANSLATE = _rewriting(TextAction.TRANSLATE, "Translate…")
TASKS = _rewriting(TextAction.TASKS, "List tasks")
CONTINUE = _rewriting(TextAction.CONTINUE, "Continue")

SUMMARISE = Command(
    "note.summary", "Summarise", lambda frame: _page(frame).note.rewrite(TextAction.SUMMARY), is_enabled=_has_text
)

REWRITE_MENU = ((FRIENDLY, FORMAL, BRIEF, SHORTER), (PROOFREAD, TRANSLATE), (TASKS, CONTINUE))
MORE_MENU = ((SUMMARISE,), (PIN, UNPIN), (LINKED, VERSIONS), (COPY, EXPORT), (DELETE,))
COMMANDS = (NEW, *(command for group in (*MORE_MENU, *REWRITE_MENU) for command in group))

WRITING_KEYS = (
    ("Bold", "Ctrl B"),
    ("Italic", "Ctrl I"),
    ("Link to a note or to a call", "[["),
    ("Open the link, or tick the box", "Ctrl Enter"),
    ("Move an item of a list in or out", "Tab, Shift Tab"),
)
"""What keys do in the field of a note, which are no commands of the window."""
