"""How days, progress and people of a call are put into words."""

from datetime import datetime

from PySide6.QtCore import QLocale

from app.core.export import clock, length
from app.core.job import Progress
from app.core.recording import Recording, RecordingState

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December".split()


def local(when: datetime) -> datetime:
    """The same moment by the clock of this computer."""
    return when.astimezone()


def long_day(when: datetime, now: datetime | None = None) -> str:
    """`Tuesday 17 November, 14:05`, with the year if it is another one."""
    there, here = local(when), local(now or datetime.now().astimezone())
    year = "" if there.year == here.year else f" {there.year}"
    return f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]}{year}, {there:%H:%M}"


def short_day(when: datetime, now: datetime | None = None) -> str:
    """`14:05` today, `Tue` within a week, `9 Nov`, `9 Nov 2024`."""
    there, here = local(when), local(now or datetime.now().astimezone())
    days = (here.date() - there.date()).days
    if days == 0:
        return f"{there:%H:%M}"
    if 0 < days < 7:
        return _DAYS[there.weekday()][:3]
    month = _MONTHS[there.month - 1][:3]
    return f"{there.day} {month}" if there.year == here.year else f"{there.day} {month} {there.year}"


def day(when: datetime, now: datetime | None = None) -> str:
    """`today`, `yesterday`, `on Tuesday`, `on 9 Nov`."""
    there, here = local(when), local(now or datetime.now().astimezone())
    days = (here.date() - there.date()).days
    if days <= 1:
        return "yesterday" if days == 1 else "today"
    return f"on {_DAYS[there.weekday()]}" if days < 7 else f"on {short_day(when, now)}"


def age(when: datetime, now: datetime | None = None) -> str:
    """The heading under which a conversation stands: `Today`, `Yesterday`, `This week`, `Earlier`."""
    days = (local(now or datetime.now().astimezone()).date() - local(when).date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    return "Last 7 days" if days < 7 else "Earlier"


def facts(recording: Recording) -> str:
    """`Tuesday 17 November, 14:05 · 8 min 12 s · Leo (you), Priya · English`."""
    people = []
    for channel in recording.layout.channels:
        name = recording.speakers.name(channel)
        is_you = channel == recording.speakers.you and name.casefold() != "you"
        people.append(f"{name} (you)" if is_you else name)
    parts = [long_day(recording.date), length(recording.duration), ", ".join(people)]
    if recording.language:
        language = QLocale.languageToString(QLocale(recording.language).language())
        parts.append(recording.language if language in ("C", "") else language)
    if recording.is_truncated:
        parts.append("the file breaks off early")
    return " · ".join(parts)


def span(seconds: float) -> str:
    """`about 3 min`."""
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"


def remaining(seconds: float) -> str:
    """`about 3 min left`."""
    return f"{span(seconds)} left"


def size(count: float) -> str:
    """`2.5 GB`, `38 MB`, `1.2 MB`, `640 kB`."""
    if count >= 950e6:
        return f"{count / 1e9:.1f} GB"
    if count >= 950e3:
        return f"{count / 1e6:.{0 if count >= 9.5e6 else 1}f} MB"
    return f"{count / 1e3:.0f} kB"


def figure(value: float) -> str:
    """`698`, `9.1`: a speed, as exact as it is worth."""
    return f"{value:,.0f}" if value >= 9.5 else f"{value:.1f}"


def at_work(title: str, progress: Progress | None, seconds: float | None) -> str:
    """`Transcribing, 12:40 of 31:02, about 3 min left`."""
    parts = [title]
    if progress is not None and progress.total:
        if progress.unit == "s":
            parts.append(f"{clock(progress.done)} of {clock(progress.total)}")
        else:
            parts.append(f"{round(100 * (progress.fraction or 0))} %")
    if seconds is not None:
        parts.append(remaining(seconds))
    return ", ".join(parts)


def unfinished(recording: Recording) -> str:
    """What a call that nobody works on still lacks; empty if it is whole."""
    if recording.state is RecordingState.IMPORTED:
        return "Not transcribed yet"
    if recording.state is RecordingState.TRANSCRIBING:
        return f"Stopped at {clock(recording.transcribed_until)} of {clock(recording.duration)}"
    return ""
