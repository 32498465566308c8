"""llama.cpp's log is captured for as long as the process lives."""

import subprocess
import sys

from app.core.resources import demo_models
from tests.running import ROOT

CODE = """
import gc, sys
import llama_cpp
from app.engines.model_files.memory_plan import LlamaLog
llama = llama_cpp.Llama(sys.argv[1], n_ctx=256, n_threads=1, verbose=False)
LlamaLog()
gc.collect()
others = [bytearray(200) for _ in range(100_000)]
vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
llama_cpp.llama_sampler_init_grammar(vocabulary, b"this is no grammar", b"root")  # which is logged
print("alive")
"""


def test_what_is_logged_after_its_reader_has_gone_ends_no_process() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CODE, str(demo_models() / "language.gguf")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (0, "alive\n")
