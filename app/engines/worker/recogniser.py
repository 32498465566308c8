"""One Whisper model: the words of a sound and the language of each part of it, from one run of its encoder."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE
from app.engines.worker.spoken_language import Place, Probabilities

_TOKENS_PER_SECOND = 14  # at most: Whisper was trained on 224 for 30 seconds; more than that is repetition
_MOST_TOKENS = 400  # the decoder holds 448 with its prompt, and refuses requests for more
_FEW_TOKENS = 40  # extra, for the timestamp tokens of a short window
_ENCODED = 50  # positions of the encoder's output for a second
Sound = NDArray[np.float32]


class Recogniser:
    """Wraps a `faster_whisper.WhisperModel`.

    The encoder is much of the work, so what it made of a sound is kept until `forget`: judging languages costs one
    step of the decoder for each part.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._encode, model.encode = model.encode, self._encoded
        self._kept: list[tuple[NDArray[np.float32], Any]] = []
        self._check: Callable[[], None] | None = None

    @property
    def is_multilingual(self) -> bool:
        """Whether it knows more languages than English."""
        return bool(self._model.model.is_multilingual)

    def forget(self) -> None:
        """Forget what was encoded."""
        self._kept.clear()

    def segments(self, sound: Sound, language: str, check: Callable[[], None] | None = None) -> Iterator[Any]:
        """The segments that faster-whisper hears in a sound, as samples in -1 to 1, in this language.

        `check` is called once the sound is encoded, before any word is decoded; what it raises ends the iteration.
        """
        found, _ = self._model.transcribe(
            sound,
            language=language,
            beam_size=5,
            word_timestamps=True,
            max_new_tokens=min(_MOST_TOKENS, _FEW_TOKENS + int(len(sound) / SAMPLE_RATE * _TOKENS_PER_SECOND)),
            condition_on_previous_text=False,  # else a hallucinated line repeats through the rest
            vad_filter=False,
        )
        self._check = check
        yield from found

    def languages_of_parts(self, parts: Sequence[Place]) -> list[Probabilities]:
        """How likely each language is in each part of the sound that was encoded last."""
        from ctranslate2 import StorageView

        encoded = np.array(self._kept[-1][1])
        found = []
        for start, end in parts:  # one by one: cut or filled up to one width, they are judged worse
            first = min(start * _ENCODED // SAMPLE_RATE, encoded.shape[1] - 1)
            last = max(first + 1, -(-end * _ENCODED // SAMPLE_RATE))
            part = np.ascontiguousarray(encoded[:, first:last])
            found.append(self._detected(StorageView.from_array(part)))
        return found

    def languages(self, sound: Sound) -> Probabilities:
        """How likely each language is in a sound of up to 30 s as a whole."""
        from faster_whisper.audio import pad_or_trim

        features = self._model.feature_extractor(sound)
        features = pad_or_trim(features[..., :-1])  # as faster-whisper encodes it
        encoded = self._encoded(features)
        self._kept.append((features, encoded))
        return self._detected(encoded)

    def _detected(self, encoded: Any) -> Probabilities:
        return {token[2:-2]: float(probability) for token, probability in self._model.model.detect_language(encoded)[0]}

    def _encoded(self, features: NDArray[np.float32]) -> Any:
        known = next((made for given, made in self._kept if np.array_equal(given, features)), None)
        encoded = self._encode(features) if known is None else known
        check, self._check = self._check, None
        if check is not None:
            self._kept.append((features, encoded))
            check()
        return encoded
