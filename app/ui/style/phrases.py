"""The wording of dates, sizes, progress and the facts of a call."""

from datetime import datetime

from PySide6.QtCore import QLocale

from app.core.call import Call, CallState
from app.core.durations import format_duration, format_time
from app.core.job import Progress
from app.core.transcript import speaking

_WORDS = QLocale(QLocale.Language.English)  # the language of the sentences around the dates, not the system's
_SHORT = QLocale.FormatType.ShortFormat


def local_time(when: datetime) -> datetime:
    """The same moment in this computer's time zone."""
    return when.astimezone()


def long_day(when: datetime, now: datetime | None = None) -> str:
    """`Tuesday 17 November, 14:05`, with the year if it is not the current one."""
    there, here = local_time(when), local_time(now or datetime.now().astimezone())
    year = "" if there.year == here.year else f" {there.year}"
    return f"{_WORDS.dayName(there.isoweekday())} {there.day} {_WORDS.monthName(there.month)}{year}, {there:%H:%M}"


def short_day(when: datetime, now: datetime | None = None) -> str:
    """`14:05` today, `Tue` within a week, `9 Nov`, `9 Nov 2024`."""
    there, here = local_time(when), local_time(now or datetime.now().astimezone())
    days = (here.date() - there.date()).days
    if days == 0:
        return f"{there:%H:%M}"
    if 0 < days < 7:
        return _WORDS.dayName(there.isoweekday(), _SHORT)
    month = _WORDS.monthName(there.month, _SHORT)
    return f"{there.day} {month}" if there.year == here.year else f"{there.day} {month} {there.year}"


def day(when: datetime, now: datetime | None = None) -> str:
    """`today`, `yesterday`, `on Tuesday`, `on 9 Nov`."""
    there, here = local_time(when), local_time(now or datetime.now().astimezone())
    days = (here.date() - there.date()).days
    if days <= 1:
        return "yesterday" if days == 1 else "today"
    return f"on {_WORDS.dayName(there.isoweekday())}" if days < 7 else f"on {short_day(when, now)}"


def age_heading(when: datetime, now: datetime | None = None) -> str:
    """The heading a conversation is listed under: `Today`, `Yesterday`, `Last 7 days` or `Earlier`."""
    days = (local_time(now or datetime.now().astimezone()).date() - local_time(when).date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    return "Last 7 days" if days < 7 else "Earlier"


def call_facts(call: Call) -> str:
    """`Tuesday 17 November, 14:05 · 8 min 12 s · Leo (you), Priya · English`."""
    people = []
    for speaker in speaking(call.layout, call.speakers):
        is_named_you = speaker.is_you and speaker.name.casefold() != "you"
        people.append(f"{speaker.name} (you)" if is_named_you else speaker.name)
    parts = [long_day(call.date), format_duration(call.duration), ", ".join(people)]
    if call.language:
        language = QLocale.languageToString(QLocale(call.language).language())
        parts.append(call.language if language in ("C", "") else language)
    if call.is_truncated:
        parts.append("the file breaks off early")
    return " · ".join(parts)


def rough_duration(seconds: float) -> str:
    """`about 3 min`."""
    if seconds < 60:
        return "less than a minute"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"


def remaining(seconds: float) -> str:
    """`about 3 min left`."""
    return f"{rough_duration(seconds)} left"


def size(count: float) -> str:
    """`2.5 GB`, `38 MB`, `1.2 MB`, `640 kB`."""
    if count >= 950e6:
        return f"{count / 1e9:.1f} GB"
    if count >= 950e3:
        return f"{count / 1e6:.{0 if count >= 9.5e6 else 1}f} MB"
    return f"{count / 1e3:.0f} kB"


def speed_figure(value: float) -> str:
    """`698`, `9.1`: a speed, with one decimal below 9.5."""
    return f"{value:,.0f}" if value >= 9.5 else f"{value:.1f}"


def progress_line(title: str, progress: Progress | None, seconds: float | None) -> str:
    """`Transcribing, 12:40 of 31:02, about 3 min left`."""
    parts = [title]
    if progress is not None and progress.total:
        if progress.unit == "s":
            parts.append(f"{format_time(progress.done)} of {format_time(progress.total)}")
        else:
            parts.append(f"{round(100 * (progress.fraction or 0))} %")
    if seconds is not None:
        parts.append(remaining(seconds))
    return ", ".join(parts)


def missing_work(call: Call) -> str:
    """What is still missing in a call that is not being worked on; empty if nothing is."""
    if call.state is CallState.SILENT:
        return "No speech was found"
    if call.awaits_new_transcript:
        return "The new transcript is not finished, and the earlier one is shown"
    if call.state is CallState.IMPORTED:
        return "Not transcribed yet"
    if call.state is CallState.TRANSCRIBING:
        return f"Stopped at {format_time(call.transcribed_until)} of {format_time(call.duration)}"
    return ""
