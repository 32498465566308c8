"""The difference of two texts word by word, in which each change is taken or left by itself."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|\S")
_MANY = 2000  # words or lines from which those that are everywhere are not compared each with each: it takes minutes
_SHORT = 4  # letters
_ALIKE = 0.5  # of their letters: one word written another way


@dataclass(frozen=True, slots=True)
class Change:
    """Where a text has `old`, and another one `new` in its place; one of them may be empty, but not both."""

    old: str
    new: str


Piece = str | Change


@dataclass(frozen=True, slots=True)
class Difference:
    """Two texts as one: what both have, as strings, and between it what differs."""

    pieces: tuple[Piece, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Change))

    @property
    def old(self) -> str:
        """The one text, character for character."""
        return self.with_changes(())

    @property
    def new(self) -> str:
        """The other text, character for character."""
        return self.with_changes(range(len(self.changes)))

    def with_changes(self, taken: Collection[int]) -> str:
        """The text in which the changes with these numbers, from 0, are taken and the others left alone."""
        parts, number = [], 0
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                parts.append(piece.new if number in taken else piece.old)
                number += 1
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word or a sign, with the white space in front of it."""

    gap: str
    word: str

    @property
    def text(self) -> str:
        return self.gap + self.word


def difference(old: str, new: str) -> Difference:
    """What two texts have in common and what differs, by words and signs; white space counts too."""
    first, second = old.splitlines(keepends=True), new.splitlines(keepends=True)
    found: list[Piece] = []
    for kind, a, b, c, d in _opcodes(first, second):
        if kind == "equal":
            found += first[a:b]
        elif b - a == d - c:  # as many lines as before: each is compared with the one in its place
            for one, other in zip(first[a:b], second[c:d], strict=True):
                found += _words_compared(one, other)
        else:
            found += _words_compared("".join(first[a:b]), "".join(second[c:d]))
    return Difference(tuple(_joined(found)))


def _opcodes(first: Sequence[str], second: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    is_long = max(len(first), len(second)) > _MANY
    return [*SequenceMatcher(None, first, second, autojunk=is_long).get_opcodes()]


def _words_compared(old: str, new: str) -> Iterator[Piece]:
    first, second = _tokens(old), _tokens(new)
    words = [[token.word for token in tokens] for tokens in (first, second)]
    for kind, a, b, c, d in _opcodes(*words):
        if kind == "equal":
            for one, other in zip(first[a:b], second[c:d], strict=True):
                yield from (Change(one.gap, other.gap) if one.gap != other.gap else one.gap, one.word)
        else:
            yield from _changed(first[a:b], second[c:d])


def with_breaks_of(old: str, new: str) -> str:
    """The new text with the line breaks of the old one, where both say the same in front of them."""
    first, second = _tokens(old), _tokens(new)
    words = [[token.word for token in tokens] for tokens in (first, second)]
    made: list[str] = []
    for kind, a, b, c, d in _opcodes(*words):
        for place, token in enumerate(second[c:d]):
            known = first[a + place] if kind == "equal" or (place == 0 and b > a) else None
            is_broken = known is not None and "\n" in known.gap + token.gap
            made.append((known.gap if known is not None and is_broken else token.gap) + token.word)
    return "".join(made)


def words_of(text: str) -> list[str]:
    """The words and signs of a text, without the white space between them."""
    return _WORD.findall(text)


def alike(one: str, other: str) -> float:
    """How much of their letters two words share, from 0 to 1, whatever their case."""
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()


def _tokens(text: str) -> list[_Token]:
    tokens, at = list[_Token](), 0
    for found in _WORD.finditer(text):
        tokens.append(_Token(text[at : found.start()], found[0]))
        at = found.end()
    return [*tokens, _Token(text[at:], "")]  # what is behind the last word


def _changed(old: Sequence[_Token], new: Sequence[_Token]) -> Iterator[Piece]:
    """One change, or one for each word where each is the other one written another way."""
    pairs = list(zip(old, new, strict=False))
    if pairs and all(_is_same_word(one.word, other.word) for one, other in pairs):
        for one, other in pairs:
            if one.gap == other.gap:
                yield from (one.gap, Change(one.word, other.word))
            else:
                yield Change(one.text, other.text)
        old, new = old[len(pairs) :], new[len(pairs) :]
    before, after = "".join(token.text for token in old), "".join(token.text for token in new)
    gap = old[0].gap if old and new and old[0].gap == new[0].gap else ""
    yield from (gap, Change(before[len(gap) :], after[len(gap) :]))


def _is_same_word(one: str, other: str) -> bool:
    """Whether a word is another one written, or bent, another way: "were" for "was" by their lengths alone."""
    return max(len(one), len(other)) <= _SHORT or alike(one, other) >= _ALIKE


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The same without empty pieces and changes of nothing; what is kept in one go is one string."""
    said = [piece for piece in pieces if piece and not (isinstance(piece, Change) and piece.old == piece.new)]
    for is_kept, group in groupby(said, key=lambda piece: isinstance(piece, str)):
        if is_kept:
            yield "".join(piece for piece in group if isinstance(piece, str))
        else:
            yield from group
