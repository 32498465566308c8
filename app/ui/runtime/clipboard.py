"""The one way onto the clipboard, and off it again: what was copied here is taken back after a time."""

from typing import TYPE_CHECKING, Any

from PySide6 import QtGui
from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit

if TYPE_CHECKING:
    from app.services.settings import SettingsKeeper

_MARK = "application/x-tacit-copy"
_CONCEALED, _CONCEALED_UTI = "application/x-nspasteboard-concealed-type", "org.nspasteboard.ConcealedType"
_NO = bytes(4)  # a DWORD of Windows
_HINTS = (
    (_MARK, b"1"),
    ("x-kde-passwordManagerHint", b"secret"),  # Klipper, and what learned from it
    ("ExcludeClipboardContentFromMonitorProcessing", b"1"),  # Windows: its history, and what watches
    ("CanIncludeInClipboardHistory", _NO),
    ("CanUploadToCloudClipboard", _NO),
    (_CONCEALED, b"1"),
)
_WITHOUT_OWNER = ("offscreen", "cocoa")  # Qt's plug-ins that don't know whose content the clipboard holds


def put(text: str) -> None:
    """Put text on the clipboard, with the hints that keep it out of clipboard histories."""
    data = QMimeData()
    data.setText(text)
    for kind, value in _HINTS:
        data.setData(kind, value)
    QGuiApplication.clipboard().setMimeData(data)


class ClipboardKeeper(QObject):
    """Takes back what this process has copied, after the time in the settings, unless something else is there.

    Qt's own fields copy by themselves (keys, menus, selecting with the mouse on X11); what they put there is met
    here, and put anew with the hints before another program can ask for it.
    """

    def __init__(self, settings: "SettingsKeeper", parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._concealing = _concealing()
        self._clipboard = QGuiApplication.clipboard()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        self._clipboard.dataChanged.connect(self._copied)
        self._clipboard.selectionChanged.connect(self._selected)

    def _copied(self) -> None:
        data = self._held() if self._is_ours() else None
        if data is None:
            return
        if data.hasFormat(_MARK):
            self._start()
        elif data.hasText():
            put(data.text())  # comes back here, marked

    def _selected(self) -> None:
        if self._clipboard.ownsSelection():
            self._start()

    def _start(self) -> None:
        if self._settings.current.clipboard_seconds:
            self._timer.start(self._settings.current.clipboard_seconds * 1000)

    def _held(self) -> QMimeData | None:
        return self._clipboard.mimeData()  # None, whatever the stubs say, where it is empty

    def _is_ours(self) -> bool:
        if QGuiApplication.platformName() not in _WITHOUT_OWNER:
            return self._clipboard.ownsClipboard()  # asking for the content would ask the program that owns it
        data = self._held()
        return data is not None and (data.hasFormat(_MARK) or (data.hasText() and data.text() == _selected_text()))

    def clear(self) -> None:
        """Take back what is still there of what was copied here."""
        self._timer.stop()
        if self._is_ours():
            self._clipboard.clear()
        if self._clipboard.ownsSelection():
            self._clipboard.clear(QClipboard.Mode.Selection)

    def leave(self) -> None:
        """Take it back before the process ends: nobody could do it later. Whoever chose never keeps it."""
        if self._settings.current.clipboard_seconds:
            self.clear()


def _selected_text() -> str | None:
    field = QApplication.focusWidget()
    if isinstance(field, QLineEdit | QLabel):
        return field.selectedText()
    if isinstance(field, QPlainTextEdit):
        return field.textCursor().selection().toPlainText()
    return None


def _concealing() -> object:
    """On macOS, what gives the hint its name there; it must be kept as long as it is to work."""
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
