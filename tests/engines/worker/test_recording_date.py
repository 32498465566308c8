"""Dates are read from the tags of all containers, in the ways that recorders write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.engines.worker.recording_date import recording_date
from tests.engines.worker.recordings import chunk, left, surveyed, wav

LOCAL = datetime(2026, 3, 4, 5, 6, 7)


@pytest.mark.parametrize(
    ("tags", "date"),
    [
        ({"creation_time": "2026-03-04T05:06:07.000000Z"}, LOCAL.replace(tzinfo=UTC)),
        ({"com.apple.quicktime.creationdate": "2026-03-04T05:06:07+0130"},
         LOCAL.replace(tzinfo=timezone(timedelta(minutes=90)))),
        ({"date": "2026-03-04 05:06:07"}, LOCAL),
        ({"date": "2026-03-04T05:06"}, LOCAL.replace(second=0)),
        ({"DATE_RECORDED": "2026:03:04 05:06:07"}, LOCAL),
        ({"creation_time": "Wed Mar  4 05:06:07 2026"}, LOCAL),
        ({"date": "2026-03-04", "creation_time": "05:06:07", "time_reference": "0"}, LOCAL),
        ({"date": "2026:03:04", "creation_time": "05-06-07", "time_reference": "7"}, LOCAL),
        ({"date": "2026-03-04", "time_reference": "0"}, LOCAL.replace(hour=0, minute=0, second=0)),
        ({"date": "2026"}, None), ({"date": "2026-03-04"}, None), ({"creation_time": "2026-13-04T05:06:07Z"}, None),
        ({"creation_time": "2026-03-04T05:06:07+99:99"}, None), ({"date": "x" * 9999}, None),
    ],
)  # fmt: skip
def test_a_date_is_read(tags: dict[str, str], date: datetime | None) -> None:
    found = recording_date({}, tags)
    assert found == date
    assert found is None or (date is not None and found.tzinfo == date.tzinfo)


def test_the_date_of_a_broadcast_wave_arrives() -> None:
    bext = bytes(256 + 32 + 32) + b"2026-03-0405:06:07" + bytes(8 + 2 + 64 + 190)
    whole = wav(left())
    dated = b"RIFF" + (len(whole) - 8 + len(chunk(b"bext", bext))).to_bytes(4, "little")
    assert surveyed(dated + b"WAVE" + chunk(b"bext", bext) + whole[12:]).recorded == LOCAL
