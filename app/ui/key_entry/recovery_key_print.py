"""Printing a recovery key, or saving it to a plain text file."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QPainter
from PySide6.QtWidgets import QWidget

from app.core.errors import AssistantError, SettingsError
from app.core.output import Output

_TITLE = "Recovery key of a Tacit vault"
_TEXT = (
    "This key opens the vault without its passphrase. Keep it where you keep papers of value, away from the computer. "
    "In the window choose «Forgotten? Use your recovery key.» at the lock screen; in a terminal type it where the "
    "passphrase is asked for. Capitals, spaces and hyphens don't matter."
)


def lines_of(recovery_key: str) -> tuple[str, str]:
    """The key in two lines of four groups."""
    groups = recovery_key.split("-")
    return "-".join(groups[:4]) + "-", "-".join(groups[4:])


def save_key(recovery_key: str, output: Output) -> None:
    """Write the key to a file; a new one is only this user's to read.

    Raises:
        AssistantError: the file can't be written.
    """
    text = f"{_TITLE}, {date.today():%Y-%m-%d}\n\n{recovery_key}\n\n{_TEXT}\n"
    output.write_text(text)


def ask_to_print(parent: QWidget, recovery_key: str, failed: Callable[[AssistantError], None]) -> None:
    """Ask for a printer, and print the key on one page."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo  # imported late: it searches for printers

    if not QPrinterInfo.availablePrinterNames():  # the dialog would then offer a PDF, an unencrypted file
        failed(SettingsError("No printer is set up on this computer.", "Write the key down, or save it as a file."))
        return
    printer = QPrinter()
    printer.setDocName("Tacit")  # shown in the printer's queue
    dialog = QPrintDialog(printer, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAccessibleName("Print the recovery key")

    def print_page() -> None:
        painter = QPainter()
        if painter.begin(printer):
            draw(painter, QRectF(printer.pageLayout().paintRectPixels(printer.resolution())), recovery_key)
            painter.end()
        else:
            failed(SettingsError("The page was not printed.", "The key is still shown here; choose another printer."))

    dialog.accepted.connect(print_page)
    dialog.setModal(True)
    dialog.show()


def draw(painter: QPainter, page: QRectF, recovery_key: str) -> None:
    """Draw the page, in black whatever the theme."""
    unit = page.width() / 100
    painter.setPen(Qt.GlobalColor.black)
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    top = 8 * unit
    for text, font, size, height in (
        (_TITLE, QFont(), 3.0, 8.0),
        ("\n".join(lines_of(recovery_key)), fixed, 3.4, 14.0),
        (_TEXT, QFont(), 2.0, 20.0),
    ):
        font.setPixelSize(max(1, round(size * unit)))
        painter.setFont(font)
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(8 * unit, top, page.width() - 16 * unit, height * unit), wrap, text)
        top += height * unit
