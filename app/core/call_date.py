"""When a call took place, by the clocks that recorded it: one that was not set tells no time."""

from datetime import UTC, datetime

_FIRST_YEAR = 1981  # FAT begins in 1980, and what was not set elsewhere says 1601, 1899, 1900, 1901, 1904 or 1970


def plausible_date(found: datetime | None, now: datetime) -> datetime | None:
    """The date, aware, if a clock that was set may have given it, else None.

    A date without a time zone is one of this computer's. A clock that was not set begins at one of a few
    dates long ago, at the first of January 2000, or gives one that lies in the future.
    """
    if found is None:
        return None
    try:
        aware = found.astimezone() if found.tzinfo is None else found
        is_reset = (found.year, found.month, found.day) == (2000, 1, 1)
        is_set = aware.astimezone(UTC).year >= _FIRST_YEAR and aware <= now and not is_reset
    except (OverflowError, ValueError, OSError):  # a year that this computer's time zone can't tell
        return None
    return aware if is_set else None
