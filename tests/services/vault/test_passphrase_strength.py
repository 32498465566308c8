"""A passphrase counts by what must be guessed of it: repeats, rows of keys and common words give nothing."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import VaultError
from app.services.vault.guessable import characters_to_guess
from app.services.vault.key_slots import require_long_enough
from app.services.vault.passphrase_strength import strength


@pytest.mark.parametrize(
    "passphrase",
    ["aaaaaaaaaaaa", "abcabcabcabc", "123412341234", "qwertyuiop12", "1q2w3e4r5t6y", "zxcvbnm,./12", "йцукенгшщзхъ",
     "p@ssw0rdp@ssw0rd", "password1234", "Passwort2026", "aabbccddeeff", "summersummer!", "hunter2hunter2",
     "password password password password", "iloveyouiloveyou", "abcdefghijkl", "987654321098", "mypassword12",
     "qazwsxedcrfv", "a b c d", "1 2 3 4 5 6", "a a a a a a a", "abcd abcd abcd abcd", "111111222222", "letmeinletmein",
     "ａａａａａａａａａａａａ", "qwertzuiopü1", "привет123456", "            ", "abababababab",
     "sommer sommer sommer sommer"],
)  # fmt: skip
def test_what_a_guesser_tries_first_is_not_enough(passphrase: str) -> None:
    judged = strength(passphrase)
    assert not judged.is_enough
    assert judged.score == 0


@pytest.mark.parametrize(
    "passphrase",
    ["plain horses eat correct batteries", "correct horse battery staple", "blue tractor", "xK9#mQ2vLp7!",
     "sechs rote Äpfel fallen", "четыре случайных слова вместе", "四个随机的词组成的", "파란 하늘과 하얀 구름",
     "あおいそらとしろいくも。", "नीला आकाश सफेद बादल", "the password of my aunt Edith", "dragon tractor violin 1987"],
)  # fmt: skip
def test_what_must_be_guessed_is_enough_in_every_script(passphrase: str) -> None:
    assert strength(passphrase).is_enough


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    judged = strength(text)
    assert 0 <= judged.score <= 4
    assert judged.advice.endswith(".")


@given(
    st.lists(st.sampled_from(string.ascii_letters + string.digits), min_size=16, max_size=16, unique=True).map("".join)
)
def test_random_characters_stay_good_unless_they_make_a_row(passphrase: str) -> None:
    assert strength(passphrase).is_enough or characters_to_guess(passphrase) < 9


def test_the_error_says_what_is_wrong_with_it() -> None:
    with pytest.raises(VaultError, match=r"too short\."):
        require_long_enough("short", "Nothing was changed.")
    with pytest.raises(VaultError, match=r"too easy to guess\. Nothing was changed\. It repeats itself"):
        require_long_enough("aaaaaaaaaaaa", "Nothing was changed.")
