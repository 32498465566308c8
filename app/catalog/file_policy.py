"""Which files a model may consist of: safe names, types that hold no code, and matching first bytes."""

import re
from pathlib import Path

from app.core.errors import ModelDamaged

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+ -]{0,199}\Z")
# Weights and tables only: nothing that a program would execute on reading (pickles, Python, shared libraries).
_SUFFIXES = frozenset({".gguf", ".bin", ".onnx", ".json", ".txt", ".md"})
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # PyTorch writes zipped and plain ones
_GGUF = b"GGUF"
_LATEST_CTRANSLATE2 = 100  # a CTranslate2 file starts with its format version, 6 today

_REFUSED = "This holds something that no model is made of."
_LEFT = "Nothing of it was taken in; get the model from a source that you trust."


def is_model_id(untrusted: str) -> bool:
    """Whether this can be a model's id, and therefore the name of its folder."""
    return ID.match(untrusted) is not None and untrusted.split(".")[0] not in _RESERVED


def id_of(name: str, longest: int = 64) -> str:
    """An id made from a model's name, of plain characters only."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.casefold()).strip("-._")[:longest].rstrip("-._")
    return plain if is_model_id(plain) else "model"


def is_safe_file_name(untrusted: str) -> bool:
    """Whether this can be the name of a model's file: no folder, no reserved name, nothing executable."""
    path = Path(untrusted)
    is_plain = _NAME.match(untrusted) is not None and not untrusted.endswith((".", " "))
    return is_plain and path.suffix.casefold() in _SUFFIXES and path.stem.split(".")[0].casefold() not in _RESERVED


def check_beginning(name: str, untrusted_first: bytes) -> None:
    """Check a file's first 8 bytes, without parsing anything.

    Raises:
        ModelDamaged: no file of this name starts like that.
    """
    if untrusted_first.startswith(_PICKLES):
        raise ModelDamaged(_REFUSED, _LEFT)
    if name.casefold().endswith(".gguf") and not untrusted_first.startswith(_GGUF):
        raise ModelDamaged("A file called GGUF is none.", _LEFT)
    number = int.from_bytes(untrusted_first[:4], "little")
    if name.casefold() == "model.bin" and not (len(untrusted_first) >= 4 and 0 < number <= _LATEST_CTRANSLATE2):
        raise ModelDamaged("The speech model is not in CTranslate2's form.", _LEFT)


def refusal() -> ModelDamaged:
    """The error for anything that is not accepted."""
    return ModelDamaged(_REFUSED, _LEFT)
