"""Which files go into a package: Qt's by a list of what is used, the building system's own by another."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.package import module

bundled_files = module("bundled_files")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the list is for Linux")


def kept(*names: str, path: str = "/env/lib/python3.11/site-packages") -> list[str]:
    native, _ = bundled_files.kept([(name, f"{path}/{name}", "BINARY") for name in names], [])
    return [name for name, _, _ in native]


def test_of_qts_plugins_those_that_a_window_needs_are_taken() -> None:
    plugins = "PySide6/Qt/plugins/"
    wanted = [
        f"{plugins}platforms/libqxcb.so",
        f"{plugins}platforms/libqwayland.so",
        f"{plugins}iconengines/libqsvgicon.so",
        f"{plugins}imageformats/libqsvg.so",
    ]
    others = [
        f"{plugins}platforms/libqvnc.so", f"{plugins}tls/libqopensslbackend.so", f"{plugins}platformthemes/libqgtk3.so",
        f"{plugins}networkinformation/libqglib.so", f"{plugins}sqldrivers/libqsqlite.so",
        f"{plugins}xcbglintegrations/libqxcb-glx-integration.so", f"{plugins}imageformats/libqjpeg.so",
    ]  # fmt: skip
    assert kept(*wanted, *others) == wanted


def test_what_only_tools_and_tests_read_is_left_out() -> None:
    wanted = [
        "keyring-25.7.0.dist-info/METADATA",
        "keyring-25.7.0.dist-info/entry_points.txt",
        "faster_whisper/assets/vad.onnx",
    ]
    others = [
        "keyring-25.7.0.dist-info/RECORD", "numpy-2.4.6.dist-info/licenses/numpy/METADATA",
        "pytz/zoneinfo/Europe/Berlin",
        "numpy/_core/_multiarray_tests.cpython-311-x86_64-linux-gnu.so",
    ]  # fmt: skip
    assert kept(*wanted, *others) == wanted


def test_of_the_systems_libraries_those_are_taken_that_are_pythons_or_rare() -> None:
    names = (
        "libpython3.11.so.1.0",
        "libffi.so.8",
        "libxcb-cursor.so.0",
        "libX11.so.6",
        "libstdc++.so.6",
        "libgtk-3.so.0",
    )
    assert kept(*names, path="/usr/lib/x86_64-linux-gnu") == list(names[:3])


def test_a_library_of_qt_is_taken_if_something_that_is_taken_needs_it(tmp_path: Path) -> None:
    for name, needed in (("libQt6Core.so.6", ""), ("libQt6Network.so.6", ""), ("module.so", "libQt6Core.so.6")):
        command = ["cc", "-shared", "-x", "c", "/dev/null", "-o", str(tmp_path / name), f"-Wl,-soname,{name}"]
        links = [f"-L{tmp_path}", "-Wl,--no-as-needed", f"-l:{needed}"] if needed else []
        subprocess.run([*command, *links], check=True)
    entries = [
        ("PySide6/Qt/lib/libQt6Core.so.6", str(tmp_path / "libQt6Core.so.6"), "BINARY"),
        ("PySide6/Qt/lib/libQt6Network.so.6", str(tmp_path / "libQt6Network.so.6"), "BINARY"),
        ("PySide6/module.so", str(tmp_path / "module.so"), "EXTENSION"),
    ]
    at_the_top = [(name, f"PySide6/Qt/lib/{name}", "SYMLINK") for name in ("libQt6Core.so.6", "libQt6Network.so.6")]
    native, others = bundled_files.kept(entries, at_the_top)
    assert [name for name, _, _ in native] == ["PySide6/Qt/lib/libQt6Core.so.6", "PySide6/module.so"]
    assert [name for name, _, _ in others] == ["libQt6Core.so.6"], "no link that leads nowhere"
