"""A call as text, subtitles and JSON, letter by letter."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from app.core.call import Call, CallState
from app.core.exports import export_formats
from app.core.ids import CallId, UtteranceId
from app.core.json_shapes import call_json, summary_json, transcript_json
from app.core.readable_text import evidence_times
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Layout, Speaker, Transcript, Utterance, Word, default_speakers, default_tracks
from tests.call_summaries import call_summary
from tests.exported_text import exported_text

PEOPLE = default_speakers(Layout.TWO_SIDED, "Elena", "Leo & <co>")
FIRST, SECOND, THIRD = (UtteranceId(name) for name in ("first", "second", "third"))
WORDS = (Word(" Hello", 0.43, 1.0, 0.98765), Word(" Leo.", 1.1, 2.615, 1.0))
TRANSCRIPT = Transcript(
    "en",
    3725.5,
    "small",
    (
        Utterance(FIRST, 0, PEOPLE[0].id, 0.43, 2.615, "Hello Leo.", WORDS, 1),
        Utterance(SECOND, 1, PEOPLE[1].id, 61.0004, 63.9996, "a < b && c > d --> e", (), 2),
        Utterance(THIRD, 0, PEOPLE[0].id, 3725.0, 3725.5, "Bye.", (), 3),
    ),
    PEOPLE,
)
RECORDING = Call(
    CallId("0abc"),
    "Launch",
    datetime(2026, 3, 9, 14, 5, tzinfo=UTC),
    3725.5,
    CallState.SUMMARIZED,
    Layout.TWO_SIDED,
    PEOPLE,
    default_tracks(Layout.TWO_SIDED, PEOPLE),
)
SUMMARY = call_summary(
    "Website launch",
    "They move it.",
    (Point("The page is slow.", (Evidence(SECOND, 61.0004, 63.9996),)),),
    (Point("Move the launch.", (Evidence(FIRST, 0.43, 2.615), Evidence(THIRD, 3725.0, 3725.5))),),
    (
        ActionItem("Send the results", "Them", "by Friday", (Evidence(SECOND, 61.0, 64.0),), PEOPLE[1].id),
        ActionItem("Pay", "Nina", "", ()),
        ActionItem("Call back", "", "", (Evidence(THIRD, 3725.0, 3725.5),)),
    ),
    "qwen",
)

FORMATS = [one.name for one in export_formats() if one.name not in ("docx", "pdf")]


def call_text(fmt: str, transcript: Transcript, call: Call | None, summary: Summary | None) -> str:
    return exported_text(fmt, transcript, call, summary)


def test_the_promised_shape_of_a_transcript() -> None:
    shape = transcript_json(TRANSCRIPT)
    assert list(shape) == ["language", "duration", "model", "utterances"]
    assert (shape["language"], shape["duration"], shape["model"]) == ("en", 3725.5, "small")
    assert shape["utterances"][0] == {
        "id": FIRST,
        "track": 0,
        "edited": False,
        "line": 1,
        "speaker": "Elena",
        "start": 0.43,
        "end": 2.615,
        "text": "Hello Leo.",
        "words": [
            {"text": "Hello", "start": 0.43, "end": 1.0, "probability": 0.9877},
            {"text": "Leo.", "start": 1.1, "end": 2.615, "probability": 1.0},
        ],
    }
    assert (shape["utterances"][1]["start"], shape["utterances"][1]["end"]) == (61.0, 64.0)


def test_the_promised_shape_of_a_summary() -> None:
    assert summary_json(SUMMARY, TRANSCRIPT) == {
        "title": "Website launch",
        "overview": "They move it.",
        "key_points": [{"text": "The page is slow.", "evidence": [{"line": 2, "start": 61.0, "end": 64.0}]}],
        "decisions": [
            {
                "text": "Move the launch.",
                "evidence": [{"line": 1, "start": 0.43, "end": 2.615}, {"line": 3, "start": 3725.0, "end": 3725.5}],
            }
        ],
        "action_items": [
            {
                "task": "Send the results",
                "owner": "Leo & <co>",
                "due": "by Friday",
                "evidence": [{"line": 2, "start": 61.0, "end": 64.0}],
            },
            {"task": "Pay", "owner": "Nina", "due": "", "evidence": []},
            {"task": "Call back", "owner": "", "due": "", "evidence": [{"line": 3, "start": 3725.0, "end": 3725.5}]},
        ],
        "model": "qwen",
    }


def test_the_promised_shape_of_a_recording() -> None:
    assert call_json(RECORDING) == {
        "id": "0abc",
        "title": "Launch",
        "date": "2026-03-09T14:05:00+00:00",
        "duration": 3725.5,
        "state": "summarized",
        "speakers": ["Elena", "Leo & <co>"],
    }


def test_json_holds_the_recording_only_if_there_is_one() -> None:
    bare = json.loads(call_text("json", TRANSCRIPT, None, None))
    whole = json.loads(call_text("json", TRANSCRIPT, RECORDING, SUMMARY))
    without = json.loads(call_text("json", TRANSCRIPT, RECORDING, None))
    assert bare == transcript_json(TRANSCRIPT)
    assert list(whole) == ["recording", "transcript", "summary"]
    assert list(without) == ["recording", "transcript"]


def test_srt() -> None:
    assert call_text("srt", TRANSCRIPT, RECORDING, SUMMARY) == (
        "1\n00:00:00,430 --> 00:00:02,615\nElena: Hello Leo.\n\n"
        "2\n00:01:01,000 --> 00:01:04,000\nLeo & <\u2060co>: a < b && c > d --> e\n\n"
        "3\n01:02:05,000 --> 01:02:05,833\nElena: Bye.\n"
    )


def test_vtt_escapes_what_would_be_markup() -> None:
    assert call_text("vtt", TRANSCRIPT, RECORDING, SUMMARY) == (
        "WEBVTT\n\n"
        "00:00:00.430 --> 00:00:02.615\n<v Elena>Hello Leo.\n\n"
        "00:01:01.000 --> 00:01:04.000\n<v Leo &amp; &lt;co&gt;>a &lt; b &amp;&amp; c &gt; d --&gt; e\n\n"
        "01:02:05.000 --> 01:02:05.833\n<v Elena>Bye.\n"
    )


def test_txt_without_a_recording_is_time_speaker_text() -> None:
    assert call_text("txt", TRANSCRIPT, None, None) == (
        "   0:00  Elena       Hello Leo.\n   1:01  Leo & <co>  a < b && c > d --> e\n1:02:05  Elena       Bye.\n"
    )


def test_txt() -> None:
    text = call_text("txt", TRANSCRIPT, RECORDING, SUMMARY)
    assert text.startswith("Launch\n\nThey move it.\n\nDecisions\n  - Move the launch. [0:00, 1:02:05]\n")
    assert "\nAction items\n  - Send the results (Leo & <co>, by Friday) [1:01]\n" in text
    assert "  - Call back [1:02:05]\n  - Pay (Nina) (not confirmed by the transcript)\n" in text
    assert "\nKey points\n  - The page is slow. [1:01]\n" in text
    assert "\n2026-03-09 14:05, 1 h 2 min, Elena, Leo & <co>\n" in text
    assert text.endswith("\nTranscript\n\n" + call_text("txt", TRANSCRIPT, None, None))
    places = [text.index(f"\n{head}\n") for head in ("Decisions", "Action items", "Key points", "Transcript")]
    assert places == sorted(places)


def test_md() -> None:
    text = call_text("md", TRANSCRIPT, RECORDING, SUMMARY)
    assert text.startswith("# Launch\n\nThey move it.\n\n## Decisions\n- Move the launch. [0:00, 1:02:05]\n")
    assert "\n## Action items\n- Send the results" in text
    assert "\n## Transcript\n\n**0:00 Elena:** Hello Leo.\n" in text


def test_a_speaker_who_is_alone_is_not_repeated_on_every_line() -> None:
    (alone,) = default_speakers(Layout.MONO)
    lines = tuple(msgspec.structs.replace(u, speaker=alone.id) for u in TRANSCRIPT.utterances)
    monologue = msgspec.structs.replace(TRANSCRIPT, utterances=lines, speakers=(alone,))
    assert call_text("txt", monologue, None, None) == (
        "   0:00  Hello Leo.\n   1:01  a < b && c > d --> e\n1:02:05  Bye.\n"
    )
    assert call_text("md", monologue, None, None).startswith("**0:00** Hello Leo.\n\n**1:01** a")
    assert call_text("srt", monologue, None, None).count("Speaker: ") == 3  # their form has a speaker a cue
    assert call_text("vtt", monologue, None, None).count("<v Speaker>") == 3
    assert {u["speaker"] for u in transcript_json(monologue)["utterances"]} == {"Speaker"}
    named = msgspec.structs.replace(monologue, speakers=(Speaker(alone.id, "Elena"),))
    assert call_text("txt", named, None, None).startswith("   0:00  Elena  Hello Leo.\n")


@pytest.mark.parametrize("fmt", ["txt", "md"])
def test_a_call_without_a_summary_has_its_title_and_its_words(fmt: str) -> None:
    text = call_text(fmt, TRANSCRIPT, RECORDING, None)
    assert text.lstrip("# ").startswith("Launch\n")
    assert "Decisions" not in text
    assert "Hello Leo." in text


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_ends_its_last_line(fmt: str) -> None:
    text = call_text(fmt, TRANSCRIPT, RECORDING, SUMMARY)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_empty_transcript_is_no_error(fmt: str) -> None:
    text = call_text(fmt, Transcript("", 0, "m", (), PEOPLE), RECORDING, None)
    assert ("Launch" in text) == (fmt in ("txt", "md", "html", "json"))


def test_points_without_evidence_say_so() -> None:
    assert evidence_times(()) == "(not confirmed by the transcript)"
    assert evidence_times((Evidence(FIRST, 9.7, 10), Evidence(SECOND, 17, 18))) == "[0:09, 0:17]"
