"""Sixteen deliberate attempts to get out, made inside a process of the product after its real start.

    python canaries.py KIND --port N [--without WALL]...

KIND is "window", "command-line" or a worker's name. The product starts as always, from its own entry;
in place of its work it makes the attempts and prints what came of each as a line of JSON on stderr.
`--without` takes a wall away, to show that the attempts would succeed. All of it is here and nothing in the product.
"""

import argparse
import ctypes
import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = ("media", "speech", "language", "embedding", "voices", "documents", "models")
WALLS = ("filter", "files", "programs", "names", "python")
_COLLECTOR = 11.0  # seconds; onnxruntime's collector made its first socket after 9.3 (measured)
_STORING = 8.0  # seconds in which it has made its files, and no socket yet
_PATIENCE = 3.0  # seconds for anything else

port = 0


def reach(kind: str) -> str:
    return f"http://127.0.0.1:{port}/{kind}"


def by_socket() -> str:
    import socket

    with socket.create_connection(("127.0.0.1", port), 2):
        return "connected"


def by_http_client() -> str:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    connection.request("GET", "/http")
    return str(connection.getresponse().status)


def by_getaddrinfo() -> str:
    import socket

    return str(socket.getaddrinfo("localhost", 80)[0][4][0])


def by_curl() -> str:
    import subprocess

    status = subprocess.run(["curl", "-s", "-m", "2", reach("curl")], check=False, capture_output=True).returncode
    return "fetched" if status == 0 else refused(f"curl ended with {status}")


def by_libc() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.socket(2, 1, 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "socket")
    address = b"\x02\0" + port.to_bytes(2, "big") + bytes((127, 0, 0, 1)) + bytes(8)
    if libc.connect(descriptor, address, len(address)):
        raise OSError(ctypes.get_errno(), "connect")
    os.close(descriptor)
    return "connected"


def by_number() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(41 if os.uname().machine == "x86_64" else 198, 10, 2, 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "socket")
    os.close(descriptor)
    return "made"


def qt_waits(is_over: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication

    if QCoreApplication.instance() is None:
        by_qt.app = QCoreApplication([])  # type: ignore[attr-defined]
    end = time.monotonic() + _PATIENCE
    while not is_over() and time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.005)


def by_qt() -> str:
    from PySide6.QtCore import QUrl
    from PySide6.QtNetwork import QNetworkAccessManager, QNetworkRequest

    qt_waits(lambda: True)
    manager = QNetworkAccessManager()
    reply = manager.get(QNetworkRequest(QUrl(reach("qnam"))))
    qt_waits(reply.isFinished)
    found = reply.readAll().data()
    return "fetched" if found else refused(reply.errorString())


def by_qt_tcp() -> str:
    from PySide6.QtNetwork import QTcpSocket

    made = QTcpSocket()
    made.connectToHost("127.0.0.1", port)
    return "connected" if made.waitForConnected(2000) else refused(made.errorString())


def by_qt_udp() -> str:
    from PySide6.QtNetwork import QUdpSocket

    made = QUdpSocket()
    return "bound" if made.bind(0) else refused(made.errorString())


def by_qt_process() -> str:
    from PySide6.QtCore import QProcess

    child = QProcess()
    child.start("curl", ["-s", "-m", "2", reach("qprocess")])
    child.waitForFinished(3000)
    found = child.readAllStandardOutput().data()
    return "fetched" if found else refused(child.errorString())


def by_av() -> str:
    import av

    av.open(reach("av"), timeout=2)
    return "opened"


def by_playlist() -> str:
    return by_file_object(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{reach('playlist.ts')}\n#EXT-X-ENDLIST\n", "a.m3u8"
    )


def by_session_description() -> str:
    return by_file_object(
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 47010 RTP/AVP 0\n", "a.wav"
    )


def by_file_object(text: str, name: str) -> str:
    """Open a file object with none of our options. The server and the trace say what came of it."""
    import av

    class Named(io.BytesIO):
        pass

    file = Named(text.encode())
    file.name = name
    opener = threading.Thread(target=lambda: av.open(file, timeout=1), daemon=True)
    threading.excepthook = lambda _: None
    opener.start()
    opener.join(_PATIENCE)
    return refused("see the trace")


def by_ring() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(425, 4, ctypes.create_string_buffer(120)) < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")
    return "made"


def by_collector() -> str:
    """Import onnxruntime with its telemetry on. The trace from outside says whether it made a socket or a file.

    Without the filter it is ended before it can really send something from the computer that runs the tests.
    """
    os.environ.pop("ORT_DISABLE_TELEMETRY", None)
    import onnxruntime  # noqa: F401 - it starts by itself

    began = time.monotonic()  # the import alone takes seconds on a busy computer
    is_held = "filter" not in without
    store = Path(os.environ["XDG_CACHE_HOME"])
    while time.monotonic() - began < (_COLLECTOR if is_held else _STORING):
        if not is_held and any(store.rglob("onnxruntime.db")):
            break
        time.sleep(0.05)
    return refused("see the trace")


def by_picture() -> str:
    """A reply with a picture on a share, drawn as the window draws it. The trace says whether it was looked for."""
    from PySide6.QtWidgets import QApplication

    if not isinstance(QApplication.instance(), QApplication):
        return refused("nothing is drawn here")
    text = '![a](//host/share/canary.png) <img src="//host/share/canary.png">'
    if "python" in without:  # as a rich text widget would draw it
        from PySide6.QtWidgets import QTextBrowser

        browser = QTextBrowser()
        browser.setMarkdown(text)
        browser.show()
        QApplication.processEvents()
        return "looked for"
    from PySide6.QtWidgets import QWidget

    from app.ui.conversation.reply_text import ReplyText
    from app.ui.style.theme import Theme

    theme = Theme(QApplication.instance())
    theme.choose("light")
    drawn = ReplyText(theme, QWidget())
    drawn.show_reply(text, (), "")
    drawn.resize(300, 200)
    drawn.show()
    QApplication.processEvents()
    drawn.grab()
    return refused("shown as text")


class Refused(Exception):
    """It did not work."""


def refused(why: str) -> str:
    raise Refused(why)


ATTEMPTS: dict[str, Callable[[], str]] = {
    "python socket": by_socket, "http.client": by_http_client, "getaddrinfo": by_getaddrinfo, "child curl": by_curl,
    "ctypes connect": by_libc, "raw call": by_number, "QNetworkAccessManager": by_qt, "QTcpSocket": by_qt_tcp,
    "QUdpSocket": by_qt_udp, "QProcess curl": by_qt_process, "av.open": by_av, "m3u8": by_playlist,
    "sdp wav": by_session_description, "io_uring": by_ring, "picture": by_picture, "onnxruntime": by_collector,
}  # fmt: skip


def attempt_all(*_: Any, **__: Any) -> int:
    """Make every attempt; the product's own work is never begun."""
    for name, way in ATTEMPTS.items():
        try:
            outcome = {"open": True, "how": way()}
        except Exception as error:  # noqa: BLE001 - every failure counts, of whatever kind
            outcome = {"open": False, "how": f"{type(error).__name__}: {error}"}
        os.write(2, (json.dumps({"attempt": name, **outcome}) + "\n").encode())
    os._exit(0)


def replace(module: str, name: str, value: object) -> None:
    """Put something else in the place of a function of the product, in this process alone."""
    setattr(import_module(f"app.{module}"), name, value)


def take_away() -> None:
    """Leave out what puts a wall up."""
    for wall, module, name, instead in (
        ("filter", "seccomp", "forbid_network", True),
        ("filter", "seccomp", "allow_only_calls_of", True),
        ("files", "landlock", "restrict", 7),
        ("programs", "file_rules", "own_program_rules", None),
        ("names", "host_names", "use_hosts_file_only", True),
        ("python", "python_audit", "install_front_end_hook", None),
        ("python", "python_audit", "install_worker_hook", None),
    ):
        if wall in without:
            replace(f"engines.sandbox.{module}", name, lambda *_, instead=instead, **__: instead)


without: list[str] = []


def main() -> int:
    global port
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("window", "command-line", *WORKERS))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--without", action="append", default=[], choices=WALLS)
    arguments = parser.parse_args()
    port = arguments.port
    without.extend(arguments.without)
    from app import __main__ as entry
    from app.engines.sandbox import confine

    take_away()
    if arguments.kind in WORKERS:
        replace("engines.worker.main", "serve", attempt_all)
        sys.argv = ["tacit", "--worker", arguments.kind]
        return entry.main()
    confine_front_end = confine.confine_front_end

    def confined(kind: str) -> bool:
        """The real walls; then, and no sooner, what would be the work is replaced."""
        is_offline = confine_front_end(kind)
        if kind == "window":
            from PySide6.QtWidgets import QApplication

            QApplication.exec = attempt_all  # type: ignore[method-assign]
        else:
            replace("cli.main", "run", attempt_all)
        return is_offline

    replace("engines.sandbox.confine", "confine_front_end", confined)
    sys.argv = ["tacit", "--window"] if arguments.kind == "window" else ["tacit", "list"]
    return entry.main()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
