"""The side bar: navigation, the list of chats, and the state of the network and models."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.conversation import Conversation
from app.core.figures import rough_duration
from app.ui.calls.commands import SEARCH
from app.ui.chats.commands import NEW as NEW_CHAT
from app.ui.chats.page import PAGE as CHATS
from app.ui.navigation.command import Command
from app.ui.navigation.page import Page
from app.ui.shell.commands import LOCK
from app.ui.style.focus_ring import has_ring
from app.ui.style.phrases import age_heading
from app.ui.style.theme import Theme
from app.ui.widgets.basics import PressButton, button, label, restyle, rule, set_label_text
from app.ui.widgets.long_text import one_line
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane

_MOST = 0.4  # of the window's width that it takes
_WIDTH, _LOW = 236, 440  # design pixels: how wide it is, and the height below which its foot is one line


class NavRow(PressButton):
    """A navigation row: its name on the left, a count or a shortcut on the right."""

    def __init__(self, theme: Theme, text: str, parent: QWidget, *, is_chat: bool = False) -> None:
        super().__init__(parent)
        self._theme, self._text, self._aside, self._is_chat = theme, text, "", is_chat
        self.is_here = False
        self.setProperty("kind", "nav")
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Qt: 38 high."""
        return QSize(self._theme.px(120), self._theme.px(38))

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(60), self._theme.px(38))

    def show_aside(self, text: str) -> None:
        """Show a count or a shortcut on the right."""
        self._aside = text
        self.setAccessibleName(f"{self._text} {text}".strip())
        self.update()

    def show_here(self, is_here: bool) -> None:
        """Mark it as the page that is shown."""
        self.is_here = is_here
        self.setAccessibleDescription("shown now" if is_here else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint the row."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self.rect().adjusted(0, 1, -1, -1)
        if self.is_here:
            painter.setBrush(theme.color("page"))
            painter.setPen(Qt.PenStyle.NoPen if self._is_chat else theme.color("line"))
            painter.drawRoundedRect(frame, px(8), px(8))
        elif self.underMouse():
            painter.setBrush(theme.blend("page", "side", 0.45))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(frame, px(8), px(8))
        if has_ring(self):
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(theme.color("accent"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), px(8), px(8))
        inner = self.rect().adjusted(px(10), 0, -px(10), 0)
        painter.setFont(theme.font(13.5, is_tabular=True))
        painter.setPen(theme.color("second"))
        aside_width = painter.fontMetrics().horizontalAdvance(self._aside)
        font = theme.font(14, 600 if self.is_here and not self._is_chat else 400)
        if QFontMetrics(font).horizontalAdvance(one_line(self._text)) + px(8) + aside_width > inner.width():
            aside_width = 0  # the name matters more than the shortcut
        else:
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._aside)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        width = inner.width() - aside_width - (px(8) if aside_width else 0)
        elided = painter.fontMetrics().elidedText(one_line(self._text), Qt.TextElideMode.ElideRight, width)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)
        painter.end()


class SideBar(QFrame):
    """The side bar; `command_wanted` carries the command to run, which for a page is the one that shows it."""

    command_wanted = Signal(object)
    conversation_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget, pages: Sequence[Page[Any]], *, is_offline_enforced: bool) -> None:
        super().__init__(parent)
        self.setProperty("ground", "side")
        self.setProperty("edge", "right")
        self.setAccessibleName("Side bar")
        self._theme = theme
        px = theme.px
        self._widest = min(px(_WIDTH), int(_WIDTH * 1.5))
        self.setFixedWidth(self._widest)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(18), px(13), px(10))
        column.setSpacing(px(1))
        top = QHBoxLayout()
        top.setContentsMargins(px(8), 0, px(7), 0)
        top.addWidget(label("Tacit", "brand", self))
        top.addStretch(1)
        lock = LOCK.with_hint(LOCK.title)
        self.lock_button = button("Lock", self, "small", partial(self.command_wanted.emit, LOCK), lock)
        self.lock_button.setToolTip(lock)
        top.addWidget(self.lock_button)
        column.addLayout(top)
        column.addSpacing(px(15))
        self.new_chat_button = button(NEW_CHAT.title, self, "main", partial(self.command_wanted.emit, NEW_CHAT))
        self.new_chat_button.setMinimumHeight(px(39))
        column.addWidget(self.new_chat_button)
        column.addSpacing(px(11))
        self.search_row = self._nav_row(SEARCH)
        self._commands = {page.key: page.command for page in pages}
        self.rows = {page.key: self._nav_row(page.command) for page in pages}
        self._chat_list = QWidget(self)
        self._chat_list.setAccessibleName("Chats")
        self._chat_column = QVBoxLayout(self._chat_list)
        self._chat_column.setContentsMargins(0, 0, 0, 0)
        self._chat_column.setSpacing(px(1))
        self.pane = ScrollPane(
            self, self._nav_panel(pages), "Places"
        )  # scrolls, so that the foot stays whole with large text
        self.pane.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        column.addWidget(self.pane, 1)
        column.addSpacing(px(6))
        column.addWidget(self._foot(is_offline_enforced))
        self._chat_rows: dict[str, NavRow] = {}

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: in a low window the foot says in one line what is so, and the places keep their room."""
        super().resizeEvent(event)
        self._show_foot()

    def _show_foot(self) -> None:
        has_room = self.height() >= self._theme.px(_LOW)
        self.network_words.setVisible(has_room and bool(self.network.text()))
        self.models.setVisible(has_room)

    def fit(self, width: int) -> None:
        """Leave the page most of a window of this width."""
        self.setFixedWidth(min(self._widest, int(width * _MOST)))

    def _nav_row(self, command: Command) -> NavRow:
        made = NavRow(self._theme, command.title, self)
        made.show_aside(command.hint)
        made.clicked.connect(lambda: self.command_wanted.emit(command))
        return made

    def _nav_panel(self, pages: Sequence[Page[Any]]) -> QWidget:
        made = QWidget(self)
        made.setAccessibleName("Places")
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(1))
        column.addWidget(self.search_row)
        for group, members in groupby(pages, key=lambda page: page.group):
            if group.value:
                column.addWidget(self._heading(group.value, made))
            for page in members:
                column.addWidget(self.rows[page.key])
        column.addWidget(self._chat_list)
        column.addStretch(1)
        return made

    def _heading(self, text: str, parent: QWidget) -> QWidget:
        made, px = QWidget(parent), self._theme.px
        made.setAccessibleName(text)
        around = QVBoxLayout(made)  # the margins of a label itself are lost when its style is
        around.setContentsMargins(px(10), px(13), 0, px(10))
        around.addWidget(label(text, "section", made))
        return made

    def _foot(self, is_offline_enforced: bool) -> QWidget:
        px = self._theme.px
        foot = QWidget(self)
        foot.setAccessibleName("What is so")
        column = QVBoxLayout(foot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule(foot))
        words = QVBoxLayout()
        words.setContentsMargins(px(8), px(10), px(4), px(4))
        words.setSpacing(px(1))
        self._is_offline_enforced = is_offline_enforced
        self.network = label("", "good", foot)
        self.network_words = RichText(self._theme, foot, size=12, line=18, role="second")
        for part in (self.network, self.network_words):
            words.addWidget(part)
        self.models = RichText(self._theme, foot, size=12, line=18, role="second")
        self.models.set_text("")
        words.addWidget(self.models)
        column.addLayout(words)
        self.show_network(is_open=False)
        return foot

    def show_network(self, *, is_open: bool, seconds: float | None = None) -> None:
        """Show whether a download is online and for how long, or else that the app is kept offline."""
        if is_open:
            title, may = "Online for one download", "may connect" if self._is_offline_enforced else "connects"
            until = "when it is done" if seconds is None else f"in {rough_duration(seconds)}"
            advice = f"Only the downloader {may}, only to the model host. It stops {until}."
        elif self._is_offline_enforced:
            title, advice = "Offline, enforced", "No part of Tacit that holds or reads your calls can connect."
        else:
            title = advice = ""
        if self.network.text() != title:
            set_label_text(self.network, title)
            self.network.setProperty("role", "online" if is_open else "good")
            restyle(self.network)
        self.network_words.set_text(advice)
        self.network.setToolTip(advice)
        self.network.setVisible(bool(title))
        self._show_foot()

    def show_models(self, names: Sequence[str], uses_demo: bool) -> None:
        """Show the names of the models in use."""
        text = " · ".join(names) if names else "No models are here yet."
        note = "\nDemo models: they know one small world only." if uses_demo else ""
        self.models.set_text(text + note)

    def show_current_page(self, shown: str, conversation: str | None = None) -> None:
        """Mark the page shown, by its key, and the open chat."""
        for key, row in self.rows.items():
            row.show_here(key == shown)
        self._chat_list.setVisible(shown == CHATS.key)
        for known, row in self._chat_rows.items():
            row.show_here(known == conversation)

    def _choose(self, conversation: str, _: bool = False) -> None:
        self.conversation_wanted.emit(conversation)

    def show_badge(self, page: str, text: str) -> None:
        """Show a count or another short text beside a page's title; an empty one gives way to the page's keys."""
        self.rows[page].show_aside(text or self._commands[page].hint)

    def show_conversations(self, conversations: Sequence[Conversation], now: datetime | None = None) -> None:
        """List the chats, grouped by age."""
        while (item := self._chat_column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._chat_rows = {}
        for heading, group in groupby(conversations, key=lambda c: age_heading(c.updated, now)):
            self._chat_column.addWidget(self._heading(heading, self._chat_list))
            for conversation in group:
                row = NavRow(self._theme, conversation.title or "New chat", self._chat_list, is_chat=True)
                row.clicked.connect(partial(self._choose, conversation.id))
                self._chat_rows[conversation.id] = row
                self._chat_column.addWidget(row)
        self._chat_column.addStretch(1)
