"""Whether a model will run here: what it needs, what is free, and the verdict in words."""

from enum import Enum

import msgspec

TOKENS_PER_MINUTE = 250
"""Tokens of transcript that a minute of call takes, speaker and line number included.

AnythingLLM counts 12,000 to 18,000 tokens for an hour of meeting, 200 to 300 a minute (its issue
#5224); the demo call, numbered as prompts number it, has 258 a minute.
"""

_ROOM_FOR_ANSWER = 0.15  # of the context: the reply and the task around the transcript
_COMFORT = 0.15  # of what is free: what the window, the system's cache and other programs go on to take
_LEAST_COMFORT = 512 * 1024 * 1024  # bytes


class CacheType(Enum):
    """How the evaluated context is stored: whole halves, or a quarter the precision at about half the size."""

    F16 = "f16"
    Q8 = "q8_0"


class Profile(msgspec.Struct, frozen=True):
    """How a language model is loaded. The first that fits is taken; later ones are safer."""

    context_tokens: int
    cache: CacheType = CacheType.F16


class HeaderFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model's header says of its shape; enough to write a header like it before the file is here.

    `blocks` are layers; `attention_blocks` names those that attend to everything, where others are
    recurrent (empty: all do). Sizes that the architecture does not have are 0.
    """

    architecture: str
    blocks: int
    embedding: int
    feed_forward: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    context: int
    weight_type: str = "Q4_K"
    is_output_tied: bool = True
    sliding_window: int = 0
    experts: int = 0
    experts_used: int = 0
    expert_feed_forward: int = 0
    attention_blocks: tuple[int, ...] = ()
    state_size: int = 0
    state_heads: int = 0
    state_groups: int = 0
    conv_kernel: int = 0


class Need(msgspec.Struct, frozen=True, tag=True):
    """Bytes that a language model takes once it is loaded and its context is full.

    `weights`: the file as it is mapped, and what is copied into another order for speed; `cache`:
    the evaluated context, recurrent state included; `compute`: scratch for one batch; `program`:
    the process itself with the vocabulary. `is_exact`: from llama.cpp's own allocation on this
    header; otherwise the sum is an estimate, to be called "about".
    """

    weights: int
    cache: int
    compute: int
    program: int
    context_tokens: int
    is_exact: bool = True

    @property
    def total(self) -> int:
        """Bytes, all together."""
        return self.weights + self.cache + self.compute + self.program


class Verdict(Enum):
    """Whether it will run, in the words that a person sees."""

    WELL = "runs well"
    TIGHT = "tight"
    NOT = "does not fit"


class Fit(msgspec.Struct, frozen=True):
    """A forecast: what is needed beside the speech model, what is free, and what that means."""

    need: Need
    speech: int
    free: int
    verdict: Verdict
    tokens_per_second: float = 0.0  # 0: not known

    @property
    def total(self) -> int:
        """Bytes of the language and the speech model together."""
        return self.need.total + self.speech

    @property
    def minutes(self) -> int:
        """Minutes of call that the context holds in one piece."""
        return minutes_of(self.need.context_tokens)


def minutes_of(context_tokens: int) -> int:
    """Minutes of call whose transcript fits this context, with room for a task and an answer."""
    return int(context_tokens * (1 - _ROOM_FOR_ANSWER) / TOKENS_PER_MINUTE)


def tokens_for(minutes: float) -> int:
    """The context that holds so many minutes of call, in whole steps of 256 tokens."""
    needed = minutes * TOKENS_PER_MINUTE / (1 - _ROOM_FOR_ANSWER)
    return max(512, -int(-needed // 256) * 256)


CALL_MINUTES = range(5, 181, 5)
"""The lengths of call that a person chooses among: what the model in use then reads in one piece."""


def chosen_minutes(context_tokens: int) -> int:
    """The length among those that can be chosen which this context holds; the shortest where it holds none."""
    return max(CALL_MINUTES[0], min(CALL_MINUTES[-1], minutes_of(context_tokens) // 5 * 5))


def verdict(needed: int, free: int) -> Verdict:
    """What a need in bytes means, given what is free."""
    if needed > free:
        return Verdict.NOT
    return Verdict.WELL if free - needed >= max(_LEAST_COMFORT, free * _COMFORT) else Verdict.TIGHT


def unknown_need(size: int, context_tokens: int, *, is_full: bool) -> Need:
    """The need of a language model of which only the file's size is known; an estimate, on the safe side.

    A token takes at most some 150 kB where every layer attends to everything (Qwen3 4B and 8B:
    147,456 bytes), and a third of that in hybrids and with sliding windows.
    """
    each = 150_000 if is_full else 50_000
    return Need(size, each * context_tokens, 16_000 * context_tokens + 200_000_000, 150_000_000, context_tokens, False)


def speech_need(size: int) -> int:
    """Bytes that a speech model of this size on disk takes at most while it works; an estimate.

    The file is read whole, and halves, as those of the catalogue hold, are turned into bytes. Then
    either the encoder's attention weights (1,500 x 1,500 places of 4 bytes for each head) are the
    most, or what the decoder keeps of the encoder, of which it makes six copies where a window is
    tried again at a temperature. Within 4 % of what was measured (`tests/bench/fit.py`).
    """
    width, heads, blocks = next((w, h, b) for most, w, h, b in _SPEECH_SHAPES if size <= most)
    weights = int(size * 0.515) + 31_000_000
    encoding = 4 * heads * 1500 * 1500 + 8 * 1500 * 4 * width + 33_000_000
    decoding = int(5.6 * (2 * blocks * 1500 * width * 4)) + 80_000 * width + 45_000_000
    return _SPEECH_PROGRAM + max(int(size * 1.02), weights + max(encoding, decoding))


def judged(need: Need, speech: int, free: int, tokens_per_second: float = 0.0) -> Fit:
    """The forecast for a language model of that need beside a speech model of that many bytes."""
    return Fit(need, speech, free, verdict(need.total + speech, free), tokens_per_second)


def ladder(context_tokens: int) -> tuple[Profile, ...]:
    """Profiles from the wished one to the least that still is of use, each needing less memory.

    The cache goes to eight bits before the context falls below a quarter: on a processor that
    costs a third of the speed (measured, docs/decisions/0013), a shorter context costs whole pieces.
    """
    halves = [context_tokens >> step for step in range(5) if context_tokens >> step >= _LEAST_CONTEXT]
    steps = [Profile(tokens) for tokens in halves[:2]] or [Profile(context_tokens)]
    return (*steps, *(Profile(tokens, CacheType.Q8) for tokens in halves[1:]))


_LEAST_CONTEXT = 1024  # tokens; with less neither a piece of transcript nor an answer has room

_SPEECH_PROGRAM = 66_000_000  # bytes: Python, CTranslate2, the voice activity model
_SPEECH_SHAPES = (
    (100e6, 384, 6, 4), (250e6, 512, 8, 6), (800e6, 768, 12, 12), (1_522e6, 1280, 20, 2), (1_560e6, 1024, 16, 24),
    (2_000e6, 1280, 20, 4), (float("inf"), 1280, 20, 32),
)  # fmt: skip
"""Whisper's published shapes by the size of a file of halves: at most so many bytes, width, heads, decoder's blocks."""
