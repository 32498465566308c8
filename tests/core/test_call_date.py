"""A clock that was not set tells no date; one without a time zone tells this computer's."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.core.call_date import plausible_date

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "found",
    [
        datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 19, 0), datetime(1901, 12, 13, 20, 45, tzinfo=UTC),
        datetime(1904, 1, 1, tzinfo=UTC), datetime(1601, 1, 1, tzinfo=UTC), datetime(1980, 1, 1, 0, 0),
        datetime(2000, 1, 1, 0, 3), datetime(2107, 12, 31, 23, 59, 58), datetime(2036, 2, 7, 6, 28, tzinfo=UTC),
        NOW + timedelta(minutes=1), datetime(9999, 12, 31, 23, 59), datetime(1, 1, 1), None,
    ],
)  # fmt: skip
def test_a_clock_that_was_not_set_tells_nothing(found: datetime | None) -> None:
    assert plausible_date(found, NOW) is None


def test_a_clock_that_was_set_is_believed() -> None:
    for found in (
        NOW,
        datetime(1996, 5, 6, tzinfo=UTC),
        datetime(2026, 11, 25, 20, 0, tzinfo=timezone(timedelta(hours=3))),
    ):
        assert plausible_date(found, NOW) == found


def test_a_time_without_a_zone_is_local() -> None:
    local = datetime(2026, 7, 6, 5, 4, 3)
    assert plausible_date(local, NOW) == local.astimezone()
