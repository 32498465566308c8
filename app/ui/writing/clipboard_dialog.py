"""The dialog that does something with the text on the clipboard, and copies what came of it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.writing.action import TextAction
from app.core.writing.written import Written
from app.ui.runtime import clipboard
from app.ui.runtime.bridge import Bridge
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.choice_box import ChoiceBox
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.screen_fit import ScreenFit, room_for
from app.ui.widgets.scroll_panes import ScrollPane
from app.ui.writing.languages import target_languages
from app.ui.writing.result_card import ResultCard
from app.ui.writing.text_job import DoesWriting, TextJob

_SIZE = QSize(640, 560)
_SHOWN, _SHOWN_LINES = 300, 4  # characters and lines of the clipboard that are shown, so that one sees which text it is
_EMPTY = ("There is no text on the clipboard.", "Copy some words, and open this again.")
_STOPPED = ("Stopped.", "The clipboard is as it was.")
_COPIED = "Copied: paste it where it belongs."


class ClipboardDialog(QDialog):
    """Lets a person choose what to do with the text that they copied; the result is copied on request."""

    def __init__(self, theme: Theme, parent: QWidget, writing: DoesWriting, bridge: Bridge, text: str) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Rewrite the clipboard")
        self.setAccessibleName("Rewrite the clipboard")
        self._text = text
        px = theme.px
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, px(18), 0, px(14))
        whole.setSpacing(px(10))
        row = QHBoxLayout()
        row.setContentsMargins(px(20), 0, px(20), 0)
        row.setSpacing(px(8))
        self.choices = ChoiceBox(theme, self)
        self.choices.setAccessibleName("What to do with the text")
        for action in TextAction:
            self.choices.addItem(action.facts.title, action)
        self.languages = ChoiceBox(theme, self)
        self.languages.setAccessibleName("Language to translate into")
        for code, name in target_languages(text):
            self.languages.addItem(name, code)
        self.go_button = button("Go", self, "main", self.go, "Do it")
        self.question = QLineEdit(self)
        self.question.setAccessibleName("Question about the text")
        self.question.setPlaceholderText("What do you want to know?")
        self.question.setMaxLength(2_000)
        self.question.returnPressed.connect(self._ask)
        row.addWidget(self.choices, 1)
        row.addWidget(self.question, 2)
        row.addWidget(self.languages)
        row.addWidget(self.go_button)
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(px(20), 0, px(20), px(4))
        column.setSpacing(px(10))
        self.shown = RichText(theme, body, role="second")
        beginning = "\n".join(text[:_SHOWN].strip().splitlines()[:_SHOWN_LINES]).rstrip()
        self.shown.set_text(beginning + (" …" if len(beginning) < len(text.strip()) else ""))
        self.notice = NoticeBar(theme, body)
        self.card = ResultCard(theme, body, ("copy",))
        column.addWidget(label("On the clipboard", "section", body))
        for part in (self.shown, self.card, self.notice):
            column.addWidget(part)
        column.addStretch(1)
        whole.addLayout(row)
        self.pane = ScrollPane(self, body, "The text and the result")
        whole.addWidget(self.pane, 1)
        self.job = TextJob(writing, bridge, self)
        self._connect()
        self.choices.currentIndexChanged.connect(self._allow)
        self.question.textChanged.connect(self._allow)
        self._allow()
        if not text.strip():
            self.notice.show_failure(*_EMPTY)
        self.resize(QSize(px(_SIZE.width()), px(_SIZE.height())).boundedTo(room_for(self)))
        self._screen_fit = ScreenFit(self, QSize(1, 1))
        self.choices.setFocus(Qt.FocusReason.OtherFocusReason)

    def _connect(self) -> None:
        job, card = self.job, self.card
        job.began.connect(lambda: card.begin(self.action))
        job.text_changed.connect(card.show_text)
        job.waiting.connect(card.say)
        job.ended.connect(self._show_result)
        job.failed.connect(self._show_error)
        job.stopped.connect(lambda: self._end(*_STOPPED))
        card.stop_wanted.connect(job.stop)
        card.taken.connect(self._copy)
        card.left.connect(self.close)

    @property
    def action(self) -> TextAction:
        """What is chosen."""
        return TextAction(self.choices.currentData())

    def go(self) -> None:
        """Do what is chosen."""
        self.notice.hide()
        target = str(self.languages.currentData()) if self.action is TextAction.TRANSLATE else ""
        self.job.run(self.action, self._text, target, self.question.text().strip())
        self._allow()

    def _ask(self) -> None:
        if self.go_button.isEnabled():
            self.go()

    def _allow(self) -> None:
        self.languages.setVisible(self.action is TextAction.TRANSLATE)
        self.question.setVisible(self.action is TextAction.ASK)
        has_all = bool(self._text.strip()) and (self.action is not TextAction.ASK or bool(self.question.text().strip()))
        self.go_button.setEnabled(has_all and not self.job.is_running)

    def _show_result(self, written: Written) -> None:
        self._allow()
        self.card.show_written(written)
        self.pane.scroll_to(self.card.y())

    def _show_error(self, error: Exception) -> None:
        self._allow()
        self.card.hide()
        self.notice.show_error(error)

    def _end(self, title: str, advice: str) -> None:
        self._allow()
        self.card.hide()
        self.notice.show_until_closed(title, advice)

    def _copy(self, text: str, _: str) -> None:
        clipboard.copy_text(text)
        self.notice.show_until_closed(_COPIED, "", "Close", self.close)

    def reject(self) -> None:
        """Qt: Escape, or Leave it."""
        self.job.stop()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt: what is under way is stopped."""
        self.job.stop()
        super().closeEvent(event)
