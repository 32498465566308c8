"""What each kind of process gives up at its start, in which order, and what came of it."""

import platform
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.engines.sandbox import file_rules, host_names, landlock, network_namespace, python_audit, seccomp

if TYPE_CHECKING:
    from app.core.sandbox_report import Layer

KERNEL, OURSELVES, NOBODY = "kernel", "ourselves", "nobody"
_NO_FILTER = {
    "darwin": "macOS gives this process no such filter; the signed app has no right to connect",
    "win32": "Windows keeps this process from nothing; a firewall rule of the installer can",
}


class _Built:
    """This process's kind and walls, as they were put up."""

    def __init__(self) -> None:
        self.process = "unconfined"
        self.layers: list[tuple[str, str, str]] = []

    def add(self, name: str, holder: str, detail: str) -> None:
        self.layers.append((name, holder, detail))


built = _Built()


def confine_head(kind: str) -> bool:
    """Put up the walls of the window or the command line; returns whether the kernel keeps it offline.

    Must come before the first thread. UNIX sockets stay: display and sound servers need them.

    Raises:
        OSError: the kernel refused what it has. The process should end then.
    """
    built.process = kind
    is_offline = seccomp.forbid_network(unix_sockets=True)
    seccomp.drop_foreign_sockets()
    _tell_filter(is_offline, "every socket but those to programs on this computer, in all threads and children")
    program = file_rules.own_program() if landlock.version() >= 2 else None
    if program is not None:
        landlock.restrict(program, handled=landlock.EXECUTE | landlock.REFER, is_alone=False)
        built.add("programs", KERNEL, "starts no program but Tacit itself; whatever runs, runs under the same filter")
    else:
        built.add("programs", OURSELVES, "Tacit's own code starts no program but itself")
    if host_names.look_up_in_files_only():
        detail = "the C library looks hosts up in the hosts file alone, so no name service is asked"
        built.add("names", OURSELVES, detail)
    own = python_audit.own_program()
    python_audit.refuse_in_a_head([[*own, "--worker"], [*own, "--window"]])
    built.add("python", OURSELVES, "a check inside Python refuses sockets, look-ups, other programs and stored code")
    return is_offline


def confine_worker(name: str, reads: Iterable[str] = (), writes: Iterable[str] = ()) -> bool:
    """Put up a worker's walls; returns whether the kernel keeps it offline.

    Of files it keeps the engines' own, `reads`, and, to write, `writes`. Must come before the first
    thread, and before anything is imported that parses or computes.

    Raises:
        OSError: the kernel refused what it has. The process should end then.
    """
    built.process = name
    if network_namespace.leave_the_network():
        built.add("network of its own", KERNEL, "a network without a single interface, not even this computer's")
    else:
        built.add("network of its own", NOBODY, "this system does not give ordinary programs one")
    reads, writes = tuple(reads), tuple(writes)
    model = " and its model" if reads else ""
    written = "one place" if writes else "nothing"
    _keep_to_files(file_rules.of_a_worker(reads, writes), f"reads only the engines' own files{model}, writes {written}")
    if sys.platform == "darwin":
        from app.engines.sandbox import seatbelt

        is_offline = seatbelt.confine(file_rules.engine_places(), reads, writes) and seccomp.is_refused()
    else:
        is_offline = seccomp.forbid_network(unix_sockets=False, programs=False)
    _tell_filter(is_offline, "every socket of any kind, in all threads and children")
    holder = KERNEL if is_offline else OURSELVES
    built.add("programs", holder, "no other program can be started")
    if sys.platform == "win32":
        from app.engines.sandbox import windows

        if windows.lower_integrity():
            built.add("integrity", KERNEL, "can't write to your files: it runs at low integrity")
    python_audit.refuse_in_a_worker((*file_rules.engine_places(), "/usr/lib", "/lib"))
    built.add(
        "python",
        OURSELVES,
        "a check inside Python refuses sockets, look-ups, programs, stored code, foreign libraries",
    )
    return is_offline


def confine_download(models_folder: Path, ports: Collection[int] = (443,)) -> bool:
    """Put up the walls of the download worker: it may connect by TCP to `ports`, and write in one folder.

    The folder must be there. Must come before the first thread; modules that it needs may be imported
    before or after. Returns whether the kernel holds it to files and ports; name look-ups (UDP) stay free.

    Raises:
        OSError: the kernel refused what it has. The process should end then.
    """
    built.process = "download"
    speaks = _keep_to_files(file_rules.of_the_downloader(models_folder), "writes only in the models folder", ports)
    if seccomp.forbid_all_but_downloads():
        built.add("programs", KERNEL, "no other program can be started")
    python_audit.refuse_in_the_downloader()
    built.add("python", OURSELVES, "a check inside Python refuses other programs and stored code")
    return speaks >= 4


def layers() -> "tuple[Layer, ...]":
    """The walls of this process, in words."""
    from app.core.sandbox_report import Holder, Layer  # late: a head that only prints its help needs no such values

    return tuple(Layer(name, Holder(holder), detail) for name, holder, detail in built.layers)


def _keep_to_files(rules: Iterable[file_rules.Rule], words: str, ports: Collection[int] = ()) -> int:
    speaks = landlock.restrict(rules, ports=ports)
    if speaks:
        built.add("files", KERNEL, words)
    else:
        built.add("files", NOBODY, "this system can't keep a process of ours to some files")
    if ports:
        listed = ", ".join(map(str, sorted(ports)))
        held = speaks >= 4
        detail = f"connects by TCP to port {listed} only" if held else "ports are limited by our own code only"
        built.add("ports", KERNEL if held else OURSELVES, detail)
    return speaks


def _tell_filter(is_offline: bool, words: str) -> None:
    if is_offline:
        built.add("network", KERNEL, f"refuses {words}")
    elif sys.platform == "linux":
        built.add("network", OURSELVES, f"no filter is known for {platform.machine()}")
    else:
        built.add("network", OURSELVES, _NO_FILTER.get(sys.platform, "this system has no such filter"))
