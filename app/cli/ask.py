"""The commands that answer and search: ask, chat, search."""

import sys
import time
from typing import Any

import click

from app.cli.context import CommandContext, common_options, json_line, pass_command_context, write_error
from app.cli.progress import TerminalContext
from app.cli.usage_errors import Misuse
from app.core.citing import checked_text
from app.core.conversation import EVERYTHING, Conversation, Message, Sources, StopReason
from app.core.durations import moment
from app.core.engines import Delta
from app.core.errors import AssistantError
from app.core.job import Progress
from app.core.json_shapes import moment_json
from app.core.model import ModelKind
from app.core.plain_text import encodable, one_line
from app.core.prompts import plain_answer
from app.core.search import Hit
from app.services.session import Session

_SHORT_WAIT = 2.0  # seconds that need no words


class StreamingContext:
    """A job context that writes a reply to stdout as it comes, and before that to stderr how far it is."""

    def __init__(self, *, is_silent: bool) -> None:
        self._is_silent = is_silent
        self._waiting = TerminalContext()
        self._began = time.monotonic()
        self.written = ""

    def checkpoint(self) -> None:
        """Do nothing: Ctrl-C raises by itself."""

    def report(self, event: object) -> None:
        """Write the next part of the reply, or how far the question is read."""
        if isinstance(event, Progress) and time.monotonic() - self._began >= _SHORT_WAIT:
            self._waiting.report(event)
        elif isinstance(event, Delta) and not self.written:
            self._waiting.clear()
        if isinstance(event, Delta) and not self._is_silent:
            sys.stdout.write(event.text)
            sys.stdout.flush()
            self.written += event.text


@click.command()
@click.argument("question")
@click.option("--in", "inside", default="", metavar="ID", help="Ask about one call instead of all.")
@common_options
@pass_command_context
def ask(frame: CommandContext, question: str, inside: str) -> int:
    """Ask a question about your calls."""
    if not question.strip():
        raise Misuse("The question is empty.")
    with frame.open_session() as session:
        frame.report_model_notices(frame.application(), [ModelKind.LANGUAGE])
        conversation = session.answering.start(session.library.find(inside) if inside else None, EVERYTHING)
        message = write_answer(frame, session, conversation, encodable(question))
        if frame.is_json:
            frame.write_result(answer_json(session, message), "")
    return 0


def write_answer(frame: CommandContext, session: Session, conversation: Conversation, question: str) -> Message:
    """Ask, write the reply as it comes, then the lines that it cites."""
    context = StreamingContext(is_silent=frame.is_json)
    message = session.answering.reply(conversation.id, question, context)
    if not frame.is_json:
        click.echo()
        checked = checked_text(message.text, message.marks)
        if checked.strip() != context.written.strip():  # a citation did not hold, and was corrected or removed
            click.echo(f"Checked: {checked}" if context.written else checked)
        click.echo(citations_text(session, message), nl=False)
        if message.marks and not message.citations:
            frame.write_message("Not confirmed by a line of a call.")
        if message.stop_reason is StopReason.LENGTH:
            frame.write_message("The reply ended at its limit of length.")
        if message.note:
            frame.write_message(message.note)
    return message


def citations_text(session: Session, message: Message) -> str:
    """The cited lines with their times, one per row."""
    rows = []
    for cited in session.library.cited(message.citations):
        said = one_line(f"{cited.speaker}: {cited.text}" if cited.speaker else cited.text)
        earlier = "" if cited.line else " (from an earlier transcript)"
        place = moment(cited.citation.start, cited.citation.end, cited.line)
        rows.append(f"  [{cited.citation.marker}] {place}{earlier} {said}".rstrip() + "\n")
    return "".join(rows)


def answer_json(session: Session, message: Message) -> dict[str, Any]:
    """An answer as `{"text", "evidence"}`, its text without markers."""
    return {
        "text": plain_answer(message),
        "evidence": [
            {"id": cited.citation.id, **moment_json(cited.line, cited.citation.start, cited.citation.end)}
            for cited in session.library.cited(message.citations)
        ],
    }


@click.command()
@click.option("--with", "chosen", multiple=True, metavar="ID", help="Let the chat use this call; may be repeated.")
@click.option("--all", "uses_all", is_flag=True, help="Let the chat use what is found in all calls.")
@common_options
@pass_command_context
def chat(frame: CommandContext, chosen: tuple[str, ...], uses_all: bool) -> int:
    """Talk with the model; Ctrl-C stops a reply, an empty line or Ctrl-D ends the chat.

    It uses no call, unless you say which.
    """
    if chosen and uses_all:
        raise Misuse("--with and --all exclude each other.")
    with frame.open_session() as session:
        frame.report_model_notices(frame.application(), [ModelKind.LANGUAGE])
        sources = Sources(tuple(session.library.find(one) for one in chosen), is_everything=uses_all)
        about = "your calls" if uses_all else "the chosen calls" if chosen else "anything; no call is used"
        frame.write_message(f"Ask about {about}. Ctrl-C stops a reply; an empty line ends the chat.")
        conversation = session.answering.start(sources=sources)
        has_asked = False
        while True:
            question = _read_question()
            if not question:
                break
            has_asked = True
            try:
                message = write_answer(frame, session, conversation, question)
                if frame.is_json:
                    click.echo(json_line(answer_json(session, message)))
            except KeyboardInterrupt:
                click.echo()
                frame.write_message("Stopped; what was said is kept.")
            except AssistantError as error:
                write_error(error, is_json=frame.is_json)
        if not has_asked:
            session.answering.delete(conversation.id)
    return 0


def _read_question() -> str:
    if sys.stdin.isatty():
        sys.stderr.write("> ")
        sys.stderr.flush()
    return sys.stdin.readline().strip()


@click.command()
@click.argument("words")
@click.option("--most", type=click.IntRange(min=1), default=50, show_default=True, help="How many lines at most.")
@common_options
@pass_command_context
def search(frame: CommandContext, words: str, most: int) -> int:
    """Find words in all calls, and, with an embedding model, what is close to them in meaning."""
    with frame.open_session() as session:
        hits = session.search.search(words, most)
        close = session.search.close_in_meaning(words)[: max(0, most - len(hits))]
    rows = [hit_text(hit) for hit in hits] or ["No line has these words." if close else "Nothing found."]
    rows += ["Close in meaning:", *map(hit_text, close)] if close else []
    shapes = [hit_json(hit, "words") for hit in hits] + [hit_json(hit, "meaning") for hit in close]
    frame.write_result(shapes, "\n".join(rows))
    return 0


def hit_json(hit: Hit, match: str) -> dict[str, Any]:
    """A hit as `{"id", "title", "line", "start", "text", "match"}`; it matches by "words" or by "meaning"."""
    return {
        "id": hit.id, "title": hit.title, "line": hit.line, "start": round(hit.start, 3), "text": hit.text,
        "match": match,
    }  # fmt: skip


def hit_text(hit: Hit) -> str:
    """A hit as one row of text; of a text without times it has the number of its line."""
    return f"{hit.id}  {hit.place:>7}  {one_line(hit.title)}: {one_line(hit.text)}"
