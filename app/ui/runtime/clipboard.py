"""The only way to the clipboard and from it, and the timer that clears what was copied."""

from typing import TYPE_CHECKING, Any

from PySide6 import QtGui
from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QTextEdit

if TYPE_CHECKING:
    from app.services.settings import SettingsFile

_MARK = "application/x-tacit-copy"
_CONCEALED, _CONCEALED_UTI = "application/x-nspasteboard-concealed-type", "org.nspasteboard.ConcealedType"
_FALSE = bytes(4)  # a Windows DWORD
_HINTS = (
    (_MARK, b"1"),
    ("x-kde-passwordManagerHint", b"secret"),  # Klipper, and managers that follow it
    ("ExcludeClipboardContentFromMonitorProcessing", b"1"),  # Windows: its history, and other monitors
    ("CanIncludeInClipboardHistory", _FALSE),
    ("CanUploadToCloudClipboard", _FALSE),
    (_CONCEALED, b"1"),
)
_WITHOUT_OWNER = ("offscreen", "cocoa")  # Qt platforms that can't tell who owns the clipboard's content


def copy_text(text: str) -> None:
    """Put text on the clipboard, with the hints that keep it out of clipboard histories."""
    data = QMimeData()
    data.setText(text)
    for kind, value in _HINTS:
        data.setData(kind, value)
    QGuiApplication.clipboard().setMimeData(data)


def pasted() -> QMimeData:
    """What is on the clipboard, to be pasted."""
    found: QMimeData | None = QGuiApplication.clipboard().mimeData()  # None when it is empty, whatever the stubs say
    return QMimeData() if found is None else found


def copied_text() -> str:
    """The text on the clipboard, whoever copied it; "" if there is none."""
    return QGuiApplication.clipboard().text()


class ClipboardKeeper(QObject):
    """Clears what this process copied, after the time in the settings, unless something else was copied since.

    Qt's own fields copy by themselves (keys, menus, selecting with the mouse on X11); what they copy is noticed here,
    and copied again with the hints before another program can ask for it.
    """

    def __init__(self, settings: "SettingsFile", parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._concealed_converter = _concealed_converter()
        self._clipboard = QGuiApplication.clipboard()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        self._clipboard.dataChanged.connect(self._handle_copy)
        self._clipboard.selectionChanged.connect(self._handle_selection)

    def _handle_copy(self) -> None:
        data = self._content() if self._is_ours() else None
        if data is None:
            return
        if data.hasFormat(_MARK):
            self._start_timer()
        elif data.hasText():
            copy_text(data.text())  # calls this again, now with the mark

    def _handle_selection(self) -> None:
        if self._clipboard.ownsSelection():
            self._start_timer()

    def _start_timer(self) -> None:
        if self._settings.current.clipboard_seconds:
            self._timer.start(self._settings.current.clipboard_seconds * 1000)

    def _content(self) -> QMimeData | None:
        return self._clipboard.mimeData()  # None when it is empty, whatever the stubs say

    def _is_ours(self) -> bool:
        if QGuiApplication.platformName() not in _WITHOUT_OWNER:
            return self._clipboard.ownsClipboard()  # reading the content would ask the program that owns it
        data = self._content()
        return data is not None and (data.hasFormat(_MARK) or (data.hasText() and data.text() == _selected_text()))

    def clear(self) -> None:
        """Clear what was copied here, if it is still there."""
        self._timer.stop()
        if self._is_ours():
            self._clipboard.clear()
        if self._clipboard.ownsSelection():
            self._clipboard.clear(QClipboard.Mode.Selection)

    def clear_at_exit(self) -> None:
        """Clear it before the process ends, since nothing could later, unless the setting is never."""
        if self._settings.current.clipboard_seconds:
            self.clear()


def _selected_text() -> str | None:
    field = QApplication.focusWidget()
    if isinstance(field, QLineEdit | QLabel):
        return field.selectedText()
    if isinstance(field, QPlainTextEdit | QTextEdit):
        return field.textCursor().selection().toPlainText()
    return None


def _concealed_converter() -> object:
    """On macOS, a converter that gives the hint its name there; it works only while it is referenced."""
    converter: Any = getattr(QtGui, "QUtiMimeConverter", None)
    if QGuiApplication.platformName() != "cocoa" or converter is None:
        return None
    methods = {
        "utiForMime": lambda _, mime: _CONCEALED_UTI if mime == _CONCEALED else "",
        "mimeForUti": lambda _, uti: _CONCEALED if uti == _CONCEALED_UTI else "",
        "canConvert": lambda _, mime, uti: (mime, uti) == (_CONCEALED, _CONCEALED_UTI),
        "convertFromMime": lambda _, mime, data, uti: [b"1"],
        "convertToMime": lambda _, mime, data, uti: b"1",
    }
    return type("Concealing", (converter,), methods)()
