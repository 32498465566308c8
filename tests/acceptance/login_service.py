"""Plays logind on a bus: `python login_service.py ADDRESS`; SIGUSR1 locks the session, SIGUSR2 announces sleep."""

import os
import signal
import sys

from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, QTimer, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusUnixFileDescriptor

_PATH, _SESSION = "/org/freedesktop/login1", "/org/freedesktop/login1/session/_37"


@ClassInfo({"D-Bus Interface": "org.freedesktop.login1.Manager"})  # type: ignore[call-arg]
class Login(QObject):  # type: ignore[operator]
    """Lets one process at a time delay sleep, and says when it may sleep."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = -1
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    @Slot(str, str, str, str, result=QDBusUnixFileDescriptor)
    def Inhibit(self, what: str, who: str, why: str, mode: str) -> QDBusUnixFileDescriptor:  # noqa: N802 - its name on the bus
        """The end of a pipe; sleep waits until it is closed."""
        self._reading, writing = os.pipe()
        os.set_blocking(self._reading, False)
        handed = QDBusUnixFileDescriptor(writing)
        os.close(writing)
        print(what, who, mode, flush=True)
        self._handed = handed
        QTimer.singleShot(200, self._let_go)
        return handed

    def _let_go(self) -> None:
        os.close(self._handed.takeFileDescriptor())  # our copy of the end that was handed out
        self._timer.start(20)

    def _look(self) -> None:
        try:
            is_over = os.read(self._reading, 1) == b""
        except BlockingIOError:
            return
        if is_over:
            self._timer.stop()
            print("may sleep", flush=True)


def main(address: str) -> int:
    """Serve until killed."""
    app = QCoreApplication([])
    bus = QDBusConnection.connectToBus(address, "login")
    login = Login()
    bus.registerObject(_PATH, login, QDBusConnection.RegisterOption.ExportAllSlots)
    bus.registerService("org.freedesktop.login1")

    def say(path: str, interface: str, name: str, *values: object) -> None:
        message = QDBusMessage.createSignal(path, f"org.freedesktop.login1.{interface}", name)
        message.setArguments(list(values))
        bus.send(message)

    signal.signal(signal.SIGUSR1, lambda *_: say(_SESSION, "Session", "Lock"))
    signal.signal(signal.SIGUSR2, lambda *_: say(_PATH, "Manager", "PrepareForSleep", True))
    beat = QTimer()
    beat.timeout.connect(lambda: None)  # so that Python hears of signals
    beat.start(50)
    print("ready", flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
