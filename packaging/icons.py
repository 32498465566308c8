"""The program's icon in all sizes, drawn by Qt from assets/icons/tacit.svg."""

import os
import struct
import sys
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_ICO_SIZES = (16, 24, 32, 48, 64, 256)
SOURCE = Path(__file__).resolve().parent.parent / "assets" / "icons" / "tacit.svg"


def draw(folder: Path) -> None:
    """Write `SIZE.png` for each size, and `tacit.ico` for Windows."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    drawing = QSvgRenderer(str(SOURCE))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        drawing.render(painter, QRectF(0, 0, size, size))
        painter.end()
        image.save(str(folder / f"{size}.png"))
    (folder / "tacit.ico").write_bytes(_ico({size: (folder / f"{size}.png").read_bytes() for size in _ICO_SIZES}))
    del application


def _ico(pictures: dict[int, bytes]) -> bytes:
    """An icon file for Windows of these PNG pictures, by their sizes in pixels."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(head) + 16 * len(pictures)
    for size, picture in pictures.items():
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), at)
        at += len(picture)
    return head + b"".join(pictures.values())


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
