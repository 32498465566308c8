"""What a head asks of programs on this computer: a command nothing, and a message bus starts no program for any."""

import shutil
import socket
import sys
from collections.abc import Iterator

import pytest

from tests.running import Home
from tests.taken_over import HEADS, attacked, home_of_a_person  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls of Linux")


_ASK_THE_BUS = """
import os, sys
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
folder = Path(os.environ["XDG_DATA_HOME"]) / "dbus-1/services"
code = "import socket; socket.create_connection(('127.0.0.1', %s)).sendall(b'a line of a transcript')" % given
told["started"] = "nothing"
def plant():
    folder.mkdir(parents=True, exist_ok=True)
    service = '[D-BUS Service]\\nName=com.evil.X\\nExec=%s -c "%s"\\n' % (sys.executable, code)
    (folder / "com.evil.X.service").write_text(service)
tried("plant", plant)
def ask():
    bus = open_dbus_connection("SESSION")
    address = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    bus.send_and_get_reply(new_method_call(address, "ReloadConfig"), timeout=5)
    body = bus.send_and_get_reply(new_method_call(address, "StartServiceByName", "su", ("com.evil.X", 0)), timeout=5)
    told["answer"] = str(body.body)
tried("ask", ask)
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(1)
        yield made


@HEADS
@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="no message bus is installed here")
def test_the_message_bus_starts_no_program_for_a_head(
    home: Home, listener: socket.socket, head: tuple[str, ...]
) -> None:
    (home.folder / "data").mkdir()
    attack = _ASK_THE_BUS
    told = attacked(home, attack, *head, given=str(listener.getsockname()[1]), within=("dbus-run-session", "--"))
    assert told["plant"] != "done"
    if head == ("list",):
        assert (told["ask"], "answer" in told) == ("PermissionError", False), "a command makes no socket at all"
    with pytest.raises(TimeoutError):
        listener.accept()


_SOCKETS = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def made(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
for kind in (1, 2, 5):
    tried(f"socket {kind}", lambda: made(libc.socket(1, kind, 0)))
tried("pair", lambda: made(libc.socketpair(1, 1, 0, (ctypes.c_int * 2)())))
"""


@pytest.mark.parametrize("words", [("list",), ("export", "x", "-o", "y"), ("--help",), ("vault", "check")])
def test_a_command_speaks_to_no_program_on_this_computer(home: Home, words: tuple[str, ...]) -> None:
    assert set(attacked(home, _SOCKETS, *words).values()) == {"PermissionError"}


def test_a_command_speaks_to_the_keychain_where_that_is_wanted(home: Home) -> None:
    assert set(attacked(home, _SOCKETS, "vault", "keychain", "status").values()) == {"done"}
    home.vault.mkdir()
    (home.vault / "vault.hdr").write_text('{"slots": [{"type": "passphrase"}, {"type": "keychain"}]}')
    assert set(attacked(home, _SOCKETS, "list").values()) == {"done"}
    (home.vault / "vault.hdr").write_text('{"slots": [{"type": "passphrase"}]}')
    assert set(attacked(home, _SOCKETS, "list").values()) == {"PermissionError"}
