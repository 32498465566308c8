"""The licences of what is in a package: which part each file is of, and the texts that go with it."""

import json
import os
import re
import shutil
import sys
import sysconfig
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|notice)", re.IGNORECASE)
_EXPRESSIONS = {  # what some distributions say instead of an SPDX expression
    "MIT License": "MIT", "BSD 3-clause": "BSD-3-Clause", "3-Clause BSD License": "BSD-3-Clause",
    "BSD-2-clause OR GPL-2.0-or-later": "BSD-2-Clause", "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0", "BSD-3-clause": "BSD-3-Clause",
}  # fmt: skip
_PYINSTALLER = "GPL-2.0-or-later WITH Bootloader-exception"
_CLASSIFIED = {"MIT License": "MIT", "Apache Software License": "Apache-2.0", "BSD License": "BSD-3-Clause"}
_UNSAID = {"sqlcipher3": "Zlib"}  # what some say nowhere but in the text


class UnknownPartError(Exception):
    """A file in the tree is of no part that is known, or a part has no text."""


@dataclass
class Part:
    """Something in a package with a licence of its own."""

    name: str
    version: str
    licence: str
    texts: list[Path] = field(default_factory=list)
    notice: str = ""
    is_distribution: bool = False

    def folder(self) -> str:
        """The name of the folder for its texts."""
        return re.sub(r"[^A-Za-z0-9.+-]+", "-", self.name)


def bundled_parts(sources: dict[str, str], tree_names: list[str], ffmpeg: Path) -> list[Part]:
    """The parts of a tree: `sources` has the file that each module or file came from, by its name.

    Raises:
        UnknownPartError: a file is of none.
    """
    rules = _rules()
    by_file = _distribution_by_file()
    found = {by_file[path] for path in map(os.path.realpath, sources.values()) if path in by_file}
    parts = [_distribution(name, rules) for name in sorted(found)]
    for name, rule in rules.items():
        is_here = any(fnmatch(file, glob) for glob in rule.get("files", ()) for file in tree_names)
        if is_here or rule.get("inside") in found:
            parts.append(_named(name, rule, ffmpeg))
    _require_all(sources, tree_names, by_file, rules)
    for part in parts:
        if not part.texts:
            raise UnknownPartError(f"{part.name} has no text of its licence; name one in licences/parts.toml")
    return sorted(parts, key=lambda part: part.name.casefold())


def require_texts(ffmpeg: Path) -> None:
    """Require that each text which is named is on this computer, before anything is built.

    Raises:
        UnknownPartError: one is not.
    """
    for rule in _rules().values():
        for where in rule["texts"]:
            _text(where, ffmpeg)


def write(parts: list[Part], folder: Path, maintainer: str) -> None:
    """Write the list and the texts, for `tacit doctor --licences`; `maintainer` is who offers the sources."""
    shutil.rmtree(folder, ignore_errors=True)
    listed = []
    for part in parts:
        names = []
        for number, text in enumerate(part.texts):
            taken = [Path(name).name for name in names]
            name = f"{part.folder()}/{text.name}" if text.name not in taken else f"{part.folder()}/{number}-{text.name}"
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            words = text.read_text(encoding="utf-8", errors="replace").replace("@MAINTAINER@", maintainer)
            target.write_text(f"{part.notice}\n\n{words}" if part.notice and not number else words, encoding="utf-8")
            names.append(name)
        listed.append({"name": part.name, "version": part.version, "licence": part.licence, "texts": names})
    (folder / "licences.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def _rules() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "licences" / "parts.toml").read_text())


def _distribution_by_file() -> dict[str, str]:
    by_file = {}
    for one in metadata.distributions():
        name = one.metadata["Name"].casefold().replace("_", "-")
        for file in one.files or ():
            by_file[os.path.realpath(str(one.locate_file(file)))] = name
    return by_file


def _distribution(name: str, rules: dict[str, dict[str, Any]]) -> Part:
    one = metadata.distribution(name)
    classes = [_CLASSIFIED.get(said.split(" :: ")[-1], "") for said in one.metadata.get_all("Classifier") or ()]
    if name == "pyinstaller":
        return Part(name, one.version, _PYINSTALLER, texts_of(one), is_distribution=True)
    said = one.metadata.get("License-Expression") or one.metadata.get("License") or _UNSAID.get(name, "".join(classes))
    for rule in rules.values():
        if name in rule.get("of", ()):
            said = rule["licence"]
            texts = [_text(where, Path()) for where in rule["texts"]]
            return Part(name, one.version, said, texts, rule.get("notice", ""), is_distribution=True)
    if not said:
        raise UnknownPartError(f"{name} does not say its licence; name it in licences.py")
    return Part(name, one.version, _EXPRESSIONS.get(said, said), texts_of(one), is_distribution=True)


def texts_of(one: metadata.Distribution) -> list[Path]:
    """The files of licences that a distribution came with."""
    named = (file for file in one.files or () if ".dist-info/" in str(file) and _LICENCE_FILE.search(file.name))
    return [Path(str(one.locate_file(file))) for file in named]


def _named(name: str, rule: dict[str, Any], ffmpeg: Path) -> Part:
    version = ""
    if name == "Python":
        version = "{}.{}.{}".format(*sys.version_info[:3])
    elif name == "FFmpeg":
        version = re.search(r"^ffmpeg-(\S+)", (HERE / "sources.lock").read_text(), re.MULTILINE)[1]  # type: ignore[index]
    return Part(
        name, version, rule["licence"], [_text(where, ffmpeg) for where in rule["texts"]], rule.get("notice", "")
    )


def _text(where: str, ffmpeg: Path) -> Path:
    kind, _, name = where.partition(":")
    paths = {
        "own": HERE / "licences" / name, "system": Path("/usr/share/common-licenses") / name,
        "doc": Path("/usr/share/doc") / name / "copyright", "ffmpeg": ffmpeg / name, "project": ROOT / name,
        "python": Path(os.__file__).parent / name, "package": Path(sysconfig.get_path("purelib")) / name,
    }  # fmt: skip
    path = paths[kind]
    if kind == "python" and not path.exists():  # Debian's Python
        path = Path(f"/usr/share/doc/python3.{sys.version_info.minor}/copyright")
    if not path.is_file():
        raise UnknownPartError(f"the text {where} is not on this computer; Debian 12 has all of them")
    return path


def _require_all(
    sources: dict[str, str], tree_names: list[str], by_file: dict[str, str], rules: dict[str, dict[str, Any]]
) -> None:
    """Require that each file in the tree is of a distribution or of a named part."""
    globs = [glob for rule in rules.values() for glob in rule.get("files", ())]
    known = {f"_internal/{name}" for name, path in sources.items() if os.path.realpath(path) in by_file}
    unknown = [
        name for name in tree_names
        if name not in known and ".dist-info/" not in name and not any(fnmatch(name, glob) for glob in globs)
    ]  # fmt: skip
    if unknown:
        raise UnknownPartError(f"of no known part: {', '.join(sorted(unknown)[:20])}")
