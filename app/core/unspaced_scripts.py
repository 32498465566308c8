"""Scripts written without spaces between words, and how their text is split for search."""

import re

_LETTERS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"  # Chinese characters
)
_LETTER = re.compile(f"[{_LETTERS}]")
_RUN = re.compile(f"[{_LETTERS}]+|[^{_LETTERS}]+")


def is_unspaced(text: str) -> bool:
    """Whether any of the text is in such a script."""
    return _LETTER.search(text) is not None


def spaced(text: str) -> str:
    """The text with a space around each letter of such a script, so that a word can be found as a phrase."""
    return _LETTER.sub(r" \g<0> ", text) if is_unspaced(text) else text


def comparable_terms(word: str) -> list[str]:
    """The comparable parts of a word: itself, or in such a script every pair of adjacent letters."""
    if not is_unspaced(word):
        return [word]
    found: list[str] = []
    for run in _RUN.findall(word):
        if _LETTER.match(run) and len(run) > 2:
            found += [run[n : n + 2] for n in range(len(run) - 1)]
        else:
            found.append(run)
    return found


def word_count(text: str) -> float:
    """About how many words a text has; in such a script two letters count as one."""
    return len(text) / 2 if is_unspaced(text) else len(text.split())
