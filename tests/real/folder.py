"""The folder with real models, recordings and meetings, which `TACIT_REAL` names, and what of it is missing."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

REAL = Path(os.environ.get("TACIT_REAL", "nowhere"))

_LANGUAGE = (
    "Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf", "gemma-3-270m.Q4_K_M.gguf"
)  # fmt: skip
LANGUAGE_MODELS = [
    pytest.param(REAL / "models" / name, id=name.removesuffix(".gguf"), marks=pytest.mark.real(f"models/{name}"))
    for name in _LANGUAGE
]
"""The language models that are fetched, for a test to run with each."""


def missing(parts: Iterable[str], folder: Path = REAL) -> list[str]:
    """Those of the parts, as paths below the folder, that are not there."""
    return [part for part in parts if not (folder / part).exists()]


def why_left_out(parts: Iterable[str], folder: Path = REAL) -> str:
    """Why a test that needs these parts can't run, as a sentence; "" where it can."""
    wanted = missing(parts, folder)
    return f"TACIT_REAL names no folder with {' and '.join(wanted)} (see CONTRIBUTING)" if wanted else ""
