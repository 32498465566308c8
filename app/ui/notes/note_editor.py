"""The field in which a note is written: Markdown that is formatted as it stands."""

import re

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QToolTip, QWidget

from app.core.note import ticked
from app.core.note_links import NoteLink, link_in
from app.core.note_markup import Line, Span
from app.services.notes.linking import Targets
from app.ui.notes.note_formats import NoteFormats
from app.ui.notes.note_marks import NoteMarks
from app.ui.style.theme import Theme
from app.ui.widgets.drop_target import paths_of
from app.ui.widgets.long_text import writable_length
from app.ui.widgets.text_offsets import in_python, in_qt

MOST_CHARACTERS = 100_000  # that are written in the window; `tacit note` takes more
_MOST_LINES, _MOST_OF_A_LINE = 10_000, 20_000  # a longer one would hold the window with each key
_PITCH = 135  # percent of a font's height that a row of text takes
_INDENT = "  "
_WIDEST = 740  # design pixels
_ADVICE = "The first line is the title. [[ links to a note or to a call, # makes a tag."
_BEGUN_LINK = re.compile(r"\[\[([^\[\]|\n]*)$")
_MARKS = {Qt.Key.Key_B: "**", Qt.Key.Key_I: "*"}


class NoteEditor(QTextEdit):
    """Shows and edits the text of one note; links are chips, and tasks have boxes that a click ticks."""

    link_wanted = Signal(object)  # the `NoteLink` that was clicked
    tag_wanted = Signal(str)  # the tag that was clicked, without `#`
    link_begun = Signal(str)  # what was typed behind `[[`
    link_left = Signal()  # no link is being typed
    title_left = Signal()  # the caret has left the first line
    files_pasted = Signal(object)  # their paths

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.targets = Targets()
        self._is_link_begun = self._was_in_title = False
        self._is_typed = False  # since it was last looked at: Qt tells a change of formats as one of the text
        self.setProperty("kind", "note")
        self.setAccessibleName("Text of the note")
        self.viewport().setAccessibleName("Text of the note")
        self.verticalScrollBar().setAccessibleName("Scroll: text of the note")
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # what is dropped is taken by the window
        self.viewport().setAcceptDrops(False)
        self.viewport().setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(theme.px(4))
        self.formats = NoteFormats(theme, self.document())
        self.marks = NoteMarks(theme, self, self.formats, self._leads)
        self.cursorPositionChanged.connect(self._follow_caret)
        self.document().contentsChange.connect(self._note_typing)
        self.textChanged.connect(self._follow_typing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: on a wide page the rows of text stay short enough to be read."""
        super().resizeEvent(event)
        spare = max(0, self.width() - self._theme.px(_WIDEST))
        if spare != self.viewportMargins().right():
            self.setViewportMargins(0, 0, spare, 0)

    # The text

    def text(self) -> str:
        """The text as it is written, letter by letter."""
        return self.document().toRawText().replace("\u2029", "\n")

    def show_text(self, text: str, *, is_fixed: bool = False) -> None:
        """Show a text, of a very long one the beginning, which can't be edited then; what was undone before is gone."""
        length = writable_length(text, MOST_CHARACTERS, _MOST_LINES, _MOST_OF_A_LINE)
        self.setReadOnly(is_fixed or length < len(text))
        self.setPlaceholderText("" if self.isReadOnly() else _ADVICE)
        if self.isReadOnly():  # Qt would leave it to the mouse
            flags = Qt.TextInteractionFlag
            self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        document = self.document()
        document.setUndoRedoEnabled(False)
        self.setPlainText(text[:length])
        rows = QTextBlockFormat()
        rows.setLineHeight(_PITCH, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(rows)
        document.setUndoRedoEnabled(True)
        self._is_typed = False
        self.verticalScrollBar().setValue(0)
        self._follow_caret()

    def show_targets(self, targets: Targets) -> None:
        """Know what links can lead to."""
        self.targets = targets
        self.viewport().update()

    def reveal_line(self, number: int) -> None:
        """Put the caret on a line by its number, from 0, and show it."""
        block = self.document().findBlockByNumber(number)
        if block.isValid():
            self.setTextCursor(QTextCursor(block))
            self.ensureCursorVisible()

    def complete_link(self, link: str) -> None:
        """Put a link in the place of what was typed behind `[[`, and of the brackets."""
        cursor = self.textCursor()
        begun = _BEGUN_LINK.search(self._before(cursor))
        if begun is None:
            return
        cursor.beginEditBlock()
        length = in_qt(begun[0], len(begun[0]))
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, length)
        if self._behind(self.textCursor()).startswith("]]"):
            cursor.setPosition(cursor.position())
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, length + 2)
        cursor.insertText(link)
        cursor.endEditBlock()
        self.setTextCursor(cursor)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Qt: paste text as it is, of a very long one the beginning; files become notes of their own."""
        if paths := paths_of(source):
            self.files_pasted.emit(paths)
            return
        text, cursor = source.text(), self.textCursor()
        written = self.document().characterCount() - 1 - (cursor.selectionEnd() - cursor.selectionStart())
        taken = writable_length(text, max(0, MOST_CHARACTERS - written), _MOST_LINES, _MOST_OF_A_LINE)
        if taken:
            cursor.insertText(text[:taken])
        if taken < len(text):
            begins = f"Only the first {taken:,} characters were taken" if taken else "Nothing was pasted"
            QToolTip.showText(self.mapToGlobal(QPoint(0, 0)), f"{begins}: the window writes no longer notes.", self)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Qt: text and files can be pasted."""
        return source.hasText() or bool(paths_of(source))

    # The caret, and links that are typed

    def _follow_caret(self) -> None:
        cursor = self.textCursor()
        writes = self.hasFocus() and not self.isReadOnly()
        self.formats.show_caret((cursor.blockNumber(), cursor.positionInBlock()) if writes else None)
        is_in_title = cursor.blockNumber() == 0
        if self._was_in_title and not is_in_title:
            self.title_left.emit()
        self._was_in_title = is_in_title
        self._follow_link(is_typing=False)

    def _follow_typing(self) -> None:
        if self._is_typed:
            self._is_typed = False
            self._follow_link(is_typing=True)

    def _note_typing(self, _: int, removed: int, added: int) -> None:
        self._is_typed = self._is_typed or removed != added

    def _follow_link(self, *, is_typing: bool) -> None:
        """A link is offered while it is typed, not where the caret only passes one."""
        begun = _BEGUN_LINK.search(self._before(self.textCursor())) if self.hasFocus() else None
        if begun is not None and (is_typing or self._is_link_begun):
            self._is_link_begun = True
            self.link_begun.emit(begun[1])
        elif begun is None and self._is_link_begun:
            self.end_link()

    def end_link(self) -> None:
        """Offer no link any more, until another one is begun."""
        self._is_link_begun = False
        self.link_left.emit()

    def _before(self, cursor: QTextCursor) -> str:
        text = cursor.block().text()
        return text[: in_python(text, cursor.positionInBlock())]

    def _behind(self, cursor: QTextCursor) -> str:
        text = cursor.block().text()
        return text[in_python(text, cursor.positionInBlock()) :]

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt: the marks beside the caret are shown."""
        super().focusInEvent(event)
        self._follow_caret()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: all marks are hidden."""
        super().focusOutEvent(event)
        self._follow_caret()

    # Keys

    def event(self, event: QEvent) -> bool:
        """Qt: the keys that set marks and that open a link are no shortcuts of the window here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            is_control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if is_control and event.key() in (*_MARKS, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Enter goes on with a list, Ctrl+B and Ctrl+I set marks."""
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        is_control = modifiers == Qt.KeyboardModifier.ControlModifier
        is_enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_control and is_enter:
            self.act_at_caret()
        elif self.isReadOnly():
            super().keyPressEvent(event)
        elif is_control and key in _MARKS:
            self._mark(_MARKS[key])
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):  # the focus had nowhere to go
            event.ignore()
        elif is_enter and not modifiers and self._goes_on_with_list():
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Qt: Tab moves the items of a list, and the focus elsewhere."""
        return (not self.isReadOnly() and self._moves_items(is_in=is_next)) or super().focusNextPrevChild(is_next)

    def act_at_caret(self) -> None:
        """Open the link or the tag at the caret, or else tick the box of its line."""
        cursor = self.textCursor()
        line = self.formats.line(cursor.block())
        at = in_python(line.text, cursor.positionInBlock())
        touched = next((one for one in line.spans if one.start <= at <= one.end and one.kind in ("link", "tag")), None)
        if touched is not None:
            self._open(line, touched)
        elif not self.isReadOnly():
            self._tick(cursor, line)

    def _goes_on_with_list(self) -> bool:
        cursor = self.textCursor()
        line = self.formats.line(cursor.block())
        if line.kind not in ("bullet", "number", "task", "quote") or cursor.positionInBlock() < line.prefix:
            return False
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        if not line.text[line.prefix :].strip():  # an item without words ends the list
            cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
        else:
            cursor.insertText("\n" + _next_prefix(line))
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        return True

    def _moves_items(self, *, is_in: bool) -> bool:
        """Move the items of the selection in or out; False if it has none, so that the focus moves on."""
        cursor = self.textCursor()
        document = self.document()
        first = document.findBlock(cursor.selectionStart()).blockNumber()
        last = document.findBlock(cursor.selectionEnd()).blockNumber()
        blocks = [document.findBlockByNumber(number) for number in range(first, last + 1)]
        items = [block for block in blocks if self.formats.line(block).kind in ("bullet", "number", "task")]
        cursor.beginEditBlock()
        for block in items:
            edit = QTextCursor(block)
            if is_in:
                edit.insertText(_INDENT)
            else:
                indent = len(block.text()) - len(block.text().lstrip(" "))
                length = 1 if block.text().startswith("\t") else min(len(_INDENT), indent)
                edit.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, length)
                edit.removeSelectedText()
        cursor.endEditBlock()
        return bool(items)

    def _mark(self, mark: str) -> None:
        """Put marks around the selection or around the caret, or take them away."""
        cursor = self.textCursor()
        start, end, size = cursor.selectionStart(), cursor.selectionEnd(), len(mark)
        if self.document().findBlock(start) != self.document().findBlock(end):
            return
        text, begin = cursor.block().text(), self.document().findBlock(start).position()
        first, last = in_python(text, start - begin), in_python(text, end - begin)
        has_marks = text[max(0, first - size) : first] == mark and text[last : last + size] == mark
        if has_marks and size == 1:
            has_marks = not text[: first - 1].endswith("*") or text[: first - 1].endswith("**")
        cursor.beginEditBlock()
        for place in (end, start):
            cursor.setPosition(place)
            if not has_marks:
                cursor.insertText(mark)
            elif place == end:
                cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, size)
                cursor.removeSelectedText()
            else:
                cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, size)
                cursor.removeSelectedText()
        cursor.endEditBlock()
        moved = -size if has_marks else size
        cursor.setPosition(start + moved)
        cursor.setPosition(end + moved, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def _tick(self, cursor: QTextCursor, line: Line) -> None:
        if line.kind != "task":
            return
        box = line.text.index("[")
        edit = QTextCursor(cursor.block())
        edit.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.MoveAnchor, box + 1)
        edit.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
        edit.insertText(ticked(line)[box + 1])

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on a chip opens it, one on a box ticks it."""
        if event.button() == Qt.MouseButton.LeftButton and not event.modifiers():
            point = event.position()
            for block, line in self.marks.blocks():
                box = self.marks.box(block, line)
                if box is not None and box.adjusted(-3, -3, 3, 3).contains(point) and not self.isReadOnly():
                    self._tick(QTextCursor(block), line)
                    return
            if (found := self._chip_at(event)) is not None:
                self._open(*found)
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: the pointer shows what a click opens or ticks."""
        super().mouseMoveEvent(event)
        if event.buttons():
            return
        boxes = (self.marks.box(block, line) for block, line in self.marks.blocks())
        is_over = self._chip_at(event) is not None or any(b is not None and b.contains(event.position()) for b in boxes)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_over else Qt.CursorShape.IBeamCursor)

    def _chip_at(self, event: QMouseEvent) -> tuple[Line, Span] | None:
        for block, line in self.marks.blocks():
            for span in line.spans:
                if span.kind not in ("link", "tag") or self.formats.shows_marks(block, line, span):
                    continue
                if any(rect.contains(event.position()) for rect in self.marks.chips(block, line, span)):
                    return line, span
        return None

    def _open(self, line: Line, span: Span) -> None:
        if span.kind == "tag":
            self.tag_wanted.emit(line.text[span.start + 1 : span.end])
        else:
            self.link_wanted.emit(self._link(line, span))

    def _link(self, line: Line, span: Span) -> NoteLink:
        return link_in(line.text, span.start, span.end)

    def _leads(self, line: Line, span: Span) -> bool:
        return self.targets.has(self._link(line, span))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint the grounds, the text, and what stands in the place of letters."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.marks.paint_grounds(painter)
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.marks.paint_signs(painter)
        painter.end()


def _next_prefix(line: Line) -> str:
    """What the next item of a list begins with."""
    prefix = line.text[: line.prefix]
    if line.kind == "number" and (number := re.search(r"\d+", prefix)) is not None:
        return prefix[: number.start()] + str(int(number[0]) + 1) + prefix[number.end() :]
    return re.sub(r"\[[xX]\]", "[ ]", prefix) if line.kind == "task" else prefix
