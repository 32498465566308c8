"""The name that a dialog proposes for an export."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.file_names import is_device, proposed_name
from tests.core.test_forged_exports import NASTY


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Website launch", "Website launch.md"),
        ("Łódź: 今日 a/b", "Łódź 今日 a b.md"),
        ("../../.bashrc", "bashrc.md"),
        ("-rf ~", "rf.md"),
        ("CON", "Call CON.md"),
        ("nul.txt", "Call nul.txt.md"),
        ("com1 .", "Call com1.md"),
        ("a\nb\x1b[2J", "a b [2J.md"),
        ("\u202etxt.exe", "txt.exe.md"),
        ("$HOME %PATH%", "HOME PATH.md"),
        ("...", "Call.md"),
        ("", "Call.md"),
    ],
)
def test_a_title_becomes_a_name(title: str, name: str) -> None:
    assert proposed_name(title, "md") == name


@given(st.one_of(st.text(), st.sampled_from(NASTY), st.text(min_size=90, max_size=400)))
def test_every_title_becomes_a_name_that_every_system_takes(title: str) -> None:
    name = proposed_name(title, "json")
    assert 6 <= len(name.encode()) <= 220
    assert not set(name) & set('\\/:*?"<>|\n\r\t')
    assert not name.startswith((".", "-", " "))
    assert not is_device(name)
