"""A call as a document: its title, facts, summary and lines, each in the role that every form with looks gives it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from app.core.call import Call
from app.core.durations import format_time, moment
from app.core.ids import UtteranceId
from app.core.plain_text import plain_line
from app.core.readable_text import (
    NOTHING_FOUND,
    UNCONFIRMED,
    bracketed_mark,
    call_facts,
    evidence_times,
    item_text,
    says_otherwise,
)
from app.core.summary import ActionItem, Point, Summary, SummarySection
from app.core.transcript import Transcript, Utterance, shown_name

Role = Literal["title", "facts", "heading", "text", "item", "line"]
Style = Literal["plain", "time", "speaker", "note"]
TRANSCRIPT = "Transcript"


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of one look, on one line and without what steers; `line` is the one whose moment they name, or 0."""

    text: str
    style: Style = "plain"
    line: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. A "line" is one of the transcript, with its number and, where it is another one, its language."""

    role: Role
    spans: tuple[Span, ...]
    line: int = 0
    language: str = ""

    @property
    def text(self) -> str:
        """Its words without looks."""
        return " ".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class CallDocument:
    """Blocks in the order in which they are read; `language` is the code of the call's, or ""."""

    title: str
    language: str
    blocks: tuple[Block, ...]


def call_document(transcript: Transcript, call: Call | None, summary: Summary | None) -> CallDocument:
    """A call with its summary, if it has one; without a call, the transcript alone."""
    title = (plain_line(call.title) if call is not None else "") or TRANSCRIPT
    blocks = [Block("title", (Span(title),))]
    if call is not None:
        blocks.append(Block("facts", (Span(call_facts(call)),)))
    if summary is not None:
        blocks += _summary_blocks(summary, transcript)
    if call is not None:
        blocks.append(Block("heading", (Span(TRANSCRIPT),)))
    blocks += [_line_block(said, transcript) for said in transcript.utterances]
    return CallDocument(title, transcript.language, tuple(blocks))


def _summary_blocks(summary: Summary, transcript: Transcript) -> Iterator[Block]:
    lines = {said.id: said.line for said in transcript.utterances}
    is_borne, lead = summary.has_evidence, summary.lead
    if not is_borne:
        yield Block("text", (Span(NOTHING_FOUND, "note"),))
    for section in ([lead] if lead else []) + [one for one in summary.sections_as_shown if one is not lead]:
        if section.is_empty:
            continue
        if section is not lead:
            yield Block("heading", (Span(plain_line(section.title)),))
        if section.kind == "prose":
            yield Block("text", tuple(_prose(section, lines, is_borne=is_borne)))
        for item in section.found_items:
            yield Block("item", (Span(plain_line(item_text(item, transcript.speakers))), *_evidence(item, lines)))
        for item in section.items_not_found:
            doubt = (Span(UNCONFIRMED, "note"),) if is_borne else ()
            yield Block("item", (Span(plain_line(item_text(item, transcript.speakers))), *doubt))


_Lines = Mapping[UtteranceId, int]


def _prose(section: SummarySection, lines: _Lines, *, is_borne: bool) -> Iterator[Span]:
    """The prose of a section, with a note behind each sentence that the call does not say or says otherwise."""
    if not section.sentences or not is_borne:
        yield Span(plain_line(section.text))
        return
    for one in section.sentences:
        yield Span(plain_line(one.text))
        if one.instead or not one.evidence:
            yield from _evidence(one, lines)


def _evidence(item: Point | ActionItem, lines: _Lines) -> Iterator[Span]:
    """The moments that bear an item, each leading to its line; what the call says otherwise; or that none is known."""
    if item.evidence and item.instead:
        yield Span(f"({says_otherwise(item)})", "note")
    if any(one.end > 0 for one in item.evidence):
        for one in item.evidence:
            yield Span(moment(one.start, one.end), "time", lines.get(one.utterance, 0))
    else:
        yield Span(evidence_times(item.evidence), "note")


def _line_block(said: Utterance, transcript: Transcript) -> Block:
    spans = (
        Span(format_time(said.start) if transcript.has_times else "", "time", said.line),
        Span(plain_line(shown_name(said.speaker, transcript.speakers)), "speaker"),
        Span(bracketed_mark(said, transcript), "note"),
        Span(plain_line(said.text)),
    )
    language = said.language if said.language != transcript.language else ""
    return Block("line", tuple(span for span in spans if span.text), said.line, language)
