"""The command line: its commands, and how every failure becomes a message and an exit status."""

import signal
import sys
from importlib import import_module
from typing import Any

import click

from app import __version__
from app.cli import safe_output, usage_errors
from app.cli.context import Build, CommandContext, OpenDemo, common_options, write_error
from app.core import diagnostics
from app.core.errors import AssistantError, EngineOutOfMemory
from app.core.job import Cancelled

# Command: module, function, help; a module is imported when its command is used, so that --help is quick.
_COMMANDS = {
    "demo": ("app.cli.demo", "demo", "Show the whole path on a recorded call between two synthetic voices."),
    "import": ("app.cli.importing", "import_", "Bring recordings into the vault, transcribe and summarise them."),
    "watch": ("app.cli.watch", "watch", "Import what comes into a folder, as long as this runs."),
    "transcribe": ("app.cli.calls", "transcribe", "Transcribe a file; nothing is stored, and no vault is needed."),
    "transcribe-again": (
        "app.cli.transcribe_again",
        "transcribe_again",
        "Transcribe a call anew, by another model or in another language.",
    ),
    "edit": ("app.cli.edit", "edit", "Correct what a line of a call says, or who says it."),
    "coverage": ("app.cli.coverage", "coverage_", "Say how much of a call's speech has text, and where it has none."),
    "speakers": ("app.cli.edit", "speakers", "Show the speakers of a call, name them, or tell their voices apart."),
    "replace": ("app.cli.edit", "replace", "Replace words in all calls, or in one."),
    "list": ("app.cli.calls", "list_", "List the calls, newest first."),
    "retry": ("app.cli.retry", "retry", "Go on with calls that wait, or of which a step failed."),
    "show": ("app.cli.calls", "show", "Show a call: its summary and transcript."),
    "summarize": ("app.cli.calls", "summarize", "Write a call's summary anew."),
    "ask": ("app.cli.ask", "ask", "Ask a question about your calls."),
    "chat": ("app.cli.ask", "chat", "Talk about your calls."),
    "todo": ("app.cli.todo", "todo", "Show what is to be done, as your calls say it, and tick it off."),
    "check": ("app.cli.check", "check", "Check a text against what was said in a call."),
    "text": ("app.cli.text", "text", "Show what is read of a document; nothing is stored, and no vault is needed."),
    "rewrite": ("app.cli.rewrite", "rewrite", "Proofread, rewrite, translate or sum up a text; nothing is stored."),
    "search": ("app.cli.ask", "search", "Find words in all calls."),
    "rename": ("app.cli.calls", "rename", "Give a call another title."),
    "export": ("app.cli.export", "export", "Write a call to a file, in the clear."),
    "delete": ("app.cli.calls", "delete", "Delete a call for good."),
    "note": ("app.cli.note", "note", "Write notes, find them, and write them to files."),
    "backup": ("app.cli.vault", "backup", "Write the whole vault to one encrypted file."),
    "restore": ("app.cli.vault", "restore", "Bring the vault back from such a file."),
    "vault": ("app.cli.vault", "vault", "Look after the vault: check, repair, change its passphrase."),
    "models": ("app.cli.models", "models", "Show models, fetch them, bring your own, check them."),
    "bench": ("app.cli.bench", "bench", "Measure how fast the models here are, and show it over time."),
    "doctor": ("app.cli.doctor", "doctor", "Check this installation, or prove that it is offline."),
}
_OUTPUT_ADVICE = "What was saved is safe; write the output elsewhere, and run the command again."
_BUG = AssistantError("Something went wrong in Tacit itself.", "What was saved is safe; run the command again.")


class LazyCommands(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a user meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, _, text) in _COMMANDS.items()])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tacit")
@common_options
def tacit() -> None:
    """A private assistant for recorded calls. Without a command it opens the window."""


def run(arguments: list[str], is_offline_enforced: bool, build: Build, open_demo: OpenDemo) -> int:
    """Run a command and return its exit status: 0 done, 1 failed, 2 wrong use, 130 stopped by Ctrl-C."""
    safe_output.protect_standard_streams()
    try:
        return _run(arguments, is_offline_enforced, build, open_demo)
    except safe_output.OutputFailed as error:
        click.echo(f"tacit: {error.title} {_OUTPUT_ADVICE}", err=True)
        return 1
    except safe_output.OutputUnread:
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the work is done and reported; there is nothing left to stop


def _run(arguments: list[str], is_offline_enforced: bool, build: Build, open_demo: OpenDemo) -> int:
    frame = CommandContext(build, open_demo, is_offline_enforced)
    try:
        _treat_signals_as_interrupt()
        status = tacit.main(arguments, prog_name="tacit", standalone_mode=False, obj=frame)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except AssistantError as error:
        write_error(error, is_json=frame.is_json)
        return 1
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        click.echo("tacit: {} {}".format(*usage_errors.usage_message(error)), err=True)
        return 2
    except (KeyboardInterrupt, click.Abort, Cancelled):
        click.echo(f"\ntacit: Stopped. {frame.stopped_message}", err=True)
        return 130
    except (safe_output.OutputFailed, safe_output.OutputUnread):
        raise
    except MemoryError:
        write_error(EngineOutOfMemory(), is_json=frame.is_json)
        return 1
    except Exception as error:  # noqa: BLE001 - the last resort: a message and the class, without content
        diagnostics.record(error, "command line")
        write_error(_BUG, is_json=frame.is_json)
        kind, lines = diagnostics.describe(error)
        click.echo(f"({kind}{' at ' if lines else ''}{''.join(lines[-1:])})", err=True)
        return 1


def _treat_signals_as_interrupt() -> None:
    """Treat SIGTERM and SIGHUP like Ctrl-C: running work is closed in order."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
