"""How fast a model is on this computer: one measurement, and estimates for models not yet measured."""

import msgspec


class Measurement(msgspec.Struct, frozen=True):
    """One measurement of one model; it contains no user content. A value of 0 was not measured.

    `model` and `size` (bytes) identify the file, `at` is an ISO time; `tokens_in` and `tokens_out` are
    tokens per second, `first_word` is in seconds. `realtime` is seconds of audio per second, `peak` the
    worker's memory in bytes, `joules` the processor's energy per token written or second of audio.
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


def sparkline(values: list[float]) -> str:
    """Values over time as a line of bar characters."""
    bars = "▁▂▃▄▅▆▇█"
    most = max(values, default=0.0)
    return "".join(bars[min(7, int(value / most * 7.999))] for value in values) if most > 0 else ""
