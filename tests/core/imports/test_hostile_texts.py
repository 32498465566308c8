"""Whatever bytes come, reading them ends with a call that can be stored, or with one of our errors."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import AssistantError
from app.core.imports.document import read_call
from app.core.written_call import LONGEST_SPEAKER, LONGEST_TEXT_LINE, MOST_SPEAKERS

_PIECES = st.sampled_from(
    [
        "WEBVTT\n\n", "NOTE x\n\n", "00:00:01.000 --> 00:00:02.000", "99:99:99,999 --> 0:0:0", "-->",
        "<v Anna>", "</v>",
        "Anna: ", "[Ben] 10:00:00\n", "Anna   0:03\n", "\n\n", "\n", "&amp;", "{\\an8}", "{", "}", '{"segments": [',
        '"text": "a"', "]", ",", "**0:00 You:** ", "\x00", "\u202e", "\ud800", "1\n", "0:00  You   ",
        "(", "Transcript\n",
    ]
)  # fmt: skip
_TEXTS = st.lists(st.one_of(_PIECES, st.text(string.printable, max_size=12), st.text(max_size=8)), max_size=40)


def check(data: bytes, *, is_any_text: bool) -> None:
    try:
        call = read_call(data, is_any_text=is_any_text)
    except AssistantError:
        return
    assert call.lines
    assert len({line.speaker for line in call.lines} - {""}) <= MOST_SPEAKERS
    before = 0.0
    for line in call.lines:
        assert line.text == line.text.strip() != ""
        assert not set("\n\x1b\u202e") & set(line.text)
        assert len(line.text) <= LONGEST_TEXT_LINE
        assert len(line.speaker) <= LONGEST_SPEAKER
        assert before <= line.start <= line.end
        assert (line.end > line.start) or call.duration == 0
        line.text.encode()
        before = line.start


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes(data: bytes, is_any_text: bool) -> None:
    check(data, is_any_text=is_any_text)


@settings(max_examples=300)
@given(_TEXTS, st.booleans())
def test_texts_like_transcripts(pieces: list[str], is_any_text: bool) -> None:
    check("".join(pieces).encode("utf-8", "surrogatepass"), is_any_text=is_any_text)


_MANY = 300_000
LONG = {
    "spaces after a time": "0:00 a" + " " * _MANY + "b",
    "spaces before a time": "Ann" + " " * _MANY + "x",
    "voices that do not end": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * _MANY,
    "brackets after a time": "0:00 A" + "(" * _MANY,
    "braces": "Ann: " + "{a " * _MANY,
    "tags": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<a" * _MANY,
    "colons": "a:" * _MANY,
    "stars": "**a" * _MANY,
    "arrows": "-->" * _MANY,
    "space in a brace": "{" + " " * _MANY + "x",
    "space in a bracket": "[" + " " * _MANY + "x",
    "settings": "0:01.000 --> 0:02.000 " + "a:bb:" * _MANY + " x",
    "space behind times": "0:01.000 --> 0:02.000" + " " * _MANY + "x",
    "entities": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "&a" * _MANY,
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_text_keeps_a_reader_busy(text: str) -> None:
    check(text.encode(), is_any_text=True)
