"""Which of the files that PyInstaller finds are in a package: not all of Qt, nor the system's own libraries."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

Entry = tuple[str, str, str]
"""Name in the tree, path on the building computer, kind: a row of PyInstaller's tables."""

_QT = "PySide6/Qt/"
_QT_PLUGINS = re.compile(
    "platforms/libq(xcb|wayland|offscreen)"
    "|platformthemes/libqxdgdesktopportal|platforminputcontexts/lib(compose|ibus)"
    "|wayland-shell-integration/libxdg-shell|wayland-decoration-client/|iconengines/libqsvgicon"
    "|imageformats/libqsvg|printsupport/libcupsprintersupport"
)
# Of the building system's own libraries these alone are taken along: Python's, and one that many desktops lack.
_FROM_THE_SYSTEM = re.compile(r"lib(python3|crypto|ssl|ffi|xcb-cursor|expat|mpdec|z|bz2|lzma|uuid)\b")
_FROM_THE_SYSTEM_AT = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/")
# The texts of licences lie in a folder of their own, and zones of time in the system's.
_LEFT_OUT = re.compile(
    r"PySide6/Qt/(qml|translations|resources|libexec)/|onnxruntime/(transformers|quantization|tools|datasets)/"
    r"|(^|/)(tests?|testing)/|\.(pyi|pxd|pyx|h|c|cpp)$|numpy/_core/_multiarray_tests\."
    r"|^pytz/zoneinfo/|\.dist-info/(?!METADATA$|entry_points\.txt$)"
)


def kept(binaries: Iterable[Entry], datas: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries that go into a package for Linux, native ones and others."""
    native = [entry for entry in binaries if _is_wanted(entry)]
    needed = _needed_by([Path(entry[1]) for entry in native if not entry[0].startswith(f"{_QT}lib/")], native)
    native = [entry for entry in native if not entry[0].startswith(f"{_QT}lib/") or Path(entry[0]).name in needed]
    links = {entry[0] for entry in native}
    others = [entry for entry in datas if _is_wanted(entry) and (entry[2] != "SYMLINK" or _leads_to(entry, links))]
    return native, others


def _is_wanted(entry: Entry) -> bool:
    name, path, _ = entry
    if name.startswith(f"{_QT}plugins/"):
        return _QT_PLUGINS.match(name.removeprefix(f"{_QT}plugins/")) is not None
    if (
        path.startswith(_FROM_THE_SYSTEM_AT)
        and ".so" in path
        and "-packages/" not in path
        and "lib-dynload" not in path
    ):
        return _FROM_THE_SYSTEM.match(Path(name).name) is not None
    return _LEFT_OUT.search(name) is None


def _needed_by(files: list[Path], entries: Iterable[Entry]) -> set[str]:
    """The names of the libraries that these files need, and those in turn, as far as they are among the entries."""
    at = {Path(name).name: Path(path) for name, path, _ in entries}
    found: set[str] = set()
    while files:
        wanted = needed_libraries(files) - found
        found |= wanted
        files = [at[name] for name in wanted if name in at]
    return found


def needed_libraries(files: Iterable[Path]) -> set[str]:
    """The names of the libraries that ELF files name as needed."""
    command = ["readelf", "--dynamic", "--wide", *map(str, files)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", listed))


def _leads_to(link: Entry, names: set[str]) -> bool:
    """Whether a link leads to an entry that is there."""
    target = str((Path("/") / Path(link[0]).parent / link[1]).resolve()).lstrip("/")
    return target in names
