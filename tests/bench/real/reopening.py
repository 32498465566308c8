"""A call that was read before: taken back from the vault in a new process of the model, or read anew."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.core import prompts
from app.core.engines import Prompt
from app.engines.parent.engines import LocalEngines
from app.services.calls.prompt_states import PromptStates
from app.services.engine_pool import EnginePool
from app.storage.tables.calls import CallStore
from app.storage.tables.prompt_states import PromptStateStore
from app.storage.vault import Vault
from tests.bench.real.beginning import CONTEXT
from tests.bench.real.clock import THREADS
from tests.bench.real.figure import Figure
from tests.bench.real.generation import MODEL
from tests.bench.real.meeting import meeting_lines
from tests.running import CHEAP, PASSPHRASE
from tests.services.stage import Watching, lines_of, provisioning

_LEAST = 10.0  # the bar: times as fast as reading it anew
_TIMES = 3  # that it is reopened; the slowest is judged


def measure(folder: Path) -> Iterator[Figure]:
    """How long either takes, and how much larger the one is than the other."""
    prompt = prompts.call_prompt(meeting_lines(folder / "qmsum" / "ES2004a.json"))
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "models").mkdir()
        (Path(work) / "models" / MODEL).symlink_to((folder / "models" / MODEL).resolve())
        vault = Vault.create(Path(work) / "vault", PASSPHRASE, CHEAP)
        try:
            yield from _measured(Path(work), vault, prompt)
        finally:
            vault.close()


def _measured(work: Path, vault: Vault, prompt: Prompt) -> Iterator[Figure]:
    states = PromptStates(PromptStateStore(vault))
    call = lines_of(CallStore(vault), ["One."])
    with _Engine(work) as first:
        reading = first.seconds(prompt)
        began = time.monotonic()
        states.keep(call, first.engine, prompt, Watching())
        yield Figure("reading the call, s", reading)
        yield Figure("keeping it, s", time.monotonic() - began, note=f"{states.size() / 1e6:.0f} MB on disk")
    reopened = []
    for _ in range(_TIMES):
        with _Engine(work) as again:
            began = time.monotonic()
            states.give_back(call, again.engine, prompt, Watching())
            reopened.append(time.monotonic() - began + again.seconds(prompt))
    yield Figure("reopening it, s", max(reopened), note=f"the slowest of {_TIMES}, with what is left to read")
    yield Figure("reading / reopening", reading / max(reopened), least=_LEAST)


class _Engine:
    """A new process of the language model, which is loaded."""

    def __init__(self, folder: Path) -> None:
        self._pool = EnginePool(LocalEngines(THREADS, CONTEXT), provisioning(folder, demo=list))
        _, self.engine = self._pool.language()
        self.engine.facts()

    def __enter__(self) -> "_Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def seconds(self, prompt: Prompt) -> float:
        """Until the beginning of a prompt is evaluated, as far as it is not."""
        began = time.monotonic()
        for _ in self.engine.read(prompt):
            pass
        return time.monotonic() - began
