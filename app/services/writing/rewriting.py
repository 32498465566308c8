"""A text in other words: part by part, so that marks, code and links stay, and none of it is left out in silence."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.core.engines import LanguageEngine
from app.core.errors import ContextOverflow
from app.core.job import Progress
from app.core.languages.tables import table_of
from app.core.prompts import CHAT_TEMPLATE_TOKENS
from app.core.sentence_end import SENTENCE_END
from app.core.unspaced_scripts import word_count
from app.core.writing.action import TextAction
from app.core.writing.parts import TextPart, paragraphs_of, parts_of, sentences_apart
from app.core.writing.proofreading import names_of, proofread
from app.core.writing.reply import invented, left_out
from app.core.writing.written import SoFar
from app.services.writing.generating import Reply, WeakModel, Writer

_MOST_TOKENS = 700  # of a piece: of a longer one small models leave out the end
_SHARE = 4  # of the context: text, reply, and as much as both for what is around them
_LEAST_WORDS = 5  # of an item that is given another tone; a shorter one is none
_NOTE_PIECES = "The text is long: it was worked through in {count} pieces, each by itself."
_NOTE_LEFT = "Left as it was in {count}: there the model {fault}."
_NOTE_KEPT = "Left as it was: {what}."
_NOTE_NAMES = "Names are as you wrote them, where the model had others for: {names}."
NOTE_ADDED = "Look at these, which your text does not have: {found}."
_NOTE_LOST = "These figures of your text are not in it: {found}."


@dataclass
class _Course:
    """What is found out while a text is worked through."""

    faults: Counter[str] = field(default_factory=Counter)
    names: list[str] = field(default_factory=list)
    done: int = 0
    good: int = 0
    pieces: int = 0


def rewrite(writer: Writer, text: str) -> tuple[str, tuple[str, ...]]:
    """The text as the action has it, and what the person must know of that, as sentences.

    Each checked piece is reported, as `SoFar` with all before it.

    Raises:
        WeakModel: no reply of the model can be used.
    """
    is_by_line = writer.action.facts.is_line_by_line
    parts = parts_of(text, joins_prose=not is_by_line)
    names, table = names_of(text, writer.language), table_of(writer.language)
    room = _room(writer)
    pieces = [list(_pieces(writer, part, room)) for part in parts]
    total, course, done = sum(map(len, pieces)), _Course(), ""
    for part, found in zip(parts, pieces, strict=True):
        course.pieces = max(course.pieces, len(found))
        said = ""
        for piece in found:
            writer.context.checkpoint()
            writer.context.report(Progress("Writing", course.done, total, "parts"))
            words = piece.rstrip()
            made = _written(writer, words, course, names)
            if part.kind != "prose":
                made = _as_it_ends(made, words)
            elif table.capitalizes_nouns and done.rstrip().endswith(","):
                made = _as_it_begins(made, words)
            said += made + piece[len(words) :]
            writer.context.report(SoFar(done + part.lead + said))
        done += part.with_words(said).text if found else part.text
    if course.faults and not course.good:
        worst = course.faults.most_common(1)[0][0]
        if writer.action is not TextAction.PROOFREAD:
            raise WeakModel(worst)
    writer.context.report(SoFar(done))
    return done, tuple(_notes(writer, text, done, parts, course))


def _pieces(writer: Writer, part: TextPart, most: int) -> Iterator[str]:
    """The words of a part as they are given to the model, in pieces of at most so many tokens.

    There are none, if it stays as it is.
    """
    has_tone = part.kind == "prose" or (part.kind == "item" and word_count(part.words) >= _LEAST_WORDS)
    if part.kind == "kept" or not (writer.action.facts.is_line_by_line or has_tone):
        return
    yield from _packed(writer.engine, [part.words], most, writer.language)


def _room(writer: Writer) -> int:
    """Tokens of a piece, so that it and its reply fit the context beside what is said around them."""
    free = writer.engine.facts().context_tokens - writer.engine.count_prompt(writer.prompt("")) - CHAT_TEMPLATE_TOKENS
    return max(1, min(_MOST_TOKENS, free // _SHARE))


def _packed(engine: LanguageEngine, units: Sequence[str], most: int, language: str, depth: int = 0) -> Iterator[str]:
    """The units joined to pieces of at most so many tokens; one that is longer is taken apart further."""
    piece, used = "", 0
    for unit, cost in zip(units, engine.count(list(units)), strict=True):
        if piece and used + cost > most:
            yield piece
            piece, used = "", 0
        if cost <= most:
            piece, used = piece + unit, used + cost
        elif depth < len(_APART):
            yield from _packed(engine, _APART[depth](unit, language), most, language, depth + 1)
        else:
            raise ContextOverflow
    if piece:
        yield piece


_APART = (
    lambda text, _: paragraphs_of(text),
    sentences_apart,
    lambda text, _: re.findall(r"\s*\S+\s*", text),
)


def _written(writer: Writer, words: str, course: _Course, names: frozenset[str]) -> str:
    """What becomes of a piece; where the reply can't be used, the piece as it is."""
    course.done += 1
    reply = _with_breaks(writer.reply(words), words)
    if not reply.fault and writer.action is TextAction.PROOFREAD:
        read = proofread(words, reply.text, writer.language, names)
        course.names += read.names
        reply = Reply(read.words, read.fault)
    if reply.fault:
        course.faults[reply.fault] += 1
        return words
    course.good += 1
    return reply.text


def _with_breaks(reply: Reply, words: str) -> Reply:
    """A reply for one line is one line: more would be no item and no heading any more."""
    if reply.fault or "\n" in words or "\n" not in reply.text:
        return reply
    return Reply(" ".join(reply.text.split()))


def _as_it_ends(new: str, words: str) -> str:
    """A heading or an item of a list without the full stop that it did not have."""
    return new.removesuffix(".") if not words.endswith(SENTENCE_END) and not new.endswith("..") else new


def _as_it_begins(new: str, words: str) -> str:
    """What follows the comma of a German greeting, with the small letter that it began with."""
    return words[0] + new[1:] if words[0].islower() and new[0] == words[0].upper() else new


def _notes(writer: Writer, old: str, new: str, parts: Sequence[TextPart], course: _Course) -> Iterator[str]:
    action, language = writer.action, writer.language
    if course.pieces > 1:
        yield _NOTE_PIECES.format(count=course.pieces)
    for fault, count in course.faults.items():
        yield _NOTE_LEFT.format(count="one place" if count == 1 else f"{count} places", fault=fault)
    if course.names:
        yield _NOTE_NAMES.format(names=", ".join(dict.fromkeys(course.names)))
    kept = [part for part in parts if part.kind == "kept" and any(map(str.isalnum, part.text))]
    headings = [part for part in parts if part.kind == "heading" and not action.facts.is_line_by_line]
    if action is not TextAction.PROOFREAD and (kept or headings):
        yield _NOTE_KEPT.format(what=" and ".join(["code and tables"] * bool(kept) + ["headings"] * bool(headings)))
    if action is not TextAction.PROOFREAD:
        if found := invented(new, old, language, writer.target):
            yield NOTE_ADDED.format(found=", ".join(found))
        if found := left_out(new, old, language, writer.target):
            yield _NOTE_LOST.format(found=", ".join(found))
