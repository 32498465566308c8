"""The Debian package: the tree, a menu entry, icons, types of files, a man page, and what it depends on."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterable
from pathlib import Path

import icons
from bundled_files import needed_libraries

HERE = Path(__file__).resolve().parent
MAINTAINER = "Tacit maintainers <maintainers@example.invalid>"
"""Whom a package names: release.yml fails as long as nobody can read mails to it."""
_LEAST_STDCXX = {25: "8", 26: "9", 28: "9", 29: "11", 30: "12", 31: "13.1", 32: "13.1", 33: "14"}  # by GLIBCXX_3.4.N
_BESIDE = ["libpulse0", "tzdata"]  # asked for by name at run time, so that no file says it needs them
_CONTROL = """\
Package: tacit
Version: {version}
Architecture: amd64
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: ca-certificates, gnome-keyring | kwalletmanager | keepassxc
Section: sound
Priority: optional
Description: private assistant for recorded calls
 Turns a recorded call into a transcript, a summary whose points lead back to
 the words, answers to questions, and something that can be searched.
 .
 It does all of that on this computer, and keeps it encrypted there. Nothing
 is sent anywhere: the kernel refuses it every connection, and one process
 connects only while a model is downloaded.
"""
_OVERRIDES = """\
# The tree has an interpreter and libraries of its own, built by others; stripping what was patched would break it.
tacit: unstripped-binary-or-object
tacit: custom-library-search-path
tacit: embedded-library
tacit: shared-library-lacks-prerequisites
tacit: library-not-linked-against-libc
tacit: hardening-no-pie
"""


def build(tree: Path, drawn: Path, version: str, moment: int, target: Path, compression: str) -> None:
    """Write the package of this tree and the icons `drawn`, its files of this `moment` in seconds since 1970."""
    root = target.parent / "deb"
    shutil.rmtree(root, ignore_errors=True)
    _lay_out(tree, drawn, version, moment, root)
    size = size_of(root) // 1024
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    control = root / "DEBIAN"
    control.mkdir()
    said = _CONTROL.format(version=version, size=size, depends=depends(tree), maintainer=MAINTAINER)
    (control / "control").write_text(said)
    sums = (
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(root)}\n"
        for path in files
    )
    (control / "md5sums").write_text("".join(sums))
    for script, source in {"preinst": "close-tacit", "prerm": "close-tacit", "postrm": "postrm"}.items():
        shutil.copy(HERE / "linux" / source, control / script)
        (control / script).chmod(0o755)
    for path in (root, *root.rglob("*")):
        if not path.is_symlink() and path.is_dir():
            path.chmod(0o755)
        os.utime(path, (moment, moment), follow_symlinks=False)
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(moment)}
    command = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", str(root), str(target)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    shutil.rmtree(root)


def depends(tree: Path) -> str:
    """The packages whose libraries the tree needs and does not have, with the least versions where it asks for one."""
    native = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink() and is_elf(path)]
    there = {path.name for path in tree.rglob("*")}
    packages = {_package_of(name) for name in needed_libraries(native) - there}
    versions = _newest_symbols(native)
    packages.discard("libc6")
    least = [f"libc6 (>= 2.{versions['GLIBC_2']})"]
    if "libstdc++6" in packages:
        packages.discard("libstdc++6")
        least.append(f"libstdc++6 (>= {_LEAST_STDCXX.get(versions['GLIBCXX_3.4'], '12')})")
    return ", ".join(sorted([*packages, *_BESIDE, *least]))


def size_of(folder: Path) -> int:
    """Bytes of the files below a folder, links not followed."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def is_elf(path: Path) -> bool:
    """Whether a file is native code for Linux."""
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _package_of(library: str) -> str:
    found = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=False)
    names = [
        line.split(":")[0] for line in found.stdout.splitlines() if re.search(r"lib/x86_64|/lib64/|usr/lib/lib", line)
    ]
    if not names:
        raise SystemExit(f"package: no package of this computer has {library}, which the tree needs")
    return min(names, key=len)


def _newest_symbols(files: Iterable[Path]) -> dict[str, int]:
    """The newest version that is asked for of each library of the system."""
    command = ["readelf", "--version-info", "--wide", *map(str, files)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    newest: dict[str, int] = {}
    for library, number in re.findall(r"Name: (GLIBC_2|GLIBCXX_3\.4)\.(\d+)", said):
        newest[library] = max(newest.get(library, 0), int(number))
    return newest


def _lay_out(tree: Path, drawn: Path, version: str, moment: int, root: Path) -> None:
    share = root / "usr" / "share"
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "tacit").symlink_to("../lib/tacit/tacit")
    shutil.copytree(tree, root / "usr" / "lib" / "tacit", symlinks=True)
    date = time.strftime("%Y-%m-%d", time.gmtime(moment))
    long_date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(moment))
    places = {
        "tacit.desktop": "applications/tacit.desktop", "tacit-import.desktop": "applications/tacit-import.desktop",
        "tacit-restore.desktop": "applications/tacit-restore.desktop", "tacit.mime.xml": "mime/packages/tacit.xml",
        "tacit.metainfo.xml": "metainfo/tacit.metainfo.xml",
    }  # fmt: skip
    for source, place in places.items():
        written(share / place, _filled(source, version, date))
    for size in icons.SIZES:
        target = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "tacit.png"
        target.parent.mkdir(parents=True)
        shutil.copyfile(drawn / f"{size}.png", target)
    written(share / "icons/hicolor/scalable/apps/tacit.svg", icons.SOURCE.read_text())
    zipped(share / "man/man1/tacit.1.gz", _filled("tacit.1", version, date))
    changes = f"tacit ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md in the sources.\n\n"
    zipped(share / "doc/tacit/changelog.gz", f"{changes} -- {MAINTAINER}  {long_date}\n")
    written(share / "doc/tacit/copyright", copyright_of(tree / "_internal" / "licences"))
    written(share / "lintian/overrides/tacit", _OVERRIDES)


def copyright_of(licences: Path) -> str:
    """Debian's copyright file: our own licence, and each bundled part with where its text lies."""
    lines = [
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/", "Upstream-Name: Tacit", "",
        "Files: *", "Copyright: 2026 The Tacit maintainers", "License: Apache-2.0",
        " The full text is in /usr/share/common-licenses/Apache-2.0.", " .",
        " The package has these parts of others inside. Their licences, as they came with them, lie in",
        " /usr/lib/tacit/_internal/licences:",
    ]  # fmt: skip
    parts = json.loads((licences / "licences.json").read_text())
    lines += [f" - {part['name']} {part['version']}".rstrip() + f": {part['licence']}" for part in parts]
    return "\n".join(lines) + "\n"


def _filled(name: str, version: str, date: str) -> str:
    text = (HERE / "linux" / name).read_text(encoding="utf-8")
    return text.replace("@VERSION@", version).replace("@DATE@", date)


def written(path: Path, text: str) -> None:
    """Write a file that everybody may read, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def zipped(path: Path, text: str) -> None:
    """Write a file packed by gzip, the same each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    path.chmod(0o644)


def portable(tree: Path, version: str, moment: int, target: Path) -> None:
    """Write the archive that runs from any folder: the tree alone, with fixed owners, times and order."""

    def fixed(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = moment
        return entry

    name = f"tacit-{version}"
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", 6, file, mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.add(tree, name, recursive=False, filter=fixed)
        for path in sorted(tree.rglob("*")):
            archive.add(path, f"{name}/{path.relative_to(tree)}", recursive=False, filter=fixed)
