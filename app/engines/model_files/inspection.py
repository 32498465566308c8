"""What a model's files say about the model, read inside a worker."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from app.core.embedding import is_embedding
from app.core.errors import ModelDamaged
from app.core.inspection import Inspection, Portion
from app.engines.model_files import ctranslate2, gguf

_LONGEST = 200  # characters of a displayed value
_LONGEST_TEMPLATE = 200_000  # characters; the longest known ones have some ten thousand
_BLOCK = re.compile(r"^(?:blk\.\d+\.|(?:encoder|decoder)/layer_\d+/)")
_ROLES = (
    ("experts", ("_exps", "_shexp", "ffn_gate_inp")), ("feed forward", ("ffn",)),
    ("recurrence", ("ssm", "shortconv")), ("attention", ("attn", "attention")),
)  # fmt: skip


def inspect_gguf(path: Path) -> Inspection:
    """Inspect a GGUF file.

    Raises:
        ModelDamaged: it is not a GGUF file, or is shorter than its header says.
    """
    try:
        header, tensors = gguf.read_shards(path)
        stored_bytes = sum(shard.stat().st_size for shard in gguf.shard_paths(path))
    except OSError as error:  # a shard is missing
        raise ModelDamaged from error
    if sum(tensor.size for tensor in tensors) > stored_bytes:
        raise ModelDamaged
    known = header.metadata
    architecture = str(known.get("general.architecture", ""))[:_LONGEST]
    tokens = known.get("tokenizer.ggml.tokens")
    vocabulary = tokens.length if isinstance(tokens, gguf.TruncatedList) else 0
    sized_parts = ((_part(tensor.name), tensor.type_name, tensor.size) for tensor in tensors)
    return Inspection(
        f"GGUF {header.version}", architecture, str(known.get("general.name", ""))[:_LONGEST],
        _int_or_zero(known.get(f"{architecture}.context_length")), vocabulary,
        str(known.get("tokenizer.ggml.model", ""))[:_LONGEST],
        str(known.get("tokenizer.chat_template", ""))[:_LONGEST_TEMPLATE], _portions(sized_parts),
        tuple((key[:_LONGEST], _shown(value)) for key, value in known.items() if key != "tokenizer.chat_template"),
        sum(tensor.value_count for tensor in tensors), is_embedding(known),
    )  # fmt: skip


def inspect_whisper(folder: Path) -> Inspection:
    """Inspect a CTranslate2 Whisper folder.

    Raises:
        ModelDamaged: it is not one.
    """
    model = folder / "model.bin"
    try:
        with model.open("rb") as file:
            kind, variables = ctranslate2.read(file, model.stat().st_size)
        config = json.loads((folder / "config.json").read_bytes())
        listed = next((p for n in ("vocabulary.json", "vocabulary.txt") if (p := folder / n).is_file()), None)
        vocabulary = _vocabulary_size(listed) if listed else 0
    except (OSError, ValueError, RecursionError) as error:
        raise ModelDamaged from error
    facts = [(str(key)[:_LONGEST], _shown(value)) for key, value in config.items()] if isinstance(config, dict) else []
    layers = {half: sum(v.name.endswith("ffn/linear_0/weight") for v in variables if v.name.startswith(half))
              for half in ("encoder", "decoder")}  # fmt: skip
    facts = [(f"{half} layers", str(count)) for half, count in layers.items()] + facts
    return Inspection(
        "CTranslate2", kind[:_LONGEST], "", 448, vocabulary, "tokenizer.json", "",
        _portions((_part(v.name), v.type_name, v.size) for v in variables), tuple(facts),
        sum(v.value_count for v in variables),
    )  # fmt: skip


def _vocabulary_size(path: Path) -> int:
    raw = path.read_bytes()
    return len(json.loads(raw)) if path.suffix == ".json" else raw.count(b"\n")


def _part(name: str) -> str:
    """What a tensor is for, as displayed; for a Whisper model also which half it belongs to."""
    half = name.partition("/")[0] if "/" in name else ""
    if not _BLOCK.match(name):
        is_words = name.startswith(("token_embd", "output.", "per_layer_token_embd", "decoder/embeddings"))
        return "words" if is_words or "projection" in name else f"{half} rest".strip()
    role = next((role for role, signs in _ROLES if any(sign in name for sign in signs)), "rest")
    return f"{half} {role}".strip()


def _portions(sized_parts: Iterable[tuple[str, str, int]]) -> tuple[Portion, ...]:
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for part, type_name, size in sized_parts:
        found[part, type_name].append(size)
    return tuple(Portion(*part_and_type, len(sizes), sum(sizes)) for part_and_type, sizes in found.items())


def _int_or_zero(value: object) -> int:
    return value if isinstance(value, int) else 0


def _shown(value: object) -> str:
    """A value on one line; for a list, its length and first items."""
    if isinstance(value, list):
        length = value.length if isinstance(value, gguf.TruncatedList) else len(value)
        first_items = ", ".join(str(item) for item in value[:4])
        return f"{length} values: {first_items}{' …' if length > 4 else ''}"[:_LONGEST]
    return " ".join(str(value).split())[:_LONGEST]
