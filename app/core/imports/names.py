"""Names in front of what is said, as in "Anna: Good morning", told from sentences that have a colon."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from app.core.imports.raw_line import RawLine, clean
from app.core.written_call import LONGEST_SPEAKER

_NAMED = re.compile(r"\s*\[?([^:：\n]{1,100}?)\]?\s?(?::(?=\s)|：)\s*(\S.*)", re.DOTALL)
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_DIRECTIONS = "\u200e\u200f\u061c"  # marks without width that stand beside words
_MOST_WORDS = 8  # of a name; "Right Hon. Justin Trudeau" has four, beside what stands in brackets
_PARTICLES = frozenset(
    "al am bin da das de del della den der di do dos du e el la le of ten ter und van von y zu".split()
)


def is_name(text: str) -> bool:
    """Whether a text is written as names are: few words, each with a capital letter where its script has them."""
    if len(text) > LONGEST_SPEAKER:
        return False
    words = _BRACKETS.sub(" ", text).replace("_", " ").split()
    if not 1 <= len(words) <= _MOST_WORDS or not words[0][0].isalnum() or text.rstrip().endswith((",", ";", "?", "!")):
        return False
    if not any(character.isalpha() for word in words for character in word):
        return False
    return all(word.casefold() in _PARTICLES or not word[0].islower() for word in words[1:]) and (
        not words[0][0].islower() or (words[0] in _PARTICLES and len(words) > 1)
    )


def split_name(text: str) -> tuple[str, str] | None:
    """What stands before the first colon and after it, if that may be a name and what is said."""
    found = _NAMED.fullmatch(text)
    if found is None or not (name := clean(found[1]).strip(_DIRECTIONS)) or not name[0].isalnum() or "//" in name:
        return None
    return name, found[2]


def names_in(texts: Sequence[str], *, is_sure: bool = False) -> frozenset[str]:
    """The names that stand in front of these texts; none if they are no names of speakers.

    Where at least every second text begins with one, they are. Unless the texts are known to be spoken (`is_sure`),
    one name has to come back, or every text to have one: letters and lists have colons too.
    """
    counted = Counter(split[0] for text in texts if (split := split_name(text)))
    names = {name for name, count in counted.items() if is_name(name) or (count > 1 and len(name.split()) <= 3)}
    named = sum(counted[name] for name in names)
    if not named or 2 * named < len(texts):
        return frozenset()
    comes_back = any(counted[name] > 1 for name in names)
    return frozenset(names) if is_sure or comes_back or (named == len(texts) > 1) else frozenset()


def with_names(lines: Sequence[RawLine]) -> list[RawLine]:
    """Spoken lines, each with the speaker that stands in front of its words, if that is how the text tells them."""
    names = names_in([line.text for line in lines if line.text.strip()], is_sure=True)
    found = []
    for line in lines:
        split = split_name(line.text)
        is_named = split is not None and split[0] in names and not line.speaker
        found.append(replace(line, speaker=split[0], text=split[1]) if split and is_named else line)
    return found
