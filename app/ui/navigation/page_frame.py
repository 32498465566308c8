"""The frame that pages are shown in: it makes them, knows which is shown, and runs commands by keys and by ids."""

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QStackedWidget, QTextEdit, QWidget

from app.ui.navigation.command import Command, command_for_key
from app.ui.navigation.page import Group, Page, PageWidget
from app.ui.navigation.registry import registered_commands, registered_pages
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.services.application import Application
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge
    from app.ui.style.theme import Theme

W = TypeVar("W", bound=PageWidget)


class PageFrame(QWidget):
    """What pages and commands know of the window around them."""

    theme_chosen = Signal(str)
    models_changed = Signal()  # another model may be in use
    lock_wanted = Signal()
    search_wanted = Signal()  # the search over everything
    plays_on_click_chosen = Signal(bool)  # whether a click on a line of a transcript plays it
    shortcuts_wanted = Signal()  # the list of shortcuts
    moment_wanted = Signal(object)  # the `CallMoment` that is to be shown
    page_shown = Signal(str)  # the key of the page
    badge_changed = Signal(str, str)  # the key of a page, and the text beside its title, such as a count
    network_changed = Signal(bool, object)  # whether a download is online, and the seconds it will last, or None

    def __init__(
        self, theme: "Theme", application: "Application", session: "Session", bridge: "Bridge", parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.theme, self.application, self.session, self.bridge = theme, application, session, bridge
        self.pages = registered_pages()
        self.commands = registered_commands(self.pages)
        self.notice = NoticeBar(theme, self, 22, 10, 22, 4)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Page")
        self._widgets: dict[str, Any] = {}  # each both a `PageWidget` and a QWidget
        self._back = self.pages[0]  # what Escape leads to

    def make_first_pages(self) -> None:
        """Make the pages that work from the start, and make all shortcuts."""
        for page in self.pages:
            if page.is_made_at_start:
                self.page(page)
        for command in self.commands.values():
            if command.keys and not command.yields_to_text:
                QShortcut(QKeySequence(command.keys), self, partial(self.run, command))

    # Pages

    def page(self, page: Page[W]) -> W:
        """The widget of a page, which is made if it was never shown."""
        if page.key not in self._widgets:
            made: Any = page.make(self)
            self.stack.addWidget(made)
            self._widgets[page.key] = made
        widget: W = self._widgets[page.key]
        return widget

    def show_page(self, page: Page[W]) -> W:
        """Show a page and let it begin."""
        widget = self.page(page)
        shown = self.shown_page
        if shown is not None and shown.key != page.key and shown.group is Group.MAIN:
            self._back = shown
        self.stack.setCurrentWidget(self._widgets[page.key])
        self.page_shown.emit(page.key)
        widget.begin()
        return widget

    @property
    def shown_page(self) -> Page[Any] | None:
        """The page that is shown; None before the first one."""
        shown = self.stack.currentWidget()
        return next((page for page in self.pages if shown is not None and self._widgets.get(page.key) is shown), None)

    def is_shown(self, page: Page[Any]) -> bool:
        """Whether this page is shown."""
        return self.stack.currentWidget() is self._widgets.get(page.key)

    def escape(self) -> None:
        """Close what is open in the shown page; if nothing is, go back to the page before it."""
        shown = self.shown_page
        if shown is not None and not self.page(shown).leave():
            self.show_page(self._back)

    # Commands

    def run(self, command: Command) -> None:
        """Carry out a command, if that can be done now."""
        if command.is_enabled(self):
            command.does(self)

    def can_run(self, command: Command) -> bool:
        """Whether a command can be carried out now."""
        return command.is_enabled(self)

    def run_by_id(self, known: str) -> None:
        """Carry out the command with this id, if that can be done now."""
        self.run(self.commands[known])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: run the command whose key nobody had a use for, unless text is being typed."""
        is_typing = isinstance(self.window().focusWidget(), QLineEdit | QPlainTextEdit | QTextEdit)
        command = None if is_typing else command_for_key(self.commands.values(), event)
        if command is not None and command.yields_to_text and self.can_run(command):
            self.run(command)
        else:
            super().keyPressEvent(event)
