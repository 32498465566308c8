"""When a recording was made, by the tags of its container."""

import re
from datetime import UTC, datetime, timedelta, timezone

_TAGS = (
    "creation_time", "com.apple.quicktime.creationdate", "date_recorded", "wm/encodingtime", "tdrc", "tdrl", "icrd",
    "idit", "date", "recorded_date", "date_time_original",
)  # fmt: skip
_DATE = r"(\d{4})[-:/._ ]?(\d\d)[-:/._ ]?(\d\d)"
_CLOCK = r"(\d\d)[-:._]?(\d\d)(?:[-:._]?(\d\d))?(?:[.,]\d+)?"
_WRITTEN = re.compile(rf"{_DATE}(?:T|,? +){_CLOCK} *(?:(Z|UTC)|([+-])(\d\d):?(\d\d))?", re.IGNORECASE | re.ASCII)
_SAID = "%a %b %d %H:%M:%S %Y"  # as C's asctime writes it


def recording_date(*metadata: dict[str, str]) -> datetime | None:
    """The first full date and time in the tags; without a time zone where they name none.

    A bare year or day says too little, but for Broadcast Wave, which keeps the day and the time apart
    (FFmpeg calls them `date` and `creation_time`, and has a `time_reference` beside them).
    """
    for tags in metadata:
        lowered = {key.casefold(): value for key, value in tags.items()}
        written = [lowered.get(key, "") for key in _TAGS]
        if "time_reference" in lowered:
            day = lowered.get("date", "").strip()
            written += [f"{day} {lowered.get('creation_time', '').strip()}", f"{day} 00:00:00"]
        for text in written:
            found = _read(text.strip())
            if found is not None:
                return found
    return None


def _read(text: str) -> datetime | None:
    found = _WRITTEN.fullmatch(text)
    try:
        if found is None:
            return datetime.strptime(" ".join(text.split()), _SAID)  # local: it names no zone
        *numbers, is_utc, sign, hours, minutes = found.groups(default="")
        zone = UTC if is_utc else None
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(offset if sign == "+" else -offset)
        year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
