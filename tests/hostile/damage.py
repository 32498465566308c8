"""Kinds of damage: to the header, the words, the tensors and the template of a GGUF, to a Whisper folder's files."""

import io
import json
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from app.core.resources import demo_models
from app.engines.model_files import gguf
from app.engines.model_files.gguf import Tensor

WHOLE = (demo_models() / "language.gguf").read_bytes()
HEADER = gguf.read(io.BytesIO(WHOLE), len(WHOLE))
SPEECH_FILES = {path.name: path.read_bytes() for path in sorted((demo_models() / "speech").iterdir())}

TEMPLATES = {
    "template loops for ever": "{% for i in range(99999) %}{% for j in range(99999) %}{% for k in range(99999) %}"
    "{% endfor %}{% endfor %}{% endfor %}",
    "template makes three gigabytes": "{{ 'x' * 3000000000 }}",
    "template makes them in the loop": "{% for m in messages %}{{ m['content'] * 3000000000 }}{% endfor %}",
    "template doubles a text": "{% set n = namespace(s='x') %}{% for i in range(64) %}{% set n.s = n.s ~ n.s %}"
    "{% endfor %}{{ n.s }}",
    "template pads without end": "{{ 'x'|center(3000000000) }}",
    "template holds the lock for ever": "{{ 10 ** (10 ** 10) }}",
    "template reaches for classes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "template reaches for classes by a filter": "{{ messages|attr('__class__')|attr('__subclasses__') }}",
    "template reaches for classes by a format": "{{ '{0.__class__.__init__.__globals__}'.format(messages) }}",
    "template reaches for the system": "{{ cycler.__init__.__globals__.os.system('id') }}",
    "template includes a file": "{% include '/etc/passwd' %}",
    "template makes up words without end": "{{ lipsum(n=100000000) }}",
    "template joins without end": "{{ range(99999)|map('string')|join('x' * 99999) }}",
    "template is none": "{% for %}",
    "template nests": "{{" + "(" * 20_000 + "1" + ")" * 20_000 + "}}",
    "template calls itself": "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(1) }}",
    "template refuses all": "{{ raise_exception('no') }}",
    "template says nothing": " ",
}


def rebuilt(metadata: dict[str, gguf.Value | bytes], tensors: list[Tensor] | None = None) -> bytes:
    """The demo model with other metadata."""
    out = io.BytesIO()
    gguf.write(out, metadata, HEADER.tensors if tensors is None else tensors)
    return out.getvalue() + WHOLE[HEADER.data_start :]


def whole_metadata() -> dict[str, gguf.Value | bytes]:
    """The demo model's metadata, each value as it stands in the file."""
    return dict(_raw_pairs())


def _raw_pairs() -> Iterator[tuple[str, bytes]]:
    reader = gguf._Reader(io.BytesIO(WHOLE), len(WHOLE))
    reader.take(24)
    for _ in range(len(HEADER.metadata)):
        key = reader.string()
        before = reader.position
        reader.value(reader.number("<I"))
        yield key, WHOLE[before : reader.position]


def _with(**changes: gguf.Value | bytes) -> bytes:
    return rebuilt(whole_metadata() | {key.replace("__", "."): value for key, value in changes.items()})


def _without(key: str) -> bytes:
    return rebuilt({name: value for name, value in whole_metadata().items() if name != key})


def _tensor(number: int, **changes: object) -> bytes:
    import dataclasses

    tensors = list(HEADER.tensors)
    tensors[number] = dataclasses.replace(tensors[number], **changes)  # type: ignore[arg-type]
    return rebuilt(whole_metadata(), tensors)


def _patched(place: int, new: bytes) -> bytes:
    return WHOLE[:place] + new + WHOLE[place + len(new) :]


def ggufs() -> dict[str, Callable[[], bytes]]:
    """Each kind of damage by its name, with what makes the file."""
    most, start = b"\xff" * 8, HEADER.data_start
    kinds: dict[str, Callable[[], bytes]] = {
        "empty": lambda: b"",
        "magic alone": lambda: WHOLE[:4],
        "another magic": lambda: _patched(0, b"GGML"),
        "version 1": lambda: _patched(4, struct.pack("<I", 1)),
        "version of the future": lambda: _patched(4, struct.pack("<I", 99)),
        "the other byte order": lambda: _patched(4, struct.pack(">I", 3)),
        "tensors without number": lambda: _patched(8, most),
        "no tensors": lambda: rebuilt(whole_metadata(), []),
        "a tensor too few": lambda: rebuilt(whole_metadata(), list(HEADER.tensors[:-1])),
        "keys without number": lambda: _patched(16, most),
        "no keys": lambda: rebuilt({}),
        "a key of endless length": lambda: _patched(24, most),
        "cut in the header": lambda: WHOLE[: start // 3],
        "cut in the words": lambda: WHOLE[: start - 40_000],
        "cut behind the header": lambda: WHOLE[:start],
        "cut in the weights": lambda: WHOLE[: start + (len(WHOLE) - start) // 2],
        "the last byte is missing": lambda: WHOLE[:-1],
        "zeros": lambda: bytes(len(WHOLE)),
        "noise": lambda: random.Random(5).randbytes(200_000),
        "noise behind the magic": lambda: WHOLE[:4] + random.Random(6).randbytes(200_000),
        "weights of noise": lambda: WHOLE[:start] + random.Random(7).randbytes(len(WHOLE) - start),
        "weights that are no numbers": lambda: WHOLE[:start] + b"\xff\x7e" * ((len(WHOLE) - start) // 2),
        "an architecture that is none": lambda: _with(general__architecture="unheard-of"),
        "an architecture of another build": lambda: _with(general__architecture="mamba"),
        "no architecture": lambda: _without("general.architecture"),
        "no layers": lambda: _with(llama__block_count=0),
        "layers without number": lambda: _with(llama__block_count=4_000_000_000),
        "more layers than there are": lambda: _with(llama__block_count=400),
        "no width": lambda: _with(llama__embedding_length=0),
        "another width": lambda: _with(llama__embedding_length=257),
        "no heads": lambda: _with(llama__attention__head_count=0),
        "heads that do not divide": lambda: _with(llama__attention__head_count=7),
        "heads without number": lambda: _with(llama__attention__head_count=4_294_967_295),
        "a context without end": lambda: _with(llama__context_length=4_294_967_295),
        "no context": lambda: _with(llama__context_length=0),
        "a number where a text belongs": lambda: _with(tokenizer__ggml__model=7),
        "no words": lambda: _without("tokenizer.ggml.tokens"),
        "one word": lambda: _with(tokenizer__ggml__tokens=["a"]),
        "words of another kind": lambda: _with(tokenizer__ggml__tokens=[1, 2, 3]),
        "kinds of other words": lambda: _with(tokenizer__ggml__token_type=[1, 2]),
        "merges of nothing": lambda: _with(tokenizer__ggml__merges=["", " ", "x"]),
        "no merges": lambda: _without("tokenizer.ggml.merges"),
        "a last word that is not there": lambda: _with(tokenizer__ggml__eos_token_id=999_999),
        "a first word that is not there": lambda: _with(tokenizer__ggml__bos_token_id=4_000_000_000),
        "words that are all one": lambda: _with(tokenizer__ggml__tokens=["x"] * 1795),
        "a step that is no number": lambda: _with(llama__attention__layer_norm_rms_epsilon=float("nan")),
        "an alignment of one": lambda: _with(general__alignment=1),
        "an alignment of nothing": lambda: _with(general__alignment=0),
        "a list in a list": lambda: _with(general__tags=struct.pack("<IIQ", 9, 9, 1 << 40)),
        "a list without end": lambda: _with(general__tags=struct.pack("<IIQ", 9, 4, 1 << 60)),
        "a kind that is none": lambda: _with(general__tags=struct.pack("<I", 77)),
        "a tensor of another name": lambda: _tensor(3, name="blk.0.nothing"),
        "two tensors of one name": lambda: _tensor(3, name=HEADER.tensors[4].name),
        "a tensor of another shape": lambda: _tensor(3, shape=(64, 64)),
        "a tensor without end": lambda: _tensor(3, shape=(1 << 40, 1 << 20)),
        "a tensor of nothing": lambda: _tensor(3, shape=(0, 0)),
        "a tensor of another type": lambda: _tensor(3, type_name="IQ2_XXS"),
    }
    return kinds | {name: (lambda text=text: _with(tokenizer__chat_template=text)) for name, text in TEMPLATES.items()}


def changed_settings(name: str, **changed: object) -> dict[str, bytes]:
    """A file of the demo's Whisper folder with some of its settings changed."""
    return {name: json.dumps(json.loads(SPEECH_FILES[name]) | changed).encode()}


def _model(place: int, new: bytes) -> dict[str, bytes]:
    whole = SPEECH_FILES["model.bin"]
    return {"model.bin": whole[:place] + new + whole[place + len(new) :]}


def whispers() -> dict[str, Callable[[], dict[str, bytes | None]]]:
    """Each kind of damage to a Whisper folder, as the files that differ; None where one is missing."""
    whole = SPEECH_FILES["model.bin"]
    noise = random.Random(8)
    kinds: dict[str, Callable[[], dict[str, bytes]]] = {
        "no weights": lambda: {"model.bin": b""},
        "weights cut in the head": lambda: {"model.bin": whole[:10]},
        "weights cut in half": lambda: {"model.bin": whole[: len(whole) // 2]},
        "the last byte is missing": lambda: {"model.bin": whole[:-1]},
        "weights of zeros": lambda: {"model.bin": bytes(len(whole))},
        "weights of noise": lambda: {"model.bin": noise.randbytes(100_000)},
        "noise behind the head": lambda: {"model.bin": whole[:300] + noise.randbytes(len(whole) - 300)},
        "weights that are no numbers": lambda: {
            "model.bin": whole[:50_000] + b"\xff\x7e" * ((len(whole) - 50_000) // 2)
        },
        "another version": lambda: _model(0, struct.pack("<I", 4_000_000_000)),
        "version 1": lambda: _model(0, struct.pack("<I", 1)),
        "a name of endless length": lambda: _model(4, b"\xff\xff"),
        "another kind of model": lambda: {"model.bin": whole.replace(b"WhisperSpec", b"TransforSpe")},
        "a revision of the future": lambda: _model(6 + len("WhisperSpec") + 1, b"\xff" * 4),
        "tensors without number": lambda: _model(6 + len("WhisperSpec") + 5, b"\xff" * 4),
        "a tensor of another name": lambda: {
            "model.bin": whole.replace(b"encoder/conv1/weight", b"encoder/conv9/weight")
        },
        "a tensor without end": lambda: {"model.bin": _widened(whole)},
        "no settings": lambda: {"config.json": b""},
        "settings that are none": lambda: {"config.json": b"[1, 2"},
        "settings of noise": lambda: {"config.json": noise.randbytes(500)},
        "settings that nest": lambda: {"config.json": b'{"a":' * 50_000},
        "settings of another kind": lambda: changed_settings("config.json", suppress_ids="none", lang_ids=[{}]),
        "words left out that are not there": lambda: changed_settings("config.json", suppress_ids=[1 << 40, -9]),
        "languages that are not there": lambda: changed_settings("config.json", lang_ids=[999_999]),
        "heads that are not there": lambda: changed_settings("config.json", alignment_heads=[[99, 99]]),
        "no heads": lambda: changed_settings("config.json", alignment_heads=[]),
        "no words": lambda: {"vocabulary.json": b"[]"},
        "one word": lambda: {"vocabulary.json": b'["a"]'},
        "words that are none": lambda: {"vocabulary.json": b"{"},
        "words of another kind": lambda: {"vocabulary.json": json.dumps([1, None, {}]).encode()},
        "no tokenizer": lambda: {"tokenizer.json": b""},
        "a tokenizer of noise": lambda: {"tokenizer.json": noise.randbytes(2000)},
        "a tokenizer that nests": lambda: {"tokenizer.json": b'{"model":' * 50_000},
        "a tokenizer without words": lambda: changed_settings("tokenizer.json", model={"type": "BPE"}),
        "a tokenizer of others' words": lambda: changed_settings("tokenizer.json", added_tokens=[]),
        "sound of another kind": lambda: changed_settings("preprocessor_config.json", feature_size=4000),
        "sound without steps": lambda: changed_settings("preprocessor_config.json", hop_length=0),
        "sound of no size": lambda: changed_settings("preprocessor_config.json", n_fft=0, chunk_length=0),
        "sound of endless size": lambda: changed_settings("preprocessor_config.json", n_fft=1 << 31),
        "settings of sound that are none": lambda: {"preprocessor_config.json": b"nothing"},
    }
    return dict(kinds)  # type: ignore[arg-type]


def _widened(whole: bytes) -> bytes:
    """The first tensor's dimension made as large as a number can be."""
    place = whole.index(b"decoder/") + 40
    return whole[:place] + b"\xff" * 8 + whole[place + 8 :]


def mutated(seed: int, of_speech: bool) -> dict[str, bytes]:
    """A model of which something was changed at random: the files that differ."""
    chance = random.Random(seed)
    if not of_speech:
        return {"model.gguf": _mutated(WHOLE, HEADER.data_start, chance)}
    name = chance.choice(list(SPEECH_FILES))
    head = 2000 if name == "model.bin" else len(SPEECH_FILES[name])
    return {name: _mutated(SPEECH_FILES[name], head, chance)}


def _mutated(whole: bytes, head: int, chance: random.Random) -> bytes:
    """One change, or up to eight; nine of ten of them in what is parsed, half of these in its first kilobytes.

    Few of them move what follows: a file that is shifted is refused at its first length.
    """
    out = bytearray(whole)
    for _ in range(1 if chance.random() < 0.6 else chance.randint(2, 8)):
        reach = len(out) if chance.random() < 0.1 else min(head, len(out))
        if chance.random() < 0.5:
            reach = min(reach, 3000)
        place = chance.randrange(max(1, reach))
        kind = chance.random()
        if kind < 0.3:
            new = bytes([out[place] ^ 1 << chance.randrange(8)])
        elif kind < 0.6:
            new = chance.randbytes(1)
        elif kind < 0.75:
            new = chance.choice([b"\xff" * 4, bytes(4), b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f"])
        elif kind < 0.9:
            new = chance.choice([b"\xff" * 8, bytes(8), struct.pack("<Q", 1 << 62)])
        elif kind < 0.95:
            del out[place : place + chance.randint(1, 64)]
            continue
        else:
            out[place:place] = chance.randbytes(chance.randint(1, 64))
            continue
        out[place : place + len(new)] = new
    return bytes(out) if chance.random() < 0.97 else bytes(out[: chance.randrange(len(out))])


def folder_of(folder: Path, files: dict[str, bytes | None] | dict[str, bytes]) -> Path:
    """A Whisper folder: the demo model's, with these files instead."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (SPEECH_FILES | files).items():
        if content is not None:
            (folder / name).write_bytes(content)
    return folder
