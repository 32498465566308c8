"""The date of words such as "by Friday", from the day on which they were said; none where they leave it open."""

import calendar
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from app.core.languages.number_words import numbers_in
from app.core.languages.table import DueWords, LanguageTable
from app.core.languages.tables import TABLES, table_of

_LONGEST = 60  # characters of words that can name a day
_NEAR = 300  # days: a day without a year that is further away was probably meant otherwise
_FRIDAY = 4
_REMEMBERED = 20_000  # of words and days, some 400 microseconds each
_OPEN = re.compile(r"(?<!\w)(?:next|last|past|ago|or|oder|ou|o|every|jeden|chaque|cada)(?!\w)|[?]")
_BOTH_WAYS = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-]\d+)?")  # 3/4 is in March or in April
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


def due_date(words: str, said: date, language: str) -> date | None:
    """The last day on which something is in time, if it is to be done until what `words` say; None if that is open.

    Args:
        words: As somebody said them, or wrote them.
        said: The day on which they did.
        language: The code of the language; what it does not know is read as English.
    """
    text = _plain(words)
    if not text or len(text) > _LONGEST:
        return None
    return _due_date(text, said, language)


@lru_cache(_REMEMBERED)
def _due_date(text: str, said: date, language: str) -> date | None:
    for code in dict.fromkeys((language or "en", "en")):
        table = table_of(code)
        if table.due is not None:
            found = _in_language(text, said, table, table.due)
            if found is not None:
                return found if found >= said else None
    return None


def _plain(words: str) -> str:
    return " ".join(words.casefold().replace("’", "'").strip(' \t\n,;:!()[]"“”«»').split())


def _in_language(text: str, said: date, table: LanguageTable, due: DueWords) -> date | None:
    text = _with_digits(text, table)
    for old, new in due.replaced.items():
        text = re.sub(rf"^{re.escape(old)} (?=\d|an? |un|ein)", f"{new} ", text)
    before, rest = _without(text, due.before)
    limit, rest = ("", rest) if before else _without(rest, due.limits)
    found = _day(rest, said, table, due, is_limit=bool(limit or before))
    return found - timedelta(days=1) if found is not None and before else found


def _day(text: str, said: date, table: LanguageTable, due: DueWords, *, is_limit: bool) -> date | None:
    """The day, or the last day of a span, that some words name without what stands before a day."""
    rest = _without_time(text, due)
    for form in dict.fromkeys((text, rest, _without(rest, due.leads)[1])):
        if form in due.days:
            return said + timedelta(days=due.days[form])
        if form in due.ends:
            return _end_of(due.ends[form], said)
        if form in due.spans:
            return None if is_limit else _end_of(due.spans[form], said)
        if found := re.fullmatch(due.day_of_month, form):
            return _next_day_of_month(int(found[1]), said)
    if _OPEN.search(rest) or re.fullmatch(due.clock, rest):
        return None
    found_in = _parsed(rest, said, table, "relative-time")
    if found_in is not None:
        return found_in
    return _absolute(_without_leads(rest, due), said, table, is_limit=is_limit)


def _absolute(text: str, said: date, table: LanguageTable, *, is_limit: bool) -> date | None:
    """The day of a date or of a weekday; the last one of a month, unless "by" leaves open which end of it is meant."""
    numbers = _BOTH_WAYS.fullmatch(text.rstrip("."))
    if numbers and table.code == "en" and max(map(int, numbers.groups())) <= 12:
        return None
    if len(text) < 3 or text.isdecimal():
        return None
    first = _parsed(text, said, table, "absolute-time", "first")
    last = _parsed(text, said, table, "absolute-time", "last")
    if first is None or last is None or (first != last and is_limit):
        return None
    away = (last - said).days
    has_digits = any(map(str.isdecimal, text))
    if not has_digits and first == last and away >= 7:  # said on a Friday, "Friday" is today or in a week
        return None
    if (away > _NEAR and not _YEAR.search(text)) or (has_digits and not _has_own_weekday(text, last, said, table)):
        return None
    return last


def _has_own_weekday(text: str, found: date, said: date, table: LanguageTable) -> bool:
    """Whether a weekday among the words is that of the day."""
    names = [word.strip(",.") for word in text.split() if not any(map(str.isdecimal, word))]
    for name in names:
        first, last = (_parsed(name, said, table, "absolute-time", edge) for edge in ("first", "last"))
        if len(name) > 2 and first is not None and first == last and first.weekday() != found.weekday():
            return False
    return True


def _parsed(text: str, said: date, table: LanguageTable, parser: str, edge: str = "current") -> date | None:
    import dateparser  # late: a tenth of a second, and nothing before the first task needs it

    settings = {
        "RELATIVE_BASE": datetime.combine(said, time(12)), "PREFER_DATES_FROM": "future", "TIMEZONE": "UTC",
        "PREFER_DAY_OF_MONTH": edge, "PARSERS": [parser], "RETURN_AS_TIMEZONE_AWARE": False,
        "DATE_ORDER": "MDY" if table.code == "en" else "DMY",
    }  # fmt: skip
    found: datetime | None = None
    with suppress(ValueError, OverflowError):  # not seen in 50,000 texts made by chance, and no reason to show nothing
        found = dateparser.parse(text, languages=[table.code], settings=settings)
    return None if found is None else found.date()


def _with_digits(text: str, table: LanguageTable) -> str:
    words = text.split()
    for number in reversed(numbers_in(words, table)):
        if number.is_figure and len(number.digits) == 1:
            words[number.start : number.end] = number.digits
    return " ".join(words)


def _without(text: str, leads: Iterable[str]) -> tuple[str, str]:
    """The longest of these that the text begins with, or "", and the rest of it."""
    for lead in sorted(leads, key=len, reverse=True):
        if text.startswith(f"{lead} "):
            return lead, text[len(lead) + 1 :]
    return "", text


def _without_leads(text: str, due: DueWords) -> str:
    lead = "?"
    while lead:
        lead, text = _without(text, due.leads)
    return text


def _without_time(text: str, due: DueWords) -> str:
    """The text without a time of day behind a day."""
    while True:
        rest = re.sub(rf",? (?:{due.clock})$", "", text)
        part = next((one for one in due.day_parts if rest.endswith(f" {one}")), "")
        rest = rest[: len(rest) - len(part)].rstrip(" ,") if part else rest
        if rest == text or not rest or rest in due.leads:
            return text
        text = rest


def _end_of(span: str, said: date) -> date | None:
    """The last day of a week or month that is surely in it: of a week the Friday, for many end it there."""
    if span in ("month", "next month"):
        month = said.year * 12 + said.month - 1 + (span == "next month")
        year, index = divmod(month, 12)
        return date(year, index + 1, calendar.monthrange(year, index + 1)[1])
    if span == "next week":
        return said + timedelta(days=7 - said.weekday() + _FRIDAY)
    if span == "week" and said.weekday() <= _FRIDAY:
        return said + timedelta(days=_FRIDAY - said.weekday())
    return None


def _next_day_of_month(number: int, said: date) -> date | None:
    """The next day with this number in its month, today if it is that; None where the next month has none."""
    if not 1 <= number <= 31:
        return None
    month = said.year * 12 + said.month - 1 + (number < said.day)
    year, index = divmod(month, 12)
    return date(year, index + 1, number) if number <= calendar.monthrange(year, index + 1)[1] else None


def typed_due_date(words: str, today: date) -> date | None:
    """What words that a person types in whichever language mean; None if that is open, or languages differ in it."""
    tables = [table for table in TABLES.values() if table.due is not None]
    found = {due_date(words, today, table.code) for table in tables} - {None}
    return found.pop() if len(found) == 1 else None
