"""How loud the channels of a recording are where something is heard, and how alike they sound, in constant memory."""

import numpy as np
from numpy.typing import NDArray

from app.core.call import PEAKS_PER_SECOND, SILENT_LEVEL
from app.core.engines import SAMPLE_RATE

FRAME = SAMPLE_RATE // PEAKS_PER_SECOND  # samples of the tenth of a second that is measured at a time
_FLOOR = 120  # dB below full scale; anything quieter counts as this
_LOUDEST = PEAKS_PER_SECOND  # frames: a channel is as loud as its loudest second, be the rest silent
_SPEECH = 15  # the rank among the frames of the one that tells how loud speech is; a few clicks are louder
_KNOCK = 2  # frames: what is loud for no longer on a channel is a click or a knock, and tells nothing of speech
_ALIKE = 10  # dB below the loudest speech from which frames count by their power
_OWN, _OWN_FRAMES = 2.0, 5  # how many times the power of another channel, for how many frames, is sound of its own
_MOVING = 10  # dB between the loudest second and the middle frame of what is more than steady noise
_SPEECH_RANGE = 30  # dB below speech in which frames count for the likeness of the channels


class Loudness:
    """Measures blocks of sound; `peaks` are those of each frame and channel, 1 for full scale."""

    def __init__(self, channels: int) -> None:
        self.peaks: list[NDArray[np.float16]] = []
        self._frames = np.zeros((channels, _FLOOR + 1), np.int64)  # per dB below full scale
        self._power = np.zeros((channels, _FLOOR + 1))
        self._louder = np.zeros((channels, channels), np.int64)  # frames in which one has more to hear than another
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
        is_louder = (power[:, :, None] > _OWN * power[:, None, :]) & (power[:, :, None] > 10 ** (SILENT_LEVEL / 10))
        self._louder += is_louder.sum(axis=0)
        np.add.at(self._products, steps.min(axis=1), products)

    def levels(self) -> tuple[float, ...]:
        """The root mean square of each channel's loudest second without knocks, in dBFS; -120 is silence."""
        found = []
        for frames, power in zip(self._frames, self._power, strict=True):
            skipped = _KNOCK if frames.sum() > 2 * _LOUDEST else 0
            total, left = 0.0, min(_LOUDEST, max(1, int(frames.sum())))
            wanted = left
            for step in np.flatnonzero(frames):
                ignored = min(skipped, int(frames[step]))
                skipped -= ignored
                taken = min(left, int(frames[step]) - ignored)
                total += power[step] / frames[step] * taken
                left -= taken
                if not left:
                    break
            found.append(float(10 * np.log10(max(total / wanted, 10 ** (-_FLOOR / 10)))))
        return tuple(found)

    def has_own_sound(self, channel: int, other: int) -> bool:
        """Whether a channel is louder than the other one for long enough to say something, however quiet it is.

        What leaks from one into another is quieter there, but for an echo, and noise is as loud all the time.
        """
        middle = int(np.searchsorted(np.cumsum(self._frames[channel]), self._frames[channel].sum() / 2))
        is_steady = self.levels()[channel] + middle < _MOVING
        heard = int(self._frames[channel, : round(-SILENT_LEVEL)].sum())
        return bool(self._louder[channel, other] >= max(_OWN_FRAMES, heard / 2)) and not is_steady

    def speech_level(self) -> float:
        """How loud speech is on the loudest channel, in dBFS."""
        ranks = np.cumsum(self._frames, axis=1)
        rank = min(_SPEECH, int(ranks[0, -1] + 1) // 2)
        return -float(min(int(np.searchsorted(row, rank)) for row in ranks))

    def products(self) -> NDArray[np.float64]:
        """The sums of the products of each two channels, of shape (channels, channels), where something is heard.

        All frames of speech count alike, and what is louder, as a knock or a tone on all channels, no more than they.
        """
        speech = int(-self.speech_level())
        last = min(_FLOOR, speech + _SPEECH_RANGE)
        weights = np.minimum(1.0, 10 ** ((np.arange(last + 1) - speech - _ALIKE) / 10))
        return np.asarray(np.tensordot(weights, self._products[: last + 1], axes=1))


def correlation(products: NDArray[np.float64], one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The correlation, from -1 to 1, of two mixes of channels, given by the weights of the channels in them."""
    scale = float((one @ products @ one) * (other @ products @ other))
    return float(one @ products @ other) / scale**0.5 if scale > 0 else 0.0
