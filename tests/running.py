"""Running the product as a person does, in a home of its own, and joining calls into long ones."""

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import assembly
from app.cli import main as cli
from app.core.resources import demo_call
from app.storage.files.layout import vault_exists
from app.storage.keys.kdf_cost import KdfCost
from app.storage.vault import Vault

ROOT = Path(__file__).resolve().parent.parent
CALLS = ROOT / "tests" / "fixtures" / "calls"
PASSPHRASE = "plain horses eat correct batteries"
CHEAP = KdfCost(64, 1, 4)
"""Trying a passphrase at this cost takes no time; the product itself never makes a vault with it."""
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_VAULT_VERBS = frozenset(
    "import watch retry transcribe-again edit replace list show summarize ask chat search todo rename export delete "
    "note vault".split()
)


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote, read as JSON."""
        return json.loads(self.out)


class Home:
    """A person's home for one test: vault, settings, models and temporary folder, all below one folder."""

    def __init__(self, folder: Path, *, makes_vaults: bool = True) -> None:
        self.folder = folder
        self.makes_vaults = makes_vaults
        self.vault = folder / "vault"
        self.models = folder / "models"
        self.passphrase = folder / "passphrase.txt"
        self.temporary = folder / "temporary"
        for made in (self.models, self.temporary):
            made.mkdir(parents=True, exist_ok=True)
        self.passphrase.write_text(PASSPHRASE + "\n")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a run: this home, and no trace of the machine's own."""
        kept = {
            k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "DISPLAY", "XAUTHORITY", "QT_QPA_PLATFORM")
        }
        return kept | {
            "HOME": str(self.folder), "TMPDIR": str(self.temporary), "TACIT_VAULT": str(self.vault),
            "TACIT_MODELS": str(self.models), "TACIT_PASSPHRASE_FILE": str(self.passphrase),
            "XDG_CONFIG_HOME": str(self.folder / "config"), "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_CACHE_HOME": str(self.folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def command(self, *arguments: str) -> list[str]:
        """The command line of a run; a vault that it would make first is there already, at a cost of no time."""
        wants_one = self.makes_vaults and not _VAULT_VERBS.isdisjoint(arguments[:1]) and "--vault" not in arguments
        if wants_one and not vault_exists(self.vault) and self.passphrase.read_text() == PASSPHRASE + "\n":
            Vault.create(self.vault, PASSPHRASE, CHEAP).close()
        return [sys.executable, "-m", "app", *arguments]

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a run and leave it to itself."""
        return subprocess.Popen(
            self.command(*arguments), cwd=ROOT, env=self.environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, timeout: float = 120, standard_input: str | None = None) -> Outcome:
        """Run to the end."""
        ended = subprocess.run(
            self.command(*arguments), cwd=ROOT, env=self.environment, text=True, capture_output=True, timeout=timeout,
            check=False, input=standard_input, stdin=subprocess.DEVNULL if standard_input is None else None,
        )  # fmt: skip
        return Outcome(ended.returncode, ended.stdout, ended.stderr)

    def run_here(self, *arguments: str) -> Outcome:
        """Run a command to its end inside this process: the same command line, without the second that a start takes.

        For what needs no worker, or is about what is written. What a process is (its sandbox, its signals, what it
        leaves in memory) is seen by `run` alone, and `tests/cli/test_every_verb.py` starts each verb as a process.
        """
        out, err = io.StringIO(), io.StringIO()
        self.command(*arguments)
        before, outside = dict(os.environ), {name: signal.getsignal(name) for name in _SIGNALS}
        with redirect_stdout(out), redirect_stderr(err), open(os.devnull) as nothing:  # noqa: PTH123 - no path
            standard_input, sys.stdin = sys.stdin, nothing
            os.environ.clear()
            os.environ.update(self.environment)
            try:
                status = cli.run(list(arguments), True, assembly.build, _no_window)
            finally:
                sys.stdin = standard_input
                os.environ.clear()
                os.environ.update(before)
                for name, treatment in outside.items():
                    signal.signal(name, treatment)
        return Outcome(status, out.getvalue(), err.getvalue())


def _no_window(*_: object) -> int:
    raise AssertionError("a test that opens the window starts the whole program")


def truth(call: Path) -> dict[str, Any]:
    """What is known of a made call: turns, times, problem, decisions, actions."""
    found: dict[str, Any] = json.loads(call.with_suffix(".json").read_text())
    return found


def joined_call(path: Path, seconds: float) -> Path:
    """The demo call, again and again, as a stereo WAV of at least so many seconds."""
    import wave

    from app.core.files import FileSource
    from app.engines.parent.engines import RemoteMedia

    media, source = RemoteMedia(), FileSource(demo_call())
    once = b""
    try:
        for block in media.decode(source, (0, 1)):
            both = bytearray(2 * len(block.tracks[0]))
            both[0::4], both[1::4] = block.tracks[0][0::2], block.tracks[0][1::2]
            both[2::4], both[3::4] = block.tracks[1][0::2], block.tracks[1][1::2]
            once += bytes(both)
    finally:
        media.close()
        source.close()
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 16_000, 0, "NONE", ""))
        written = 0.0
        while written < seconds:
            file.writeframes(once)
            written += len(once) / 4 / 16_000
    return path
