"""Whether a model will run on this computer: the memory it needs, what is free, and the verdict."""

from enum import Enum

import msgspec

from app.core.ranges import Count, Tokens

TOKENS_PER_MINUTE = 250
"""Tokens of transcript in one minute of a call, speaker and line number included.

AnythingLLM counts 12,000 to 18,000 tokens for an hour of meeting, 200 to 300 a minute (its issue
#5224); the demo call, numbered as prompts number it, has 258 a minute.
"""

_REPLY_SHARE = 0.15  # share of the context kept for the task around the transcript and the reply
_HEADROOM_SHARE = 0.15  # share of free memory that the window, the system's cache and other programs will still take
_MIN_HEADROOM = 512 * 1024 * 1024  # bytes


class CacheType(Enum):
    """How the KV cache is stored: 16-bit floats, or 8-bit integers at about half the size and less precision."""

    F16 = "f16"
    Q8 = "q8_0"


class Profile(msgspec.Struct, frozen=True):
    """How a language model is loaded; of several, the first that fits is used, and later ones need less memory."""

    context_tokens: int
    cache: CacheType = CacheType.F16


class HeaderFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model's shape as its header gives it; enough to write an equivalent header before the file is downloaded.

    `blocks` are layers; `attention_blocks` lists those with full attention where the others are
    recurrent (empty: all have it). Sizes that the architecture does not have are 0.
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

    `weights`: the mapped file, plus the copies that are reordered for speed; `cache`:
    the KV cache, recurrent state included; `compute`: scratch for one batch; `program`:
    the process itself and the vocabulary. `is_exact`: taken from llama.cpp's own allocation for this
    header; otherwise the total is an estimate, to be shown as "about".
    """

    weights: Count
    cache: Count
    compute: Count
    program: Count
    context_tokens: Tokens
    is_exact: bool = True

    @property
    def total(self) -> int:
        """Bytes, all together."""
        return self.weights + self.cache + self.compute + self.program


class Verdict(Enum):
    """Whether a model will run, in the words shown to the user."""

    WELL = "runs well"
    TIGHT = "tight"
    SLOW = "slow"
    NOT = "does not fit"


class Fit(msgspec.Struct, frozen=True):
    """A forecast in bytes: the language model's need, the speech model beside it, what is free, and the verdict."""

    need: Need
    speech: int
    free: int
    verdict: Verdict
    tokens_per_second: float = 0.0  # written; 0: not known
    read_per_second: float = 0.0  # tokens of a prompt; 0: not known

    @property
    def total(self) -> int:
        """Bytes of the language and the speech model together."""
        return self.need.total + self.speech

    @property
    def minutes(self) -> int:
        """Minutes of a call that fit the context in one chunk."""
        return minutes_of(self.need.context_tokens)

    @property
    def hour_seconds(self) -> float:
        """Seconds in which the call of an hour is summarised; 0 if the speed is not known."""
        return summary_seconds(60, self.read_per_second, self.tokens_per_second)


LEAST_WRITTEN = 5.0
"""Tokens a second that a chat needs, to be read along: people read some 240 words a minute (Brysbaert 2019, 238), and
a word takes about 1.3 tokens."""

LONGEST_SUMMARY = 15 * 60
"""Seconds that the summary of an hour's call may take: a quarter of the call, so that it is there before the next."""

LEAST_REALTIME = 2.0
"""Seconds of sound that must be heard in a second: an hour's call is then transcribed within half an hour."""

_WRITTEN_PER_MINUTE = 25  # tokens of summary that are written for a minute of call: a reply of 400 for each chunk of 16


def summary_seconds(minutes: float, read_per_second: float, tokens_per_second: float) -> float:
    """Seconds in which a call of so many minutes is read and summarised; 0 if a speed is not known."""
    if not read_per_second or not tokens_per_second:
        return 0.0
    return minutes * (TOKENS_PER_MINUTE / read_per_second + _WRITTEN_PER_MINUTE / tokens_per_second)


def is_fast_enough(read_per_second: float, tokens_per_second: float) -> bool:
    """Whether a chat can be read along, and a call be summarised in time; what is not known is not held against it."""
    is_read_along = not tokens_per_second or tokens_per_second >= LEAST_WRITTEN
    return is_read_along and summary_seconds(60, read_per_second, tokens_per_second) <= LONGEST_SUMMARY


def with_speed(judged: Verdict, is_fast: bool) -> Verdict:
    """A verdict on memory, with the speed: what fits and is too slow for its work is slow."""
    return Verdict.SLOW if not is_fast and judged is not Verdict.NOT else judged


def minutes_of(context_tokens: int) -> int:
    """Minutes of a call whose transcript fits this context, with room for the task and the reply."""
    return int(context_tokens * (1 - _REPLY_SHARE) / TOKENS_PER_MINUTE)


def tokens_for(minutes: float) -> int:
    """The context in tokens that holds this many minutes of a call, rounded up to a multiple of 256."""
    needed = minutes * TOKENS_PER_MINUTE / (1 - _REPLY_SHARE)
    return max(512, -int(-needed // 256) * 256)


CALL_MINUTES = range(5, 181, 5)
"""The call lengths in minutes that a user can choose for the model to read in one chunk."""


def selectable_minutes(context_tokens: int) -> int:
    """The longest of `CALL_MINUTES` that fits this context; the shortest if none does."""
    return max(CALL_MINUTES[0], min(CALL_MINUTES[-1], minutes_of(context_tokens) // 5 * 5))


def verdict(needed: int, free: int) -> Verdict:
    """Judge a need against free memory, both in bytes."""
    if needed > free:
        return Verdict.NOT
    return Verdict.WELL if free - needed >= max(_MIN_HEADROOM, free * _HEADROOM_SHARE) else Verdict.TIGHT


def estimated_need(size: int, context_tokens: int, *, is_full: bool) -> Need:
    """Estimate, on the safe side, the need of a language model of which only the file size is known.

    A token takes at most about 150 kB where every layer has full attention (Qwen3 4B and 8B:
    147,456 bytes), and a third of that in hybrids and with sliding windows.
    """
    each = 150_000 if is_full else 50_000
    return Need(size, each * context_tokens, 16_000 * context_tokens + 200_000_000, 150_000_000, context_tokens, False)


def embedding_need(size: int) -> int:
    """Estimate the peak memory in bytes of an embedding model of many languages with this file size.

    Beside the weights: the program, 512 tokens' attention and vectors, and for each of these tokens the scores of a
    vocabulary of 150,000 to 250,000 words that llama.cpp makes room for (`engines.model_files.memory_plan`).
    """
    return size + 650_000_000


def voice_need(size: int) -> int:
    """Estimate the peak memory in bytes of a voice print model with this file size.

    A first estimate: the file as it is read, its weights, the copies that are laid out for speed, and 150 MB for the
    program and the sound at hand.
    """
    return 3 * size + 150_000_000


def speech_need(size: int) -> int:
    """Estimate the peak memory in bytes of a speech model with this file size.

    The whole file is read, and its 16-bit floats (all models of the catalogue have them) are converted
    to 8-bit integers. The peak is then either the encoder's attention weights (1,500 x 1,500 entries of
    4 bytes for each head), or what the decoder keeps of the encoder's output, six times over when a
    window is retried at a higher temperature. Within 4 % of what was measured (`tests/bench/fit.py`).
    """
    width, heads, blocks = next((w, h, b) for most, w, h, b in _SPEECH_SHAPES if size <= most)
    weights = int(size * 0.515) + 31_000_000
    encoding = 4 * heads * 1500 * 1500 + 8 * 1500 * 4 * width + 33_000_000
    decoding = int(5.6 * (2 * blocks * 1500 * width * 4)) + 80_000 * width + 45_000_000
    return _SPEECH_PROGRAM + max(int(size * 1.02), weights + max(encoding, decoding))


def assess_fit(need: Need, speech: int, free: int, tokens_per_second: float = 0.0, read_per_second: float = 0.0) -> Fit:
    """The forecast for a language model beside a speech model of `speech` bytes."""
    judged = with_speed(verdict(need.total + speech, free), is_fast_enough(read_per_second, tokens_per_second))
    return Fit(need, speech, free, judged, tokens_per_second, read_per_second)


def fallback_profiles(context_tokens: int) -> tuple[Profile, ...]:
    """Profiles from the requested context down to the smallest useful one, each needing less memory.

    The cache goes to eight bits before the context falls below a quarter: on a CPU that costs a
    third of the speed (measured, docs/decisions/0013), while a shorter context costs whole chunks.
    """
    halves = [context_tokens >> step for step in range(5) if context_tokens >> step >= _MIN_CONTEXT]
    steps = [Profile(tokens) for tokens in halves[:2]] or [Profile(context_tokens)]
    return (*steps, *(Profile(tokens, CacheType.Q8) for tokens in halves[1:]))


_MIN_CONTEXT = 1024  # tokens; with fewer there is no room for a chunk of transcript and a reply

_SPEECH_PROGRAM = 66_000_000  # bytes: Python, CTranslate2, the voice activity model
_SPEECH_SHAPES = (
    (100e6, 384, 6, 4), (250e6, 512, 8, 6), (800e6, 768, 12, 12), (1_522e6, 1280, 20, 2), (1_560e6, 1024, 16, 24),
    (2_000e6, 1280, 20, 4), (float("inf"), 1280, 20, 32),
)  # fmt: skip
"""Whisper's published shapes by the size of a 16-bit file: most bytes, width, heads, decoder blocks."""
