"""Which files each kind of process needs; whatever is not named here is out of its reach."""

import os
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.engines.sandbox.landlock import EXECUTE, READ, READ_FILE, REFER, WRITE, WRITE_FILE

Rule = tuple[str, int]
"""A path, and the rights at and below it."""

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/gnu/store")
_SYSTEM = (
    "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/etc/ssl/openssl.cnf", "/dev/urandom", "/dev/random",
    "/dev/zero", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/sys/devices/system",
    "/sys/fs/cgroup",
)  # fmt: skip
# What the C library needs to find a host, and OpenSSL to know whom to trust; each distribution has its own places.
_NETWORK = (
    "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
    "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/run/nscd", "/var/run/nscd", "/etc/ssl",
    "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/share/pki", "/var/lib/ca-certificates",
    "/usr/local/share/ca-certificates",
)  # fmt: skip
_SPLIT = re.compile(r"(.*)-\d{5}-of-(\d{5})\.gguf$", re.IGNORECASE)


def of_engines() -> Iterator[Rule]:
    """What every worker may read: our code, Python, libraries, the clock, the processor; nothing of a person."""
    for place in (*engine_places(), *_LIBRARIES, *_SYSTEM):
        yield place, READ
    yield os.devnull, READ_FILE | WRITE_FILE


def of_a_worker(reads: Iterable[str], writes: Iterable[str] = ()) -> Iterator[Rule]:
    """What one worker may reach: the engines' files, and those that its parent named."""
    yield from of_engines()
    for place in reads:
        yield place, READ
    for place in writes:
        yield place, READ | WRITE


def of_the_downloader(models_folder: Path) -> Iterator[Rule]:
    """What the download worker may reach: it reads the catalogue and the system's certificates, and writes models."""
    yield from of_engines()
    for place in _NETWORK:
        yield place, READ
    yield str(models_folder), READ | WRITE


def engine_places() -> tuple[str, ...]:
    """The folders of our code, of Python and of its packages."""
    program = Path(sys.executable).resolve()
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return (str(frozen), str(program.parent))
    packages = [entry for entry in sys.path if entry.endswith(("-packages", "lib-dynload", ".zip"))]
    return (
        str(Path(__file__).resolve().parents[2]), str(Path(sys.base_prefix) / "lib"),
        str(Path(os.__file__).resolve().parent), str(program), *packages,
    )  # fmt: skip


def model_files(path: Path) -> tuple[str, ...]:
    """A model's files as they really lie: the folder, where its links lead, the pieces of a split GGUF."""
    if path.is_dir():
        found = [path.resolve(), *(entry.resolve() for entry in path.iterdir())]
        return tuple(str(place) for place in found if place == found[0] or not place.is_relative_to(found[0]))
    split = _SPLIT.match(path.name)
    pieces = path.parent.glob(f"*-of-{split[2]}.[gG][gG][uU][fF]") if split else [path]
    own = [piece for piece in pieces if not split or piece.name.startswith(f"{split[1]}-")]
    return tuple(sorted(str(piece.resolve()) for piece in own))


def own_program() -> list[Rule] | None:
    """What a head needs to start ourselves and nothing else; None where that can't be told.

    A frozen program or Python is a file that the kernel starts by its loader. If this process runs
    from another file than the one it would start, a wrapper is between, and what it needs is not known.
    """
    program = Path(sys.executable).resolve()
    try:
        if not program.samefile("/proc/self/exe"):
            return None
        loader = _loader(program)
    except (OSError, ValueError, struct.error):
        return None
    return [(place, EXECUTE) for place in (str(program), loader) if place] + [("/", REFER)]


def _loader(program: Path) -> str:
    """The loader that a program names (ELF, PT_INTERP); empty if it needs none."""
    with program.open("rb") as file:
        head = file.read(64)
        if head[:5] != b"\x7fELF\x02":
            raise ValueError("no program of 64 bits")
        (table,) = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        for number in range(count):
            file.seek(table + number * size)
            entry = file.read(56)
            (kind,) = struct.unpack_from("<I", entry)
            offset, length = struct.unpack_from("<Q16xQ", entry, 8)
            if kind == 3:  # PT_INTERP
                file.seek(offset)
                return file.read(length).rstrip(b"\0").decode()
    return ""
