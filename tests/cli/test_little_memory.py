"""A computer with little memory, at the command line: the work is done with less, and a sentence says with what."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from app.core.resources import demo_call
from tests.making_models import language
from tests.running import ROOT, Home

_LIMIT = 230 << 20  # bytes of data for each process: too few for the larger model, and for all that the other wishes
_LIMITED = f"import os,resource,sys; resource.setrlimit(resource.RLIMIT_DATA, ({_LIMIT},) * 2); "
_LIMITED += "os.execv(sys.argv[1], sys.argv[1:])"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_question_is_answered_with_a_smaller_model_a_shorter_context_and_a_cache_of_eight_bits(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    assert home.run("import", str(demo_call())).status == 0
    hungry = msgspec.structs.replace(language.SHAPES["llama, Q4_0"], blocks=1, embedding=256, vocabulary=2000)
    language.make(home.models / "hungry.gguf", hungry)
    language.make(home.models / "heavy.gguf", language.SHAPES["llama, F16, many words"])
    home.run("models", "use", "heavy")
    ended = subprocess.run(
        [sys.executable, "-c", _LIMITED, *home.command("ask", "What was decided?")], cwd=ROOT, env=home.environment,
        text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()
    assert "heavy does not fit into the memory that is free: the work is done with hungry." in ended.stderr
    assert "Memory is short: the language model reads 4,096 tokens at once, kept in eight bits" in ended.stderr
    assert "instead of 8,192." in ended.stderr
