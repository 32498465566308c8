"""Times and lengths as a person reads them, and as subtitles have them."""

_MOMENT = 500  # milliseconds
_LAST = 3_599_999.0  # seconds: 999 hours, more than any recording


def format_time(seconds: float) -> str:
    """`2:31`, or `1:02:31` from an hour on."""
    whole = int(_possible(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def format_duration(seconds: float) -> str:
    """`42 s`, `8 min 12 s` or `1 h 5 min`."""
    whole = round(_possible(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(start: float, end: float, line: int = 0) -> str:
    """`2:31` for what was said from `start` to `end` (seconds); where its text has no times, `line 3`, or "line"."""
    if end > 0:
        return format_time(start)
    return f"line {line}" if line else "line"


def cue_times(start: float, end: float, decimal_mark: str) -> tuple[str, str]:
    """`00:02:31,500` with a comma as the mark, twice: when a subtitle appears and when it goes.

    A cue of no length, or of less, is shown for a moment: players skip it otherwise, and some the rest of the file.
    """
    first, last = (round(_possible(seconds) * 1000) for seconds in (start, end))
    if last <= first:
        last = first + _MOMENT
    return _subtitle_time(first, decimal_mark), _subtitle_time(last, decimal_mark)


def _subtitle_time(milliseconds: int, decimal_mark: str) -> str:
    total, rest = divmod(milliseconds, 1000)
    return f"{total // 3600:02}:{total % 3600 // 60:02}:{total % 60:02}{decimal_mark}{rest:03}"


def _possible(seconds: float) -> float:
    """A time that can be written; one that is no number is the beginning."""
    return min(max(0.0, seconds), _LAST)
