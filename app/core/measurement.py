"""How fast a model is on this computer: one measurement, and estimates for models not yet measured."""

import msgspec


class Measurement(msgspec.Struct, frozen=True):
    """One measurement of one model; it contains no user content. A value of 0 was not measured.

    `model` and `size` (bytes) identify the file, `at` is an ISO time; `tokens_in` and `tokens_out` are
    tokens per second, `first_word` is in seconds. `realtime` is seconds of audio per second, `peak` the
    worker's memory in bytes, `joules` the processor's energy per token written or second of audio. `is_contended`:
    other programs kept the processor busy, so that it is shown once and not kept.
    """

    model: str
    kind: str
    size: int
    at: str
    threads: int
    tokens_in: float = 0.0
    tokens_out: float = 0.0
    first_word: float = 0.0
    realtime: float = 0.0
    peak: int = 0
    joules: float = 0.0
    is_contended: bool = False


_LARGER_THAN_CACHES = 200_000_000  # bytes of weights; a smaller model says nothing about the memory's speed
_SHARE_OF_SUMS = 0.62
"""The share of a plain sum's memory bandwidth that generation reaches: 8.2 of 13.3 GB/s, measured on one thread."""


def expected_rate(read_per_token: int, measured: list[Measurement], plain_bytes_per_second: float) -> float:
    """Estimate the tokens per second of a model that reads `read_per_token` bytes for each token.

    Generation reads every weight once per token, so this model can read as many bytes per second as
    another one did. Without such a measurement the memory bandwidth is used, less the usual loss.
    """
    if read_per_token <= 0:
        return 0.0
    known = [m.tokens_out * m.size for m in measured if m.tokens_out and m.size >= _LARGER_THAN_CACHES]
    speed = max(known, default=plain_bytes_per_second * _SHARE_OF_SUMS)
    return speed / read_per_token


_READ_FOR_ONE_WRITTEN = 5.0
"""Tokens that are read in the time of a written one, until this computer has been measured: reading shares each weight
among many tokens, and is bound by arithmetic instead of memory."""


def expected_read_rate(written_per_second: float, measured: list[Measurement]) -> float:
    """Estimate the tokens of a prompt that a model reads in a second, from those that it writes.

    The ratio is this computer's, by the newest measurement of a model that is larger than its caches.
    """
    known = [
        m.tokens_in / m.tokens_out for m in measured if m.tokens_in and m.tokens_out and m.size >= _LARGER_THAN_CACHES
    ]
    return written_per_second * (known[-1] if known else _READ_FOR_ONE_WRITTEN)


def expected_realtime(size: int, measured: list[Measurement]) -> float:
    """Estimate the seconds of sound that a speech model of so many bytes hears in a second; 0 if none was measured.

    The work of Whisper's encoder and decoder grows with their weights.
    """
    known = [m.realtime * m.size for m in measured if m.realtime and m.size >= _SMALLEST_WHISPER]
    return known[-1] / size if known and size > 0 else 0.0


_SMALLEST_WHISPER = 50_000_000  # bytes; a smaller speech model is a demo, and says nothing about a real one


def is_contended(others: float, own: float, seconds: float, cores: int) -> bool:
    """Whether other programs took from a measured one what it could have used.

    `others` and `own` are seconds of processor time, spent within `seconds` on `cores`. Others that only used cores
    that were idle anyway do not count.
    """
    room = seconds * cores
    return others > _OTHERS_SHARE * room and others + own > _FULL_SHARE * room


_OTHERS_SHARE, _FULL_SHARE = 0.15, 0.85


def sparkline(values: list[float]) -> str:
    """Values over time as a line of bar characters."""
    bars = "▁▂▃▄▅▆▇█"
    most = max(values, default=0.0)
    return "".join(bars[min(7, int(value / most * 7.999))] for value in values) if most > 0 else ""
