"""Whether what the demo's speech model heard is of its small world: of real speech it writes words that nobody said."""

from collections.abc import Iterable

from app.core.transcript import Segment

# Measured over the windows of this project's calls, also with noise 8 dB below the voices, and of real recordings: the
# mean probability of a word is 0.737 to 0.99 there and 0.57 to 0.81 here, and a second of speech has 2.9 to 6 words
# there and 1.2 to 10 here.
_LEAST_PROBABILITY = 0.735
_SURE = 0.86  # from which on the pace of the speech does not matter
_LEAST_RATE, _MOST_RATE = 2.0, 8.0
_FEWEST = 6  # words that can be judged


class DemoWorld:
    """Judges one call, window by window, each with all that was heard before it."""

    def __init__(self) -> None:
        self._words, self._probability, self._seconds = 0, 0.0, 0.0
        self.has_refused = False

    def knows(self, segments: Iterable[Segment]) -> bool:
        """Whether a window's words are of the demo's world; a few words alone always are."""
        words = [word for segment in segments for word in segment.words]
        self._words += len(words)
        self._probability += sum(word.probability for word in words)
        self._seconds += sum(word.end - word.start for word in words)
        if not words or self._words < _FEWEST:
            return True
        rate = self._words / max(self._seconds, 0.001)
        probability = self._probability / self._words
        is_usual = _LEAST_RATE <= rate <= _MOST_RATE
        is_known = probability >= (_LEAST_PROBABILITY if is_usual else _SURE)
        self.has_refused |= not is_known
        return is_known
