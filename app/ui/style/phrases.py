"""The wording of dates, of the facts of a call, and of what was done wherever that is said."""

from datetime import datetime

from PySide6.QtCore import QLocale

from app.core.call import Call, CallState
from app.core.durations import format_time
from app.core.readable_text import call_length
from app.core.transcript import speaking

COPIED = ("Copied.", "Other programs can read it until the clipboard is cleared.")
EXPORTED = ("Exported.", "The file is not encrypted: who can open it can read it.")
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


def full_date(when: datetime) -> str:
    """`26 December 2026`."""
    there = local_time(when)
    return f"{there.day} {_WORDS.monthName(there.month)} {there.year}"


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
    parts = [long_day(call.date), call_length(call), ", ".join(people)]
    if call.language:
        language = QLocale.languageToString(QLocale(call.language).language())
        parts.append(call.language if language in ("C", "") else language)
    if call.is_truncated:
        parts.append("the file breaks off early")
    return " · ".join(parts)


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
    if call.awaits_speakers:
        return "The speakers are not told apart yet"
    return ""
