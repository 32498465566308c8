"""How loud the channels of a recording are where something is heard, and how alike they sound, in constant memory."""

import numpy as np
from numpy.typing import NDArray

from app.core.call import PEAKS_PER_SECOND
from app.core.engines import SAMPLE_RATE

FRAME = SAMPLE_RATE // PEAKS_PER_SECOND  # samples of the tenth of a second that is measured at a time
_FLOOR = 120  # dB below full scale; anything quieter counts as this
_LOUDEST = PEAKS_PER_SECOND  # frames: a channel is as loud as its loudest second, be the rest silent
_SPEECH = 15  # the rank among the frames of the one that tells how loud speech is; a few clicks are louder
_SPEECH_RANGE = 30  # dB below speech in which frames count for the likeness of the channels


class Loudness:
    """Measures blocks of sound; `peaks` are those of each frame and channel, 1 for full scale."""

    def __init__(self, channels: int) -> None:
        self.peaks: list[NDArray[np.float16]] = []
        self._frames = np.zeros((channels, _FLOOR + 1), np.int64)  # per dB below full scale
        self._power = np.zeros((channels, _FLOOR + 1))
        self._products = np.zeros((_FLOOR + 1, channels, channels))  # per dB of the loudest channel

    def add(self, block: NDArray[np.float32]) -> None:
        """Measure a block of shape (channels, samples); its last frame is filled up with silence."""
        missing = -block.shape[1] % FRAME
        framed = (np.pad(block, ((0, 0), (0, missing))) if missing else block).reshape(block.shape[0], -1, FRAME)
        tops = np.maximum(framed.max(axis=2), -framed.min(axis=2))
        self.peaks.append(np.minimum(tops, 1.0).astype(np.float16))
        by_frame = framed.transpose(1, 0, 2)
        means = by_frame.mean(axis=2, dtype=np.float64)  # a constant offset is no sound
        products = np.matmul(by_frame, by_frame.transpose(0, 2, 1)).astype(np.float64) / FRAME
        products -= means[:, :, None] * means[:, None, :]
        power = np.maximum(np.diagonal(products, axis1=1, axis2=2), 0.0)  # of shape (frames, channels)
        steps = np.rint(-10 * np.log10(np.maximum(power, 10 ** (-_FLOOR / 10)))).astype(int).clip(0, _FLOOR)
        for channel in range(block.shape[0]):
            self._frames[channel] += np.bincount(steps[:, channel], minlength=_FLOOR + 1)
            self._power[channel] += np.bincount(steps[:, channel], power[:, channel], minlength=_FLOOR + 1)
        np.add.at(self._products, steps.min(axis=1), products)

    def levels(self) -> tuple[float, ...]:
        """The root mean square of each channel's loudest second, in dBFS; -120 is silence."""
        found = []
        for frames, power in zip(self._frames, self._power, strict=True):
            total, left = 0.0, min(_LOUDEST, max(1, int(frames.sum())))
            wanted = left
            for step in np.flatnonzero(frames):
                taken = min(left, int(frames[step]))
                total += power[step] / frames[step] * taken
                left -= taken
                if not left:
                    break
            found.append(float(10 * np.log10(max(total / wanted, 10 ** (-_FLOOR / 10)))))
        return tuple(found)

    def speech_level(self) -> float:
        """How loud speech is on the loudest channel, in dBFS."""
        ranks = np.cumsum(self._frames, axis=1)
        rank = min(_SPEECH, int(ranks[0, -1] + 1) // 2)
        return -float(min(int(np.searchsorted(row, rank)) for row in ranks))

    def products(self) -> NDArray[np.float64]:
        """The sums of the products of each two channels, of shape (channels, channels), where something is heard."""
        last = int(min(_FLOOR, -self.speech_level() + _SPEECH_RANGE))
        return np.asarray(self._products[: last + 1].sum(axis=0))


def correlation(products: NDArray[np.float64], one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The correlation, from -1 to 1, of two mixes of channels, given by the weights of the channels in them."""
    scale = float((one @ products @ one) * (other @ products @ other))
    return float(one @ products @ other) / scale**0.5 if scale > 0 else 0.0
