"""Python's audit hook: our own code refuses what no process of ours has to do, on every system."""

import errno
import sys
from collections.abc import Callable, Sequence

_AF_UNIX = 1
_Check = Callable[[tuple[object, ...]], None]
_NEVER = (
    "urllib.Request", "http.client.connect", "http.client.send", "ftplib.connect", "smtplib.connect",
    "poplib.connect", "imaplib.open", "nntplib.connect", "telnetlib.Telnet.open", "webbrowser.open",
    "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "socket.getservbyname",
    "socket.getservbyport", "socket.bind", "socket.sendto", "os.system", "os.exec", "os.spawn", "os.posix_spawn",
    "os.startfile", "pty.spawn", "os.forkpty", "sqlite3.connect", "pickle.find_class",
)  # fmt: skip
_NOT_IN_WORKERS = ("socket.__new__", "socket.connect", "socket.sendmsg", "subprocess.Popen", "os.fork")


def own_program() -> list[str]:
    """The command that runs this program again: in a checkout, a wheel and a frozen tree."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-I", "-m", "app"]


def _refuse(event: str) -> _Check:
    def check(_: tuple[object, ...]) -> None:
        raise PermissionError(errno.EACCES, f"Tacit's own code refuses this ({event})")

    return check


def _unix_only(arguments: tuple[object, ...]) -> None:
    if arguments[1] != _AF_UNIX:
        raise PermissionError(errno.EACCES, "Tacit's own code refuses this (socket of another family)")


def _paths_only(arguments: tuple[object, ...]) -> None:
    if not isinstance(arguments[1], str | bytes):
        raise PermissionError(errno.EACCES, "Tacit's own code refuses this (an address that is no path)")


def _ourselves_only(starts: Sequence[Sequence[str]]) -> _Check:
    def check(arguments: tuple[object, ...]) -> None:
        command = arguments[1]
        if not isinstance(command, list) or not any(command[: len(start)] == list(start) for start in starts):
            raise PermissionError(errno.EACCES, "Tacit's own code refuses this (another program)")

    return check


def _libraries_of(places: tuple[str, ...]) -> _Check:
    def check(arguments: tuple[object, ...]) -> None:
        name = arguments[0]
        if name is None or not isinstance(name, str) or not any(mark in name for mark in "/\\"):
            return  # the program itself, or a library that the system's loader finds
        if not name.startswith(places):
            raise PermissionError(errno.EACCES, "Tacit's own code refuses this (a library from elsewhere)")

    return check


def refuse_in_a_head(starts: Sequence[Sequence[str]]) -> None:
    """From now on refuse the network, programs but `starts` (how their commands begin), plain databases, pickles."""
    checks = {event: _refuse(event) for event in _NEVER}
    checks |= {"socket.__new__": _unix_only, "socket.connect": _paths_only, "subprocess.Popen": _ourselves_only(starts)}
    _install(checks)


def refuse_in_a_worker(library_places: tuple[str, ...]) -> None:
    """From now on refuse all that a head is refused, and every socket, every child and libraries from elsewhere."""
    checks = {event: _refuse(event) for event in (*_NEVER, *_NOT_IN_WORKERS)}
    _install(checks | {"ctypes.dlopen": _libraries_of(library_places)})


def refuse_in_the_downloader() -> None:
    """From now on refuse other programs, plain databases and pickles; it is the one that may connect."""
    refused = [e for e in _NEVER if e.startswith(("os.", "pty.", "sqlite3.", "pickle.", "webbrowser."))]
    _install({event: _refuse(event) for event in (*refused, "socket.bind", "subprocess.Popen", "os.fork")})


def _install(checks: dict[str, _Check]) -> None:
    """Ask `checks` at every event; a hook can't be taken away again."""
    known = checks.get

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        check = known(event)
        if check is not None:
            check(arguments)

    sys.addaudithook(hook)
