"""The files that each kind of process needs; it can reach no others."""

import os
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.engines.sandbox.landlock import EXECUTE, READ, READ_FILE, REFER, WRITE, WRITE_FILE

Rule = tuple[str, int]
"""A path, and the rights (bits of Landlock) on it and everything below."""

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/gnu/store")
_SYSTEM = (
    "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/etc/ssl/openssl.cnf", "/dev/urandom", "/dev/random",
    "/dev/zero", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/sys/devices/system",
    "/sys/fs/cgroup",
)  # fmt: skip
# What the C library needs to look up a host, and OpenSSL to verify it; the paths differ between distributions.
_NETWORK = (
    "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
    "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/run/nscd", "/var/run/nscd", "/etc/ssl",
    "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/share/pki", "/var/lib/ca-certificates",
    "/usr/local/share/ca-certificates",
)  # fmt: skip
_SPLIT = re.compile(r"(.*)-\d{5}-of-(\d{5})\.gguf$", re.IGNORECASE)


def engine_rules() -> Iterator[Rule]:
    """What every worker may read: our code, Python, libraries, clock and processor data; nothing of the user's."""
    for path in (*engine_paths(), *_LIBRARIES, *_SYSTEM):
        yield path, READ
    yield os.devnull, READ_FILE | WRITE_FILE


def worker_rules(reads: Iterable[str], writes: Iterable[str] = ()) -> Iterator[Rule]:
    """What a worker may reach: the engines' files, and those that its parent named."""
    yield from engine_rules()
    for path in reads:
        yield path, READ
    for path in writes:
        yield path, READ | WRITE


def download_rules(models_folder: Path) -> Iterator[Rule]:
    """What the download worker may reach: it reads the catalogue and the system's certificates, and writes models."""
    yield from engine_rules()
    for path in _NETWORK:
        yield path, READ
    yield str(models_folder), READ | WRITE


def engine_paths() -> tuple[str, ...]:
    """The paths of our code, of Python and of its packages."""
    program = Path(sys.executable).resolve()
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return (str(frozen), str(program.parent))
    packages = [entry for entry in sys.path if entry.endswith(("-packages", "lib-dynload", ".zip"))]
    return (
        str(Path(__file__).resolve().parents[2]), str(Path(sys.base_prefix) / "lib"),
        str(Path(os.__file__).resolve().parent), str(program), *packages,
    )  # fmt: skip


def model_file_paths(path: Path) -> tuple[str, ...]:
    """A model's real paths: the folder and the targets of its links, or all shards of a split GGUF."""
    if path.is_dir():
        found = [path.resolve(), *(entry.resolve() for entry in path.iterdir())]
        return tuple(str(file) for file in found if file == found[0] or not file.is_relative_to(found[0]))
    split = _SPLIT.match(path.name)
    shards = path.parent.glob(f"*-of-{split[2]}.[gG][gG][uU][fF]") if split else [path]
    own = [shard for shard in shards if not split or shard.name.startswith(f"{split[1]}-")]
    return tuple(sorted(str(shard.resolve()) for shard in own))


def own_program_rules() -> list[Rule] | None:
    """What the window or command line needs to start Tacit and nothing else; None if unknown.

    The kernel starts our executable (frozen program or Python) through its loader. If this process runs
    from another file than the one it would start, a wrapper is involved, whose needs are unknown.
    """
    program = Path(sys.executable).resolve()
    try:
        if not program.samefile("/proc/self/exe"):
            return None
        loader = _loader(program)
    except (OSError, ValueError, struct.error):
        return None
    return [(path, EXECUTE) for path in (str(program), loader) if path] + [("/", REFER)]


def _loader(program: Path) -> str:
    """The path of the loader that an ELF program names (PT_INTERP); empty if it needs none."""
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
