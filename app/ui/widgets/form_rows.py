"""The parts of a settings page: sections, rows with an explanation, and the controls in them."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.core.figures import progress_line
from app.core.job import Job, JobState, Progress, RemainingTime
from app.ui.style.theme import Theme
from app.ui.widgets.basics import PressButton, button, label, rule, set_label_text
from app.ui.widgets.flow import Flow
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.screen_fit import keep_on_screen
from app.ui.widgets.secret_field import secret_field

_FORM_WIDTH = 420  # design pixels, as is the next
_NARROW = 460  # below it controls go under the words


class Section(QWidget):
    """A heading and its rows."""

    def __init__(self, theme: Theme, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._theme = theme
        self._rows: list[SettingRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme.px(10), 0, 0)
        self._column.setSpacing(0)
        heading = RichText(theme, self, size=13, line=19, weight=700)
        heading.set_text(title)
        self._column.addWidget(heading)

    def add_row(self, title: str, words: str) -> "SettingRow":
        """Add a row."""
        made = SettingRow(self._theme, self, title, words)
        made.rule = rule(self)
        self._column.addWidget(made)
        self._column.addWidget(made.rule)
        self._rows.append(made)
        return made

    def add_widget(self, made: QWidget) -> None:
        """Add a widget that is not a row."""
        self._column.addWidget(made)

    def clear(self, *kept: "SettingRow") -> None:
        """Remove all rows except these."""
        for row in [row for row in self._rows if row not in kept]:
            self._rows.remove(row)
            for part in (row, row.rule):
                part.hide()
                part.deleteLater()


class SettingRow(QWidget):
    """A setting: its name and explanation on the left, its control on the right, and room for a form below."""

    rule: QFrame

    def __init__(self, theme: Theme, parent: QWidget, title: str, words: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._theme, px = theme, theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(12), 0, px(12))
        column.setSpacing(px(10))
        across = self._across_row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        across.setSpacing(px(22))
        left = QVBoxLayout()
        left.setSpacing(px(2))
        heading = RichText(theme, self, weight=600)
        heading.set_text(title)
        left.addWidget(heading)
        self.words = RichText(theme, self, size=13, line=19, role="second")
        self.words.set_text(words)
        left.addWidget(self.words)
        across.addLayout(left, 1)
        self._controls = QVBoxLayout()
        self._controls.setSpacing(px(6))
        across.addLayout(self._controls)
        column.addLayout(across)
        under = QHBoxLayout()  # with a stretch, since a form is narrower than its row
        self.below = QVBoxLayout()
        self.below.setSpacing(px(10))
        under.addLayout(self.below, 10_000)
        under.addStretch(1)
        column.addLayout(under)

    def add_control(self, made: QWidget) -> None:
        """Add a control on the right."""
        made.setMinimumWidth(self._theme.px(140))
        made.setMinimumHeight(self._theme.px(32))
        self._controls.addWidget(made, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: in a narrow row the controls stand under the words."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        is_narrow = self.width() < self._theme.px(_NARROW)
        self._across_row.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)
        self._across_row.setSpacing(self._theme.px(8 if is_narrow else 22))


class ChoiceButton(PressButton):
    """Shows the current choice, and offers the others in a menu; `chosen` carries the new value."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, name: str, choices: Sequence[tuple[str, object]], value: object) -> None:
        super().__init__(parent)
        self._name, self._choices = name, choices
        self.setProperty("kind", "plain")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        menu = QMenu(self)
        keep_on_screen(menu)
        menu.setAccessibleName(name)
        self._group = QActionGroup(menu)
        for text, known in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setData(known)
            self._group.addAction(action)
        self._group.triggered.connect(lambda action: self.choose(action.data()))
        self.setMenu(menu)
        self.value = value
        self.show_value(value)

    def choose(self, value: object) -> None:
        """Choose a value, as a click does."""
        self.show_value(value)
        self.chosen.emit(value)

    def show_value(self, value: object) -> None:
        """Show a value; one that is not among the choices, as a settings file may hold, is shown as is."""
        self.value = value
        text = next((text for text, known in self._choices if known == value), str(value))
        self.setText(text)
        self.setAccessibleName(f"{self._name}: {text}")
        for action in self._group.actions():
            action.setChecked(action.data() == value)


class SecretForm(QWidget):
    """Asks for the passphrase before an action; `given` carries it. Hidden until it is opened."""

    given = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget, does: str, placeholder: str = "Passphrase") -> None:
        super().__init__(parent)
        self.setAccessibleName(does)
        self.setMaximumWidth(theme.px(_FORM_WIDTH))
        self._does = does
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(8))
        self.field = secret_field(theme, self, placeholder, "plain")
        self.field.returnPressed.connect(self.submit)
        self.column.addWidget(self.field)
        row = Flow(self, does, theme.px(8))
        self.do_button = button(does, row, "main", self.submit)
        self.do_button.setProperty("size", "small")
        self.do_button.setMinimumHeight(theme.px(32))
        self.cancel_button = button("Cancel", row, "plain", self.leave)
        self.cancel_button.setMinimumHeight(theme.px(32))
        row.add(self.do_button)
        row.add(self.cancel_button)
        self.column.addWidget(row)
        self.hide()

    def open(self) -> None:
        """Show it, with the focus in its first field."""
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Emit what was typed, if the form is complete."""
        if self.field.text() and self.do_button.isEnabled():
            self.given.emit(self.field.text())

    def leave(self) -> None:
        """Hide it, and clear what was typed."""
        for field in self.findChildren(QLineEdit):
            field.clear()
        self.hide()
        self.left.emit()

    def show_busy(self, is_busy: bool) -> None:
        """Disable the form while a key is derived."""
        for part in (*self.findChildren(QLineEdit), self.do_button, self.cancel_button):
            part.setEnabled(not is_busy)
        self.do_button.setText("A moment…" if is_busy else self._does)


class JobProgress(QWidget):
    """The progress of a row's job, and a button to stop it. Hidden while there is none."""

    def __init__(self, theme: Theme, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._job: Job[Any] | None = None
        self._clock = RemainingTime()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        column = QVBoxLayout()
        column.setSpacing(theme.px(4))
        self.said = label("", "second", self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(theme.px(4))
        self.bar.setAccessibleName(f"Progress: {name}")
        column.addWidget(self.said)
        column.addWidget(self.bar)
        row.addLayout(column, 1)
        self.stop_button = button("Stop", self, "plain", self._stop, f"Stop: {name}")
        row.addWidget(self.stop_button)
        self.hide()

    def follow(self, job: Job[Any], begins: str) -> None:
        """Start showing this job; `begins` is the text until it reports progress."""
        self._job, self._clock = job, RemainingTime()
        set_label_text(self.said, begins)
        self.bar.setRange(0, 0)
        self.stop_button.setEnabled(True)
        self.show()

    def show_progress(self, event: object) -> None:
        """Show a progress event, and the estimated time left."""
        if not isinstance(event, Progress) or self._job is None or self._job.is_stopping:
            return
        set_label_text(self.said, progress_line(event.step, event, self._clock.seconds(event)))
        if event.fraction is not None:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * event.fraction))

    @property
    def is_over(self) -> bool:
        """Whether the shown job has ended."""
        return self._job is not None and self._job.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    def end(self) -> None:
        """Hide it, and drop the job."""
        self._job = None
        self.hide()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.stop_button.setEnabled(False)
            set_label_text(self.said, "Stopping")
