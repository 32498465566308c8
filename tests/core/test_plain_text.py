"""Numbers of things in words; what steers a terminal is tried in `tests/core/test_hostile_exports.py`."""

import pytest

from app.core.plain_text import counted


@pytest.mark.parametrize(("count", "words"), [(0, "no call"), (1, "1 call"), (2, "2 calls"), (12_345, "12,345 calls")])
def test_things_are_counted_in_words(count: int, words: str) -> None:
    assert counted(count, "call") == words
