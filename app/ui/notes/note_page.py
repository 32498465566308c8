"""The page of one note: its header, the text, and beside it its links and versions."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.job import Lane
from app.core.note import KEPT_IN_TRASH, Note, NoteVersion
from app.core.writing.action import TextAction
from app.core.writing.written import Written
from app.ui.notes.link_completion import LinkCompletion
from app.ui.notes.note_bar import Action, NoteBar
from app.ui.notes.note_editor import NoteEditor
from app.ui.notes.note_header import NoteHeader
from app.ui.notes.note_saver import NoteSaver, UnsavedNote
from app.ui.notes.note_writing import NoteWriting
from app.ui.notes.result_pane import ResultPane
from app.ui.notes.side_panel import NoteSidePanel
from app.ui.runtime import clipboard
from app.ui.style.phrases import COPIED, full_date, long_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import panel
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.screen_fit import keep_on_screen
from app.ui.writing.languages import target_languages

if TYPE_CHECKING:
    from datetime import datetime

    from app.core.ids import NoteId
    from app.services.notes.linking import Backlink
    from app.ui.navigation.command import CommandRunner
    from app.ui.notes.note_services import NoteServices
    from app.ui.runtime.bridge import Bridge

_SIDE, _NARROW = 348, 700  # design pixels: the side panel, and the page width below which it has no room
_PAUSE = 300  # milliseconds after a change before links and versions are read again
_TOO_LONG = "This note is too long to be written in the window: this is its beginning. «tacit note» has all of it."


class NotePage(QWidget):
    """Shows a note, saves what is written, and shows what links to it and what it said before."""

    restore_wanted = Signal(str)  # as those below: the id of a note
    forget_wanted = Signal(str)
    note_wanted = Signal(str)

    def __init__(
        self, theme: Theme, services: "NoteServices", bridge: "Bridge", commands: "CommandRunner", parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Note")
        self._theme, self._services, self._bridge = theme, services, bridge
        self.id: NoteId | None = None
        self._note: Note | None = None
        self._version: NoteVersion | None = None
        self._is_narrow = False
        self._wanted_line: int | None = None
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = panel(self, "page", "bottom", "Note")
        around = QVBoxLayout(top)
        around.setContentsMargins(0, 0, 0, 1)
        self.header = NoteHeader(theme, commands, top)
        around.addWidget(self.header)
        column.addWidget(top)
        body = QHBoxLayout()
        body.setSpacing(0)
        self._text_panel = panel(self, "page", "", "Text")
        text_column = QVBoxLayout(self._text_panel)
        text_column.setContentsMargins(px(22), px(10), px(12), px(8))
        text_column.setSpacing(px(8))
        self.notice = NoticeBar(theme, self._text_panel)
        self.bar = NoteBar(theme, self._text_panel)
        self.editor = NoteEditor(theme, self._text_panel)
        for part in (self.notice, self.bar):
            text_column.addWidget(part)
        text_column.addWidget(self.editor, 1)
        pane = ResultPane(theme, self._text_panel)
        text_column.addWidget(pane)
        self.writing = NoteWriting(services.writing, bridge, self.editor, pane, self.notice, self)
        body.addWidget(self._text_panel, 1)
        self.side = NoteSidePanel(theme, self)
        self.side.setFixedWidth(px(_SIDE))
        body.addWidget(self.side)
        column.addLayout(body, 1)
        self.completion = LinkCompletion(theme, self.editor, services.note_links, bridge)
        self.saver = NoteSaver(services.notes, bridge, self.editor.text, self)
        self.saver.saved.connect(self._show_saved)
        self.saver.failed.connect(self.notice.show_error)
        self.editor.document().contentsChange.connect(lambda *_: self._on_typed())
        self.editor.title_left.connect(self.follow_title)
        self.header.versions_wanted.connect(self.show_versions)
        self.header.beside_button.toggled.connect(lambda _: self._arrange())
        self.writing.summed_up.connect(self._show_summary)
        self.side.summary.line_wanted.connect(self._show_line)
        self.side.note_wanted.connect(self.note_wanted)
        self.side.version_wanted.connect(self._show_version)
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_PAUSE)
        self._reading.timeout.connect(self._read_beside)
        self._arrange()

    # Opening

    def open(self, note: "NoteId", line: int | None = None) -> None:
        """Show a note, at a line by its number, from 0, if one is given."""
        self.leave_note()
        self.id, self._wanted_line = note, line
        self.notice.hide()
        self.read_again()

    def begin_new(self, note: "NoteId") -> None:
        """Show an empty note that is stored with its first words."""
        self.leave_note()
        self.id, self._note = note, None
        self.notice.hide()
        self.bar.hide()
        self.saver.follow(note, "", is_stored=False)
        self.completion.note = note
        self.editor.show_text("")
        self.header.show_text("", _now())
        self.header.show_versions(0)
        self.header.more_button.show()
        self.focus()

    def leave_note(self) -> None:
        """Save what was written, and let links follow the title; nothing can be written then."""
        if self._version is None:
            self.saver.flush()
            self.follow_title()
        self.writing.leave()
        self.side.summary.show_none()
        self._version = self._note = self.id = None
        self.saver.follow(None, "", is_stored=False)
        self.editor.show_text("", is_fixed=True)
        self.header.show_nothing()
        self.side.show_links([])
        self.side.show_versions([])

    def read_again(self) -> None:
        """Show what is stored of the note, unless something is written that is not saved yet."""
        note = self.id
        if note is None:
            return

        def show(found: Note) -> None:
            if note != self.id or self._version is not None:
                return
            if self.saver.is_under_way(note):
                self.read_again()
            elif self.saver.unsaved() is None:
                self._show(found)

        # On the lane of what is saved, so that it is read behind that.
        def fail(error: Exception) -> None:
            if note == self.id:
                self.notice.show_error(error)

        self._bridge.run_job(lambda _: self._services.notes.note(note), show, fail, lane=Lane.DRAFTS)

    def _show(self, note: Note) -> None:
        before, self._note = self._note, note
        is_same = before is not None and before.text == note.text and before.deleted == note.deleted
        if not is_same or self.editor.text() != note.text:
            is_in_trash = note.deleted is not None
            self.saver.follow(None if is_in_trash else note.id, note.text, is_stored=True)
            self.completion.note = note.id
            if is_in_trash:
                self.writing.leave()
            left = self.saver.failed_text(note.id)
            self.editor.show_text(note.text if left is None else left, is_fixed=is_in_trash)
            self._show_bar(note)
            if self.editor.isReadOnly():
                self.saver.follow(None, "", is_stored=False)
        if self._wanted_line is not None:
            self.editor.reveal_line(self._wanted_line)
            self._wanted_line = None
        self.header.show_text(note.text, note.edited)
        self.header.show_versions(note.versions)
        self.header.more_button.setVisible(note.deleted is None)
        if before is None:
            self._read_beside()
        else:  # soon: a save is told more than once
            self._reading.start()

    def _show_bar(self, note: Note) -> None:
        self.bar.hide()
        if note.deleted is not None:
            until = full_date(note.deleted + KEPT_IN_TRASH)
            actions = (
                ("Restore", "plain", lambda: self.restore_wanted.emit(note.id)),
                ("Delete for good…", "danger", lambda: self.forget_wanted.emit(note.id)),
            )  # fmt: skip
            self.bar.show_words(f"This note is in the trash until {until}.", actions)
        elif self.editor.isReadOnly():
            self.bar.show_words(_TOO_LONG, ())

    @property
    def can_change(self) -> bool:
        """Whether a note is shown that can be written to and thrown away."""
        return self._note is not None and self._note.deleted is None and self._version is None

    @property
    def is_pinned(self) -> bool:
        """Whether the note is pinned."""
        return self._note is not None and self._note.is_pinned

    @property
    def text(self) -> str:
        """The text of the note, as it is written now."""
        long = self._note is not None and self.editor.isReadOnly()
        return self._note.text if long and self._note is not None else self.editor.text()

    def focus(self) -> None:
        """Focus the text."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    # Writing

    def _on_typed(self) -> None:
        if self._version is None and not self.editor.isReadOnly():
            self.saver.touch()

    def unconfirmed(self) -> list[UnsavedNote]:
        """What is written and not known to be on the disk."""
        return self.saver.unconfirmed()

    def _show_saved(self, note: Note) -> None:
        if note.id == self.id:
            self._note = note
            self.header.show_text(self.editor.text() if self._version is None else note.text, note.edited)
            self.header.show_versions(note.versions)
            self._reading.start()

    def follow_title(self) -> None:
        """Let the links to this note lead to it by the title that it has now."""
        note, links = self.id, self._services.note_links
        if note is not None and self._note is not None and self._note.deleted is None:
            self.saver.flush()
            self._bridge.run_job(lambda _: links.follow_title(note), failed=lambda _: None, lane=Lane.DRAFTS)

    def copy(self) -> None:
        """Copy the text as it is written."""
        clipboard.copy_text(self.text)
        self.notice.show_note(*COPIED)

    # The language model

    @property
    def can_rewrite(self) -> bool:
        """Whether there is a text here that a result can go into."""
        return self.can_change and not self.editor.isReadOnly() and bool(self.editor.text().strip())

    def rewrite(self, action: TextAction) -> None:
        """Do something with the selected text, or with the whole; asks for a language to translate into."""
        if action is not TextAction.TRANSLATE:
            self._run_writing(action)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName("Language to translate into")
        keep_on_screen(menu)
        for code, name in target_languages(self.writing.source):
            menu.addAction(name, partial(self._run_writing, action, code))
        self.header.show_menu(menu)

    def _run_writing(self, action: TextAction, target: str = "") -> None:
        self.header.beside_button.setChecked(False)  # the result stands below the text
        self.writing.run(action, target)

    def _show_summary(self, written: Written) -> None:
        self.side.summary.show_written(written)
        self.side.summary_tab.setChecked(True)
        self.header.beside_button.setChecked(True)

    def _show_line(self, number: int, words: str) -> None:
        """Show a line of which a summary speaks, where it stands now."""
        self.header.beside_button.setChecked(False)
        self.editor.reveal_line(line_with(words, number, self.editor.text().split("\n")))
        self.focus()

    # Links and versions

    def read_links_again(self) -> None:
        """Read soon what links to the note, and its versions."""
        if self.id is not None:
            self._reading.start()

    def _read_beside(self) -> None:
        self._reading.stop()
        note, services = self.id, self._services
        if note is None or self._note is None:
            return

        def read() -> "tuple[list[Backlink], list[NoteVersion]]":
            return services.note_links.backlinks(note), services.notes.versions(note)

        def show(found: "tuple[list[Backlink], list[NoteVersion]]") -> None:
            if note == self.id:
                self.side.show_links(found[0])
                self.side.show_versions(found[1])

        self._bridge.run_job(lambda _: read(), show, lambda _: None, lane=Lane.DRAFTS)

    def show_versions(self) -> None:
        """Show the texts that the note had."""
        self.side.versions_tab.setChecked(True)
        self.header.beside_button.setChecked(True)

    def show_links(self) -> None:
        """Show what links to the note."""
        self.side.links_tab.setChecked(True)
        self.header.beside_button.setChecked(True)

    def _show_version(self, version: object) -> None:
        note, notes = self.id, self._services.notes
        if not isinstance(version, NoteVersion) or note is None:
            return

        def show(text: str) -> None:
            if note == self.id and self._note is not None:
                self._show_text_of(version, text, has_place=self._note.deleted is None)

        self._bridge.run_job(
            lambda _: notes.version(note, version.number), show, self.notice.show_error, lane=Lane.DRAFTS
        )

    def _show_text_of(self, version: NoteVersion, text: str, *, has_place: bool) -> None:
        self.saver.flush()
        self.saver.follow(None, "", is_stored=False)
        self.writing.leave()
        self._version = version
        self.header.beside_button.setChecked(False)
        self.editor.show_text(text, is_fixed=True)
        actions: list[Action] = [("Back to the note", "plain", self.close_version)]
        if has_place:
            actions.insert(0, ("Put it back", "plain", self._put_back))
        self.bar.show_words(f"This is the text of {long_day(version.edited)}.", actions)

    def close_version(self) -> bool:
        """Show the note itself again; False if no version is shown."""
        if self._version is None:
            return False
        self._version, self._note = None, None
        self.read_again()
        return True

    def _put_back(self) -> None:
        note, version, notes = self.id, self._version, self._services.notes
        if note is None or version is None:
            return

        def done(_: Note) -> None:
            self.close_version()
            self.notice.show_note("Put back.", "What it said before is among the versions.")

        self._bridge.run_job(
            lambda _: notes.put_back(note, version.number), done, self.notice.show_error, lane=Lane.DRAFTS
        )

    # Layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: in a narrow page the panel is shown in the place of the text."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        px, is_narrow = self._theme.px, self.width() < self._theme.px(_NARROW)
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self.header.beside_button.setChecked(False)
        self.header.beside_button.setVisible(is_narrow)
        is_beside = self.header.beside_button.isChecked()
        self._text_panel.setVisible(not is_narrow or not is_beside)
        self.side.setVisible(not is_narrow or is_beside)
        self.side.setMinimumWidth(0 if is_narrow else px(_SIDE))
        self.side.setMaximumWidth(16_777_215 if is_narrow else px(_SIDE))


def line_with(words: str, number: int, lines: list[str]) -> int:
    """The number of the line that has these words, the one nearest to `number`; `number` if none has them."""
    found = [place for place, line in enumerate(lines) if words in line]
    return min(found, key=lambda place: abs(place - number), default=number)


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)
