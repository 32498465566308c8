"""Verdicts, minutes of call, and the order in which a model takes less."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.fit import (
    CALL_MINUTES,
    CacheType,
    Need,
    Verdict,
    assess_fit,
    estimated_need,
    fallback_profiles,
    minutes_of,
    selectable_minutes,
    speech_need,
    tokens_for,
)
from app.core.measurement import Measurement, expected_rate, sparkline

GB = 10**9


@pytest.mark.parametrize(
    ("free", "said"),
    [(16 * GB, Verdict.WELL), (6 * GB, Verdict.WELL), (4_600_000_000, Verdict.TIGHT), (4 * GB + 1, Verdict.TIGHT),
     (4 * GB - 1, Verdict.NOT), (0, Verdict.NOT)],
)  # fmt: skip
def test_a_verdict_leaves_room_for_other_programs(free: int, said: Verdict) -> None:
    need = Need(2 * GB, GB // 2, GB // 4, GB // 4, 8192)
    assert assess_fit(need, GB, free).verdict is said


@given(st.floats(1, 600))
def test_a_context_for_some_minutes_holds_them(minutes: float) -> None:
    assert minutes_of(tokens_for(minutes)) >= int(minutes)
    assert tokens_for(minutes) % 256 == 0


@given(st.integers(512, 1_000_000))
def test_each_step_down_needs_less_and_the_first_is_what_was_wished(context: int) -> None:
    def weight(tokens: int, cache: CacheType) -> float:
        return tokens * (1.0 if cache is CacheType.F16 else 0.55)

    steps = fallback_profiles(context)
    assert (steps[0].context_tokens, steps[0].cache) == (context, CacheType.F16)
    needs = [weight(step.context_tokens, step.cache) for step in steps]
    assert all(later < earlier for earlier, later in itertools.pairwise(needs))
    assert all(step.context_tokens >= min(context, 1024) for step in steps)


@pytest.mark.parametrize(
    ("size", "measured"),
    [(77, 320), (146, 464), (484, 1046), (1513, 1604), (1528, 2621), (1618, 1709), (3086, 4527)],
    ids=["tiny", "base", "small", "distil-large-v3", "medium", "large-v3-turbo", "large-v3"],
)
def test_a_speech_model_needs_what_was_measured(size: int, measured: int) -> None:
    """Random weights, a full window that was never sure; `tests/bench/fit.py` measures the first three in a worker."""
    assert speech_need(size * 10**6) / 1e6 == pytest.approx(measured, rel=0.04)


def test_what_another_model_reads_in_a_second_this_one_can() -> None:
    big = Measurement("big", "language", 2 * GB, "", 4, tokens_out=10.0)
    small = Measurement("small", "language", 5_000_000, "", 4, tokens_out=900.0)  # lies in the processor's cache
    assert expected_rate(GB, [big, small], 99 * GB) == pytest.approx(20)
    assert expected_rate(GB, [small], 10 * GB) == pytest.approx(6.2)
    assert expected_rate(0, [], GB) == 0


def test_a_chart_of_a_few_values() -> None:
    assert sparkline([1.0, 2.0, 4.0]) == "▂▄█"
    assert sparkline([0.0]) == sparkline([]) == ""


def test_a_forecast_adds_the_speech_model_and_tells_the_minutes_of_the_context() -> None:
    fit = assess_fit(Need(1000, 200, 30, 4, 8192), speech=50_000, free=10**9)
    assert fit.need.total == 1234
    assert fit.total == 51_234
    assert fit.minutes == 27  # 85 % of 8,192 tokens, 250 a minute


@pytest.mark.parametrize("minutes", CALL_MINUTES)
def test_the_context_of_a_length_that_can_be_chosen_selects_that_length(minutes: int) -> None:
    assert selectable_minutes(tokens_for(minutes)) == minutes


def test_a_context_beyond_the_choice_selects_its_end() -> None:
    assert selectable_minutes(0) == 5
    assert selectable_minutes(10**6) == 180


def test_an_estimate_holds_the_cache_of_a_known_model_and_says_that_it_is_one() -> None:
    full, hybrid = (estimated_need(4_000_000_000, 8192, is_full=is_full) for is_full in (True, False))
    assert full.cache >= 147_456 * 8192  # Qwen3 8B
    assert hybrid.cache * 3 == full.cache
    assert full.weights == 4_000_000_000
    assert full.context_tokens == 8192
    assert not full.is_exact
    assert full.total - hybrid.total == full.cache - hybrid.cache
