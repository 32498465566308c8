"""One Whisper model: the words of several sounds, decoded together, and the language of each part of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE
from app.engines.memory_shortage import is_of_shortage
from app.engines.sandbox import resource_limits
from app.engines.worker.spoken_language import Place, Probabilities

_TOKENS_PER_SECOND = 14  # at most: Whisper was trained on 224 for 30 seconds; more than that is repetition
_MOST_TOKENS = 400  # the decoder holds 448 with its prompt, and refuses requests for more
_FEW_TOKENS = 40  # extra, for the timestamp tokens of a short window
_ENCODED = 50  # positions of the encoder's output for a second
_POSITIONS = 1500  # of the encoder for its 30 seconds
_HEAD = 64  # values of an attention head, in each of Whisper's sizes
_SPARE_BYTES = 8 << 20
_FIRST_BYTES = 36 << 20
"""What threads and compiled kernels take once, with the first sound: measured with the demo's model, tiny and base."""
Sound = NDArray[np.float32]


class Recogniser:
    """Wraps a `faster_whisper.WhisperModel`.

    faster-whisper recognises one sound after the other, and decodes what it hears doubtfully once more. Here the first
    decoding of several sounds is one of all of them, because a step of the decoder reads all of its weights,
    for however many. What was encoded is kept until `forget`: judging languages costs one step of the decoder for each
    part.
    """

    def __init__(self, model: Any, width: int) -> None:
        """`width` is how many values the encoder has for each position; 0 if that is not known."""
        self._model = model
        self._width, self._has_encoded = width, False
        self._encode, model.encode = model.encode, self._encoded
        self._extract = model.feature_extractor
        model.feature_extractor = _Extractor(self._extract, self._features)
        model.model = self._decoder = _Decoder(model.model)
        self._heard: list[tuple[Sound, NDArray[np.float32]]] = []
        self._kept: list[tuple[NDArray[np.float32], Any]] = []

    @property
    def is_multilingual(self) -> bool:
        """Whether it knows more languages than English."""
        return bool(self._model.model.is_multilingual)

    def forget(self) -> None:
        """Forget what was encoded."""
        self._heard.clear()
        self._kept.clear()
        self._decoder.expect((), 0)

    @property
    def lacked_memory(self) -> bool:
        """Whether the sounds of `segments` could not be decoded together, and were one by one."""
        return self._decoder.lacked_memory

    def segments(
        self, sounds: Sequence[Sound], language: str, *, is_tried_again: bool = True
    ) -> Iterator[tuple[Any, ...]]:
        """The segments that faster-whisper hears in each of the sounds, as samples in -1 to 1, in this language.

        With `is_tried_again` what is doubtful is decoded at higher temperatures too; without, by one beam alone, which
        hears the same in a short sound and takes two thirds of the time.
        """
        temperatures = {} if is_tried_again else {"temperature": 0.0}
        most = max(map(_most_tokens, sounds), default=0)
        self._decoder.expect([self._encoding(sound) for sound in sounds], most)
        for sound in sounds:
            found, _ = self._model.transcribe(
                sound,
                language=language,
                beam_size=5 if is_tried_again else 1,
                word_timestamps=True,
                max_new_tokens=_most_tokens(sound),
                condition_on_previous_text=False,  # else a hallucinated line repeats through the rest
                vad_filter=False,
                **temperatures,
            )
            yield tuple(found)

    def languages_of_parts(self, sound: Sound, parts: Sequence[Place]) -> list[Probabilities]:
        """How likely each language is in each part of a sound."""
        from ctranslate2 import StorageView

        encoded = np.array(self._encoding(sound))
        found = []
        for start, end in parts:  # one by one: cut or filled up to one width, they are judged worse
            first = min(start * _ENCODED // SAMPLE_RATE, encoded.shape[1] - 1)
            last = max(first + 1, -(-end * _ENCODED // SAMPLE_RATE))
            part = np.ascontiguousarray(encoded[:, first:last])
            found.append(self._detected(StorageView.from_array(part)))
        return found

    def languages(self, sound: Sound) -> Probabilities:
        """How likely each language is in a sound of up to 30 s as a whole."""
        return self._detected(self._encoding(sound))

    def _detected(self, encoded: Any) -> Probabilities:
        return {token[2:-2]: float(probability) for token, probability in self._model.model.detect_language(encoded)[0]}

    def _encoding(self, sound: Sound) -> Any:
        """What the encoder makes of a sound, or of its first 30 s."""
        from faster_whisper.audio import pad_or_trim

        features = pad_or_trim(self._features(sound)[..., :-1])  # as faster-whisper encodes it
        encoded = self._encoded(features)
        if all(known is not encoded for _, known in self._kept):
            self._kept.append((features, encoded))
        return encoded

    def _encoded(self, features: NDArray[np.float32]) -> Any:
        known = next((made for given, made in self._kept if np.array_equal(given, features)), None)
        if known is not None:
            return known
        # oneDNN does not look whether it was given memory, and CTranslate2 can't say so then: the process would end.
        resource_limits.require_memory(_encoding_bytes(self._width) + (0 if self._has_encoded else _FIRST_BYTES))
        made = self._encode(features)
        self._has_encoded = True
        return made

    def _features(self, sound: Sound, **options: Any) -> NDArray[np.float32]:
        known = next((made for given, made in self._heard if given is sound), None)
        if known is not None:
            return known
        features: NDArray[np.float32] = self._extract(sound, **options)
        self._heard.append((sound, features))
        return features


class _Extractor:
    """faster-whisper's extractor of features, which makes those of one sound only once."""

    def __init__(self, extractor: Any, features: Any) -> None:
        self._extractor, self._features = extractor, features

    def __getattr__(self, name: str) -> Any:
        return getattr(self._extractor, name)

    def __call__(self, sound: Sound, **options: Any) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._features(sound, **options)
        return found


class _Decoder:
    """CTranslate2's model, which decodes all that is expected once the first of it is asked for."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._expected: list[Any] = []
        self._most = 0
        self._found: list[Any] = []
        self.lacked_memory = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def expect(self, encoded: Sequence[Any], most: int) -> None:
        """Be asked next to decode each of these to `most` tokens at most, with the same prompt and options."""
        self._expected, self._most, self._found = list(encoded), most, []

    def generate(self, encoded: Any, prompts: Sequence[Sequence[int]], **options: Any) -> list[Any]:
        """As CTranslate2's: of what is expected, the beam search is made for all of it together.

        What gets longer so than it may by itself is decoded by itself, and all where memory is short.
        """
        place = next((at for at, one in enumerate(self._expected) if one is encoded), None)
        if place is not None and "sampling_temperature" not in options:
            if not self._found:
                self._decode_together(prompts[0], options)
            allowed = options["max_length"] - len(prompts[0])
            if self._found and len(self._found[place].sequences_ids[0]) <= allowed:
                return [self._found[place]]
        found: list[Any] = self._model.generate(encoded, prompts, **options)
        return found

    def _decode_together(self, prompt: Sequence[int], options: Mapping[str, Any]) -> None:
        self.lacked_memory = False
        every = [list(prompt) for _ in self._expected]
        longest = {**options, "max_length": len(prompt) + self._most}
        try:
            self._found = self._model.generate(_together(self._expected), every, **longest)
        except Exception as error:
            if len(self._expected) < 2 or not is_of_shortage(error):
                raise
            self._expected, self.lacked_memory = [], True


def _encoding_bytes(width: int) -> int:
    """What encoding takes: the attention of each head to all positions, and some layers' values, in 32 bits each.

    Within 10 % of what was measured with the demo's model, tiny and base.
    """
    return _POSITIONS * 4 * (width // _HEAD * _POSITIONS + 7 * width) + _SPARE_BYTES


def _most_tokens(sound: Sound) -> int:
    return min(_MOST_TOKENS, _FEW_TOKENS + int(len(sound) / SAMPLE_RATE * _TOKENS_PER_SECOND))


def _together(encoded: Sequence[Any]) -> Any:
    """The encoder's outputs as one."""
    from ctranslate2 import StorageView

    return encoded[0] if len(encoded) == 1 else StorageView.from_array(np.concatenate([np.array(e) for e in encoded]))
