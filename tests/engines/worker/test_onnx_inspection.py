"""What is told of a voice print model, and that anything else is refused."""

from pathlib import Path

import pytest

from app.core.errors import ModelDamaged
from app.engines.model_files.onnx_inspection import inspect_onnx
from app.engines.parent.model_tools import RemoteModelTools
from tests.making_models.voice_prints import make


def test_the_worker_tells_what_a_voice_print_model_is_made_of(tmp_path: Path) -> None:
    path = make(tmp_path / "tiny.ONNX", dimensions=24)
    tools = RemoteModelTools(1, [path])
    try:
        found = tools.inspect(path)
    finally:
        tools.close()
    assert (found.format, found.architecture, found.parameters) == ("ONNX", "voice print", 40 * 24)
    (whole,) = found.portions
    assert (whole.part, whole.type_name, whole.tensors, whole.size) == ("matmul", "F32", 1, 4 * 40 * 24)
    assert dict(found.facts) == {"numbers of a voice print": "24", "written by": "tests", "made for": "tests"}


def test_what_is_none_is_damaged(tmp_path: Path) -> None:
    make(tmp_path / "other.onnx", bands=7)
    (tmp_path / "text.onnx").write_text("no model")
    for name in ("other.onnx", "text.onnx", "missing.onnx"):
        with pytest.raises(ModelDamaged):
            inspect_onnx(tmp_path / name)
