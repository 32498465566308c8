"""Notices that a reply goes in circles, as small models do, whatever the circle looks like."""

import itertools

_LEAST_TURNS = 4  # a chorus or a table says the same two or three times for a reason
_LEAST_LENGTH = 160  # characters of all turns; "ha ha ha" is none yet
_LEAST_COUNTED = 400  # where the turns differ by a number that goes up: "Day 1, Day 2" is a list first
_LEAST_WITHOUT_LETTERS = 400  # rules, the heads of tables, columns of zeros
_IN_CODE = 3  # times as much: rows of data resemble each other
_LONGEST = 12_000  # characters that are looked back on: four turns of the longest circle
_PROBE = 24  # characters at the end that are looked for further up
_MOST_PROBES = 24
_STEP = 16  # characters between two looks
_SENTENCE_ENDS = ".!?。！？…\n"


class RepetitionGuard:
    """Follows a streamed reply; `is_repeating` once its end consists of nothing but the same again and again.

    What is compared has every number as one sign and every gap as one blank; a number that differs from turn to turn
    must count up by one.
    """

    def __init__(self) -> None:
        self._text = ""
        self._plain = ""  # the text as it is compared
        self._ends: list[int] = []  # for each character of it, where its piece of the text ends
        self._numbers: list[tuple[int, str]] = []  # where a number stands in it, and what it is
        self._looked = 0
        self.is_repeating = False

    def add(self, text: str) -> None:
        """Add text; what comes after a repetition was noticed is ignored."""
        if self.is_repeating:
            return
        for character in text:
            self._add(character)
            if len(self._plain) - self._looked >= _STEP:
                self._looked = len(self._plain)
                if (length := self._circle()) is not None:
                    self.is_repeating = True
                    self._cut(length)
                    return

    @property
    def text(self) -> str:
        """The reply; of a repetition only the first turn."""
        return self._text

    def _add(self, character: str) -> None:
        self._text += character
        sign = "0" if character.isdecimal() else " " if character.isspace() else character
        if self._plain.endswith(sign) and sign in "0 ":
            self._ends[-1] = len(self._text)
        else:
            self._plain += sign
            self._ends.append(len(self._text))
            if sign == "0":
                self._numbers.append((len(self._plain) - 1, ""))
        if sign == "0":
            at, digits = self._numbers[-1]
            self._numbers[-1] = (at, digits + character)

    def _circle(self) -> int | None:
        """The length of the turns that the text ends with, or None if it does not go in circles."""
        tail = self._plain[-_LONGEST:]
        probe = tail[-_PROBE:]
        at = len(tail) - len(probe)
        for _ in range(_MOST_PROBES):
            at = tail.rfind(probe, 0, at + len(probe) - 1)
            if at < 0:
                return None
            length = len(tail) - len(probe) - at
            if self._is_circle(tail, length):
                return length
        return None

    def _is_circle(self, tail: str, length: int) -> bool:
        turns = self._turns(tail[-length:], is_counted=False)
        if not _repeats(tail, length, turns):
            return False
        is_counted = self._counts_up(length, turns)
        if is_counted:
            turns = self._turns(tail[-length:], is_counted=True)
            return _repeats(tail, length, turns) and self._counts_up(length, turns) is not None
        return is_counted is not None

    def _turns(self, turn: str, *, is_counted: bool) -> int:
        """How many turns make a circle."""
        has_letters = any(sign.isalpha() for sign in turn)
        least = _LEAST_COUNTED if is_counted else _LEAST_LENGTH if has_letters else _LEAST_WITHOUT_LETTERS
        is_in_code = self._text.count("```") % 2 == 1
        return max(_LEAST_TURNS, -(-least * (_IN_CODE if is_in_code else 1) // len(turn)))

    def _counts_up(self, length: int, turns: int) -> bool | None:
        """Whether one number counts up from turn to turn, or none differs; None if they differ in another way."""
        begin = len(self._plain) - length * turns
        slots: dict[int, list[str]] = {}
        for at, digits in reversed(self._numbers):
            if at < begin:
                break
            slots.setdefault((at - begin) % length, []).append(digits)
        differing = [values[1:] for values in slots.values() if len(set(values[1:])) > 1]  # the last may be unfinished
        if not differing:
            return False
        if len(differing) > 1 or not any(sign.isalpha() for sign in self._plain[-length:]):
            return None
        counts = [int(digits[-9:]) for digits in differing[0]]
        return True if all(later - earlier == 1 for later, earlier in itertools.pairwise(counts)) else None

    def _cut(self, length: int) -> None:
        """Cut the text behind the first turn, where a sentence or a line ends if one does."""
        begin = len(self._plain) - length
        while begin > 0 and self._plain[begin - 1] == self._plain[begin - 1 + length]:
            begin -= 1
        first, second = self._ends[begin + length - 1], self._ends[min(begin + 2 * length, len(self._ends)) - 1]
        ended = next((at for at in range(first, second + 1) if self._text[at - 1] in _SENTENCE_ENDS), first)
        self._text = self._text[:ended]


def _repeats(tail: str, length: int, turns: int) -> bool:
    end = tail[-length * turns :]
    return len(end) == length * turns and end[length:] == end[:-length]
