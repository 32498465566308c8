"""What making a package needs: FFmpeg's source from whoever still has it, and Python's own parts, asked for."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.packaging.package import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the scripts are for Linux")
_MAKEFILE = "all:\ninstall:\n\tmkdir -p '{}/lib' && echo built >'{}/lib/libavcodec.so'\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script, and the address of a source beside it that takes no time to build."""
    folder, source = tmp_path / "checkout", tmp_path / "source" / "ffmpeg"
    (folder / "packaging").mkdir(parents=True)
    shutil.copy(ROOT / "packaging" / "make-ffmpeg.sh", folder / "packaging")
    (source / "libavcodec").mkdir(parents=True)
    (source / "libavcodec" / "allcodecs.c").write_text(
        "/* audio codecs */\nextern const FFCodec ff_aac_decoder;\n/* subtitles */\n"
    )
    (source / "configure").write_text("#!/bin/sh\nexit 0\n")
    (source / "configure").chmod(0o755)
    (source / "Makefile").write_text(_MAKEFILE.replace("{}", str(folder / "build" / "ffmpeg")))
    (source / "COPYING.LGPLv2.1").write_text("the licence")
    with tarfile.open(tmp_path / "source.tar.xz", "w:xz") as archive:
        archive.add(source, "ffmpeg")
    (tmp_path / "another.tar.xz").write_bytes(b"another file")
    return folder


def made(checkout: Path, *sources: str) -> "subprocess.CompletedProcess[str]":
    """What the script says when these files beside the folder are its addresses."""
    digest = hashlib.sha256((checkout.parent / "source.tar.xz").read_bytes()).hexdigest()
    addresses = " ".join(f"file://{checkout.parent}/{name}" for name in sources)
    (checkout / "packaging" / "sources.lock").write_text(f"# A comment\nffmpeg-1.0 {digest} {addresses}\n")
    command = ["packaging/make-ffmpeg.sh", "build/ffmpeg"]
    return subprocess.run(command, cwd=checkout, text=True, capture_output=True, check=False)


def test_where_an_address_has_the_source_no_more_or_another_file_the_next_is_tried(checkout: Path) -> None:
    found = made(checkout, "gone.tar.xz", "another.tar.xz", "source.tar.xz")
    assert found.returncode == 0, found.stderr
    assert (checkout / "build" / "ffmpeg" / "lib" / "libavcodec.so").read_text() == "built\n"
    assert "another.tar.xz is another one" in found.stderr


def test_without_an_address_that_has_the_source_nothing_is_built(checkout: Path) -> None:
    refused = made(checkout, "gone.tar.xz", "another.tar.xz")
    assert refused.returncode == 1
    assert refused.stderr.endswith("no address of packaging/sources.lock gave ffmpeg-1.0; nothing was built.\n")
    assert not (checkout / "build" / "ffmpeg").exists()


def test_the_lock_has_a_second_address_that_keeps_old_versions() -> None:
    (line,) = (
        line for line in (ROOT / "packaging" / "sources.lock").read_text().splitlines() if line.startswith("ffmpeg-")
    )
    assert "https://snapshot.debian.org/" in line.split()[3]


@pytest.mark.parametrize("lacking", ["headers (Python.h)", "shared library", "headers (Python.h) and shared library"])
def test_a_python_without_what_a_package_needs_is_refused_in_words(tmp_path: Path, lacking: str) -> None:
    """It is asked as every Python is; only its answer is not a real one's."""
    python = tmp_path / "python3.11"
    answers = f"*Python.h*) echo /opt/python python3.11-dev; echo '{lacking}' ;; *) echo 3.11 ;;"
    python.write_text(f'#!/bin/sh\ncase "$2" in {answers} esac\n')
    python.chmod(0o755)
    environment = os.environ | {"PYTHON": str(python), "VENV": "build/no-such-environment"}
    command = [str(ROOT / "packaging" / "set-up.sh"), "--for-package"]
    refused = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"set-up: {python} lacks its {lacking}, which a package needs. Install them")


def test_a_python_is_asked_for_what_it_really_has(tmp_path: Path) -> None:
    """The question itself, of a Python whose headers were moved away."""
    script = (ROOT / "packaging" / "set-up.sh").read_text()
    question = script.split('"$python" -c \'')[1].split("')")[0]
    moved = f"import sysconfig; sysconfig.get_path = lambda _: {str(tmp_path)!r}\n{question}"
    said = subprocess.run([sys.executable, "-c", moved], text=True, capture_output=True, check=True).stdout.splitlines()
    assert said[0] == f"{sys.base_prefix} python{sys.version_info[0]}.{sys.version_info[1]}-dev"
    assert said[1].startswith("headers (Python.h)")
