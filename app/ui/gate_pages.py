"""The two pages before a vault is open: one makes it, one unlocks it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.services.unlocking import Strength, strength
from app.ui.notice import NoticeBar
from app.ui.pieces import button, centred, label
from app.ui.prose import Prose, Run
from app.ui.theme import Theme

_WIDTH = 400


class _GatePage(QWidget):
    """A narrow column in the middle of the window."""

    def __init__(self, theme: Theme, parent: QWidget, title: str, advice: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setProperty("ground", "column")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        px = theme.px
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(22), px(22), px(22), px(22))
        outer.addStretch(1)
        self._middle = QWidget(self)
        self._middle.setAccessibleName(title)
        self._middle.setFixedWidth(px(_WIDTH))
        outer.addLayout(centred(self._middle))
        outer.addStretch(1)
        self.column = QVBoxLayout(self._middle)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(px(10))
        self.column.addWidget(label(title, "gate", self._middle))
        words = Prose(theme, self._middle, role="second")
        words.set_text(advice)
        self.column.addWidget(words)
        self.column.addSpacing(px(8))
        self.notice = NoticeBar(theme, self._middle)

    def _secret(self, placeholder: str) -> QLineEdit:
        made = QLineEdit(self._middle)
        made.setProperty("kind", "gate")
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setPlaceholderText(placeholder)
        made.setAccessibleName(placeholder)
        made.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
        made.setMinimumHeight(self._theme.px(47))
        return made


class UnlockPage(_GatePage):
    """`submitted` brings the passphrase."""

    submitted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "Tacit is locked", "Your calls and chats are encrypted on this computer.")
        self.field = self._secret("Passphrase")
        self.field.returnPressed.connect(self._submit)
        self.unlock_button = button("Unlock", self._middle, "main", self._submit)
        self.unlock_button.setMinimumHeight(theme.px(43))
        for part in (self.field, self.unlock_button, self.notice):
            self.column.addWidget(part)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_busy(self, is_busy: bool) -> None:
        """Wait for the key, which takes a moment on purpose."""
        self.field.setEnabled(not is_busy)
        self.unlock_button.setEnabled(not is_busy)
        self.unlock_button.setText("Unlocking…" if is_busy else "Unlock")
        if not is_busy:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()

    def _submit(self) -> None:
        if self.field.text() and self.field.isEnabled():
            self.notice.hide()
            self.submitted.emit(self.field.text())

    def forget(self) -> None:
        """Empty the field."""
        self.field.clear()


class CreatePage(_GatePage):
    """`submitted` brings the passphrase of the vault to be made."""

    submitted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(
            theme, parent, "Choose a passphrase",
            "It encrypts your calls and chats on this computer. At least 12 characters or four words.",
        )  # fmt: skip
        self.field = self._secret("Passphrase")
        self.repeat = self._secret("The same again")
        self.meter = QProgressBar(self._middle)
        self.meter.setRange(0, 4)
        self.meter.setTextVisible(False)
        self.meter.setFixedHeight(theme.px(4))
        self.meter.setAccessibleName("Strength of the passphrase")
        self.advice = Prose(theme, self._middle, size=13, line=19, role="second")
        self.lost = Prose(theme, self._middle, size=13, line=19, role="second")
        lost = " Nobody can open this vault without it, not even we."
        self.lost.set_pieces([Run("Forgotten means lost.", 600, "text"), lost])
        self.create_button = button("Create the vault", self._middle, "main", self._submit)
        self.create_button.setMinimumHeight(theme.px(43))
        for part in (
            self.field, self.meter, self.advice, self.repeat, self.lost, self.create_button, self.notice,
        ):  # fmt: skip
            self.column.addWidget(part)
        self.field.textChanged.connect(self._judge)
        self.repeat.textChanged.connect(self._judge)
        self.field.returnPressed.connect(self.repeat.setFocus)
        self.repeat.returnPressed.connect(self._submit)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._judge()

    @property
    def strength(self) -> Strength:
        """How good the passphrase is as it stands."""
        return strength(self.field.text())

    def _judge(self) -> None:
        judged, text, again = self.strength, self.field.text(), self.repeat.text()
        self.meter.setValue(max(judged.score, 1 if text else 0))
        fits = judged.is_enough and text == again
        if not text:
            advice = "Four unrelated words are easy to keep and hard to guess."
        elif judged.is_enough and again and not text.startswith(again):
            advice = "The two are not the same."
        else:
            advice = judged.advice
        self.advice.set_text(advice)
        self.create_button.setEnabled(fits)

    def show_busy(self, is_busy: bool) -> None:
        """Wait for the key."""
        for part in (self.field, self.repeat):
            part.setEnabled(not is_busy)
        self.create_button.setText("Creating…" if is_busy else "Create the vault")
        if is_busy:
            self.create_button.setEnabled(False)
        else:
            self._judge()

    def _submit(self) -> None:
        if self.create_button.isEnabled():
            self.notice.hide()
            self.submitted.emit(self.field.text())

    def forget(self) -> None:
        """Empty the fields."""
        self.field.clear()
        self.repeat.clear()
