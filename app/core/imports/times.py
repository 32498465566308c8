"""Times as transcripts write them."""

import re

CLOCK = r"-?\d{1,6}(?::\d{1,2}){1,2}(?:[.,]\d{1,9})?"
"""A pattern of minutes and seconds, or hours before them, with a fraction or without."""
_CLOCK = re.compile(r"(-?)(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}(?:[.,]\d{1,9})?)", re.ASCII)


def seconds_of(text: str) -> float | None:
    """The seconds that `1:02:03.5`, `02:03,500` or `2:03` means; None for what is no time."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    sign, hours, minutes, rest = found.groups()
    seconds = int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))
    return -seconds if sign else seconds
