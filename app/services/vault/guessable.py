"""What of a passphrase a guesser gets for nothing: repeats, runs of letters or keys, and the commonest words."""

import unicodedata

_COMMON = frozenset(
    """
    password passwort passwd motdepasse contrasena senha parola lozinka haslo kennwort geheim secret admin administrator
    letmein welcome willkommen iloveyou ichliebedich teamo jetaime login master monkey dragon sunshine princess football
    fussball baseball superman batman shadow michael jordan hunter charlie trustno1 starwars computer internet freedom
    whatever changeme default tacit vault hallo hello test pass pass1 пароль привет любовь
    """.split()
)
_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω", "01234567890",
    # Rows of keyboards, in the layouts of many languages; then their columns.
    "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiopü", "yxcvbnm,.-", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!",
    "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "!@#$%^&*()", '!"§$%&/()=',
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)  # fmt: skip
_LETTERS_FOR = str.maketrans("013457@$!", "oieastasi")
_MOST_JUDGED = 200  # characters; the rest only adds to what must be guessed
_LEAST_RUN = 4  # characters; shorter runs stand in ordinary words
_LEAST_REPEAT = 4  # characters of a piece that stood before
_RUN_COST, _KNOWN_COST, _YEAR_COST = 2.0, 1.0, 2.0  # characters: where it begins and how long it is; which one


def characters_to_guess(passphrase: str) -> float:
    """How many characters of a passphrase must really be guessed; an ideograph counts as two."""
    text = unicodedata.normalize("NFKC", passphrase[:_MOST_JUDGED]).casefold()
    words = text.split()
    if len(set(words)) == 1 or all(len(word) == 1 for word in words):
        text = "".join(words)  # one word again and again, or letters with spaces between them
    text = _without_doubles(_unit_of(text))
    plain = text.translate(_LETTERS_FOR)
    cost, at = 0.0, 0
    while at < len(text):
        length, own_cost = _next_piece(text, plain, at)
        cost += own_cost
        at += length
    return cost


def weight(passphrase: str) -> float:
    """The length of a passphrase in characters, ideographs counted as two."""
    return sum(map(_weight, passphrase))


def _next_piece(text: str, plain: str, at: int) -> tuple[int, float]:
    """The length of the next piece that a guesser knows as one, and what it costs to guess."""
    found = [(1, _weight(text[at]))]
    length = _run_length(text, at)
    if length >= _LEAST_RUN:
        found.append((length, _RUN_COST))
    known = [word for word in _COMMON if text.startswith(word, at) or plain.startswith(word, at)]
    found += [(len(word), _KNOWN_COST) for word in known]
    repeat = _repeat_length(text, at)
    if repeat >= _LEAST_REPEAT:
        found.append((repeat, _KNOWN_COST))
    if text[at : at + 2] in ("19", "20") and text[at : at + 4].isdecimal() and len(text[at : at + 4]) == 4:
        found.append((4, _YEAR_COST))
    return max(found)


def _run_length(text: str, at: int) -> int:
    """How many characters from here on follow each other in the alphabet, or on a keyboard, in either direction."""
    best = 1
    while best < len(text) - at and text[at + best] == text[at]:
        best += 1
    for sequence in (direction for row in _SEQUENCES for direction in (row, row[::-1])):
        length = 1
        while at + length < len(text) and text[at : at + length + 1] in sequence:
            length += 1
        best = max(best, length)
    return best


def _repeat_length(text: str, at: int) -> int:
    """How many characters from here on stood before in the same order."""
    length = 0
    while at + length < len(text) and text[at : at + length + 1] in text[:at]:
        length += 1
    return length


def _unit_of(text: str) -> str:
    """The piece that a text is made of by repeating it; the text itself if it is made of none."""
    for size in range(1, len(text) // 2 + 1):
        if (text[:size] * (len(text) // size + 1))[: len(text)] == text:
            return text[:size]
    return text


def _without_doubles(text: str) -> str:
    """The text with each character once, if all of them stand there twice: aabbcc."""
    return text[::2] if len(text) > 2 and text[::2] == text[1::2] else text


def _weight(character: str) -> float:
    name = unicodedata.name(character, "")
    return 2.0 if name.startswith(("CJK UNIFIED", "HANGUL SYLLABLE")) else 1.0
