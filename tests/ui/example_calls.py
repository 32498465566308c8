"""Calls, transcripts and a summary made of values."""

from datetime import UTC, datetime, timedelta

import msgspec

from app.core.call import Call, CallState
from app.core.ids import UtteranceId, new_call_id
from app.core.summary import ActionItem, Evidence, Point
from app.core.transcript import (
    Layout,
    Transcript,
    Utterance,
    Word,
    default_speakers,
    default_tracks,
    given_to_tracks,
    spoken,
    with_line_numbers,
)
from tests.call_summaries import call_summary

SPEAKERS = default_speakers(Layout.TWO_SIDED, "Leo", "Priya")
TRACKS = default_tracks(Layout.TWO_SIDED, SPEAKERS)
SAID = (
    (1, "Unfortunately the price went up again. We pay about twelve percent more than in March."),
    (0, "I see. And the last delivery was late, three boxes were damaged."),
    (1, "Right. They offered a five percent discount if we renew for two years."),
    (0, "Then we agree to renew the contract, but we pay in two parts."),
    (1, "Okay. Can you send the price list by Friday?"),
    (0, "Sure, I will send it by Friday."),
)


def utterance(channel: int, start: float, text: str) -> Utterance:
    """A line whose third word was hardly recognised."""
    words = [
        Word(" " + word, start + n * 0.3, start + n * 0.3 + 0.25, 0.3 if n == 2 else 0.9)
        for n, word in enumerate(text.split())
    ]
    return spoken(channel, start, start + 0.3 * len(words), text, tuple(words))


def transcript(lines: int = len(SAID)) -> Transcript:
    """A transcript of as many lines, ten seconds apart."""
    said = [utterance(SAID[n % len(SAID)][0], 10.0 * n, SAID[n % len(SAID)][1]) for n in range(lines)]
    numbered = with_line_numbers(given_to_tracks(said, TRACKS))
    found = tuple(msgspec.structs.replace(one, id=line_id(one.line)) for one in numbered)
    return Transcript("en", 10.0 * lines, "double", found, SPEAKERS)


def line_id(number: int) -> UtteranceId:
    """The id of a line of each of these transcripts."""
    return UtteranceId(f"line-{number}")


def call(title: str, state: CallState = CallState.SUMMARIZED, lines: int = len(SAID)) -> Call:
    """A call of two sides."""
    return Call(
        new_call_id(), title, datetime.now(UTC) - timedelta(days=1), 10.0 * lines, state, Layout.TWO_SIDED,
        SPEAKERS, TRACKS, "en", "Renew with a discount; price list by Friday.",
    )  # fmt: skip


SUMMARY = call_summary(
    "Supply contract", "Leo and Priya renew the supply contract.",
    (Point("Prices are up about 12 percent", (Evidence(line_id(1), 0.0, 5.0),)), Point("Nobody said this")),
    (Point("Renew the contract for two years", (Evidence(line_id(4), 30.0, 35.0),)),),
    (ActionItem("Send the price list", "Leo", "by Friday", (Evidence(line_id(6), 50.0, 55.0),), SPEAKERS[0].id),),
    "double",
)  # fmt: skip
