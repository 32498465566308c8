"""Transcripts and summaries as text that a person reads, plain or as Markdown."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from app.core.call import TEXT_CODEC, Call, Survey
from app.core.durations import format_duration, format_time, moment
from app.core.languages.codes import language_name
from app.core.markdown_text import markdown_line
from app.core.plain_text import plain_line
from app.core.summary import ActionItem, Evidence, Point, Summary, SummarySection
from app.core.transcript import Speaker, Transcript, Utterance, names_of, shown_name, speaker_name, speaking

UNCONFIRMED = "(not confirmed by the transcript)"
NOT_FOUND = "Not found in the call"
NOTHING_FOUND = (
    "Tacit found no line of the call that says what stands here. Read the transcript before you rely on it, "
    "or choose a stronger language model."
)
_QUIET = "This recording is very quiet: it was made louder to be understood. Some words may be wrong; listen to them."
CAME_AS_TEXT = "This call came as text and has no sound."
_GUESSED = "The text was in no Unicode and was read as Western European: look at names with accents."
_GOES_ON = (
    "This file goes on after what its header counts: that part, in another form, was not read. "
    "The file was left as it is."
)


def reading_notes(survey: Survey) -> list[str]:
    """What a person must know about how a recording was read, beside that it breaks off; often nothing."""
    unread = survey.unread_tracks
    tracks = f"{unread} more sound tracks" if unread > 1 else "One more sound track"
    notes = {
        CAME_AS_TEXT: survey.codec == TEXT_CODEC,
        _GUESSED: survey.is_encoding_guessed,
        _QUIET: survey.is_quiet,
        _GOES_ON: survey.goes_on,
        f"{tracks} of this file could not be read. What is here is of the others; the file was left as it is.": unread,
    }
    return [note for note, is_true in notes.items() if is_true]


def call_length(call: Call) -> str:
    """`8 min 12 s`; "text without times" for a call of which it is not known."""
    return format_duration(call.duration) if call.has_sound or call.duration else "text without times"


def call_text(transcript: Transcript, call: Call | None, summary: Summary | None, is_markdown: bool = False) -> str:
    """A call as one text: title, summary, facts, transcript; without a call, the transcript alone."""
    words = transcript_text(transcript, is_markdown)
    if call is None:
        return words
    head, title = ("## ", "# ") if is_markdown else ("", "")
    say = _writer(is_markdown)
    named = f"{title}{say(call.title)}\n"
    if summary is not None:
        named = summary_text(msgspec.structs.replace(summary, title=call.title), transcript.speakers, is_markdown)
    return "\n".join([named, f"{call_facts(call, say)}\n", f"{head}Transcript\n", words])


def call_facts(call: Call, say: Callable[[str], str] = plain_line) -> str:
    """When a call took place, how long it is and, where they have names, who speaks; `say` brings each to one line."""
    who = filter(None, map(say, names_of(speaking(call.layout, call.speakers))))
    return ", ".join([f"{call.date.astimezone():%Y-%m-%d %H:%M}", call_length(call), *who])


def summary_text(summary: Summary, speakers: Sequence[Speaker], is_markdown: bool = False) -> str:
    """The summary as readable text, with the times of its evidence."""
    title = f"{'# ' if is_markdown else ''}{_writer(is_markdown)(summary.title)}\n"
    return f"{title}\n{sections_text(summary, speakers, is_markdown)}"


def sections_text(summary: Summary, speakers: Sequence[Speaker], is_markdown: bool = False) -> str:
    """The summary without its title: the lead, then each section under its heading."""
    head, bullet = ("## ", "- ") if is_markdown else ("", "  - ")
    say, lead = _writer(is_markdown), summary.lead
    is_borne = summary.has_evidence
    parts = [] if is_borne else [f"{NOTHING_FOUND}\n"]
    parts += [f"{_prose_text(lead, is_borne, say)}\n"] if lead else []
    for section in summary.sections_as_shown:
        if section is not lead and not section.is_empty:
            text = f"{_prose_text(section, is_borne, say)}\n" if section.kind == "prose" else ""
            items = [f"{bullet}{say(item_text(i, speakers))} {evidence_note(i)}\n" for i in section.found_items]
            doubt = f" {UNCONFIRMED}" if is_borne else ""
            items += [f"{bullet}{say(item_text(i, speakers))}{doubt}\n" for i in section.items_not_found]
            parts.append(f"{head}{say(section.title)}\n{text}{''.join(items)}")
    return "\n".join(parts)


def _prose_text(section: SummarySection, is_borne: bool, say: Callable[[str], str]) -> str:
    """The prose of a section, with a note behind each sentence that the call does not say or says otherwise."""
    if not section.sentences or not is_borne:
        return say(section.text)
    said = (
        f"{one.text} {evidence_note(one)}" if one.instead or not one.evidence else one.text for one in section.sentences
    )
    return say(" ".join(said))


def _writer(is_markdown: bool) -> Callable[[str], str]:
    """What brings words of a person or a model to one line, on which they forge and steer nothing."""
    return partial(markdown_line, begins_block=True) if is_markdown else plain_line


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


def evidence_note(item: Point | ActionItem) -> str:
    """`[0:09, 0:17]`, what the call says otherwise, or `UNCONFIRMED`."""
    if not item.instead or not item.evidence:
        return evidence_times(item.evidence)
    times = _moments(item.evidence)
    return f"({says_otherwise(item)}; {times})"


def says_otherwise(item: Point | ActionItem) -> str:
    """What the call says in the place of an item's figures and names."""
    return f"the call says otherwise: {plain_line(', '.join(item.instead))}"


def evidence_times(evidence: tuple[Evidence, ...]) -> str:
    """`[0:09, 0:17]`, or `UNCONFIRMED` without evidence."""
    return f"[{_moments(evidence)}]" if evidence else UNCONFIRMED


def _moments(evidence: tuple[Evidence, ...]) -> str:
    """The times of the lines; how many there are, where a text has no times."""
    if any(one.end > 0 for one in evidence):
        return ", ".join(moment(one.start, one.end) for one in evidence)
    return "one line" if len(evidence) == 1 else f"{len(evidence)} lines"


def transcript_text(transcript: Transcript, is_markdown: bool = False) -> str:
    """The transcript as readable text: time, speaker, words, and the language where it is another; a line each.

    Where there is one speaker alone, whom nobody named, no line repeats it. Of a text without times there are none.
    """
    say = markdown_line if is_markdown else plain_line
    if not transcript.has_times:
        return _untimed_text(transcript, say, is_markdown=is_markdown)
    rows = [
        (format_time(u.start), say(shown_name(u.speaker, transcript.speakers)), say(said_text(u, transcript)))
        for u in transcript.utterances
    ]
    if is_markdown:
        return "\n".join(f"**{f'{time} {name}:' if name else time}** {text}\n" for time, name, text in rows)
    stamp, width = (max((len(row[place]) for row in rows), default=0) for place in (0, 1))
    named = [(time, f"{name:<{width}}  " if width else "", text) for time, name, text in rows]
    return "".join(f"{time:>{stamp}}  {name}{text}\n" for time, name, text in named)


def _untimed_text(transcript: Transcript, say: Callable[[str], str], *, is_markdown: bool) -> str:
    rows = []
    for u in transcript.utterances:
        name = say(shown_name(u.speaker, transcript.speakers))
        before = f"**{name}:** " if is_markdown and name else f"{name}: " if name else ""
        rows.append(f"{before}{say(said_text(u, transcript))}\n")
    return ("\n" if is_markdown else "").join(rows)


def said_text(utterance: Utterance, transcript: Transcript) -> str:
    """What was said, after the mark of its language."""
    return f"{bracketed_mark(utterance, transcript)} {utterance.text}".lstrip()


def bracketed_mark(utterance: Utterance, transcript: Transcript) -> str:
    """`[German]` where an utterance is not in the call's language; else ""."""
    mark = language_mark(utterance, transcript.language)
    return f"[{mark}]" if mark else ""


def language_mark(utterance: Utterance, of_call: str) -> str:
    """`German` where an utterance is not in the call's language, `German?` where that is not sure; else ""."""
    is_other = utterance.language not in ("", of_call)
    if not is_other and not utterance.is_language_doubtful:
        return ""
    return language_name(utterance.language or of_call) + ("?" if utterance.is_language_doubtful else "")
