"""Names, types and first bytes that no model may have are refused before anything is parsed."""

import pytest

from app.catalog import file_policy
from app.core.errors import ModelDamaged


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Qwen 3 (4B)", "qwen-3-4b"),
        ("../../etc", "etc"),
        ("…", "model"),
        ("CON", "model"),
        ("a" * 80, "a" * 64),
        ("x" * 63 + "-y", "x" * 63),
    ],
)
def test_an_id_made_from_a_name_is_plain(name: str, made: str) -> None:
    assert file_policy.id_of(name) == made
    assert file_policy.is_model_id(made)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("a.onnx", b"PK\x03\x04\0\0\0\0"),
        ("model.bin", b"\x80\x02\0\0\0\0\0\0"),
        ("a.GGUF", b"GGML\0\0\0\0"),
        ("model.bin", b"\0\0\0\0\0\0\0\0"),
        ("model.bin", b"\x65\0\0\0\0\0\0\0"),
        ("model.bin", b"\x06\0"),
    ],
)
def test_a_beginning_that_no_model_has_is_refused(name: str, first: bytes) -> None:
    with pytest.raises(ModelDamaged):
        file_policy.check_beginning(name, first)


@pytest.mark.parametrize(
    ("name", "first"),
    [("a.gguf", b"GGUF\3\0\0\0"), ("model.bin", b"\6\0\0\0\0\0\0\0"), ("model.bin", b"\x64\0\0\0"), ("a.json", b"{")],
)
def test_a_beginning_of_its_kind_is_accepted(name: str, first: bytes) -> None:
    file_policy.check_beginning(name, first)
