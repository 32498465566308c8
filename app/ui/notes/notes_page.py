"""The page of notes: the searchable list on the left, the open note on the right."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.core.errors import AssistantError
from app.core.ids import NoteId, new_note_id
from app.core.job import Lane
from app.core.note import NoteEntry, title_of
from app.core.note_links import NoteLink
from app.services.text_files import read_text_file
from app.ui.navigation.call_moment import CallMoment
from app.ui.notes.empty_page import EmptyNotePage
from app.ui.notes.note_deletion import NoteDeletion
from app.ui.notes.note_list_panel import NoteListPanel
from app.ui.notes.note_page import NotePage
from app.ui.runtime import clipboard
from app.ui.style.phrases import EXPORTED
from app.ui.style.theme import Theme
from app.ui.widgets.drop_target import paths_of
from app.ui.widgets.file_dialogs import ask_where_to_save

if TYPE_CHECKING:
    from app.core.change import Change
    from app.services.notes.linking import LinkTarget, Targets
    from app.ui.navigation.command import CommandRunner
    from app.ui.notes.note_saver import UnsavedNote
    from app.ui.notes.note_services import NoteServices
    from app.ui.runtime.bridge import Bridge

_LIST, _NARROW = 296, 780  # design pixels: the list, and the page width below which list or note is shown
_TARGETS_PAUSE = 400  # milliseconds after a change before it is read again what links can lead to


class NotesPage(QWidget):
    """`counted` emits the number of notes, `moment_wanted` the `CallMoment` that a link leads to."""

    counted = Signal(int)
    moment_wanted = Signal(object)

    def __init__(
        self, theme: Theme, services: "NoteServices", bridge: "Bridge", commands: "CommandRunner", parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notes")
        self._theme, self._services, self._bridge = theme, services, bridge
        self._entries: list[NoteEntry] = []
        self._found: set[NoteId] | None = None  # what the search found
        self._is_narrow = False
        self._is_list_shown = True
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        self.column = NoteListPanel(theme, self)
        self.column.setFixedWidth(theme.px(_LIST))
        self.notice, self.list = self.column.notice, self.column.list
        across.addWidget(self.column)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Note")
        self.empty = EmptyNotePage(theme, self)
        self.note: NotePage = NotePage(theme, services, bridge, commands, self)
        for page in (self.empty, self.note):
            self.stack.addWidget(page)
        across.addWidget(self.stack, 1)
        self.deletion = NoteDeletion(theme, services, bridge, self.notice, self)
        self.deletion.left.connect(self._close_if)
        self.deletion.came_back.connect(self.open)
        self._connect()
        self._targets_timer = QTimer(self)
        self._targets_timer.setSingleShot(True)
        self._targets_timer.setInterval(_TARGETS_PAUSE)
        self._targets_timer.timeout.connect(self._read_targets)
        bridge.vault_changed.connect(self._apply_changes)
        self.note.header.back_button.hide()
        self._read()

    def _connect(self) -> None:
        column, note = self.column, self.note
        column.new_wanted.connect(lambda: self.new())
        column.trash_wanted.connect(self.show_trash)
        column.empty_wanted.connect(self.deletion.ask_to_empty)
        column.search_wanted.connect(self._search)
        column.list.opened.connect(lambda known: self.open(NoteId(known)))
        column.list.delete_wanted.connect(self._delete_listed)
        column.list.paste_wanted.connect(self.paste)
        self.empty.new_wanted.connect(lambda: self.new())
        note.note_wanted.connect(lambda known: self.open(NoteId(known)))
        note.restore_wanted.connect(lambda known: self.deletion.restore(NoteId(known)))
        note.forget_wanted.connect(lambda known: self.deletion.ask_to_forget(NoteId(known)))
        note.header.back_wanted.connect(lambda: self._show_list_or_note(is_list=True))
        note.editor.link_wanted.connect(self._follow_link)
        note.editor.tag_wanted.connect(self.find_tag)
        note.editor.files_pasted.connect(self.take_in)

    def begin(self) -> None:
        """Show the notes; the list has the focus unless a note is open."""
        if not self._targets_timer.isActive():
            self._read_targets()
        if self.has_note and self.stack.isVisible():
            self.note.focus()
        else:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> bool:
        """Close a version, the search, the trash or the note; Escape does not leave this page."""
        if self.note.close_version():
            self.note.focus()
        elif self.column.search.text():
            self.column.search.clear()
        elif self.has_note:
            self.close_note()
        elif self.column.is_trash:
            self.show_trash(False)
        return True

    # The list

    def _apply_changes(self, changes: "list[Change]") -> None:
        subjects = {NoteId(change.subject) for change in changes if change.kind == "note"}
        if subjects:
            self._read_entries(subjects)
            if any(change.is_gone and change.subject == self.note.id for change in changes):
                self.close_note()
            elif self.note.id in subjects:
                self.note.read_again()
            else:
                self.note.read_links_again()
        if any(change.kind == "recording" for change in changes):
            self._targets_timer.start()

    def _read(self) -> None:
        """Read all entries."""
        notes, is_trash = self._services.notes, self.column.is_trash

        def show(entries: list[NoteEntry]) -> None:
            if is_trash is self.column.is_trash:
                self._entries = entries
                self._show()

        self._bridge.run_job(lambda _: notes.entries(in_trash=is_trash), show, self.notice.show_error)

    def _read_entries(self, subjects: set[NoteId]) -> None:
        """Read the entries of these notes anew: of thousands of notes one is written to with each second."""
        notes = self._services.notes

        def show(found: dict[NoteId, NoteEntry | None]) -> None:
            is_trash = self.column.is_trash
            known = [entry for entry in self._entries if entry.id in found]
            if _names(known) != _names([entry for entry in found.values() if entry is not None]):
                self._targets_timer.start()
            kept = [entry for entry in self._entries if entry.id not in found]
            here = [entry for entry in found.values() if entry is not None and (entry.deleted is not None) is is_trash]
            self._entries = sorted([*kept, *here], key=lambda entry: entry.place)
            self._show()
            if self.column.search.text().strip():
                self._search(self.column.search.text().strip())

        self._bridge.run_job(lambda _: {note: notes.entry(note) for note in subjects}, show, self.notice.show_error)

    def _show(self) -> None:
        found, is_trash = self._found, self.column.is_trash
        shown = [entry for entry in self._entries if found is None or is_trash or entry.id in found]
        self.column.show_entries(shown, self.note.id if self.has_note else None)
        if not is_trash:
            self.counted.emit(len(self._entries))
        self.empty.show_state(has_notes=bool(self._entries), is_trash=is_trash)
        self._show_list_or_note(is_list=self._is_list_shown)

    def show_trash(self, is_trash: bool) -> None:
        """Show what is in the trash, or the notes again."""
        self.close_note()
        self.notice.hide()
        self.column.show_place(is_trash=is_trash)
        self._entries = []
        self._read()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_search(self) -> None:
        """Focus the search field."""
        if self.column.is_trash:
            self.show_trash(False)
        self._show_list_or_note(is_list=True)
        self.column.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.column.search.selectAll()

    def find_tag(self, tag: str) -> None:
        """Show the notes with a tag."""
        self.focus_search()
        self.column.search.setText(f"#{tag}")

    def _search(self, text: str) -> None:
        if not text:
            self._found = None
            self._show()
            return
        notes = self._services.notes

        def show(found: list[NoteEntry]) -> None:
            if text == self.column.search.text().strip():
                self._found = {entry.id for entry in found}
                self._show()

        self._bridge.run_job(lambda _: notes.search(text), show, self.notice.show_error)

    def _read_targets(self) -> None:
        def show(targets: "Targets") -> None:
            self.note.editor.show_targets(targets)

        self._bridge.run_job(lambda _: self._services.note_links.targets(), show, lambda _: None, priority=1)

    # One note

    @property
    def has_note(self) -> bool:
        """Whether a note is open."""
        return self.stack.currentWidget() is self.note

    @property
    def can_change(self) -> bool:
        """Whether a note is open that can be written to."""
        return self.has_note and self.note.can_change

    @property
    def open_note_id(self) -> NoteId | None:
        """The id of the open note."""
        return self.note.id if self.has_note else None

    def unconfirmed(self) -> "list[UnsavedNote]":
        """What is written and not known to be on the disk."""
        return self.note.unconfirmed()

    def new(self, text: str = "") -> None:
        """Begin a note."""
        if self.column.is_trash:
            self.show_trash(False)
        self.note.begin_new(new_note_id())
        self.stack.setCurrentWidget(self.note)
        self.list.select(None)
        self._show_list_or_note(is_list=False)
        if text:
            self.note.editor.textCursor().insertText(text)
            self.note.saver.flush()
        self.note.focus()

    def open(self, note: NoteId, line: int | None = None) -> None:
        """Open a note, at a line by its number, from 0, if one is given."""
        self.stack.setCurrentWidget(self.note)
        if note != self.note.id or line is not None:
            self.note.open(note, line)
        self.list.select(note)
        self._show_list_or_note(is_list=False)

    def close_note(self) -> None:
        """Close the open note."""
        had_focus = self.note.isAncestorOf(self.focusWidget() or self)
        self.note.leave_note()
        self.stack.setCurrentWidget(self.empty)
        self.list.select(None)
        self._show_list_or_note(is_list=True)
        if had_focus:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_if(self, note: str) -> None:
        """A note went to the trash, or came from there."""
        if self.note.id == note:
            self.close_note()

    def pin(self, is_pinned: bool) -> None:
        """Pin the open note, or not any more."""
        note, notes = self.note.id, self._services.notes
        if note is not None:
            self.note.saver.flush()
            self._bridge.run_job(lambda _: notes.pin(note, is_pinned), failed=self.notice.show_error, lane=Lane.DRAFTS)

    def delete(self) -> None:
        """Move the open note to the trash."""
        if self.note.id is not None:
            self.note.saver.flush()
            self.deletion.delete(self.note.id)

    def _delete_listed(self, note: str) -> None:
        if self.column.is_trash:
            self.deletion.ask_to_forget(NoteId(note))
        else:
            self.note.saver.flush()
            self.deletion.delete(NoteId(note))

    def export(self) -> None:
        """Ask for a path, then write the open note there as an unencrypted file."""
        note, export, shown = self.note.id, self._services.note_export, self.note.notice
        if note is None:
            return
        self.note.saver.flush()

        def save(path: Path) -> None:
            self._bridge.run_job(
                lambda _: export.save(note, path),
                lambda _: shown.show_note(*EXPORTED),
                shown.show_error,
                lane=Lane.DRAFTS,
            )

        ask_where_to_save(self.window(), title_of(self.note.text) or "Note", "md", save)

    # What comes from elsewhere

    def take_in(self, paths: object) -> None:
        """Make a note of each of these text files; the first is opened."""
        notes = self._services.notes
        files = [path for path in paths if isinstance(path, Path)] if isinstance(paths, Sequence) else []

        def read() -> tuple[list[NoteId], list[AssistantError]]:
            made, refused = [], []
            for path in files:
                try:
                    made.append(notes.add(_text_of(path)))
                except AssistantError as error:
                    refused.append(error)
            return made, refused

        def show(found: tuple[list[NoteId], list[AssistantError]]) -> None:
            made, refused = found
            if made:
                self.open(made[0])
            if refused:
                self.notice.show_error(refused[0])

        if self.column.is_trash:
            self.show_trash(False)
        self._bridge.run_job(lambda _: read(), show, self.notice.show_error, lane=Lane.DRAFTS)

    def paste(self) -> None:
        """Make a note of what is on the clipboard: of each text file, or of the text."""
        data = clipboard.pasted()
        if paths := paths_of(data):
            self.take_in(paths)
        elif data.text().strip():
            self.new(data.text())

    def _follow_link(self, link: object) -> None:
        if not isinstance(link, NoteLink):
            return

        def show(target: "LinkTarget | None") -> None:
            if target is None:
                self._offer(link)
            elif target.note is not None:
                self.open(target.note)
            elif target.call is not None:
                self.moment_wanted.emit(CallMoment(target.call, start=target.seconds))

        self._bridge.run_job(lambda _: self._services.note_links.target(link), show, self.note.notice.show_error)

    def _offer(self, link: NoteLink) -> None:
        """A link leads nowhere: offer to write that note."""
        if link.call is not None:
            self.note.notice.show_note("This call was deleted.", "The words of the link stay until you change them.")
        else:
            advice = "A note of this title can be written now."
            self.note.notice.show_note(
                "No note or call has this title.", advice, "Write it", lambda: self.new(f"# {link.target}\n\n")
            )

    # Layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: on a narrow page either the list or the note is shown."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._theme.px(_NARROW)
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self.note.header.back_button.setVisible(is_narrow)
            self.column.setMinimumWidth(0 if is_narrow else self._theme.px(_LIST))
            self.column.setMaximumWidth(16_777_215 if is_narrow else self._theme.px(_LIST))
            self._show_list_or_note(is_list=not self.has_note)

    def _show_list_or_note(self, *, is_list: bool) -> None:
        self._is_list_shown = is_list
        is_empty = not self._entries and not self.column.is_trash and not self.has_note
        self.column.setVisible(not self._is_narrow or (is_list and not is_empty))
        self.stack.setVisible(not self._is_narrow or not is_list or is_empty)


def _names(entries: Sequence[NoteEntry]) -> set[tuple[NoteId, str, bool]]:
    """What decides where links lead."""
    return {(entry.id, entry.title, entry.deleted is None) for entry in entries}


def _text_of(path: Path) -> str:
    """The text of a file as a note; a text without a heading gets the file's name as its title."""
    text = read_text_file(path)
    first = next((line for line in text.split("\n") if line.strip()), "")
    return text if first.startswith("#") and first.lstrip("#").startswith(" ") else f"# {path.stem}\n\n{text}"
