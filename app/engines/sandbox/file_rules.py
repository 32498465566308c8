"""The files that each kind of process needs; it can reach no others."""

import os
import re
import stat
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.engines.sandbox.landlock import (
    CHANGE_WITHIN,
    EXECUTE,
    READ,
    READ_FILE,
    REFER,
    TRUNCATE,
    WRITE,
    WRITE_FILE,
)

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
MODEL_FILES = (
    "model.bin", "config.json", "tokenizer.json", "vocabulary.json", "vocabulary.txt", "preprocessor_config.json",
)  # fmt: skip
"""The names of the files in a Whisper folder that its engine reads."""

_ONNX_VERSION, _ONNX_VERSIONS = 0x08, range(1, 64)  # the tag of a model's first field in onnx.proto, and its values
_ONNX_NEXT = b"\x12\x1a\x22\x28\x32\x3a\x42\x72"  # the tags of the fields that may follow
_SPLIT = re.compile(r"(.*)-\d{5}-of-(\d{5})\.gguf$", re.IGNORECASE)


def engine_rules() -> Iterator[Rule]:
    """What every worker may read: our code, Python, libraries, clock and processor data; nothing of the user's."""
    for path in (*engine_paths(), *_LIBRARIES, *_SYSTEM):
        yield path, READ
    yield os.devnull, READ_FILE | WRITE_FILE


def own_rules(reads: Iterable[str], writes: Iterable[str] = ()) -> Iterator[Rule]:
    """What a worker may reach beside the engines' files: the files and folders that its parent named."""
    for path in reads:
        yield path, READ_FILE
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
    """The real paths of a model's files, all of them regular: what a worker is given to read, and nothing else.

    Of a Whisper folder these are the files of known names that lie in it, be it by a link; of a GGUF file all its
    shards; an ONNX file is one by itself. A file that is a link must lead to one of its kind. A hard link can't be told
    from the file itself.
    """
    if path.is_dir():
        found = (_real_file(path / name) for name in MODEL_FILES)
        return tuple(str(file) for file in found if file is not None and _lies_in(file, path))
    split = _SPLIT.match(path.name)
    shards = path.parent.glob(f"*-of-{split[2]}.[gG][gG][uU][fF]") if split else [path]
    own = [shard for shard in shards if not split or shard.name.startswith(f"{split[1]}-")]
    files = [(shard, file) for shard in own if (file := _real_file(shard)) is not None]
    return tuple(sorted(str(file) for shard, file in files if not shard.is_symlink() or _begins_as_named(shard, file)))


def leads_elsewhere(path: Path) -> bool:
    """Whether a file of this model is a link that `model_file_paths` does not follow."""
    files = [path / name for name in MODEL_FILES] if path.is_dir() else [path]
    given = model_file_paths(path)
    return any(file.is_symlink() and os.path.realpath(file) not in given for file in files)


def _real_file(path: Path) -> Path | None:
    """The regular file that a path leads to; None for a folder, a pipe, a device, or a link in a circle."""
    real = Path(os.path.realpath(path))
    try:
        return real if stat.S_ISREG(real.lstat().st_mode) else None
    except OSError:
        return None


def _lies_in(file: Path, folder: Path) -> bool:
    """Whether a model's real file lies in its folder; Hugging Face's cache keeps them beside it, with links to them."""
    real = Path(os.path.realpath(folder))
    homes = [real, real.parents[1] / "blobs"] if real.parent.name == "snapshots" else [real]
    return file.parent in homes


def _begins_as_named(name: Path, file: Path) -> bool:
    """Whether a file begins as the name of a link to it says: as ONNX, which has a version first, or as GGUF."""
    try:
        with open(file, "rb") as opened:  # noqa: PTH123
            begin = opened.read(4)
    except OSError:
        return False
    if name.suffix.casefold() == ".onnx":
        return len(begin) == 4 and begin[0] == _ONNX_VERSION and begin[1] in _ONNX_VERSIONS and begin[2] in _ONNX_NEXT
    return begin == b"GGUF"


def writing_rules(folders: Iterable[Path]) -> Iterator[Rule]:
    """What a head may change: these folders, and what goes to nowhere or to its own terminal."""
    for folder in folders:
        yield str(folder), CHANGE_WITHIN
    for device in (os.devnull, "/dev/zero", "/dev/full", "/dev/tty"):
        yield device, WRITE_FILE | TRUNCATE
    yield "/", REFER  # a rule for whole folders decides what may be moved, not that it moves from one to another


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
