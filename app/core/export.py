"""Transcripts and summaries as text, subtitles and the JSON of the command line."""

import json
from datetime import timedelta
from typing import Any, Literal, get_args

import msgspec

from app.core.call import Call
from app.core.summary import ActionItem, Evidence, Point, Summary, SummarySection
from app.core.transcript import Speakers, Transcript, Utterance

Format = Literal["txt", "md", "srt", "vtt", "json"]
FORMATS: tuple[str, ...] = get_args(Format)
UNCONFIRMED = "(not confirmed by the transcript)"


def format_time(seconds: float) -> str:
    """`2:31`, or `1:02:31` from an hour on."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def format_duration(seconds: float) -> str:
    """`42 s`, `8 min 12 s` or `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _subtitle_clock(seconds: float, decimal_mark: str) -> str:
    stamp = timedelta(milliseconds=round(max(0.0, seconds) * 1000))
    total, milliseconds = divmod(round(stamp.total_seconds() * 1000), 1000)
    return f"{total // 3600:02}:{total % 3600 // 60:02}:{total % 60:02}{decimal_mark}{milliseconds:03}"


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


def owner_name(item: ActionItem, speakers: Speakers) -> str:
    """The name of an action item's owner, as the transcript names that speaker now."""
    return item.owner if item.owner_channel is None else speakers.name(item.owner_channel)


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


def evidence_times(evidence: tuple[Evidence, ...]) -> str:
    """`[0:09, 0:17]`, or `UNCONFIRMED` without evidence."""
    return f"[{', '.join(format_time(e.start) for e in evidence)}]" if evidence else UNCONFIRMED


def summary_text(summary: Summary, speakers: Speakers, is_markdown: bool = False) -> str:
    """The summary as readable text, with the times of its evidence."""
    head, bullet = ("## ", "- ") if is_markdown else ("", "  - ")
    lead = summary.lead
    parts = [f"{'# ' if is_markdown else ''}{summary.title}\n", *([f"\n{lead.text}\n"] if lead else [])]
    for section in summary.sections_as_shown:
        if section is not lead and not section.is_empty:
            text = f"{section.text}\n" if section.kind == "prose" else ""
            items = [f"{bullet}{item_text(i, speakers)} {evidence_times(i.evidence)}\n" for i in section.items]
            parts.append(f"\n{head}{section.title}\n{text}{''.join(items)}")
    return "".join(parts)


def item_text(item: Point | ActionItem, speakers: Speakers) -> str:
    """A point, or a task with its owner and date in brackets."""
    if isinstance(item, Point):
        return item.text
    who = owner_and_due(item, speakers)
    return f"{item.task} ({who})" if who else item.task


def owner_and_due(item: ActionItem, speakers: Speakers) -> str:
    """Who does it and until when, as far as it is known."""
    return ", ".join(part for part in (owner_name(item, speakers), item.due) if part)


def transcript_text(transcript: Transcript, is_markdown: bool = False) -> str:
    """The transcript as readable text: time, speaker, words."""
    name = transcript.speakers.name
    if is_markdown:
        return "\n".join(f"**{format_time(u.start)} {name(u.channel)}:** {u.text}\n" for u in transcript.utterances)
    width = max((len(name(u.channel)) for u in transcript.utterances), default=0)
    stamp = max((len(format_time(u.start)) for u in transcript.utterances), default=0)
    return "".join(
        f"{format_time(u.start):>{stamp}}  {name(u.channel):<{width}}  {u.text}\n" for u in transcript.utterances
    )


def call_text(fmt: Format, transcript: Transcript, call: Call | None, summary: Summary | None) -> str:
    """A call as one text in the given format; subtitles contain only the transcript."""
    name = transcript.speakers.name
    if fmt == "srt":
        return "\n".join(
            f"{n}\n{_subtitle_clock(u.start, ',')} --> {_subtitle_clock(u.end, ',')}\n{name(u.channel)}: {u.text}\n"
            for n, u in enumerate(transcript.utterances, 1)
        )
    if fmt == "vtt":
        cues = [
            f"{_subtitle_clock(u.start, '.')} --> {_subtitle_clock(u.end, '.')}\n"
            f"<v {_escape_cue(name(u.channel))}>{_escape_cue(u.text)}\n"
            for u in transcript.utterances
        ]
        return "WEBVTT\n\n" + "\n".join(cues)
    if fmt == "json":
        shape: dict[str, Any] = {} if call is None else {"recording": call_json(call)}
        shape |= {"transcript": transcript_json(transcript)}
        if summary is not None:
            shape |= {"summary": summary_json(summary, transcript.speakers)}
        return json.dumps(shape if call else shape["transcript"], ensure_ascii=False, indent=1) + "\n"
    is_markdown = fmt == "md"
    parts = []
    if call is not None:
        if summary is None:
            parts.append(f"{'# ' if is_markdown else ''}{call.title}\n")
        else:
            parts.append(summary_text(retitled(summary, call.title), transcript.speakers, is_markdown))
        who = ", ".join(call.speakers.speaking_names(call.layout))
        parts.append(f"{call.date.astimezone():%Y-%m-%d %H:%M}, {format_duration(call.duration)}, {who}\n")
    if call is not None:
        parts.append(f"{'## ' if is_markdown else ''}Transcript\n")
    parts.append(transcript_text(transcript, is_markdown))
    return "\n".join(parts)


def retitled(summary: Summary, title: str) -> Summary:
    """The summary under another title."""
    return msgspec.structs.replace(summary, title=title)


def _escape_cue(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
