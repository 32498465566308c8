"""The commands on notes: add, list, show, edit, delete, restore, search, export."""

from pathlib import Path
from typing import Any

import click

from app.cli.context import (
    OUTPUT,
    CommandContext,
    common_options,
    confirm,
    force_option,
    json_line,
    pass_command_context,
)
from app.cli.dates import date_and_time, full_date
from app.cli.piped_text import piped_text
from app.cli.usage_errors import Misuse
from app.core.errors import AssistantError
from app.core.json_shapes import note_json
from app.core.note import NoteEntry, shown_title
from app.core.output import STANDARD_OUTPUT
from app.core.plain_text import one_line

_TEXT = "TEXT is the note in Markdown, its first line the title; - or nothing reads it from stdin."
_EMPTY = "A note needs words: nothing was written."
_IN_TRASH = ("This note is in the trash.", "Nothing was changed; «tacit note restore ID» brings it back.")
_FOR_GOOD = "There is no undo. A backup file or an export that you made before keeps what it has."


@click.group()
@common_options
def note() -> None:
    """Write notes, find them, and write them to files."""


@click.command(epilog=_TEXT)
@click.argument("text", required=False)
@common_options
@pass_command_context
def add(frame: CommandContext, text: str | None) -> int:
    """Add a note."""
    words = _words(text)
    with frame.open_session(makes=True) as session:
        made = session.notes.add(words)
        _write_entry(frame, session.notes.entry(made))
    return 0


@click.command(epilog=_TEXT)
@click.argument("id_", metavar="ID")
@click.argument("text", required=False)
@common_options
@pass_command_context
def edit(frame: CommandContext, id_: str, text: str | None) -> int:
    """Give a note another text; the one before can be put back in the window. Links to it follow its title."""
    words = _words(text)
    with frame.open_session() as session:
        found = session.notes.find(id_)
        if session.notes.note(found).deleted is not None:
            raise AssistantError(*_IN_TRASH)
        session.notes.save(found, words)
        session.note_links.follow_title(found)
        _write_entry(frame, session.notes.entry(found))
    return 0


@click.command("list")
@click.option("--trash", is_flag=True, help="Those in the trash, which are kept for thirty days.")
@common_options
@pass_command_context
def list_(frame: CommandContext, trash: bool) -> int:
    """List the notes, the pinned ones first and then the newest."""
    with frame.open_session() as session:
        session.notes.forget_expired()
        entries = session.notes.entries(in_trash=trash)
    nothing = "The trash is empty." if trash else "No notes yet: «tacit note add TEXT» writes one."
    _write_entries(frame, entries, nothing)
    return 0


@click.command()
@click.argument("id_", metavar="ID")
@common_options
@pass_command_context
def show(frame: CommandContext, id_: str) -> int:
    """Show a note as it is written."""
    with frame.open_session() as session:
        found = session.notes.find(id_)
        text, entry = session.notes.note(found).text, session.notes.entry(found)
        linked = session.note_links.backlinks(found)
    links = [{"id": link.note, "title": link.title} for link in linked]
    frame.write_result(None if entry is None else {**note_json(entry), "text": text, "linked_from": links}, text)
    return 0


@click.command()
@click.argument("words")
@common_options
@pass_command_context
def search(frame: CommandContext, words: str) -> int:
    """Find the notes with all these words; «#tag» finds those with a tag."""
    with frame.open_session() as session:
        _write_entries(frame, session.notes.search(words), "Nothing found.")
    return 0


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--for-good", is_flag=True, help="Forget it now, with all that it ever said.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--rewrite-copies", is_flag=True, help="With --for-good: from the vault's own copies, too.")
@common_options
@pass_command_context
def delete(frame: CommandContext, id_: str, for_good: bool, yes: bool, rewrite_copies: bool) -> int:
    """Move a note to the trash, or with --for-good delete it for good."""
    if rewrite_copies and not for_good:
        raise Misuse("--rewrite-copies goes with --for-good.")
    with frame.open_session() as session:
        found = session.notes.find(id_)
        if not for_good:
            session.notes.delete(found)
            frame.write_result({"deleted": found, "for_good": False}, "Moved to the trash, which keeps it for 30 days.")
            return 0
        means = session.deletion.of_note(found)
        until = None if rewrite_copies else means.copies_until
        copies = means.copies_sentence(full_date) if until else ""
        if not yes:
            title = one_line(shown_title(session.notes.note(found).title))
            if not confirm(" ".join(filter(None, (f"Delete «{title}» for good?", copies, _FOR_GOOD)))):
                frame.write_message("Nothing was deleted.")
                return 1
        session.notes.forget(found)
        if rewrite_copies:
            session.maintenance.replace_copies()
    if frame.is_json:
        click.echo(json_line({"deleted": found, "for_good": True, "copies_until": until and until.isoformat()}))
    else:
        frame.write_message(" ".join(filter(None, ("Deleted.", copies))))
    return 0


@click.command()
@click.argument("id_", metavar="ID")
@common_options
@pass_command_context
def restore(frame: CommandContext, id_: str) -> int:
    """Bring a note back from the trash."""
    with frame.open_session() as session:
        found = session.notes.find(id_)
        session.notes.restore(found)
        _write_entry(frame, session.notes.entry(found))
    return 0


@click.command()
@click.argument("id_", metavar="ID", required=False)
@click.option("-o", "--output", type=OUTPUT, help="The file to write; - is stdout.")
@click.option("--all", "folder", type=click.Path(path_type=Path), help="Write each note to a file in this folder.")
@force_option
@common_options
@pass_command_context
def export(frame: CommandContext, id_: str | None, output: Path | None, folder: Path | None, force: bool) -> int:
    """Write a note, or all of them, as Markdown, in the clear; --all replaces no file."""
    if (id_ is None) == (folder is None) or (folder is not None and (output is not None or force)):
        raise Misuse("Say which note, with -o FILE, or --all FOLDER.")
    if folder is not None:
        with frame.open_session() as session:
            written = session.note_export.save_all(folder)
        count = "One note" if len(written) == 1 else f"{len(written)} notes"
        frame.write_result({"files": list(map(str, written))}, f"{count} written. These files are not encrypted.")
        return 0
    place = frame.output(output or Path(STANDARD_OUTPUT), is_forced=force)
    with frame.open_session() as session:
        text = session.note_export.text(session.notes.find(id_ or ""))
    frame.write_content(place, text)
    frame.report_plain_file(place)
    return 0


def _words(text: str | None) -> str:
    """The text of a command line, or of stdin.

    Raises:
        Misuse: there are no words.
    """
    words = piped_text(Path("-")) if text in (None, "-") else str(text)
    if not words.strip():
        raise Misuse(_EMPTY)
    return "\n".join(words.splitlines())


def _write_entry(frame: CommandContext, entry: NoteEntry | None) -> None:
    if entry is not None:
        frame.write_result(note_json(entry), _row(entry))


def _write_entries(frame: CommandContext, entries: list[NoteEntry], nothing: str) -> None:
    shapes: list[dict[str, Any]] = [note_json(entry) for entry in entries]
    frame.write_result(shapes, "\n".join(map(_row, entries)) or nothing)


def _row(entry: NoteEntry) -> str:
    parts = [entry.id, date_and_time(entry.edited), one_line(shown_title(entry.title))]
    parts += [" ".join(f"#{tag}" for tag in entry.tags)] if entry.tags else []
    return "  ".join([*parts, "(pinned)"] if entry.is_pinned else parts)


for command in (add, list_, show, edit, delete, restore, search, export):
    note.add_command(command)
