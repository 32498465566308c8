"""A meeting of QMSum as the lines of a call."""

import json
from pathlib import Path

from app.core.ids import SpeakerId, UtteranceId
from app.core.prompts import NumberedLine
from app.core.transcript import Utterance


def meeting_lines(meeting: Path) -> list[NumberedLine]:
    """All of its turns, as prompts number them."""
    said = json.loads(meeting.read_text("utf-8"))["meeting_transcripts"]
    return [
        NumberedLine(n, turn["speaker"], Utterance(UtteranceId(str(n)), 0, SpeakerId("s"), n, n + 1, turn["content"]))
        for n, turn in enumerate(said, 1)
    ]
