"""How sizes, speeds, amounts and times left are written, the same in the window and in the terminal."""

from app.core.durations import format_time
from app.core.job import Progress

_SHORT_WAIT = 2.0  # seconds


def size(count: float) -> str:
    """Bytes: `121 GB`, `2.5 GB`, `38 MB`, `1.2 MB`, `640 kB`."""
    if count >= 950e6:
        return f"{count / 1e9:.{0 if count >= 99.5e9 else 1}f} GB"
    if count >= 950e3:
        return f"{count / 1e6:.{0 if count >= 9.5e6 else 1}f} MB"
    return f"{count / 1e3:.0f} kB"


def speed_figure(value: float) -> str:
    """`1,249`, `9.1`: a speed, with one decimal below 9.5."""
    return f"{value:,.0f}" if value >= 9.5 else f"{value:.1f}"


def token_speed(tokens_per_second: float) -> str:
    """`5.4 tokens a second`."""
    return f"{speed_figure(tokens_per_second)} tokens a second"


def speech_speed(realtime: float) -> str:
    """Seconds of sound that are heard in a second: `1.7 times real time`."""
    return f"{speed_figure(realtime)} times real time"


def rough_duration(seconds: float) -> str:
    """`a few seconds`, `about 40 s`, `about 3 min`, `about 1 h 20 min`: rounded so that it seldom changes."""
    if seconds <= 5:
        return "a few seconds"
    if seconds <= 55:
        return f"about {5 * round(seconds / 5) if seconds <= 20 else 10 * round(seconds / 10)} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"about {minutes} min"
    tens = 10 * round(minutes / 10)
    return f"about {tens // 60} h {tens % 60} min" if tens % 60 else f"about {tens // 60} h"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def remaining(seconds: float) -> str:
    """`about 3 min left`."""
    return f"{rough_duration(seconds)} left"


def amount(progress: Progress) -> str:
    """How far something is, in its own unit: `0:24 of 0:42`, `1.2 of 3.4 MB`, `212 of 412 lines`; "" if unknown."""
    if progress.unit == "s":
        return format_time(progress.done) + (f" of {format_time(progress.total)}" if progress.total else "")
    if progress.unit == "bytes":
        return _of_bytes(progress.done, progress.total)
    total = f" of {progress.total:,.0f}" if progress.total else ""
    return f"{progress.done:,.0f}{total} {progress.unit}" if progress.unit else ""


def so_far(seconds: float) -> str:
    """`3 s`, `1:05`: how long a wait has lasted of which nothing else is known; "" in its first two seconds."""
    if seconds < _SHORT_WAIT:
        return ""
    return f"{seconds:.0f} s" if seconds < 60 else format_time(seconds)


def progress_line(title: str, progress: Progress | None, seconds_left: float | None, waited: float = 0.0) -> str:
    """`Transcribing, 12:40 of 31:02, about 3 min left`; `Loading the model, 3 s` where no amount is known.

    `waited` is the number of seconds for which the step has lasted.
    """
    parts = [title]
    if (progress is not None and (text := amount(progress))) or (text := so_far(waited)):
        parts.append(text)
    if seconds_left is not None:
        parts.append(remaining(seconds_left))
    return ", ".join(parts)


def _of_bytes(done: float, total: float | None) -> str:
    if not total:
        return size(done)
    whole = size(total)
    figure, _, unit = whole.partition(" ")
    part = done / {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
    return f"{part:.{1 if '.' in figure else 0}f} of {whole}"
