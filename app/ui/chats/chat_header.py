"""The head of the page of a chat: its title, its menu, and the button that begins an incognito one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import ElidedLabel, button, glyph


class ChatHeader(QFrame):
    """A row above the messages."""

    incognito_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("ground", "page")
        self.setAccessibleName("Chat")
        px = theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(22), px(12), px(22), px(6))
        self.title = ElidedLabel(self, "chat")
        self.title.setMinimumHeight(px(32))
        self.incognito_button = button(
            "Incognito", self, "plain", self.incognito_wanted.emit, "Begin or leave an incognito chat"
        )
        self.incognito_button.setCheckable(True)
        self.menu_button = button("", self, "plain", None, "More about this chat")
        row.addWidget(self.title, 1)
        row.addWidget(self.incognito_button)
        row.addWidget(self.menu_button)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()

    def set_menu(self, menu: QMenu) -> None:
        """Show this menu at the button with the dots."""
        self.menu_button.setMenu(menu)

    def show_kind(self, *, is_new: bool, is_incognito: bool) -> None:
        """Show what can be done with such a chat."""
        self.incognito_button.setChecked(is_incognito)
        self.incognito_button.setVisible(is_new or is_incognito)
        self.menu_button.setVisible(not is_new and not is_incognito)

    def _draw_icon(self) -> None:
        self.menu_button.setIcon(glyph(self._theme, "dots", "text"))
