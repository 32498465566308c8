"""An input field for passphrases and keys."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import PressButton, glyph

_SHOW, _HIDE = "Show what is typed", "Hide what is typed"


class SecretField(QLineEdit):
    """Shows dots instead of what is typed, until its eye is clicked; nothing of it can be copied either way."""

    def __init__(self, theme: Theme, parent: QWidget, placeholder: str, kind: str) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", kind)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
        self.setDragEnabled(False)
        if kind == "unlock":
            self.setMinimumHeight(theme.px(47))
        # Not an action of the field: Qt draws those at one size, whatever the size of the text.
        self.eye = PressButton(self)
        self.eye.setProperty("kind", "eye")
        self.eye.setCheckable(True)
        self.eye.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.eye.setCursor(Qt.CursorShape.PointingHandCursor)
        self.eye.setIconSize(QSize(theme.px(18), theme.px(18)))
        self.eye.setFixedSize(theme.px(28), theme.px(28))
        self.setTextMargins(0, 0, theme.px(24), 0)
        self.eye.toggled.connect(self._show_typed)
        self.selectionChanged.connect(self._select_nothing_shown)
        theme.changed.connect(self._draw_eye)
        self._draw_eye()

    def hide_typed(self) -> None:
        """Show dots again."""
        self.eye.setChecked(False)

    def _show_typed(self, is_shown: bool) -> None:
        self.deselect()
        self.setEchoMode(QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password)
        self._draw_eye()

    def _select_nothing_shown(self) -> None:
        # What is selected could be copied, and on X11 is at once.
        if self.eye.isChecked() and self.hasSelectedText():
            self.deselect()

    def _draw_eye(self) -> None:
        words = _HIDE if self.eye.isChecked() else _SHOW
        self.eye.setIcon(glyph(self._theme, "eye_closed" if self.eye.isChecked() else "eye", "second", 18))
        self.eye.setToolTip(words)
        self.eye.setAccessibleName(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the eye stays at the right edge."""
        super().resizeEvent(event)
        place = self.rect().adjusted(0, 0, -self._theme.px(8), 0)
        self.eye.move(place.right() - self.eye.width(), (self.height() - self.eye.height()) // 2)

    def changeEvent(self, event: QEvent) -> None:
        """Qt: while it is used, and after, what was typed is hidden."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self.hide_typed()

    def clear(self) -> None:
        """Clear it, and hide what is typed next."""
        super().clear()
        self.hide_typed()


def secret_field(theme: Theme, parent: QWidget, placeholder: str, kind: str = "unlock") -> SecretField:
    """A field for a passphrase or a key."""
    return SecretField(theme, parent, placeholder, kind)
