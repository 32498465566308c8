"""The JSON of calls, transcripts and summaries, as the command line and the JSON export give it."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.call import Call
from app.core.check import CheckedStatement
from app.core.coverage import Coverage, coverage
from app.core.document import Document
from app.core.ids import UtteranceId
from app.core.note import NoteEntry
from app.core.readable_text import owner_name
from app.core.summary import ActionItem, Evidence, Point, Summary, SummarySection
from app.core.transcript import Speaker, Transcript, Utterance, is_corrected, names_of, speaker_name, speaking


def call_json(call: Call) -> dict[str, Any]:
    """A call as `list` and `import` give it; one that came as text says so, and may have no duration."""
    shape = {
        "id": call.id,
        "title": call.title,
        "date": call.date.isoformat(),
        "duration": round(call.duration, 3),
        "state": call.state.value,
        "speakers": list(names_of(speaking(call.layout, call.speakers))),
    }
    return shape if call.has_sound else shape | {"duration": shape["duration"] or None, "has_sound": False}


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """A transcript as `{"language", "duration", "model", "utterances"}`.

    Each utterance has its `"id"`, its `"track"` and whether it was `"edited"`; a `"language"` too, unless an earlier
    version wrote it, which took one for all. With `"coverage"` where it is known.
    """
    known = coverage(transcript)
    shape = {
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "model": transcript.model,
        "utterances": [
            {"id": u.id, "track": u.track, "edited": is_corrected(u)}
            | utterance_json(u, transcript.speakers)
            | _language_json(u)
            for u in transcript.utterances
        ],
    }
    return shape if known is None else shape | {"coverage": coverage_json(known)}


def coverage_json(known: Coverage) -> dict[str, Any]:
    """How much of a call's speech has text, in seconds, and where it has none."""
    gaps = [{"track": gap.track, "start": round(gap.start, 3), "end": round(gap.end, 3)} for gap in known.gaps]
    return {"speech": round(known.speech, 3), "without_text": round(known.without_text, 3), "gaps": gaps}


def _language_json(utterance: Utterance) -> dict[str, Any]:
    """The language of an utterance where each was judged, and that it is doubtful where it is."""
    known = {"language": utterance.language} if utterance.language else {}
    return known | ({"is_language_doubtful": True} if utterance.is_language_doubtful else {})


def utterance_json(utterance: Utterance, speakers: Sequence[Speaker]) -> dict[str, Any]:
    """An utterance as `{"line", "speaker", "start", "end", "text", "words"}`."""
    return {
        "line": utterance.line,
        "speaker": speaker_name(utterance.speaker, speakers),
        **_times_json(utterance.start, utterance.end),
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


def _times_json(start: float, end: float) -> dict[str, float | None]:
    """The times of a line in seconds, null in a text without times."""
    return {"start": round(start, 3), "end": round(end, 3)} if end > 0 else {"start": None, "end": None}


_Lines = Mapping[UtteranceId, int]  # the number under which each utterance is shown


def summary_json(summary: Summary, transcript: Transcript) -> dict[str, Any]:
    """A summary as `{"title", …, "model"}`, with each section under its key in the order of the template."""
    lines = {utterance.id: utterance.line for utterance in transcript.utterances}
    sections = {section.key: _section_json(section, transcript.speakers, lines) for section in summary.sections}
    sentences = {s.key: [_point_json(one, lines) for one in s.sentences] for s in summary.sections if s.sentences}
    checked = {"sentences": sentences} if sentences else {}
    return {"title": summary.title, **sections, "model": summary.model, **checked}


def _section_json(section: SummarySection, speakers: Sequence[Speaker], lines: _Lines) -> str | list[dict[str, Any]]:
    if section.kind == "prose":
        return section.text
    if section.kind == "points":
        return [_point_json(point, lines) for point in section.points]
    return [
        {"task": a.task, "owner": owner_name(a, speakers), "due": a.due, **_found_json(a, lines)} for a in section.tasks
    ]


def _point_json(point: Point, lines: _Lines) -> dict[str, Any]:
    return {"text": point.text, **_found_json(point, lines)}


def _found_json(item: Point | ActionItem, lines: _Lines) -> dict[str, Any]:
    """The lines that bear a point or task; those that contradict it are `against` it, with what they say `instead`."""
    moments = _evidence_json(item.evidence, lines)
    against = {"evidence": [], "against": moments, "instead": list(item.instead)}
    return against if item.instead else {"evidence": moments}


def _evidence_json(evidence: tuple[Evidence, ...], lines: _Lines) -> list[dict[str, Any]]:
    return [moment_json(lines.get(e.utterance, 0), e.start, e.end) for e in evidence]


def check_json(found: Sequence[CheckedStatement], transcript: Transcript) -> list[dict[str, Any]]:
    """A check as `[{"text", "verdict", "score", "evidence"}]`.

    What contradicts a statement is its evidence too, with `instead`; the lines that come nearest to one that was not
    found are `nearest`.
    """
    return [_statement_json(one, transcript) for one in found]


def _statement_json(one: CheckedStatement, transcript: Transcript) -> dict[str, Any]:
    moments = [moment_json(u.line, u.start, u.end) for u in transcript.utterances if u.line in one.lines]
    is_found = one.verdict != "not_found"
    shape: dict[str, Any] = {"text": one.text, "verdict": one.verdict, "score": round(one.score, 3)}
    shape |= {"evidence": moments} if is_found else {"evidence": [], "nearest": moments}
    return shape | ({"instead": list(one.instead)} if one.instead else {})


def document_json(document: Document) -> dict[str, Any]:
    """A document as `{"kind", "title", "pages", "notes", "lines"}`; each line with its `"place"`.

    A heading has its `"level"`. Of a divided line each part is one of its own, with the same place.
    """
    lines = [
        {"place": document.place(line), "text": line.text} | ({"level": line.level} if line.level else {})
        for line in document.lines
    ]
    return {
        "kind": document.kind.value, "title": document.title, "pages": document.pages or None,
        "notes": list(document.notes), "lines": lines,
    }  # fmt: skip


def moment_json(line: int, start: float, end: float) -> dict[str, Any]:
    """A line as `{"line", "start", "end"}`; without a number (0) it says that it is from an earlier transcript."""
    moment: dict[str, Any] = {"line": line or None, **_times_json(start, end)}
    return moment if line else moment | {"is_from_earlier_transcript": True}


def note_json(entry: NoteEntry) -> dict[str, Any]:
    """A note without its text; `"deleted"` is when it came into the trash, or null."""
    return {
        "id": entry.id,
        "title": entry.title,
        "tags": list(entry.tags),
        "created": entry.created.isoformat(),
        "edited": entry.edited.isoformat(),
        "pinned": entry.is_pinned,
        "deleted": None if entry.deleted is None else entry.deleted.isoformat(),
    }
