"""What voice print models are given: spectra of sound on the mel scale, as each family of models was trained on."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE

Array = NDArray[np.float32]

FRAME, HOP = 400, 160
"""Samples of a frame, and from one to the next: 25 and 10 milliseconds, in both families."""
MEL_BANDS = 40
FBANK_BANDS = 80
INT16_SCALE = 32768.0
"""By which sound in -1 to 1 is multiplied for models that were trained on 16-bit samples."""

_KNEE, _STEP = 1000.0, 200.0 / 3  # Hz: up to the knee a mel of Slaney's scale is one step wide
_GROWTH = float(np.log(6.4) / 27)  # above the knee 27 mels lead to 6.4 times the frequency
_FBANK_FFT = 512  # samples: the frame, filled up with zeros to a power of two
_FBANK_LOWEST, _FBANK_HIGHEST = 20.0, SAMPLE_RATE / 2 - 400.0  # Hz: sherpa-onnx's defaults
_PREEMPHASIS, _POVEY_POWER = 0.97, 0.85  # Kaldi's defaults


def power_mel(sound: Array) -> Array:
    """The power in 40 bands from 0 to 8 kHz, not as logarithms, as Resemblyzer's GE2E model wants it.

    `sound` has samples in -1 to 1, at 16 kHz; the result has the shape [frames, 40], with a frame centred at each
    multiple of 10 milliseconds, also the last. Hann's window and Slaney's bands are librosa's defaults, with which the
    model was trained.
    """
    frames = _frames(np.pad(sound, FRAME // 2), 1 + len(sound) // HOP)
    spectrum = np.abs(np.fft.rfft(frames * _hann(), axis=1)) ** 2
    return np.asarray(spectrum @ _slaney_bands(), np.float32)


def log_fbank(sound: Array) -> Array:
    """The logarithms of the power in 80 bands from 20 Hz to 7.6 kHz, as the exports of CAM++ and its kin want it.

    `sound` has samples at 16 kHz, in -1 to 1 or of 16 bits, as the model was trained; the result has the shape
    [frames, 80], with a frame for each 10 milliseconds. These are Kaldi's filter banks without dither, and with sound
    that is reflected at its ends instead of cut (`snip_edges=false`): what sherpa-onnx gives the same files.
    """
    count = max(1, (len(sound) + HOP // 2) // HOP)
    before = FRAME // 2 - HOP // 2
    after = max(0, (count - 1) * HOP + FRAME - before - len(sound))
    frames = _frames(np.pad(sound, (before, after), mode="symmetric"), count).astype(np.float64)
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames -= _PREEMPHASIS * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    spectrum = np.abs(np.fft.rfft(frames * _povey(), _FBANK_FFT, axis=1)) ** 2
    power = spectrum[:, :-1] @ _kaldi_bands()  # Kaldi leaves the highest frequency out
    return np.asarray(np.log(np.maximum(power, np.finfo(np.float32).eps)), np.float32)


def _frames(padded: Array, count: int) -> Array:
    """So many overlapping frames of sound, a view of shape [count, 400]."""
    return np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP][:count]


@cache
def _hann() -> NDArray[np.float64]:
    return np.hanning(FRAME + 1)[:-1]


@cache
def _povey() -> NDArray[np.float64]:
    return np.asarray(np.hanning(FRAME) ** _POVEY_POWER)


@cache
def _slaney_bands() -> NDArray[np.float64]:
    """Triangles of equal area over the 201 frequencies of a frame, of shape [201, 40]; their edges are even in mels."""
    knee = _KNEE / _STEP
    highest = knee + np.log(SAMPLE_RATE / 2 / _KNEE) / _GROWTH
    mels = np.linspace(0, highest, MEL_BANDS + 2)
    edges = np.where(mels < knee, mels * _STEP, _KNEE * np.exp((mels - knee) * _GROWTH))
    triangles = _triangles(edges, np.linspace(0, SAMPLE_RATE / 2, FRAME // 2 + 1))
    return np.asarray(triangles * 2 / (edges[2:] - edges[:-2]))


@cache
def _kaldi_bands() -> NDArray[np.float64]:
    """Triangles over the 256 lower frequencies, of shape [256, 80]; their edges and their sides are even in mels."""
    lowest, highest = _kaldi_mels(np.array([_FBANK_LOWEST, _FBANK_HIGHEST]))
    edges = np.linspace(lowest, highest, FBANK_BANDS + 2)
    return _triangles(edges, _kaldi_mels(np.arange(_FBANK_FFT // 2) * SAMPLE_RATE / _FBANK_FFT))


def _kaldi_mels(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(frequencies / 700.0))


def _triangles(edges: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each place its height in each triangle between every third edge, of shape [places, edges - 2]."""
    rising = (places[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - places[:, None]) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))
