"""Makes the packages for Linux: a Debian package and a portable archive, with their bill of materials and hashes.

build/package/python/bin/python packaging/make_package.py [--quick]

Run by `make package`, which sets up what it needs. What is made lies in dist/. --quick packs fast, and large.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import debian
import icons
import licences
import sbom

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "package"
DIST = ROOT / "dist"
TREE = BUILD / "tree" / "tacit"
# Debugging tables of wheels, a hundred megabytes. Nothing else is stripped: libraries in *.libs were patched, which
# stripping breaks, and oneMKL, in one of them, may not be modified.
_STRIPPED = (
    "ctranslate2/_ext*.so", "sqlcipher3/_sqlite3*.so", "libpython3*.so*", "tokenizers/*.so",
    "cryptography/hazmat/bindings/*.so", "python3*/lib-dynload/*.so", "av/**/*.so", "text_to_num/*.so", "msgspec/*.so",
    "llama_cpp/lib/*.so*", "PySide6/Qt/lib/libicu[iu]*.so*", "regex/*.so", "_fastcluster*.so", "_cffi_backend*.so",
    "psutil/*.so", "markupsafe/*.so",
)  # fmt: skip


def main() -> int:
    """Freeze the program and pack it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    is_quick = options.parse_args().quick
    sys.path.insert(0, str(ROOT))
    from app import __version__ as version

    moment = int(_said("git", "log", "-1", "--format=%ct") or 0)
    os.umask(0o022)
    licences.require_texts(BUILD / "ffmpeg")
    _freeze(moment)
    library = TREE / "_internal" / "llama_cpp" / "lib" / "libllama.so"
    library.unlink()  # the same bytes twice: Python asks for this name, and no other library does
    library.symlink_to("libllama.so.0")
    for path in _stripped():
        _strip(path)
    native = sorted(
        path for path in TREE.rglob("*") if path.is_file() and not path.is_symlink() and debian.is_elf(path)
    )
    sources = json.loads((BUILD / "sources.json").read_text())
    names = [str(path.relative_to(TREE)) for path in TREE.rglob("*") if path.is_file() and not path.is_symlink()]
    parts = licences.bundled_parts(sources, names, BUILD / "ffmpeg")
    licences.write(parts, TREE / "_internal" / "licences", debian.MAINTAINER)
    commit = _said("git", "describe", "--always", "--dirty")
    debian.written(TREE / "_internal" / "build.json", json.dumps({"version": version, "commit": commit}) + "\n")
    _set_modes()
    icons.draw(BUILD / "icons")
    DIST.mkdir(exist_ok=True)
    names_of_dist = {
        "deb": f"tacit_{version}_amd64.deb", "portable": f"tacit-{version}-linux-x86_64.tar.gz",
        "bill": f"tacit-{version}.cdx.json",
    }  # fmt: skip
    sbom.write(parts, TREE, native, version, moment, DIST / names_of_dist["bill"])
    debian.portable(TREE, version, moment, DIST / names_of_dist["portable"])
    debian.build(TREE, BUILD / "icons", version, moment, DIST / names_of_dist["deb"], "zstd" if is_quick else "xz")
    lines = [
        f"{hashlib.sha256((DIST / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(names_of_dist.values())
    ]
    (DIST / "SHA256SUMS").write_text("".join(lines))
    for name in names_of_dist.values():
        print(f"{(DIST / name).stat().st_size / 1e6:8.1f} MB  dist/{name}")
    print(f"{debian.size_of(TREE) / 1e6:8.1f} MB  installed")
    return 0


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _freeze(moment: int) -> None:
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": str(moment), "PYTHONHASHSEED": "1", "LD_LIBRARY_PATH": str(BUILD / "ffmpeg" / "lib"),
        "TACIT_SOURCES": str(BUILD / "sources.json"),
    }  # fmt: skip
    command = [
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN",
        "--distpath", str(TREE.parent), "--workpath", str(BUILD / "work"), str(ROOT / "packaging" / "tacit.spec"),
    ]  # fmt: skip
    shutil.rmtree(TREE, ignore_errors=True)
    subprocess.run(command, cwd=BUILD, env=environment, check=True)


def _stripped() -> list[Path]:
    inside = TREE / "_internal"
    found = {path for pattern in _STRIPPED for path in inside.glob(pattern)}
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def _strip(path: Path) -> None:
    """Strip a library, unless what comes of it could not be loaded."""
    stripped = path.with_suffix(".stripped")
    subprocess.run(["strip", "--strip-unneeded", "-o", str(stripped), str(path)], check=True)
    if _is_loadable(stripped):
        stripped.replace(path)
    else:
        stripped.unlink()


def _is_loadable(path: Path) -> bool:
    """Whether the segments of an ELF file lie at their alignments, without which the loader refuses it."""
    data = path.read_bytes()
    table, count = int.from_bytes(data[32:40], "little"), int.from_bytes(data[56:58], "little")
    for number in range(count):
        entry = data[table + 56 * number : table + 56 * (number + 1)]
        offset, address, alignment = (int.from_bytes(entry[at : at + 8], "little") for at in (8, 16, 48))
        if int.from_bytes(entry[:4], "little") == 1 and (offset - address) % max(alignment, 1):
            return False
    return True


def _set_modes() -> None:
    for path in (TREE, *TREE.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path == TREE / "tacit" else 0o644)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except licences.UnknownPartError as error:
        sys.exit(f"package: {error}.")
