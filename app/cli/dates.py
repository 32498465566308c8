"""Dates as the commands write them, in this computer's time zone."""

from datetime import datetime


def date_and_time(when: datetime) -> str:
    """`2026-11-17 14:05`."""
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


def full_date(when: datetime) -> str:
    """`26 December 2026`; in English, the language of the sentences around it, since no command sets a locale."""
    there = when.astimezone()
    return f"{there.day} {there:%B %Y}"
