"""The proof that Tacit is offline: each process attempts to connect, and a report of the answers can be saved."""

import html
import platform
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app import __version__
from app.core.errors import AssistantError
from app.core.output import Output
from app.core.sandbox_report import Confinement, Layer, Prover

NOT_PROMISED = (
    "The window may speak to programs on this computer: to the display, the sound system, the system's message bus. "
    "What such a program sends anywhere is not in Tacit's hands.",
    "What the system itself records or synchronises: screen recording, a clipboard shared between devices, backups of "
    "your folders, suggestions of the keyboard.",
    "A worker can't open your files, but it can ask whether one is there, how large it is and when it was changed: "
    "the kernel has no rule for that. It can tell nobody but the window.",
    "Errors in the kernel, and whoever may administer this computer.",
    "A program that runs as you while the vault is open can read the screen, the keyboard and memory.",
    "What you export or copy leaves the vault, in the clear.",
)
"""What a proof does not cover, in sentences."""

_EMPTY_LEDGER = "The door to the network was never opened."


class Proof(msgspec.Struct, frozen=True, rename={"confinements": "standings"}):
    """What each process of Tacit reported; `ledger` is None where none is kept or readable."""

    made: datetime
    version: str
    system: str
    confinements: tuple[Confinement, ...]
    ledger: tuple[str, ...] | None = None

    @property
    def is_good(self) -> bool:
        """Whether each process that holds or computes anything is denied the network by something it can't undo."""
        return all(is_good(standing) for standing in self.confinements)

    @property
    def verdict(self) -> str:
        """The result in a sentence or two."""
        tried = sum(len([a for a in standing.attempts if a.is_network]) for standing in self.confinements)
        bad = [standing.process for standing in self.confinements if not is_good(standing)]
        if not bad:
            return f"Offline. {tried} attempts to connect were made, and every one was refused."
        return f"Not enforced here: {', '.join(bad)}. No part of Tacit connects, but the system would not stop it."


def is_good(standing: Confinement) -> bool:
    """Whether one process is offline; the launcher makes no attempts, and must hold no socket that leads out."""
    return standing.has_no_internet_socket if standing.process == "launcher" else standing.is_offline


class Proving:
    """Makes the proof; `ledger` returns the last network log entries in words, newest first."""

    def __init__(self, prover: Prover, ledger: Callable[[], Sequence[str]] | None = None) -> None:
        self._prover = prover
        self._ledger = ledger

    def here(self) -> tuple[Layer, ...]:
        """The sandbox layers of this process; returns at once."""
        return self._prover.own_layers()

    def standings(self) -> Iterator[Confinement]:
        """Each process as soon as it has reported, a second or two in all. Not for the GUI thread."""
        yield from self._prover.confinements()

    def proof(self, standings: Sequence[Confinement]) -> Proof:
        """The proof from what the processes reported."""
        ledger = None if self._ledger is None else tuple(self._ledger()) or (_EMPTY_LEDGER,)
        system = f"{platform.system()} {platform.release()} ({platform.machine()})"
        return Proof(datetime.now(UTC), __version__, system, tuple(standings), ledger)


def require_report_name(path: Path) -> None:
    """Require, before the work, that a file's name says in which form the report is written.

    Raises:
        AssistantError: it has no known suffix.
    """
    if path.suffix.casefold() not in (".txt", ".html", ".htm"):
        advice = "Nothing was written; let its name end in .txt or .html."
        raise AssistantError("A report is a text or a page for the browser.", advice)


def save_report(proof: Proof, output: Output) -> None:
    """Write the proof: as a page that can be printed to a file that is named so, and else as text.

    Raises:
        AssistantError: the file can't be written there.
    """
    output.write_text(as_page(proof) if output.path.suffix.casefold() in (".html", ".htm") else as_text(proof))


def as_text(proof: Proof) -> str:
    """The proof as plain text, one fact per line."""
    lines = ["Tacit: proof that it is offline", *_head(proof), ""]
    for standing in proof.confinements:
        lines += [title_of(standing), *(f"  {line}" for line in facts_of(standing)), ""]
    for heading, sentences in tail_of(proof):
        lines += [heading, *(f"  - {sentence}" for sentence in sentences), ""]
    return "\n".join(lines)


def as_page(proof: Proof) -> str:
    """The proof as one HTML file that loads nothing."""
    body = [f"<p>{html.escape(line)}</p>" for line in _head(proof)]
    for standing in proof.confinements:
        body += [f"<h2>{html.escape(title_of(standing))}</h2>", _list(facts_of(standing))]
    for heading, sentences in tail_of(proof):
        body += [f"<h2>{html.escape(heading)}</h2>", _list(sentences)]
    title = "Tacit: proof that it is offline"
    style = "body{font:14px/1.5 sans-serif;max-width:46em;margin:3em auto;padding:0 1em}h2{font-size:1.05em}"
    policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{policy}<title>{title}</title>'
        f"<style>{style}</style></head><body><h1>{title}</h1>{''.join(body)}</body></html>\n"
    )


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(sentence)}</li>' for sentence in sentences)}</ul>"


def _head(proof: Proof) -> list[str]:
    made = proof.made.astimezone()
    return [proof.verdict, f"Made {made:%Y-%m-%d %H:%M %Z} by Tacit {proof.version} on {proof.system}."]


def tail_of(proof: Proof) -> Iterator[tuple[str, Sequence[str]]]:
    """The sections that follow the processes: headings with their sentences."""
    if proof.ledger is not None:
        yield "When the door to the network was open", proof.ledger
    yield "What this does not promise", NOT_PROMISED


def title_of(standing: Confinement) -> str:
    """The heading of a process: its name and verdict."""
    name = standing.process.capitalize()
    if standing.problem:
        return f"{name}: could not be asked"
    if standing.process == "launcher":
        return f"{name}: holds nothing"
    return f"{name}: {'offline' if standing.is_offline else 'not kept offline by the system'}"


def facts_of(standing: Confinement) -> list[str]:
    """What is known about a process, one fact each: sandbox layers, attempts, sockets, and the view from outside."""
    if standing.problem:
        return [standing.problem]
    facts = [f"{layer.name}: {layer.detail} ({layer.holder.words})" for layer in standing.layers]
    facts += [f"tried {a.name}: {a.answer}" for a in standing.attempts]
    facts.append(sockets_of(standing))
    if standing.seen:
        facts.append(f"seen from outside, process {standing.pid}: {standing.seen}")
    return facts


def sockets_of(standing: Confinement) -> str:
    """The open sockets of a process in a sentence."""
    if standing.sockets is None:
        return "open sockets: this system does not tell"
    out = standing.sockets.get("internet", 0) + standing.sockets.get("other", 0)
    return f"open sockets: {out} that lead out of this computer, {standing.sockets.get('unix', 0)} to programs on it"
