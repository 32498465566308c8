"""The libraries of llama_cpp, which PyInstaller can't see: they are loaded by path, one for each kind of processor."""

import re
from pathlib import Path

from PyInstaller.utils.hooks import get_package_paths

# A wheel turns each chain of links into copies: one file is taken for each name that somebody asks for.
_ASKED_FOR = {"libllama.so", "libllama.so.0", "libggml.so.0", "libggml-base.so.0", "libggml-cpu.so.0"}
# With AMX, which no laptop has, llama.cpp crashes on processors that only pretend to have it; Cooper Lake, Cascade Lake
# and Skylake-X are in servers and workstations, Cannon Lake in hardly anything, and "x64" is for what is refused.
_LEFT_OUT = {"sapphirerapids", "cooperlake", "cascadelake", "cannonlake", "skylakex", "x64"}


def _is_wanted(name: str) -> bool:
    variant = re.fullmatch(r"(?:lib)?ggml-cpu-(\w+)\.(?:so|dll|dylib)", name)
    if variant is not None:
        return variant[1] not in _LEFT_OUT
    return name in _ASKED_FOR or name.endswith((".dll", ".dylib", ".metal"))


_folder = Path(get_package_paths("llama_cpp")[1]) / "lib"
binaries = [(str(path), "llama_cpp/lib") for path in sorted(_folder.iterdir()) if _is_wanted(path.name)]
excludedimports = ["llama_cpp.server", "uvicorn", "fastapi"]
