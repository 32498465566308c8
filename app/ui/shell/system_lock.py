"""The D-Bus signals that say the screen is locked or the computer is about to sleep."""

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
    """Emits `locked` when the screen is locked, and `asleep` when the computer is about to sleep.

    While it listens, the system delays sleep, for a few seconds at most, until `let_sleep()` is called or this process
    ends. Without a bus it emits nothing.
    """

    locked = Signal()
    asleep = Signal()

    def __init__(self, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._inhibitor: int | None = None  # while this descriptor is open, the system delays sleep
        self._system: QDBusConnection | None = None
        bridge.run_in_thread(_connect_buses, self._listen, lambda _: None)  # a bus that hangs must not block the window

    def _listen(self, buses: "tuple[QDBusConnection | None, QDBusConnection | None]") -> None:
        session, self._system = buses
        if session is not None:
            for saver in _SAVERS:  # from any sender: some desktops use another bus name for their screen saver
                session.connect("", "", saver, "ActiveChanged", self, _slot("_saver_changed(bool)"))
        if self._system is not None:
            self._system.connect(
                _LOGIN, _login_session(), f"{_LOGIN}.Session", "Lock", self, _slot("_session_locked()")
            )
            self._system.connect(_LOGIN, _LOGIN_PATH, _MANAGER, "PrepareForSleep", self, _slot("_sleep_nears(bool)"))
            self._inhibit_sleep()

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
            self._inhibit_sleep()

    def let_sleep(self) -> None:
        """Stop delaying sleep until the computer has woken up."""
        if self._inhibitor is not None:
            os.close(self._inhibitor)
            self._inhibitor = None

    def _inhibit_sleep(self) -> None:
        if self._system is None or self._inhibitor is not None:
            return
        message = QDBusMessage.createMethodCall(_LOGIN, _LOGIN_PATH, _MANAGER, "Inhibit")
        message.setArguments(["sleep", "Tacit", "Locks the vault first", "delay"])
        watcher = QDBusPendingCallWatcher(self._system.asyncCall(message), self)

        def keep() -> None:
            answer = [] if watcher.isError() else watcher.reply().arguments()
            if answer and self._inhibitor is None:
                self._inhibitor = answer[0].takeFileDescriptor()  # ours to close: the binding keeps copies of its own
            watcher.deleteLater()

        watcher.finished.connect(keep)


def _slot(signature: str) -> Any:
    return SLOT(signature)  # a str, whatever the stubs say: bytes are rejected


def _connect_buses() -> "tuple[QDBusConnection | None, QDBusConnection | None]":
    """Connect to the session bus and the system bus where they are running; neither is started for this."""
    session = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")) / "bus"
    if not session and runtime.exists():
        session = f"unix:path={runtime}"
    system = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", "")
    if not system and _SYSTEM_BUS.exists():
        system = f"unix:path={_SYSTEM_BUS}"
    return _connect(session, "tacit-session"), _connect(system, "tacit-system")


def _connect(address: str, name: str) -> QDBusConnection | None:
    if not address.startswith("unix:"):  # a bus on another computer would need the network
        return None
    bus = QDBusConnection.connectToBus(address, name)
    return bus if bus.isConnected() else None


def _login_session() -> str:
    """The D-Bus path of this login session, escaped as logind does; "" matches every session."""
    known = os.environ.get("XDG_SESSION_ID", "")
    if not known:
        return ""
    escaped = [c if c.isascii() and c.isalnum() and not (n == 0 and c.isdigit()) else f"_{ord(c):02x}" for n, c in
             enumerate(known)]  # fmt: skip
    return f"{_LOGIN_PATH}/session/{''.join(escaped)}"
