"""How fast a model is on this machine: one measurement, and what follows for models that were not measured."""

import msgspec


class Measurement(msgspec.Struct, frozen=True):
    """One measurement of one model, without content.

    `model` and `size` name the file, `at` is an ISO time, rates are tokens a second; 0 where
    something was not measured. `realtime` is seconds of sound a second, `peak` bytes of the worker,
    `joules` the processor's energy for a token written or a second of sound.
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
"""Of what plain sums read from memory, generation reads so much: 8.2 of 13.3 GB/s, measured on one thread."""


def expected_rate(read_per_token: int, measured: list[Measurement], plain_bytes_per_second: float) -> float:
    """Tokens a second that a model should write which reads so many bytes for each; an estimate.

    Generation reads every weight once a token, so what another model reads a second is what this
    one can. Without such a measurement the memory's own speed is taken, less what is usually lost.
    """
    if read_per_token <= 0:
        return 0.0
    known = [m.tokens_out * m.size for m in measured if m.tokens_out and m.size >= _LARGER_THAN_CACHES]
    speed = max(known, default=plain_bytes_per_second * _SHARE_OF_SUMS)
    return speed / read_per_token


def sparkline(values: list[float]) -> str:
    """Values over time as a line of bars."""
    bars = "▁▂▃▄▅▆▇█"
    most = max(values, default=0.0)
    return "".join(bars[min(7, int(value / most * 7.999))] for value in values) if most > 0 else ""
