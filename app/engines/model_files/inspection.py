"""Reading what a model's files say of themselves, inside a worker."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from app.core.errors import ModelDamaged
from app.core.inspection import Inspection, Portion
from app.engines.model_files import ctranslate2, gguf

_LONGEST = 200  # characters of a value that is shown
_LONGEST_TEMPLATE = 200_000  # characters; the longest that are known have some ten thousand
_BLOCK = re.compile(r"^(?:blk\.\d+\.|(?:encoder|decoder)/layer_\d+/)")
_ROLES = (
    ("experts", ("_exps", "_shexp", "ffn_gate_inp")), ("feed forward", ("ffn",)),
    ("recurrence", ("ssm", "shortconv")), ("attention", ("attn", "attention")),
)  # fmt: skip


def of_gguf(path: Path) -> Inspection:
    """A look inside a GGUF file.

    Raises:
        ModelDamaged: it is none, or has less than it says.
    """
    try:
        header, tensors = gguf.read_all(path)
        there = sum(piece.stat().st_size for piece in gguf.pieces(path))
    except OSError as error:  # a piece is missing
        raise ModelDamaged from error
    if sum(tensor.size for tensor in tensors) > there:
        raise ModelDamaged
    known = header.metadata
    architecture = str(known.get("general.architecture", ""))[:_LONGEST]
    words = known.get("tokenizer.ggml.tokens")
    placed = ((_part(tensor.name), tensor.type_name, tensor.size) for tensor in tensors)
    return Inspection(
        f"GGUF {header.version}", architecture, str(known.get("general.name", ""))[:_LONGEST],
        _whole(known.get(f"{architecture}.context_length")), words.length if isinstance(words, gguf.Skipped) else 0,
        str(known.get("tokenizer.ggml.model", ""))[:_LONGEST],
        str(known.get("tokenizer.chat_template", ""))[:_LONGEST_TEMPLATE], _portions(placed),
        tuple((key[:_LONGEST], _shown(value)) for key, value in known.items() if key != "tokenizer.chat_template"),
        sum(tensor.values for tensor in tensors),
    )  # fmt: skip


def of_whisper(folder: Path) -> Inspection:
    """A look inside a CTranslate2 Whisper folder.

    Raises:
        ModelDamaged: it is none.
    """
    model = folder / "model.bin"
    try:
        with model.open("rb") as file:
            kind, variables = ctranslate2.read(file, model.stat().st_size)
        config = json.loads((folder / "config.json").read_bytes())
        listed = next((p for n in ("vocabulary.json", "vocabulary.txt") if (p := folder / n).is_file()), None)
        words = _words(listed) if listed else 0
    except (OSError, ValueError, RecursionError) as error:
        raise ModelDamaged from error
    facts = [(str(key)[:_LONGEST], _shown(value)) for key, value in config.items()] if isinstance(config, dict) else []
    layers = {half: sum(v.name.endswith("ffn/linear_0/weight") for v in variables if v.name.startswith(half))
              for half in ("encoder", "decoder")}  # fmt: skip
    facts = [(f"{half} layers", str(count)) for half, count in layers.items()] + facts
    return Inspection(
        "CTranslate2", kind[:_LONGEST], "", 448, words, "tokenizer.json", "",
        _portions((_part(v.name), v.type_name, v.size) for v in variables), tuple(facts),
        sum(v.values for v in variables),
    )  # fmt: skip


def _words(path: Path) -> int:
    raw = path.read_bytes()
    return len(json.loads(raw)) if path.suffix == ".json" else raw.count(b"\n")


def _part(name: str) -> str:
    """What a tensor is for: words, attention, feed forward, experts, recurrence; which half in a Whisper model."""
    half = name.partition("/")[0] if "/" in name else ""
    if not _BLOCK.match(name):
        is_words = name.startswith(("token_embd", "output.", "per_layer_token_embd", "decoder/embeddings"))
        return "words" if is_words or "projection" in name else f"{half} rest".strip()
    role = next((role for role, signs in _ROLES if any(sign in name for sign in signs)), "rest")
    return f"{half} {role}".strip()


def _portions(placed: Iterable[tuple[str, str, int]]) -> tuple[Portion, ...]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for part, type_name, size in placed:
        found[part, type_name].append(size)
    return tuple(Portion(*place, len(sizes), sum(sizes)) for place, sizes in found.items())


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _shown(value: object) -> str:
    """A value on one line; of a list its length and its begin."""
    if isinstance(value, list):
        length = value.length if isinstance(value, gguf.Skipped) else len(value)
        begin = ", ".join(str(item) for item in value[:4])
        return f"{length} values: {begin}{' …' if length > 4 else ''}"[:_LONGEST]
    return " ".join(str(value).split())[:_LONGEST]
