"""A window that tells when its field has taken a key: `tacit`, through the launcher, or a bare one."""

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def launched() -> int:
    """The launcher, with the window replaced by the probing one below."""
    sys.path.insert(0, str(ROOT))
    from app import launcher

    launcher.window_command = lambda arguments: [sys.executable, __file__, "window", *arguments]
    return launcher.main(sys.argv[2:])


def window() -> int:
    """The product's own start of the window, watched by a timer."""
    sys.path.insert(0, str(ROOT))
    sys.argv = [sys.argv[0], "--window", *sys.argv[2:]]
    from PySide6.QtWidgets import QApplication

    loop = QApplication.exec

    def watched(*_: object) -> int:
        _type_into(QApplication)
        return loop()

    QApplication.exec = watched  # type: ignore[method-assign]
    from app.__main__ import main

    return main()


def bare() -> int:
    """The least that PySide6 needs for a window with a field."""
    from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow

    app = QApplication([])
    frame = QMainWindow()
    field = QLineEdit(frame)
    frame.setCentralWidget(field)
    frame.show()
    field.setFocus()
    _type_into(QApplication)
    return app.exec()


def _type_into(application: object) -> None:
    """Press a key as soon as a field has the focus; print the time when it is there, and end."""
    from PySide6.QtCore import QEvent, Qt, QTimer
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication, QLineEdit

    assert application is QApplication
    timer = QTimer(QApplication.instance())

    def try_it() -> None:
        top = next((w for w in QApplication.topLevelWidgets() if w.isVisible()), None)
        field = None if top is None else next((f for f in top.findChildren(QLineEdit) if f.isVisible()), None)
        if field is None:
            return
        QApplication.sendEvent(field, QKeyEvent(QEvent.Type.KeyPress, 0x4B, Qt.KeyboardModifier.NoModifier, "k"))
        if field.text() == "k":
            print(time.monotonic(), flush=True)
            os._exit(0)

    timer.timeout.connect(try_it)
    timer.start(1)


if __name__ == "__main__":
    sys.exit({"launched": launched, "window": window, "bare": bare}[sys.argv[1]]())
