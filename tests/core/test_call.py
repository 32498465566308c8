"""What the channels of a recording are to each other, and what is to be done with it next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.call import CallState, Survey, call_state, layout_of
from app.core.transcript import Layout


def survey(levels: tuple[float, ...], correlation: float = 0.0) -> Survey:
    return Survey(60.0, len(levels), levels, correlation, b"", False, "opus")


@pytest.mark.parametrize(
    ("levels", "correlation", "layout"),
    [
        ((-20.0,), 0.0, Layout.MONO),
        ((-20.0, -22.0), 0.0, Layout.TWO_SIDED),
        ((-20.0, -22.0), 0.2, Layout.TWO_SIDED),  # leakage from one side to the other
        ((-20.0, -22.0), -0.2, Layout.TWO_SIDED),
        ((-20.0, -22.0), 0.34, Layout.TWO_SIDED),
        ((-20.0, -22.0), 0.36, Layout.MONO),
        ((-20.0, -20.0), 1.0, Layout.MONO),
        ((-20.0, -20.0), -1.0, Layout.MONO),  # one side wired the other way round
        ((-20.0, -24.0), 0.6, Layout.MONO),  # a room in stereo
        ((-20.0, -120.0), 0.0, Layout.LEFT_ONLY),
        ((-120.0, -20.0), 0.0, Layout.RIGHT_ONLY),
        ((-20.0, -70.0), 0.0, Layout.LEFT_ONLY),
        ((-70.0, -20.0), 0.0, Layout.RIGHT_ONLY),
        ((-20.0, -56.0), 0.9, Layout.LEFT_ONLY),  # nothing but the other side's leakage
        ((-20.0, -50.0), 0.0, Layout.TWO_SIDED),  # a quiet telephone
        ((-120.0, -120.0), 0.0, Layout.MONO),
    ],
)
def test_layout(levels: tuple[float, ...], correlation: float, layout: Layout) -> None:
    assert layout_of(survey(levels, correlation)) is layout


@given(st.floats(-120, 0), st.floats(-120, 0), st.floats(-1, 1))
def test_swapped_channels_have_the_swapped_layout(left: float, right: float, correlation: float) -> None:
    mirrored = {Layout.LEFT_ONLY: Layout.RIGHT_ONLY, Layout.RIGHT_ONLY: Layout.LEFT_ONLY}
    one, other = layout_of(survey((left, right), correlation)), layout_of(survey((right, left), correlation))
    assert other is mirrored.get(one, one)


def test_the_state_follows_from_the_steps_done() -> None:
    def state(*done: str, is_begun: bool = True, has_lines: bool = True) -> CallState:
        return call_state(done, is_begun=is_begun, has_lines=has_lines)

    assert state(is_begun=False, has_lines=False) is CallState.IMPORTED
    assert state() is state(has_lines=False) is CallState.TRANSCRIBING
    assert state("transcribe") is state("transcribe", "another") is CallState.TRANSCRIBED
    assert state("transcribe", has_lines=False) is CallState.SILENT
    assert state("transcribe", "summarize") is CallState.SUMMARIZED
