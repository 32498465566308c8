"""How a line in another language than its call's is marked, wherever it is read."""

import json

import pytest

from app.core.ids import SpeakerId, UtteranceId
from app.core.json_shapes import transcript_json
from app.core.languages.codes import LANGUAGE_CODES, language_name
from app.core.readable_text import language_mark, transcript_text
from app.core.transcript import Speaker, Transcript, Utterance
from tests.exported_text import exported_text

WHO = Speaker(SpeakerId("s1"), "Elena")


def line(number: int, text: str, language: str, *, is_doubtful: bool = False) -> Utterance:
    start = 10.0 * number
    return Utterance(
        UtteranceId(f"u{number}"), 0, WHO.id, start, start + 5, text, (), number, language, is_doubtful
    )  # fmt: skip


TRANSCRIPT = Transcript(
    "en",
    60.0,
    "base",
    (line(1, "Good morning.", "en"), line(2, "Guten Tag.", "de"), line(3, "Hm.", "en", is_doubtful=True)),
    (WHO,),
)


def test_text_marks_what_is_in_another_language_or_not_sure() -> None:
    first, second, third = transcript_text(TRANSCRIPT).splitlines()
    assert first.endswith("Elena  Good morning.")
    assert second.endswith("Elena  [German] Guten Tag.")
    assert third.endswith("Elena  [English?] Hm.")


@pytest.mark.parametrize("name", ["md", "srt", "vtt"])
def test_every_export_marks_it(name: str) -> None:
    text = exported_text(name, TRANSCRIPT).replace("\\", "")
    assert "[German] Guten Tag." in text
    assert "[English?] Hm." in text
    assert "[English] Good" not in text


def test_json_has_each_line_s_language() -> None:
    shape = json.loads(exported_text("json", TRANSCRIPT))
    assert shape["language"] == "en"
    assert [one["language"] for one in shape["utterances"]] == ["en", "de", "en"]
    assert [one.get("is_language_doubtful", False) for one in shape["utterances"]] == [False, False, True]


def test_a_transcript_of_an_earlier_version_has_one_language_for_all() -> None:
    old = Transcript("de", 60.0, "base", (line(1, "Guten Tag.", ""),), (WHO,))
    assert "language" not in transcript_json(old)["utterances"][0]
    assert language_mark(old.utterances[0], old.language) == ""
    assert old.language_of(old.utterances[0]) == "de"


def test_every_language_has_a_name() -> None:
    assert language_name("de") == "German"
    assert language_name("xx") == "xx"
    assert len(LANGUAGE_CODES) == 100
    assert all(language_name(code)[0].isupper() for code in LANGUAGE_CODES)
