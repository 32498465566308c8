"""The libraries of llama.cpp carry the guards that packaging/set-up.sh builds them with, and their tools are locked."""

import re
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

from tests.running import ROOT

linux = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("readelf") is None, reason="read by binutils' readelf"
)


def libraries() -> list[Path]:
    found = util.find_spec("llama_cpp")
    assert found is not None
    assert found.origin is not None
    return sorted(path for path in (Path(found.origin).parent / "lib").glob("*.so") if path.is_file())


def read(option: str, path: Path) -> str:
    return subprocess.run(["readelf", "-W", option, str(path)], capture_output=True, text=True, check=True).stdout


@linux
def test_each_library_is_bound_at_once_and_its_tables_are_read_only() -> None:
    assert {path.name for path in libraries()} >= {"libllama.so", "libggml-base.so", "libggml-cpu.so"}
    for path in libraries():
        headers, dynamic = read("--segments", path), read("--dynamic", path)
        assert "GNU_RELRO" in headers, path.name
        assert re.search(r"FLAGS_1.*NOW", dynamic), path.name
        stack = next(line for line in headers.splitlines() if "GNU_STACK" in line)
        assert " RWE " not in stack, path.name


@linux
def test_the_code_that_reads_models_checks_its_stack_and_its_copies() -> None:
    for name in ("libllama.so", "libggml-base.so", "libggml-cpu.so"):
        symbols = read("--dyn-syms", next(path for path in libraries() if path.name == name))
        assert "__stack_chk_fail" in symbols, name
        assert re.search(r"__\w+_chk@", symbols.replace("__stack_chk_fail", "")), name


def test_the_tools_of_the_build_are_locked_with_hashes() -> None:
    lock = (ROOT / "packaging" / "tools.lock").read_text()
    named = re.findall(r"^([a-z][a-z0-9-]*)==[\w.]+ ", lock, re.MULTILINE)
    assert {"scikit-build-core", "cmake", "ninja", "packaging", "pathspec"} <= set(named)
    assert lock.count("--hash=sha256:") >= len(named)
    assert "http" not in lock, "no index's address"
    set_up = (ROOT / "packaging" / "set-up.sh").read_text()
    assert "--build-constraints packaging/tools.lock" in set_up
