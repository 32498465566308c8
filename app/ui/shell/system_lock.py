"""What the system tells by D-Bus: that the screen is locked, and that the computer goes to sleep."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

if TYPE_CHECKING:
    from app.ui.runtime.bridge import Bridge

_SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver")
_LOGIN, _LOGIN_PATH, _MANAGER = "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
_SYSTEM_BUS = Path("/run/dbus/system_bus_socket")


class ScreenLock(QObject):
    """`locked` says that nobody looks at the screen any more, `asleep` that the computer is about to sleep.

    While it listens the system waits with sleeping, for some seconds at most, until `let_sleep()` or the end of
    this process. Where there is no bus it stays silent.
    """

    locked = Signal()
    asleep = Signal()

    def __init__(self, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._delay: int | None = None  # while this descriptor is open, the system waits
        self._system: QDBusConnection | None = None
        bridge.apart(_buses, self._listen, lambda _: None)  # a bus that hangs must not hold the window

    def _listen(self, buses: "tuple[QDBusConnection | None, QDBusConnection | None]") -> None:
        session, self._system = buses
        if session is not None:
            for saver in _SAVERS:  # whoever says so: some desktops speak for the screen saver by another name
                session.connect("", "", saver, "ActiveChanged", self, _slot("_saver_changed(bool)"))
        if self._system is not None:
            self._system.connect(_LOGIN, _own_session(), f"{_LOGIN}.Session", "Lock", self, _slot("_session_locked()"))
            self._system.connect(_LOGIN, _LOGIN_PATH, _MANAGER, "PrepareForSleep", self, _slot("_sleep_nears(bool)"))
            self._ask_to_wait()

    @Slot(bool)
    def _saver_changed(self, is_active: bool) -> None:
        if is_active:
            self.locked.emit()

    @Slot()
    def _session_locked(self) -> None:
        self.locked.emit()

    @Slot(bool)
    def _sleep_nears(self, is_near: bool) -> None:
        if is_near:
            self.asleep.emit()
        else:
            self._ask_to_wait()

    def let_sleep(self) -> None:
        """Hold the system up no longer, until it has woken again."""
        if self._delay is not None:
            os.close(self._delay)
            self._delay = None

    def _ask_to_wait(self) -> None:
        if self._system is None or self._delay is not None:
            return
        message = QDBusMessage.createMethodCall(_LOGIN, _LOGIN_PATH, _MANAGER, "Inhibit")
        message.setArguments(["sleep", "Tacit", "Locks the vault first", "delay"])
        watcher = QDBusPendingCallWatcher(self._system.asyncCall(message), self)

        def keep() -> None:
            answer = [] if watcher.isError() else watcher.reply().arguments()
            if answer and self._delay is None:
                self._delay = answer[0].takeFileDescriptor()  # ours to close: the binding's copies live on
            watcher.deleteLater()

        watcher.finished.connect(keep)


def _slot(signature: str) -> Any:
    return SLOT(signature)  # text, whatever the stubs say: bytes are refused


def _buses() -> "tuple[QDBusConnection | None, QDBusConnection | None]":
    """The session's bus and the system's, if they are there; none is started for our sake."""
    session = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")) / "bus"
    if not session and runtime.exists():
        session = f"unix:path={runtime}"
    system = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "")
    if not system and _SYSTEM_BUS.exists():
        system = f"unix:path={_SYSTEM_BUS}"
    return _connected(session, "tacit-session"), _connected(system, "tacit-system")


def _connected(address: str, name: str) -> QDBusConnection | None:
    if not address.startswith("unix:"):  # a bus on another computer would need the network
        return None
    bus = QDBusConnection.connectToBus(address, name)
    return bus if bus.isConnected() else None


def _own_session() -> str:
    """The path of this login session as logind spells it; "" stands for every session's."""
    known = os.environ.get("XDG_SESSION_ID", "")
    if not known:
        return ""
    plain = [c if c.isascii() and c.isalnum() and not (n == 0 and c.isdigit()) else f"_{ord(c):02x}" for n, c in
             enumerate(known)]  # fmt: skip
    return f"{_LOGIN_PATH}/session/{''.join(plain)}"
