"""The JSON of calls, transcripts and summaries, as the command line and the JSON export give it."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.call import Call
from app.core.ids import UtteranceId
from app.core.readable_text import owner_name
from app.core.summary import Evidence, Point, Summary, SummarySection
from app.core.transcript import Speaker, Transcript, Utterance, names_of, speaker_name, speaking


def call_json(call: Call) -> dict[str, Any]:
    """A recording as `list` and `import` give it."""
    return {
        "id": call.id,
        "title": call.title,
        "date": call.date.isoformat(),
        "duration": round(call.duration, 3),
        "state": call.state.value,
        "speakers": list(names_of(speaking(call.layout, call.speakers))),
    }


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """A transcript as `{"language", "duration", "model", "utterances"}`."""
    return {
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "model": transcript.model,
        "utterances": [utterance_json(u, transcript.speakers) for u in transcript.utterances],
    }


def utterance_json(utterance: Utterance, speakers: Sequence[Speaker]) -> dict[str, Any]:
    """An utterance as `{"line", "speaker", "start", "end", "text", "words"}`."""
    return {
        "line": utterance.line,
        "speaker": speaker_name(utterance.speaker, speakers),
        "start": round(utterance.start, 3),
        "end": round(utterance.end, 3),
        "text": utterance.text,
        "words": [
            {
                "text": w.text.strip(),
                "start": round(w.start, 3),
                "end": round(w.end, 3),
                "probability": round(w.probability, 4),
            }
            for w in utterance.words
        ],
    }


_Lines = Mapping[UtteranceId, int]  # the number under which each utterance is shown


def summary_json(summary: Summary, transcript: Transcript) -> dict[str, Any]:
    """A summary as `{"title", …, "model"}`, with each section under its key in the order of the template."""
    lines = {utterance.id: utterance.line for utterance in transcript.utterances}
    sections = {section.key: _section_json(section, transcript.speakers, lines) for section in summary.sections}
    return {"title": summary.title, **sections, "model": summary.model}


def _section_json(section: SummarySection, speakers: Sequence[Speaker], lines: _Lines) -> str | list[dict[str, Any]]:
    if section.kind == "prose":
        return section.text
    if section.kind == "points":
        return [_point_json(point, lines) for point in section.points]
    return [
        {"task": a.task, "owner": owner_name(a, speakers), "due": a.due, "evidence": _evidence_json(a.evidence, lines)}
        for a in section.tasks
    ]


def _point_json(point: Point, lines: _Lines) -> dict[str, Any]:
    return {"text": point.text, "evidence": _evidence_json(point.evidence, lines)}


def _evidence_json(evidence: tuple[Evidence, ...], lines: _Lines) -> list[dict[str, Any]]:
    return [moment_json(lines.get(e.utterance, 0), e.start, e.end) for e in evidence]


def moment_json(line: int, start: float, end: float) -> dict[str, Any]:
    """A line as `{"line", "start", "end"}`; without a number (0) it says that it is from an earlier transcript."""
    moment: dict[str, Any] = {"line": line or None, "start": round(start, 3), "end": round(end, 3)}
    return moment if line else moment | {"is_from_earlier_transcript": True}
