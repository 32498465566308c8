"""Transcript and summary as text and as the JSON that the command line promises."""

import json
from datetime import timedelta
from typing import Any, Literal, get_args

from app.core.recording import Recording
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Speakers, Transcript, Utterance

Format = Literal["txt", "md", "srt", "vtt", "json"]
FORMATS: tuple[str, ...] = get_args(Format)
UNCONFIRMED = "(not confirmed by the transcript)"


def clock(seconds: float) -> str:
    """`2:31`, or `1:02:31` from an hour on."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def length(seconds: float) -> str:
    """`42 s`, `8 min 12 s` or `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _subtitle_clock(seconds: float, point: str) -> str:
    stamp = timedelta(milliseconds=round(max(0.0, seconds) * 1000))
    total, milliseconds = divmod(round(stamp.total_seconds() * 1000), 1000)
    return f"{total // 3600:02}:{total % 3600 // 60:02}:{total % 60:02}{point}{milliseconds:03}"


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


def transcript_json(transcript: Transcript) -> dict[str, Any]:
    """A transcript as `{"language", "duration", "model", "utterances"}`."""
    return {
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "model": transcript.model,
        "utterances": [utterance_json(u, transcript.speakers) for u in transcript.utterances],
    }


def _evidence_json(evidence: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    return [{"line": e.line, "start": round(e.start, 3), "end": round(e.end, 3)} for e in evidence]


def _point_json(point: Point) -> dict[str, Any]:
    return {"text": point.text, "evidence": _evidence_json(point.evidence)}


def owner(item: ActionItem, speakers: Speakers) -> str:
    """The owner under the name that the transcript has for that side."""
    return item.owner if item.owner_channel is None else speakers.name(item.owner_channel)


def summary_json(summary: Summary, speakers: Speakers) -> dict[str, Any]:
    """A summary in the shape that the command line promises."""
    return {
        "title": summary.title,
        "overview": summary.overview,
        "key_points": [_point_json(p) for p in summary.key_points],
        "decisions": [_point_json(p) for p in summary.decisions],
        "action_items": [
            {"task": a.task, "owner": owner(a, speakers), "due": a.due, "evidence": _evidence_json(a.evidence)}
            for a in summary.action_items
        ],
        "model": summary.model,
    }


def recording_json(recording: Recording) -> dict[str, Any]:
    """A recording as `list` and `import` give it."""
    return {
        "id": recording.id,
        "title": recording.title,
        "date": recording.date.isoformat(),
        "duration": round(recording.duration, 3),
        "state": recording.state.value,
        "speakers": list(recording.speakers.heard(recording.layout)),
    }


def times(evidence: tuple[Evidence, ...]) -> str:
    """`[0:09, 0:17]`, or that it is not confirmed."""
    return f"[{', '.join(clock(e.start) for e in evidence)}]" if evidence else UNCONFIRMED


def summary_text(summary: Summary, speakers: Speakers, is_markdown: bool = False) -> str:
    """The summary for people, with the times of its evidence."""
    head, bullet = ("## ", "- ") if is_markdown else ("", "  - ")
    parts = [f"{'# ' if is_markdown else ''}{summary.title}\n\n{summary.overview}\n"]
    for title, points in (("Decisions", summary.decisions), ("Key points", summary.key_points)):
        if points:
            parts.append(f"\n{head}{title}\n" + "".join(f"{bullet}{p.text} {times(p.evidence)}\n" for p in points))
    if summary.action_items:
        rows = []
        for item in summary.action_items:
            who = ", ".join(part for part in (owner(item, speakers), item.due) if part)
            rows.append(f"{bullet}{item.task}{f' ({who})' if who else ''} {times(item.evidence)}\n")
        parts.insert(2 if summary.decisions else 1, f"\n{head}Action items\n" + "".join(rows))
    return "".join(parts)


def transcript_text(transcript: Transcript, is_markdown: bool = False) -> str:
    """The transcript for people: time, speaker, text."""
    name = transcript.speakers.name
    if is_markdown:
        return "\n".join(f"**{clock(u.start)} {name(u.channel)}:** {u.text}\n" for u in transcript.utterances)
    width = max((len(name(u.channel)) for u in transcript.utterances), default=0)
    stamp = max((len(clock(u.start)) for u in transcript.utterances), default=0)
    return "".join(f"{clock(u.start):>{stamp}}  {name(u.channel):<{width}}  {u.text}\n" for u in transcript.utterances)


def rendered(fmt: Format, transcript: Transcript, recording: Recording | None, summary: Summary | None) -> str:
    """A call as one text in the format asked for. Subtitles hold the transcript alone."""
    name = transcript.speakers.name
    if fmt == "srt":
        return "\n".join(
            f"{n}\n{_subtitle_clock(u.start, ',')} --> {_subtitle_clock(u.end, ',')}\n{name(u.channel)}: {u.text}\n"
            for n, u in enumerate(transcript.utterances, 1)
        )
    if fmt == "vtt":
        cues = [
            f"{_subtitle_clock(u.start, '.')} --> {_subtitle_clock(u.end, '.')}\n"
            f"<v {_cue(name(u.channel))}>{_cue(u.text)}\n"
            for u in transcript.utterances
        ]
        return "WEBVTT\n\n" + "\n".join(cues)
    if fmt == "json":
        shape: dict[str, Any] = {} if recording is None else {"recording": recording_json(recording)}
        shape |= {"transcript": transcript_json(transcript)}
        if summary is not None:
            shape |= {"summary": summary_json(summary, transcript.speakers)}
        return json.dumps(shape if recording else shape["transcript"], ensure_ascii=False, indent=1) + "\n"
    is_markdown = fmt == "md"
    parts = []
    if recording is not None:
        if summary is None:
            parts.append(f"{'# ' if is_markdown else ''}{recording.title}\n")
        else:
            parts.append(summary_text(retitled(summary, recording.title), transcript.speakers, is_markdown))
        who = ", ".join(recording.speakers.heard(recording.layout))
        parts.append(f"{recording.date.astimezone():%Y-%m-%d %H:%M}, {length(recording.duration)}, {who}\n")
    if recording is not None:
        parts.append(f"{'## ' if is_markdown else ''}Transcript\n")
    parts.append(transcript_text(transcript, is_markdown))
    return "\n".join(parts)


def retitled(summary: Summary, title: str) -> Summary:
    """The summary under the title that the recording has now."""
    return Summary(title, summary.overview, summary.key_points, summary.decisions, summary.action_items, summary.model)


def _cue(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
