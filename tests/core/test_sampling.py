"""What a model's makers recommend, and what is tried when a reply went wrong."""

import pytest

from app.core.sampling import GREEDY, Sampling, for_retry, of_metadata


def test_what_the_makers_wrote_is_read() -> None:
    written = {"general.sampling.temp": "0.700000", "general.sampling.top_k": "20", "general.name": "Qwen",
               "general.sampling.top_p": "0.800000", "general.sampling.min_p": "0.000000"}  # fmt: skip
    assert of_metadata(written) == Sampling(0.7, 20, 0.8)
    assert of_metadata({"general.sampling.temp": "0.000000"}) == GREEDY


@pytest.mark.parametrize(
    "written",
    [{}, {"general.sampling.top_k": "20"}, {"general.sampling.temp": "hot"}, {"general.sampling.temp": "nan"},
     {"general.sampling.temp": "-1"}, {"general.sampling.temp": "inf"}, {"general.sampling.temp": ""},
     {"general.sampling.temp": "1", "general.sampling.top_k": "-5"},
     {"general.sampling.temp": "1", "general.sampling.top_p": "2"},
     {"general.sampling.temp": "1", "general.sampling.top_k": "[20, 30]"}],
)  # fmt: skip
def test_nothing_or_nonsense_is_no_recommendation(written: dict[str, str]) -> None:
    assert of_metadata(written) is None


def test_a_retry_draws_and_each_attempt_draws_another_reply() -> None:
    own = Sampling(1.0, 64, 0.95)
    assert for_retry(own, 1) == Sampling(1.0, 64, 0.95, seed=1)
    for known in (None, GREEDY):
        first, second = for_retry(known, 1), for_retry(known, 2)
        assert first.temperature > 0
        assert first != second
