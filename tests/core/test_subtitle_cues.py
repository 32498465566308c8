"""Long lines as subtitles: cues that can be read while they stand, by the times of their words."""

from itertools import pairwise

import msgspec
import pysubs2
import pytest

from app.core.ids import SpeakerId, UtteranceId
from app.core.sentence_end import columns
from app.core.subtitle_cues import LINE, LONGEST, cues, in_two_lines
from app.core.transcript import Speaker, Transcript, Utterance, Word
from tests.exported_text import exported_text

WHO = Speaker(SpeakerId("who"), "Elena")
LONG = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated "
    "documentation files. The above copyright notice shall be included in all copies or substantial portions."
)


def said(parts: list[str], each: float = 0.3, gap: float = 0.0, text: str = "") -> Utterance:
    words = tuple(Word(part, n * (each + gap), n * (each + gap) + each, 0.9) for n, part in enumerate(parts))
    whole = "".join(parts).strip()
    return Utterance(UtteranceId("u"), 0, WHO.id, words[0].start, words[-1].end, text or whole, words, 1, "en")


def spaced(text: str) -> list[str]:
    return [f" {word}" for word in text.split()]


@pytest.mark.parametrize(
    "parts",
    [spaced(LONG), list("我们今天讨论一下预算，" * 20), list("今日は良い天気ですね。" * 20), list("วันนี้เราคุยกัน" * 12)],
    ids=["en", "zh", "ja", "th"],
)
@pytest.mark.parametrize("each", [0.05, 0.3, 1.5])
def test_every_cue_can_be_read(parts: list[str], each: float) -> None:
    found = cues(said(parts, each))
    assert len(found) > 1
    assert "".join(cue.text for cue in found).replace(" ", "") == "".join(parts).replace(" ", "")
    for cue in found:
        assert all(columns(line) <= LINE for line in in_two_lines(cue.text))
        assert cue.end - cue.start <= LONGEST + 0.001
    assert all(one.end <= other.start + 0.001 for one, other in pairwise(found))


def test_cues_end_where_sentences_and_parts_of_them_do() -> None:
    assert [cue.text for cue in cues(said(spaced(LONG)))] == [
        "Permission is hereby granted, free of charge,",
        "to any person obtaining a copy of this",
        "software and associated documentation files.",
        "The above copyright notice shall be included",
        "in all copies or substantial portions.",
    ]


GERMAN = {
    "3.": "Wir ziehen mit der ganzen Familie um am 3. Mai nach Hamburg in die neue Wohnung am Hafen dort.",
    "bzw.": "Wir treffen uns am Montag im Büro hier bzw. Anna kommt zu uns nach Hause in die Stadt und redet.",
    "Dr.": "Wir sprechen am Montag im Büro mit dem Dr. Meyer über den neuen Vertrag und die Miete in der Stadt.",
}


@pytest.mark.parametrize(("short", "text"), GERMAN.items())
@pytest.mark.parametrize("is_of_call", [False, True])
def test_a_cue_ends_where_sentences_of_its_language_do(short: str, text: str, *, is_of_call: bool) -> None:
    own, whole = ("", "de") if is_of_call else ("de", "en")
    line = msgspec.structs.replace(said(spaced(text)), language=own)
    found = cues(line, language=whole)
    assert len(found) > 1
    assert not any(cue.text.endswith(f" {short}") for cue in found)
    transcript = Transcript(whole, 20.0, "m", (line,), (WHO,))
    for name in ("srt", "vtt"):
        assert not any(block.rstrip().endswith(f" {short}") for block in exported_text(name, transcript).split("\n\n"))


def test_times_are_those_of_the_words() -> None:
    line = said(spaced(LONG), 0.2, 0.1)
    for cue in cues(line):
        first = next(word for word in line.words if word.start == cue.start)
        last = next(word for word in line.words if word.end == cue.end)
        assert cue.text.startswith(first.text.strip())
        assert cue.text.endswith(last.text.strip())


def test_a_text_that_was_edited_is_divided_by_its_length() -> None:
    line = said(spaced(LONG), text=LONG.replace("software", "programs"))
    found = cues(line)
    assert " ".join(cue.text for cue in found) == line.text
    assert (found[0].start, found[-1].end) == (line.start, line.end)
    assert all(cue.start < cue.end for cue in found)


def test_a_short_line_is_one_cue_of_one_line() -> None:
    assert [(cue.start, cue.text) for cue in cues(said(spaced("Hello Leo.")), "[German]")] == [
        (0.0, "[German] Hello Leo.")
    ]
    assert in_two_lines("Hello Leo.") == ["Hello Leo."]
    assert in_two_lines("x" * 100) == ["x" * 100]


def test_the_mark_of_a_language_stands_once_and_the_speaker_in_each_cue() -> None:
    line = said(spaced(LONG))
    transcript = Transcript("de", 20.0, "m", (line,), (WHO,))
    srt = exported_text("srt", transcript)
    vtt = exported_text("vtt", transcript)
    count = srt.count(" --> ")
    assert count == vtt.count(" --> ") >= 3
    assert srt.count("[English]") == vtt.count("[English]") == 1
    assert srt.count("Elena: ") == vtt.count("<v Elena>") == count
    assert all(columns(row) <= LINE for row in srt.splitlines())


LINES = ("Hello Leo.", "Yes.", LONG, "a < b, no <i>tags</i> and {\\an8}.", "Bye.")


@pytest.mark.parametrize("fmt", ["srt", "vtt"])
def test_another_program_reads_what_we_write(fmt: str) -> None:
    lines, start = [], 0.0
    for number, text in enumerate(LINES):
        line = said(spaced(text), 0.1 if number != 2 else 0.3)
        words = tuple(msgspec.structs.replace(w, start=w.start + start, end=w.end + start) for w in line.words)
        lines.append(
            msgspec.structs.replace(line, id=UtteranceId(str(number)), start=start, end=start + line.end, words=words)
        )
        start += line.end + (0.2 if number == 0 else 1.0)
    read = pysubs2.SSAFile.from_string(exported_text(fmt, Transcript("en", start, "m", tuple(lines), (WHO,))), fmt)
    expected = [cue for line in lines for cue in cues(line, "", "Elena: " if fmt == "srt" else "")]
    assert [event.start for event in read] == [round(cue.start * 1000) for cue in expected]
    for event, cue, later in zip(read, expected, [*expected[1:], None], strict=True):
        shown = event.plaintext.removeprefix("<v Elena>").split("\n")
        assert len(shown) <= 2
        assert max(map(columns, shown)) <= 42
        told = " ".join(shown).removeprefix("Elena: ").replace("\N{WORD JOINER}", "")
        assert told == cue.text if not set("<{&") & set(cue.text) else told
        room = (later.start if later else 1e9) - cue.start
        assert min(5 / 6, room) - 0.002 <= (event.end - event.start) / 1000 <= 7
