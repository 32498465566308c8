"""Each program's transcript is read as that program writes it: who says what, and when."""

import json

import pytest

from app.core.errors import BlankFile
from app.core.imports.document import read_call
from app.core.written_call import (
    LONGEST_TEXT_LINE,
    MOST_LINES,
    MOST_SPEAKERS,
    NoTranscript,
    TextTooLong,
    TextUnreadable,
    WrittenCall,
)

ZOOM_VTT = """WEBVTT

1
00:00:02.520 --> 00:00:05.010
Anna Smith: Good morning, everybody.

2
00:00:05.550 --> 00:00:09.000
Ben O'Neill: Morning. One thing: the price is 210 euros.
"""
TEAMS_VTT = """WEBVTT\r
\r
4f0a9b1e-0d0e-4f33-9a53-1f2c2b7d7c11/12-0\r
00:00:03.369 --> 00:00:05.089\r
<v Anna Smith>Good morning,\r
everybody.</v>\r
\r
4f0a9b1e-0d0e-4f33-9a53-1f2c2b7d7c11/13-0\r
00:00:05.500 --> 00:00:07.000\r
<v Ben>Hi &amp; welcome.</v>\r
"""
STYLED_VTT = """WEBVTT - A title
Kind: captions

NOTE Anna: this is a remark
of two lines

STYLE
::cue { color: red }

REGION
id:left

intro
01.000 --> 02.000
Never shown.

00:01.000 --> 00:02.000 align:start position:10%
<c.red>Hello</c> <00:01.500><i>there</i>

00:02.000 --> 00:03.000
<v.loud Anna>Yes</v> <v Ben>No</v>
"""
SRT = """1\r
00:00:01,000 --> 00:00:03,000\r
<font color="#fff"><i>Hello</i></font> {\\an8}there\r
\r
2\r
100:00:03,000 --> 100:00:05,500 X1:1 X2:2\r
- Goodbye\r
"""
ZOOM_TXT = """[Anna Smith] 23:59:50
Hi everyone.

[Ben] 23:59:58
Hello.
Hello again.
"""
TEAMS_TXT = """Weekly meeting-20240112_100012-Meeting Recording
January 12, 2024, 9:00AM
35m 14s

Anna Smith started transcription

Anna Smith   0:03
Good morning.

Ben   1:02:10
Yes, at 10:30.
And then?

Anna Smith stopped transcription
"""
EARLIER_TEAMS_TXT = """0:0:0.0 --> 0:0:3.290
Anna Smith
Good morning.

0:0:3.290 --> 0:0:5.0
Ben
Yes.
"""
MEET_TXT = """Weekly (2024-01-12 10:00 GMT+1)
Attendees
Anna Smith, Ben
Transcript
00:00:00

Anna Smith: Good morning.
Ben: Morning.
00:05:00

Anna Smith: Later.
Meeting ended after 00:05:20 👋
This editable transcript was computer generated and might contain errors. People can also change it.
"""
WHISPER = {
    "text": " Hello there. Bye.",
    "segments": [
        {"id": 0, "seek": 0, "start": 0.0, "end": 2.5, "text": " Hello there.", "avg_logprob": float("nan")},
        {"id": 1, "seek": 0, "start": 2.5, "end": 2.5, "text": ""},
        {"id": 2, "seek": 0, "start": 2.5, "end": 4.0, "text": " Bye."},
    ],
    "language": "en",
}
WHISPER_CPP = {
    "result": {"language": "de"},
    "transcription": [
        {
            "timestamps": {"from": "00:00:00,000", "to": "00:00:02,000"},
            "offsets": {"from": 0, "to": 2000},
            "text": " Guten Tag.",
        },
        {"timestamps": {"from": "", "to": ""}, "offsets": {"from": 2000, "to": 3000}, "text": " [BLANK_AUDIO]"},
    ],
}
QMSUM = {
    "topic_list": [],
    "meeting_transcripts": [
        {"speaker": "Grad C", "content": "So are you {disfmarker} ready {vocalsound}"},
        {"speaker": "Grad D", "content": "{vocalsound}"},
        {"speaker": "Professor E", "content": "Alright ."},
    ],
}

Line = tuple[str, str, float]


def said(call: WrittenCall) -> list[Line]:
    return [(line.speaker, line.text, round(line.start, 3)) for line in call.lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            ZOOM_VTT,
            [
                ("Anna Smith", "Good morning, everybody.", 2.52),
                ("Ben O'Neill", "Morning. One thing: the price is 210 euros.", 5.55),
            ],
        ),
        (TEAMS_VTT, [("Anna Smith", "Good morning, everybody.", 3.369), ("Ben", "Hi & welcome.", 5.5)]),
        (STYLED_VTT, [("", "Hello there", 1.0), ("Anna", "Yes", 2.0), ("Ben", "No", 2.0)]),
        (SRT, [("", "Hello there", 1.0), ("", "- Goodbye", 360003.0)]),
        (ZOOM_TXT, [("Anna Smith", "Hi everyone.", 0.0), ("Ben", "Hello. Hello again.", 8.0)]),
        (TEAMS_TXT, [("Anna Smith", "Good morning.", 3.0), ("Ben", "Yes, at 10:30. And then?", 3730.0)]),
        (EARLIER_TEAMS_TXT, [("Anna Smith", "Good morning.", 0.0), ("Ben", "Yes.", 3.29)]),
        (MEET_TXT, [("Anna Smith", "Good morning.", 0.0), ("Ben", "Morning.", 0.0), ("Anna Smith", "Later.", 300.0)]),
        ("Anna: Hi.\nBen: Hello.\n", [("Anna", "Hi.", 0.0), ("Ben", "Hello.", 0.0)]),
        ("王伟：你好。\n李娜：早上好。\n", [("王伟", "你好。", 0.0), ("李娜", "早上好。", 0.0)]),
        ("[00:00:03] Anna: Hi.\n[00:00:06] Ben: Ho.\n", [("Anna", "Hi.", 3.0), ("Ben", "Ho.", 6.0)]),
        ("[00:00.000 --> 00:02.000]  Hello.\n[00:02.000 --> 00:04.000]  Bye.\n", [("", "Hello.", 0), ("", "Bye.", 2)]),
        (json.dumps(WHISPER), [("", "Hello there.", 0.0), ("", "Bye.", 2.5)]),
        (json.dumps(WHISPER["segments"]), [("", "Hello there.", 0.0), ("", "Bye.", 2.5)]),
        (json.dumps(WHISPER_CPP), [("", "Guten Tag.", 0.0)]),
        (json.dumps(QMSUM), [("Grad C", "So are you ready", 0.0), ("Professor E", "Alright .", 0.0)]),
    ],
)
def test_who_says_what_and_when(text: str, lines: list[Line]) -> None:
    assert said(read_call(text.encode())) == lines


def test_only_a_text_with_times_has_times() -> None:
    timed, untimed = read_call(TEAMS_TXT.encode()), read_call(json.dumps(QMSUM).encode())
    assert all(line.end > line.start >= 0 for line in timed.lines)
    assert timed.duration > 3730
    assert untimed.duration == 0
    assert all(line.start == line.end == 0 for line in untimed.lines)


def test_the_language_that_a_text_states_is_kept() -> None:
    assert read_call(json.dumps(WHISPER_CPP).encode()).language == "de"
    assert read_call(json.dumps({"language": "german", "segments": [{"text": "Ja."}]}).encode()).language == "de"
    assert read_call(json.dumps({"language": "x" * 99, "segments": [{"text": "Ja."}]}).encode()).language == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_is_read(encoding: str) -> None:
    call = read_call("Zoë: Grüße.\nJosé: ¡Olé!\n".encode(encoding))
    assert said(call) == [("Zoë", "Grüße.", 0.0), ("José", "¡Olé!", 0.0)]
    assert not call.is_encoding_guessed


def test_other_bytes_are_read_as_western_european_and_it_is_said() -> None:
    call = read_call("Zoë: “Grüße” – 5 €.\nBen: Ja.\n".encode("cp1252") + b"Zo\xeb: \x81\x8d.\n")
    assert said(call)[:2] == [("Zoë", "“Grüße” – 5 €.", 0.0), ("Ben", "Ja.", 0.0)]
    assert call.is_encoding_guessed


LETTER = "Dear Sir,\n\nI write to you for one reason: money.\nSubject: rent\n\nYours,\nAnna\n"


LUNCH = "Dear Sir,\nI write to you about the rent.\nLunch 12:30\nBring the money.\nYours\n"
DAY = "Dear all,\nthis is the plan.\nWe meet at the gate.\nBring a coat.\n\nLunch 12:30\nIn the hall.\nDinner (19:00)\n"
INVITATION = "Date: Monday 10:30\nWe meet upstairs.\nThe agenda follows.\nBring your notes.\n"


@pytest.mark.parametrize(
    "text",
    [
        LETTER, LETTER + "Lunch 12:30\nBring it.\n", LUNCH, DAY, DAY + "In the garden.\nYours,\nAnna\n", INVITATION,
        "Only some words.\n", "# Notes\n\n- one\n- two: three\n", "Lunch 12:30\n",
    ],
)  # fmt: skip
def test_a_text_that_is_no_transcript_is_refused_unless_each_of_its_lines_was_said(text: str) -> None:
    with pytest.raises(NoTranscript):
        read_call(text.encode())
    call = read_call(text.encode(), is_any_text=True)
    assert {line.speaker for line in call.lines} == {""}
    assert len(call.lines) == sum(bool(row.strip()) for row in text.split("\n"))


def test_a_time_among_what_is_said_is_no_speaker() -> None:
    call = read_call(b"Anna: When?\nBen: I have it here.\nLunch 12:30\nAnna: Good.\n")
    assert said(call) == [("Anna", "When?", 0.0), ("Ben", "I have it here. Lunch 12:30", 0.0), ("Anna", "Good.", 0.0)]
    timed = read_call(b"[0:01] Hi.\n[0:02] Here is it.\nLunch 12:30\n[0:05] Good.\n")
    assert said(timed) == [("", "Hi.", 1.0), ("", "Here is it. Lunch 12:30", 2.0), ("", "Good.", 5.0)]


def test_speakers_above_their_words_need_no_more_than_a_name_that_comes_back() -> None:
    talk = "Weekly\nJanuary 12\n" + "Anna   0:03\n" + "A line.\n" * 9 + "Anna   0:40\n" + "More.\n" * 9
    assert {line.speaker for line in read_call(talk.encode()).lines} == {"Anna"}


@pytest.mark.parametrize("text", [TEAMS_TXT, ZOOM_TXT, "Well, hello.\n\nAnna: Hi.\nBen: Ho.\nAnna: Bye.\n"])
def test_of_any_text_nothing_is_left_out(text: str) -> None:
    call = read_call(text.encode(), is_any_text=True)
    first = text.split("\n")[0] if "[" not in text else "Hi everyone."
    assert call.lines[0].text.startswith(first)
    assert said(call)[-1] == said(read_call(text.encode()))[-1]


@pytest.mark.parametrize(
    "text", [LUNCH, INVITATION, TEAMS_TXT, "A: b.\nA: c.\nTranscript\n[0:05] Good.\n[0:07] Yes.\n"]
)
def test_prose_comes_as_it_is_written(text: str) -> None:
    lines = read_call(text.encode(), is_prose=True).lines
    assert [line.text for line in lines] == [" ".join(row.split()) for row in text.split("\n") if row.strip()]
    assert {(line.speaker, line.start, line.end) for line in lines} == {("", 0.0, 0.0)}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("{vocalsound} well\nBen: hi\nAnna: ho\nBen: bye\n", [("Ben", "hi", 0), ("Anna", "ho", 0), ("Ben", "bye", 0)]),
        ("{um} Anna: hi\n{um} Ben: hello\n", [("", "Anna: hi", 0), ("", "Ben: hello", 0)]),
        ("[ 00:00:01 ] hi\n[ 00:00:03 ] there\n", [("", "hi", 1), ("", "there", 3)]),
        ("[ ] Send the offer.\n[x] Call Ben.\n", [("", "[ ] Send the offer.", 0), ("", "[x] Call Ben.", 0)]),
        ("[\nAnna: hi\nAnna: bye\n", [("Anna", "hi", 0), ("Anna", "bye", 0)]),
        ("[{laugh}] hi\n{} there\n", [("", "[ ] hi", 0), ("", "{} there", 0)]),
        ("{} there\n", [("", "{} there", 0)]),
    ],
)  # fmt: skip
def test_a_plain_text_that_begins_with_a_mark_is_no_damaged_json(text: str, lines: list[Line]) -> None:
    call = read_call(text.encode(), is_any_text=True)
    assert said(call)[-len(lines) :] == lines


@pytest.mark.parametrize("space", ["", " ", "\n", "\n  \n"])
def test_json_is_known_however_it_is_laid_out(space: str) -> None:
    for text in ('{%s"segments": [{"text": "Hi.", "start": 1}]}', '[%s{%s"text": "Hi.", "start": 1}]'):
        assert said(read_call(text.replace("%s", space).encode())) == [("", "Hi.", 1.0)]
    with pytest.raises(NoTranscript):
        read_call(f"[{space}]".encode(), is_any_text=True)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("00:00.000 --> 00:02.000 Hello there\n", [("", "Hello there", 0)]),
        ("0:00.0 --> 0:02.0 Anna: Hello\n0:02.0 --> 0:04.0 Ben: Ho\n", [("Anna", "Hello", 0), ("Ben", "Ho", 2)]),
        ("[Anna] hi --> there\n\n1\n00:01:00,000 --> 00:01:02,000\nHi\n", [("", "Hi", 60)]),
        ("1\n0:01,0 --> 0:02,0\nHi\n\n2\n0:03,0 --> 0:04,0 Hello there\n", [("", "Hi", 1), ("", "Hello there", 3)]),
        ("0:01,000 --> 0:02,000  X1:1 X2:2 \nHi\n", [("", "Hi", 1)]),
        ("WEBVTT\n\n0:01.000 --> 0:02.000 line:0 and more\nHi\n", [("", "Hi", 1)]),
    ],
)  # fmt: skip
def test_words_behind_the_times_are_no_settings(text: str, lines: list[Line]) -> None:
    assert said(read_call(text.encode())) == lines


@pytest.mark.parametrize("text", ['{"a": 1}', "[]", "1\n00:00:01,000 --> 00:00:02,000\n\n"])
def test_what_is_no_plain_text_is_not_promised_to_be_taken(text: str) -> None:
    with pytest.raises(NoTranscript, match="if it is plain text and each of its lines was said"):
        read_call(text.encode(), is_any_text=True)


@pytest.mark.parametrize("text", ["{", '{"a": ', "[" * 100_000, '{"a":' * 50_000, "[1, 2", '{"a": 1} x'])
def test_what_is_no_json_is_damaged(text: str) -> None:
    with pytest.raises((TextUnreadable, NoTranscript)):
        read_call(text.encode())


@pytest.mark.parametrize(
    "untrusted", [{}, {"segments": []}, {"segments": [1, None, {}]}, {"transcript": {"a": 1}}, [[]]]
)
def test_json_without_lines_is_no_transcript(untrusted: object) -> None:
    with pytest.raises(NoTranscript):
        read_call(json.dumps(untrusted).encode())


@pytest.mark.parametrize("blank", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_text_of_nothing_is_blank(blank: bytes) -> None:
    with pytest.raises(BlankFile):
        read_call(blank)


@pytest.mark.parametrize(
    "time", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, '"x"', "true", "null", "[]"]
)
def test_times_that_are_none_leave_the_words(time: str) -> None:
    segments = f'{{"text": "One.", "start": {time}, "end": {time}}}, {{"text": "Two.", "start": 3, "end": 2}}'
    text = f'{{"segments": [{segments}]}}'
    one, two = read_call(text.encode()).lines
    assert (one.text, two.text, two.start) == ("One.", "Two.", 3.0)
    assert 0 <= one.start < one.end
    assert two.end > 3


def test_times_out_of_order_overlap_and_below_zero_are_put_in_order() -> None:
    segments = [{"text": t, "start": a, "end": b} for t, a, b in [("c", 9, 12), ("a", -5, 4), ("b", 3, 10)]]
    call = read_call(json.dumps({"segments": segments}).encode())
    assert [(line.text, line.start, line.end) for line in call.lines] == [("a", 0, 4), ("b", 3, 10), ("c", 9, 12)]


def test_what_steers_a_terminal_or_hides_is_taken_out() -> None:
    text = "An\u202ena: \x1b[2Jhi\u2066 \u200bthere\U000e0041\x00\n\u200fBen: a\u0301 ok\ud83d\ude00\n"
    call = read_call(text.encode("utf-16", "surrogatepass"))
    assert [(line.speaker, line.text) for line in call.lines] == [("Anna", "[2Jhi there"), ("Ben", "a\u0301 ok😀")]


def test_thousands_of_speakers_are_told_apart_up_to_a_number_and_no_name_is_lost() -> None:
    meeting = [{"speaker": f"Guest {n}", "content": "Hello."} for n in range(5000)]
    call = read_call(json.dumps({"meeting_transcripts": meeting}).encode())
    assert len({line.speaker for line in call.lines}) == MOST_SPEAKERS + 1
    assert call.lines[-1].text == "Guest 4999: Hello."


def test_beyond_the_most_speakers_no_word_is_lost_and_nobody_gets_a_colon() -> None:
    speech = " ".join(f"word{n}" for n in range(900))
    meeting = [{"speaker": f"Guest {n}", "content": "Hello."} for n in range(MOST_SPEAKERS)]
    meeting += [{"content": "Nobody named."}, {"speaker": "Late", "content": speech}]
    meeting += [{"speaker": "Guest 0", "content": "Bye."}]
    lines = read_call(json.dumps({"meeting_transcripts": meeting}).encode()).lines[MOST_SPEAKERS:]
    assert (lines[0].speaker, lines[0].text) == ("", "Nobody named.")
    assert " ".join(line.text for line in lines[1:-1]) == f"Late: {speech}"
    assert all(len(line.text) <= LONGEST_TEXT_LINE for line in lines)
    assert (lines[-1].speaker, lines[-1].text) == ("Guest 0", "Bye.")


def test_a_long_line_is_divided_at_its_sentences_and_loses_no_word() -> None:
    speech = "This is one sentence of many. " * 1000
    call = read_call(json.dumps({"segments": [{"text": speech, "start": 0, "end": 600}]}).encode())
    assert " ".join(line.text for line in call.lines) == speech.strip()
    assert all(len(line.text) <= LONGEST_TEXT_LINE and line.text.endswith(".") for line in call.lines)
    assert [line.start for line in call.lines] == sorted(line.start for line in call.lines)


def test_more_lines_than_a_call_has_are_refused() -> None:
    with pytest.raises(TextTooLong):
        read_call(json.dumps({"segments": [{"text": "a"}] * (MOST_LINES + 1)}).encode())
