"""The speed of writing, beside that of a bare loop of `llama_decode` and the highest logit.

The engine writes as in the product, with its prompt read before; the bare loop goes on from the same prompt. They take
turns, each ratio is one of neighbours, and the median counts. Beside the elapsed time stands what would have elapsed on
a computer that does nothing else: the processor time of decoding, shared by its threads, and that of the one thread
outside it. Where other programs are busy, only that is judged.
"""

import ctypes
import json
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np

from app.core.engines import Generated, Prompt
from app.core.fit import Profile
from app.core.grammar import cited_text_grammar, summary_grammar
from app.core.sampling import GREEDY, Sampling
from app.core.wording import INSTRUCT
from app.engines import protocol
from app.engines.worker.language import LlamaEngine
from tests.bench.real.clock import BUSY, THREADS, Clock, Quiet, Speed
from tests.bench.real.figure import Figure
from tests.call_summaries import CALL_TEMPLATE

MODEL = "Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf"
TURNS = 3
TOKENS = 40
_LINES = 12


def measure(folder: Path) -> Iterator[Figure]:
    """The ratios for each way of writing that the product has."""
    engine = LlamaEngine()
    load = protocol.LoadModel(str(folder / "models" / MODEL), THREADS, (Profile(2048),))
    list(engine.answer(load, Quiet()))  # type: ignore[arg-type]
    prompt, lines = _prompt(folder / "qmsum" / "ES2004a.json"), range(1, _LINES + 1)
    ways: dict[str, tuple[Callable[[], Speed], float | None]] = {
        "without a grammar": (lambda: _written(engine, prompt), 0.97),
        "cited text": (lambda: _written(engine, prompt, cited_text_grammar(lines)), 0.97),
        "summary": (lambda: _written(engine, prompt, summary_grammar(CALL_TEMPLATE, lines)), 1.0),
        "drawn, without a grammar": (lambda: _written(engine, prompt, "", Sampling(0.7, 20, 0.8)), None),
    }
    ratios: dict[str, list[Speed]] = {name: [] for name in ways}
    _written(engine, prompt)  # reads the prompt
    bare = [_bare(engine, prompt)]
    for _ in range(TURNS):
        for name, (write, _least) in ways.items():
            speed = write()
            bare.append(_bare(engine, prompt))
            before, after = bare[-2:]
            ratios[name].append(
                Speed(
                    speed.elapsed * 2 / (before.elapsed + after.elapsed),
                    speed.undisturbed * 2 / (before.undisturbed + after.undisturbed),
                )
            )
    is_busy = statistics.median(speed.undisturbed / speed.elapsed for speed in bare) > BUSY
    yield Figure("bare loop, tokens/s", statistics.median(speed.elapsed for speed in bare))
    yield Figure("bare loop, tokens/s, undisturbed", statistics.median(speed.undisturbed for speed in bare))
    for name, (_write, least) in ways.items():
        elapsed = sorted(speed.elapsed for speed in ratios[name])
        note = f"from {elapsed[0]:.2f} to {elapsed[-1]:.2f}"
        if is_busy:
            yield Figure(f"{name}: elapsed", statistics.median(elapsed), None, f"{note}; others are busy: not judged")
        else:
            yield Figure(f"{name}: elapsed", statistics.median(elapsed), least, note)
        yield Figure(f"{name}: undisturbed", statistics.median(s.undisturbed for s in ratios[name]), least)


def _prompt(meeting: Path) -> Prompt:
    said = json.loads(meeting.read_text("utf-8"))["meeting_transcripts"][:_LINES]
    lines = "\n".join(f"[{n}] {turn['speaker']}: {turn['content'][:200]}" for n, turn in enumerate(said, 1))
    task = "Tell in detail, in about two hundred words, what is said here."
    return Prompt((("system", INSTRUCT.system), ("user", f"Transcript:\n{lines}\n\n{task}")))


def _written(engine: LlamaEngine, prompt: Prompt, grammar: str = "", sampling: Sampling = GREEDY) -> Speed:
    context: Any = engine._llama._ctx
    clock, decode = Clock(), context.decode
    context.decode = clock.timed(decode)
    try:
        request = protocol.Generate(prompt, grammar, TOKENS, sampling)
        *_, ended = engine.answer(request, Quiet())  # type: ignore[arg-type]
        assert isinstance(ended, Generated)
        return clock.speed(ended.reply_tokens)
    finally:
        context.decode = decode


def _bare(engine: LlamaEngine, prompt: Prompt) -> Speed:
    llama: Any = engine._llama
    tokens = engine._prompt_tokens(prompt)
    token, size, one = tokens[-1], llama.n_vocab(), (ctypes.c_int32 * 1)()
    llama._ctx.kv_cache_seq_rm(-1, len(tokens) - 1, -1)
    clock = Clock()
    decode = clock.timed(llama_cpp.llama_decode)
    for _ in range(TOKENS):
        one[0] = token
        if decode(llama.ctx, llama_cpp.llama_batch_get_one(one, 1)):
            raise RuntimeError("llama.cpp can't decode")
        token = int(np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(llama.ctx, -1), shape=(size,)).argmax())
    speed = clock.speed(TOKENS)
    llama._ctx.kv_cache_seq_rm(-1, len(tokens) - 1, -1)
    llama.n_tokens = min(llama.n_tokens, len(tokens) - 1)
    return speed
