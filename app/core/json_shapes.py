"""The JSON of calls, transcripts and summaries, as the command line and the JSON export give it."""

from typing import Any

from app.core.call import Call
from app.core.readable_text import owner_name
from app.core.summary import Evidence, Point, Summary, SummarySection
from app.core.transcript import Speakers, Transcript, Utterance


def call_json(call: Call) -> dict[str, Any]:
    """A recording as `list` and `import` give it."""
    return {
        "id": call.id,
        "title": call.title,
        "date": call.date.isoformat(),
        "duration": round(call.duration, 3),
        "state": call.state.value,
        "speakers": list(call.speakers.speaking_names(call.layout)),
    }


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """A transcript as `{"language", "duration", "model", "utterances"}`."""
    return {
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "model": transcript.model,
        "utterances": [utterance_json(u, transcript.speakers) for u in transcript.utterances],
    }


def utterance_json(utterance: Utterance, speakers: Speakers) -> dict[str, Any]:
    """An utterance as `{"line", "speaker", "start", "end", "text", "words"}`."""
    return {
        "line": utterance.line,
        "speaker": speakers.name(utterance.channel),
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


def summary_json(summary: Summary, speakers: Speakers) -> dict[str, Any]:
    """A summary as `{"title", …, "model"}`, with each section under its key in the order of the template."""
    sections = {section.key: _section_json(section, speakers) for section in summary.sections}
    return {"title": summary.title, **sections, "model": summary.model}


def _section_json(section: SummarySection, speakers: Speakers) -> str | list[dict[str, Any]]:
    if section.kind == "prose":
        return section.text
    if section.kind == "points":
        return [_point_json(point) for point in section.points]
    return [
        {"task": a.task, "owner": owner_name(a, speakers), "due": a.due, "evidence": _evidence_json(a.evidence)}
        for a in section.tasks
    ]


def _point_json(point: Point) -> dict[str, Any]:
    return {"text": point.text, "evidence": _evidence_json(point.evidence)}


def _evidence_json(evidence: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    return [{"line": e.line, "start": round(e.start, 3), "end": round(e.end, 3)} for e in evidence]
