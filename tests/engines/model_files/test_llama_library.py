"""llama.cpp is begun once, with one library for this processor."""

import subprocess
import sys

from tests.running import ROOT

_PROGRAM = """
from pathlib import Path
from app.engines.model_files.llama_library import begun_library
for time in range(2):
    library = begun_library()
own = library.llama_cpp._lib
mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "libggml-cpu" in line}
print(own.ggml_backend_reg_count(), own.ggml_backend_dev_count(), len(mapped))
"""


def test_it_computes_by_one_library_however_often_it_is_asked_for() -> None:
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{_PROGRAM}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["1", "1", "1"]
