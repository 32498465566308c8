"""The spectra that voice print models are given: of the known shapes, and with the values that others compute."""

import numpy as np
import pytest

from app.core.engines import SAMPLE_RATE
from app.engines.model_files.voice_features import Array, log_fbank, power_mel

KALDI = [
    [-2.869, -2.953, -4.790, -6.142, -9.802],
    [-6.717, -4.506, -15.004, -15.942, -15.942],
    [-5.275, -7.232, 0.665, -2.218, -6.283],
]


def tone(frequency: float, seconds: float = 1.6, height: float = 0.3) -> Array:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (height * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def test_a_window_has_a_frame_for_each_ten_milliseconds() -> None:
    assert power_mel(tone(300)).shape == (161, 40)  # one at its end too, which the model is not given
    assert log_fbank(tone(300)).shape == (160, 80)


@pytest.mark.parametrize("samples", [1, 100, 399, 400, 700, 25_599])
def test_any_sound_has_frames(samples: int) -> None:
    sound = tone(300)[:samples]
    for found in (power_mel(sound), log_fbank(sound)):
        assert len(found) >= 1
        assert np.all(np.isfinite(found))


def test_a_tone_is_strongest_in_its_own_band() -> None:
    """Slaney's mels: 66.7 Hz each up to 1 kHz, where the bands are 78 Hz wide at half of their height."""
    bands = [int(np.argmax(power_mel(tone(frequency))[80])) for frequency in (200, 500, 1000, 2000, 4000, 7000)]
    assert bands == sorted(set(bands))
    mels = 15 + np.log(8.0) * 27 / np.log(6.4)
    edges = np.linspace(0, mels, 42)
    assert bands[:3] == [int(np.argmin(np.abs(edges[1:-1] - hz / (200 / 3)))) for hz in (200, 500, 1000)]


def test_power_grows_with_the_square_and_logarithms_by_a_sum() -> None:
    soft, loud = tone(440, height=0.1), tone(440, height=0.2)
    assert power_mel(loud) == pytest.approx(4 * power_mel(soft), rel=1e-3, abs=1e-6)
    strong = log_fbank(soft) > -5  # what is next to nothing ends at the floor
    assert log_fbank(loud)[strong] - log_fbank(soft)[strong] == pytest.approx(np.log(4), abs=1e-2)


def test_filter_banks_are_kaldi_s() -> None:
    """The values are those of kaldi-native-fbank 1.23, set as sherpa-onnx sets it."""
    at = np.arange(4000)
    sound = (0.3 * np.sin(at * 0.1) + 0.2 * np.sin(at * at * 1e-4) + 0.05).astype(np.float32)
    found = log_fbank(sound)
    assert found.shape == (25, 80)
    expected = np.array(KALDI)
    assert found[[0, 10, 24]][:, [0, 20, 40, 60, 79]] == pytest.approx(expected, abs=2e-3)
