"""The sandbox layers that each kind of process puts up at its start, their order, and which ones hold."""

import platform
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.own_program import own_command
from app.engines.sandbox import file_rules, host_names, landlock, python_audit, seccomp

if TYPE_CHECKING:
    from app.core.sandbox_report import Layer

KERNEL, OURSELVES, NOBODY = "kernel", "ourselves", "nobody"
HEADS = ("window", "command line")
_NO_FILTER = {
    "darwin": "macOS gives this process no such filter; the signed app has no right to connect",
    "win32": "Windows keeps this process from nothing; a firewall rule of the installer can",
}


class _SandboxState:
    """This process's kind, and the sandbox layers that it has put up."""

    def __init__(self) -> None:
        self.process = "unconfined"
        self.has_local_sockets = True
        self.layers: list[tuple[str, str, str]] = []

    def add(self, name: str, holder: str, detail: str) -> None:
        self.layers.append((name, holder, detail))


applied = _SandboxState()


def confine_front_end(kind: str) -> bool:
    """Confine the window or the command line; returns whether the kernel keeps it offline.

    Must come before the first thread. UNIX sockets stay open: display and sound servers need them.

    Raises:
        OSError: the kernel has such a layer but refused it; the process should end then.
    """
    applied.process = kind
    is_offline = seccomp.forbid_network()
    seccomp.close_inherited_sockets()
    _add_network_layer(is_offline, "every socket but those to programs on this computer, in all threads and children")
    if _start_only_own_program():
        applied.add("programs", KERNEL, "starts no program but Tacit itself; whatever runs, runs under the same filter")
    else:
        applied.add("programs", OURSELVES, "Tacit's own code starts no program but itself")
    if host_names.use_hosts_file_only():
        detail = "the C library looks hosts up in the hosts file alone, so no name service is asked"
        applied.add("names", OURSELVES, detail)
    command = own_command()
    python_audit.install_front_end_hook([[*command, "--worker"], [*command, "--window"]])
    applied.add("python", OURSELVES, "a check inside Python refuses sockets, look-ups, other programs and stored code")
    return is_offline


def leave_local_programs() -> None:
    """Speak to no program on this computer from now on: not to the message bus, not to the display or the sound server.

    Raises:
        OSError: the kernel has such a layer but refused it; the process should end then.
    """
    if seccomp.forbid_local_sockets():
        applied.has_local_sockets = False
        applied.add("programs here", KERNEL, "makes no socket at all, and so reaches no message bus either")


def limit_writing(folders: Iterable[Path]) -> bool:
    """Change no file outside `folders` from now on; returns whether the kernel sees to it.

    A folder that does not exist yet stays out of reach, and so does what a path leads to later: the rule is on what is
    there now. Must come before the first thread, and holds for all children.

    Raises:
        OSError: the kernel has such a layer but refused it; the process should end then.
    """
    if landlock.version() < 2:  # the first version forbids to move files from one folder to another
        applied.add("files", NOBODY, "this system can't keep the window or a command to some folders")
        return False
    landlock.restrict(file_rules.writing_rules(folders), handled=landlock.CHANGE, is_alone=False)
    applied.add("files", KERNEL, "changes files in its own folders alone; what you name is made by another process")
    return True


def confine_output_broker() -> None:
    """Confine the process that makes files for a head: it writes as you, connects to nothing and starts no program.

    Raises:
        OSError: the kernel has such a layer but refused it; the process should end then.
    """
    applied.process = "output broker"
    seccomp.forbid_network()
    landlock.restrict([("/", landlock.REFER)], handled=landlock.EXECUTE | landlock.REFER, is_alone=True)


def confine_launcher() -> None:
    """Confine the launcher as the kernel can confine a head, so that a child is so before any code of its own runs.

    Must come before the first thread that starts a child.

    Raises:
        OSError: the kernel has such a layer but refused it; the process should end then.
    """
    applied.process = "launcher"
    if seccomp.forbid_network():
        _start_only_own_program()


def confine_worker(name: str, reads: Iterable[str] = (), writes: Iterable[str] = ()) -> bool:
    """Confine a worker; returns whether the kernel keeps it offline.

    It may still read the engines' own files and `reads`, and write to `writes`. Must come before the
    first thread, and before importing anything that parses or computes.

    Raises:
        OSError: the kernel has such a layer but refused it; the process should end then.
    """
    applied.process = name
    reads, writes = tuple(reads), tuple(writes)
    model = " and its model" if reads else ""
    written = "one place" if writes else "nothing"
    detail = f"reads only the engines' own files{model}, writes {written}"
    _restrict_files(file_rules.engine_rules(), detail, own=file_rules.own_rules(reads, writes))
    if sys.platform == "darwin":
        from app.engines.sandbox import seatbelt

        is_offline = seatbelt.confine(file_rules.engine_paths(), reads, writes) and seccomp.is_internet_refused()
    else:
        is_offline = seccomp.allow_only_calls_of(name)
    _add_network_layer(is_offline, "every socket of any kind, in all threads and children")
    holder = KERNEL if is_offline else OURSELVES
    applied.add("programs", holder, "no other program can be started")
    if sys.platform == "linux" and is_offline:
        detail = "may ask for nothing of the kernel but what its engines need; all else is refused"
        applied.add("system calls", KERNEL, detail)
    if sys.platform == "win32":
        from app.engines.sandbox import windows

        if windows.lower_integrity():
            applied.add("integrity", KERNEL, "can't write to your files: it runs at low integrity")
    python_audit.install_worker_hook((*file_rules.engine_paths(), "/usr/lib", "/lib"))
    applied.add(
        "python",
        OURSELVES,
        "a check inside Python refuses sockets, look-ups, programs, stored code, foreign libraries",
    )
    return is_offline


def confine_download(models_folder: Path, ports: Collection[int] = (443,)) -> bool:
    """Confine the download worker: it may connect by TCP to `ports`, and write in one folder.

    The folder must exist. Must come before the first thread; modules that it needs may be imported
    before or after. Returns whether the kernel restricts files and ports; name look-ups (UDP) stay free.

    Raises:
        OSError: the kernel has such a layer but refused it; the process should end then.
    """
    applied.process = "download"
    version = _restrict_files(file_rules.download_rules(models_folder), "writes only in the models folder", ports)
    if seccomp.allow_only_calls_of("download"):
        applied.add("programs", KERNEL, "no other program can be started")
    python_audit.install_download_hook()
    applied.add("python", OURSELVES, "a check inside Python refuses other programs and stored code")
    return version >= 4


def layers() -> "tuple[Layer, ...]":
    """The sandbox layers of this process, described for the user."""
    from app.core.sandbox_report import Holder, Layer  # late: a command that only prints its help doesn't need them

    return tuple(Layer(name, Holder(holder), detail) for name, holder, detail in applied.layers)


def _start_only_own_program() -> bool:
    """Start no program but Tacit from now on; returns whether the kernel sees to it."""
    program = file_rules.own_program_rules() if landlock.version() >= 2 else None
    if program is None:
        return False
    landlock.restrict(program, handled=landlock.EXECUTE | landlock.REFER, is_alone=False)
    return True


def _restrict_files(
    rules: Iterable[file_rules.Rule], detail: str, ports: Collection[int] = (), own: Iterable[file_rules.Rule] = ()
) -> int:
    version = landlock.restrict(rules, ports=ports, without_links=own)
    if version:
        applied.add("files", KERNEL, detail)
    else:
        applied.add("files", NOBODY, "this system can't keep a process of ours to some files")
    if ports:
        listed = ", ".join(map(str, sorted(ports)))
        is_enforced = version >= 4
        detail = f"connects by TCP to port {listed} only" if is_enforced else "ports are limited by our own code only"
        applied.add("ports", KERNEL if is_enforced else OURSELVES, detail)
    return version


def _add_network_layer(is_offline: bool, detail: str) -> None:
    if is_offline:
        applied.add("network", KERNEL, f"refuses {detail}")
    elif sys.platform == "linux":
        applied.add("network", OURSELVES, f"no filter is known for {platform.machine()}")
    else:
        applied.add("network", OURSELVES, _NO_FILTER.get(sys.platform, "this system has no such filter"))
