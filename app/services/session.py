"""One session, from unlock to lock: the open vault, its services, and the jobs that take each call to its next step."""

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.core.call import SUMMARIZE, Call
from app.core.change import Change
from app.core.engines import Engines, OpenLoudspeaker
from app.core.errors import AssistantError, NotFound
from app.core.ids import CallId
from app.core.job import Job, JobContext, JobKind, JobState, Lane
from app.core.model import Model
from app.core.pipeline import Step
from app.core.summary import Summary
from app.services.calls.deletion import Deletion
from app.services.calls.exporting import CallExport
from app.services.calls.importing import Importing, ImportOptions
from app.services.calls.library import Library
from app.services.calls.pipeline import Pipeline, call_steps
from app.services.calls.playback import Player
from app.services.calls.search import Search
from app.services.calls.summarizing import Summarizing
from app.services.calls.summary_templates import SummaryTemplates
from app.services.calls.transcribing import Transcribing
from app.services.chats.answering import Answering
from app.services.chats.drafts import Drafts
from app.services.engine_pool import EnginePool
from app.services.jobs.lanes import Lanes
from app.services.models.selection import ModelSelection
from app.services.privacy.network_ledger import Ledger
from app.services.vault.key_slots import KeySlots
from app.services.vault.maintenance import Maintenance
from app.storage.keys.keychain import Keychain
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.network_ledger import LedgerStore
from app.storage.vault import Vault

_BACKGROUND = 5  # priority of work on calls; a person's question has 0 and goes first


class Session:
    """Everything that can be done with an open vault.

    With `is_demo` the vault is not the person's own, and pending ledger entries wait for the one that is. `templates`
    are those of a person's own too; without them there are only those of the program. A vault that `vanishes` is
    deleted when it closes.
    """

    vanishes = False

    def __init__(
        self,
        vault: Vault,
        engines: Engines,
        models: ModelSelection,
        open_loudspeaker: OpenLoudspeaker,
        key_slots: KeySlots | None = None,
        *,
        is_demo: bool = False,
        templates: SummaryTemplates | None = None,
        make_steps: Callable[[Transcribing, Summarizing], Sequence[Step]] = call_steps,
    ) -> None:
        self._vault = vault
        self.recovery_key = vault.recovery_key  # only of a vault just created; set to None once it has been shown
        self._models = models
        self._listeners: list[Callable[[Change], None]] = []
        self._lanes: Lanes | None = None
        self._is_closed = False
        self._mutex = threading.RLock()
        calls = CallStore(vault)
        calls.remove_orphaned_sound()
        self.engine_pool = EnginePool(engines, models)
        self.maintenance = Maintenance(vault)
        self.key_slots = key_slots or KeySlots(vault.folder, Keychain(), vault=vault)
        self.deletion = Deletion(calls, self.maintenance)
        self.ledger = Ledger(LedgerStore(vault), models.folder, is_demo=is_demo)
        with suppress(AssistantError):  # entries that can't be moved into the vault now stay where they are
            self.ledger.import_log()
        self.library = Library(calls, self._publish)
        self.importing = Importing(calls, self.engine_pool, self._publish)
        self.transcribing = Transcribing(calls, self.engine_pool, self._publish)
        self.summarizing = Summarizing(calls, self.engine_pool, self._publish, templates)
        steps = make_steps(self.transcribing, self.summarizing)
        self.pipeline = Pipeline(steps, calls, lambda kind: models.in_use(kind) is not None, self._publish)
        self.search = Search(calls)
        self.call_export = CallExport(self.library)
        self.answering = Answering(ConversationStore(vault), calls, self.search, self.engine_pool, self._publish)
        self.drafts = Drafts(vault)
        self.player = Player(calls, self.engine_pool, open_loudspeaker)

    @property
    def lanes(self) -> Lanes:
        """The lanes; their threads start on first use."""
        with self._mutex:
            if self._lanes is None:
                self._lanes = Lanes()
                self._lanes.observe(self._submit_next_step)
                if self._is_closed:
                    self._lanes.close()  # whatever is submitted from now on ends as cancelled
            return self._lanes

    def observe_changes(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` after each write, on the thread that wrote."""
        self._listeners.append(listener)

    def import_files(self, paths: Sequence[Path], options: ImportOptions | None = None) -> list[Job[Call]]:
        """Submit the import of each file; the next steps follow automatically."""
        wanted = options or ImportOptions()
        return [self.lanes.submit(self._import_job(path, wanted)) for path in paths]

    def resume(self) -> None:
        """Submit the next step of every unfinished call."""
        for call in self.library.calls():
            self._advance(call)

    def advance(self, call: CallId) -> Job[Any] | None:
        """Submit the next step of one call, unless a job is already live or nothing is left to do."""
        return self._advance(self.library.call(call))

    def transcribe_again(self, call: CallId, language: str = "") -> Job[Any] | None:
        """Submit a transcription from the start; without a `language` it is detected."""
        self.transcribing.request_again(call, language)
        return self.advance(call)

    def summarize(self, call: CallId) -> Job[Summary]:
        """Submit a new summary."""
        return self.lanes.submit(self.pipeline.job(SUMMARIZE, call, _BACKGROUND))

    def pull(self, model: str) -> Job[Model]:
        """Submit the download of a catalogue model, or rejoin one that outlived a lock."""

        def fetch(context: JobContext) -> Model:
            try:
                return self._models.pull(model, context)
            finally:
                self.ledger.import_log()

        return self.lanes.submit(Job("Downloading", fetch, Lane.NETWORK, _BACKGROUND, model, JobKind.DOWNLOAD))

    def job_of(self, call: CallId) -> Job[Any] | None:
        """The waiting or running job of a call."""
        return next((job for job in self.lanes.live() if job.subject == call), None)

    def close(self) -> None:
        """Cancel the jobs, stop the workers, close the vault. Takes up to a few seconds."""
        self.player.close()
        self._models.download_client.detach()  # downloads go on through a lock; the launcher ends them with the window
        with self._mutex:
            self._is_closed = True
            lanes = self._lanes
        if lanes is not None:
            lanes.close(timeout=0.5)  # asks every job to stop; one that is computing ends with its worker
        self.engine_pool.close()
        if lanes is not None:
            lanes.close()
        self.key_slots.close()
        self._vault.close()
        if self.vanishes:
            shutil.rmtree(self._vault.folder, ignore_errors=True)

    def _publish(self, change: Change) -> None:
        if change.kind == "recording" and change.is_gone and self._lanes is not None:
            job = self.job_of(CallId(change.subject))
            if job is not None:
                job.cancel()
        for listener in self._listeners:
            listener(change)

    def _import_job(self, path: Path, options: ImportOptions) -> Job[Call]:
        def work(context: JobContext) -> Call:
            return self.importing.import_file(path, options, context)

        return Job("Importing", work, Lane.DISK, _BACKGROUND, kind=JobKind.IMPORT)

    def _advance(self, call: Call) -> Job[Any] | None:
        with self._mutex:
            if self._is_closed or self.job_of(call.id) is not None:
                return None
            step = self.pipeline.next_step(call)
            if step is None:
                return None
            return self.lanes.submit(self.pipeline.job(step.name, call.id, _BACKGROUND))

    def _submit_next_step(self, job: Job[Any], event: object) -> None:
        """Submit the next step after one that succeeded; a failed or cancelled one waits for the person."""
        if event is not JobState.DONE or job.kind not in (JobKind.IMPORT, JobKind.STEP):
            return
        if isinstance(job.result, Call):
            job.subject = job.result.id
        with suppress(NotFound):  # deleted in the meantime
            self.advance(CallId(job.subject))
