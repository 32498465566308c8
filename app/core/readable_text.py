"""Transcripts and summaries as text that a person reads, plain or as Markdown."""

from collections.abc import Sequence

import msgspec

from app.core.call import Call
from app.core.durations import format_duration, format_time
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Speaker, Transcript, names_of, speaker_name, speaking

UNCONFIRMED = "(not confirmed by the transcript)"


def call_text(transcript: Transcript, call: Call | None, summary: Summary | None, is_markdown: bool = False) -> str:
    """A call as one text: title, summary, facts, transcript; without a call, the transcript alone."""
    words = transcript_text(transcript, is_markdown)
    if call is None:
        return words
    head, title = ("## ", "# ") if is_markdown else ("", "")
    named = f"{title}{call.title}\n"
    if summary is not None:
        named = summary_text(msgspec.structs.replace(summary, title=call.title), transcript.speakers, is_markdown)
    who = ", ".join(names_of(speaking(call.layout, call.speakers)))
    facts = f"{call.date.astimezone():%Y-%m-%d %H:%M}, {format_duration(call.duration)}, {who}\n"
    return "\n".join([named, facts, f"{head}Transcript\n", words])


def summary_text(summary: Summary, speakers: Sequence[Speaker], is_markdown: bool = False) -> str:
    """The summary as readable text, with the times of its evidence."""
    title = f"{'# ' if is_markdown else ''}{summary.title}\n"
    return f"{title}\n{sections_text(summary, speakers, is_markdown)}"


def sections_text(summary: Summary, speakers: Sequence[Speaker], is_markdown: bool = False) -> str:
    """The summary without its title: the lead, then each section under its heading."""
    head, bullet = ("## ", "- ") if is_markdown else ("", "  - ")
    lead = summary.lead
    parts = [f"{lead.text}\n"] if lead else []
    for section in summary.sections_as_shown:
        if section is not lead and not section.is_empty:
            text = f"{section.text}\n" if section.kind == "prose" else ""
            items = [f"{bullet}{item_text(i, speakers)} {evidence_times(i.evidence)}\n" for i in section.items]
            parts.append(f"{head}{section.title}\n{text}{''.join(items)}")
    return "\n".join(parts)


def item_text(item: Point | ActionItem, speakers: Sequence[Speaker]) -> str:
    """A point, or a task with its owner and date in brackets."""
    if isinstance(item, Point):
        return item.text
    who = owner_and_due(item, speakers)
    return f"{item.task} ({who})" if who else item.task


def owner_and_due(item: ActionItem, speakers: Sequence[Speaker]) -> str:
    """Who does it and until when, as far as it is known."""
    return ", ".join(part for part in (owner_name(item, speakers), item.due) if part)


def owner_name(item: ActionItem, speakers: Sequence[Speaker]) -> str:
    """The name of an action item's owner, as the transcript names that speaker now."""
    return (speaker_name(item.speaker, speakers) if item.speaker else "") or item.owner


def evidence_times(evidence: tuple[Evidence, ...]) -> str:
    """`[0:09, 0:17]`, or `UNCONFIRMED` without evidence."""
    return f"[{', '.join(format_time(e.start) for e in evidence)}]" if evidence else UNCONFIRMED


def transcript_text(transcript: Transcript, is_markdown: bool = False) -> str:
    """The transcript as readable text: time, speaker, words."""
    name = transcript.name
    if is_markdown:
        return "\n".join(f"**{format_time(u.start)} {name(u)}:** {u.text}\n" for u in transcript.utterances)
    width = max((len(name(u)) for u in transcript.utterances), default=0)
    stamp = max((len(format_time(u.start)) for u in transcript.utterances), default=0)
    return "".join(f"{format_time(u.start):>{stamp}}  {name(u):<{width}}  {u.text}\n" for u in transcript.utterances)
