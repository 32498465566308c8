"""Times and lengths as a person reads them, and as subtitles have them."""

from datetime import timedelta


def format_time(seconds: float) -> str:
    """`2:31`, or `1:02:31` from an hour on."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def format_duration(seconds: float) -> str:
    """`42 s`, `8 min 12 s` or `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def subtitle_time(seconds: float, decimal_mark: str) -> str:
    """`00:02:31,500` with a comma as the mark, as subtitles have it."""
    stamp = timedelta(milliseconds=round(max(0.0, seconds) * 1000))
    total, milliseconds = divmod(round(stamp.total_seconds() * 1000), 1000)
    return f"{total // 3600:02}:{total % 3600 // 60:02}:{total % 60:02}{decimal_mark}{milliseconds:03}"
