"""Python's audit hook: our own code refuses, on every system, what our processes never need to do."""

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


def _refuse(event: str) -> _Check:
    def check(_: tuple[object, ...]) -> None:
        raise PermissionError(errno.EACCES, f"Tacit's own code refuses this ({event})")

    return check


def _check_unix_family(arguments: tuple[object, ...]) -> None:
    if arguments[1] != _AF_UNIX:
        raise PermissionError(errno.EACCES, "Tacit's own code refuses this (socket of another family)")


def _check_path_address(arguments: tuple[object, ...]) -> None:
    if not isinstance(arguments[1], str | bytes):
        raise PermissionError(errno.EACCES, "Tacit's own code refuses this (an address that is no path)")


def _check_own_command(starts: Sequence[Sequence[str]]) -> _Check:
    def check(arguments: tuple[object, ...]) -> None:
        command = arguments[1]
        if not isinstance(command, list) or not any(command[: len(start)] == list(start) for start in starts):
            raise PermissionError(errno.EACCES, "Tacit's own code refuses this (another program)")

    return check


def _check_library(places: tuple[str, ...]) -> _Check:
    def check(arguments: tuple[object, ...]) -> None:
        name = arguments[0]
        if name is None or not isinstance(name, str) or not any(separator in name for separator in "/\\"):
            return  # the program itself, or a library that the system's loader looks up
        if not name.startswith(places):
            raise PermissionError(errno.EACCES, "Tacit's own code refuses this (a library from elsewhere)")

    return check


def install_front_end_hook(starts: Sequence[Sequence[str]]) -> None:
    """Refuse from now on the network, programs whose commands don't begin with one of `starts`, sqlite3 and pickles."""
    checks = {event: _refuse(event) for event in _NEVER}
    checks |= {"socket.__new__": _check_unix_family, "socket.connect": _check_path_address}
    checks["subprocess.Popen"] = _check_own_command(starts)
    _install(checks)


def install_worker_hook(library_places: tuple[str, ...]) -> None:
    """Refuse from now on also every socket, every child process, and libraries outside `library_places`."""
    checks = {event: _refuse(event) for event in (*_NEVER, *_NOT_IN_WORKERS)}
    _install(checks | {"ctypes.dlopen": _check_library(library_places)})


def install_download_hook() -> None:
    """Refuse from now on other programs, sqlite3 and pickles; only this process may connect."""
    refused = [e for e in _NEVER if e.startswith(("os.", "pty.", "sqlite3.", "pickle.", "webbrowser."))]
    _install({event: _refuse(event) for event in (*refused, "socket.bind", "subprocess.Popen", "os.fork")})


def _install(checks: dict[str, _Check]) -> None:
    """Run the check of every audit event that has one; a hook can't be removed."""
    check_for = checks.get

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        check = check_for(event)
        if check is not None:
            check(arguments)

    sys.addaudithook(hook)
