"""Throwing notes away and getting them back: the trash, what is forgotten for good, and the questions before that."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.job import Lane
from app.ui.style.theme import Theme
from app.ui.widgets.dialogs import ConfirmDialog, DeleteDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.core.deletion import Consequences
    from app.core.ids import NoteId
    from app.ui.notes.note_services import NoteServices
    from app.ui.runtime.bridge import Bridge
    from app.ui.widgets.notice_bar import NoticeBar

_LOSS = "Its text and all its versions are removed from this vault; there is no undo."
_ALL = "Every note in the trash is removed from this vault with all its versions; there is no undo."


class NoteDeletion(QObject):
    """Asks what has to be asked, carries it out, and says in the notice what came of it."""

    left = Signal(str)  # the id of a note that went to the trash, or came from there
    came_back = Signal(str)  # the id of a note that was brought back

    def __init__(
        self, theme: Theme, services: "NoteServices", bridge: "Bridge", notice: "NoticeBar", page: "QWidget"
    ) -> None:
        super().__init__(page)
        self._theme, self._services, self._bridge = theme, services, bridge
        self._notice, self._page = notice, page

    def delete(self, note: "NoteId") -> None:
        """Move a note to the trash, and offer to undo that."""

        def done(_: object) -> None:
            self.left.emit(note)
            advice = "It is kept there for 30 days."
            self._notice.show_note("Moved to the trash.", advice, "Undo", lambda: self.restore(note))

        notes = self._services.notes
        self._bridge.run_job(lambda _: notes.delete(note), done, self._notice.show_error, lane=Lane.DRAFTS)

    def restore(self, note: "NoteId") -> None:
        """Bring a note back from the trash."""

        def done(_: object) -> None:
            self.left.emit(note)
            self.came_back.emit(note)

        notes = self._services.notes
        self._bridge.run_job(lambda _: notes.restore(note), done, self._notice.show_error, lane=Lane.DRAFTS)

    def ask_to_forget(self, note: "NoteId") -> None:
        """Delete a note for good once the person has confirmed."""

        def ask(means: "Consequences") -> None:
            question = DeleteDialog(self._theme, self._page.window(), "note", _LOSS, means)
            question.accepted.connect(lambda: self._forget(note, rewrites_copies=question.rewrites_copies))
            question.open()

        self._bridge.run_job(lambda _: self._services.deletion.of_note(note), ask, self._notice.show_error)

    def _forget(self, note: "NoteId", *, rewrites_copies: bool) -> None:
        services = self._services

        def done(_: object) -> None:
            if rewrites_copies:
                self._bridge.run_job(
                    services.maintenance.replace_copies, failed=self._notice.show_error, lane=Lane.BACKGROUND
                )

        self._bridge.run_job(lambda _: services.notes.forget(note), done, self._notice.show_error, lane=Lane.DRAFTS)

    def ask_to_empty(self) -> None:
        """Delete all that is in the trash for good once the person has confirmed."""
        question = ConfirmDialog(self._theme, self._page.window(), "Empty the trash?", _ALL, "Delete all")
        question.accepted.connect(self._empty)
        question.open()

    def _empty(self) -> None:
        notes = self._services.notes

        def done(count: int) -> None:
            self._notice.show_note("One note was deleted." if count == 1 else f"{count} notes were deleted.")

        self._bridge.run_job(lambda _: notes.empty_trash(), done, self._notice.show_error, lane=Lane.DRAFTS)
