"""The narrow page that the unlock pages are built on, and the fields for a new passphrase."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.services.vault.passphrase_strength import Strength, strength
from app.ui.style.theme import Theme
from app.ui.widgets.basics import centred, label
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane
from app.ui.widgets.secret_field import secret_field

FIRST_STEP, SECOND_STEP = "Step 1 of 2", "Step 2 of 2"  # of the first start
_WIDTH = 400


class UnlockPageBase(QWidget):
    """A narrow column, centred in the window; it scrolls where the window is small or the text large."""

    def __init__(
        self, theme: Theme, parent: QWidget, title: str, advice: str, width: int = _WIDTH, step: str = ""
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setProperty("ground", "column")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        px = theme.px
        around = QWidget(self)
        outer = QVBoxLayout(around)
        outer.setContentsMargins(px(22), px(22), px(22), px(22))
        outer.addStretch(1)
        self._middle = QWidget(around)
        self._middle.setAccessibleName(title)
        self._middle.setMaximumWidth(px(width))
        outer.addLayout(centred(self._middle))
        outer.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollPane(self, around, title))
        self.column = QVBoxLayout(self._middle)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(px(10))
        if step:
            self.column.addWidget(label(step, "second", self._middle))
        self.column.addWidget(label(title, "unlock", self._middle))
        self.words = RichText(theme, self._middle, role="second")
        self.words.set_text(advice)
        self.column.addWidget(self.words)
        self.column.addSpacing(px(8))
        self.notice = NoticeBar(theme, self._middle)

    @property
    def is_busy(self) -> bool:
        """Whether it waits for something that must not be interrupted."""
        return False

    def clear_secrets(self) -> None:
        """Clear what was typed."""
        for field in self.findChildren(QLineEdit):
            field.clear()


class NewPassphraseFields(QWidget):
    """Fields for a new passphrase, typed twice and rated; `submitted` is emitted on Enter in the last field."""

    judged = Signal(bool)
    submitted = Signal()

    def __init__(self, theme: Theme, parent: QWidget, kind: str = "unlock", first: str = "Passphrase") -> None:
        super().__init__(parent)
        self.setAccessibleName(first)
        px = theme.px
        self.field = secret_field(theme, self, first, kind)
        self.repeat = secret_field(theme, self, "The same again", kind)
        self.meter = QProgressBar(self)
        self.meter.setRange(0, 4)
        self.meter.setTextVisible(False)
        self.meter.setFixedHeight(px(4))
        self.meter.setAccessibleName("Strength of the passphrase")
        self.advice = RichText(theme, self, size=13, line=19, role="second")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(10))
        for part in (self.field, self.meter, self.advice, self.repeat):
            column.addWidget(part)
        self.is_good = False
        self.missing = ""  # a sentence that says why one can't go on yet
        self.field.textChanged.connect(self._judge)
        self.repeat.textChanged.connect(self._judge)
        self.field.returnPressed.connect(self.repeat.setFocus)
        self.repeat.returnPressed.connect(self.submitted)
        self._judge()

    @property
    def text(self) -> str:
        """The passphrase."""
        return self.field.text()

    @property
    def strength(self) -> Strength:
        """The strength of the passphrase typed so far."""
        return strength(self.text)

    def _judge(self) -> None:
        judged, text, again = self.strength, self.text, self.repeat.text()
        self.meter.setValue(max(judged.score, 1 if text else 0))
        if not text:
            advice = "Four unrelated words are easy to keep and hard to guess."
        elif judged.is_enough and again and not text.startswith(again):
            advice = "The two are not the same."
        else:
            advice = judged.advice
        self.advice.set_text(advice)
        self.is_good = judged.is_enough and text == again
        if not text:
            self.missing = "Type a passphrase to go on."
        elif not judged.is_enough:
            self.missing = "This passphrase is too easy to guess to go on."
        elif not self.is_good:
            self.missing = "Type the same passphrase again to go on."
        else:
            self.missing = ""
        self.judged.emit(self.is_good)

    def clear(self) -> None:
        """Clear both fields."""
        self.field.clear()
        self.repeat.clear()
