"""From unlock to lock: the open vault, its services, and the jobs that carry each call to its next step."""

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from app.core.change import Change
from app.core.engines import Engines, OpenLoudspeaker
from app.core.errors import AssistantError, NotFound
from app.core.ids import RecordingId
from app.core.job import Cancelled, Context, Job, State
from app.core.model import Model, ModelKind
from app.core.recording import Recording, Step, next_step
from app.core.summary import Summary
from app.services.calls.deletion import Forgetting
from app.services.calls.exporting import Exporting
from app.services.calls.importing import Importing, ImportOptions
from app.services.calls.library import Library
from app.services.calls.playback import Player
from app.services.calls.search import Searching
from app.services.calls.summarizing import Summarizing
from app.services.calls.transcribing import Transcribing
from app.services.chats.answering import Chatting
from app.services.chats.drafts import Drafting
from app.services.engine_pool import Residency
from app.services.jobs.lanes import Runner
from app.services.models.selection import Provisioning
from app.services.privacy.network_ledger import Ledger
from app.services.vault.key_slots import Rekeying
from app.services.vault.maintenance import Keeping
from app.storage.keys.keychain import Keychain
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.network_ledger import LedgerStore
from app.storage.tables.recordings import RecordingStore
from app.storage.vault import Vault

T = TypeVar("T")
IMPORTING, TRANSCRIBING, SUMMARIZING, FETCHING = "Importing", "Transcribing", "Summarizing", "Downloading"
_BACKGROUND = 5  # priority of work on recordings; a person's question is 0 and goes first


class Session:
    """Everything that can be done with an open vault.

    With `is_demo` it is not the person's own: the ledger's notes wait for the one that is. One that `vanishes` is
    deleted when it closes.
    """

    vanishes = False

    def __init__(
        self,
        vault: Vault,
        engines: Engines,
        models: Provisioning,
        open_loudspeaker: OpenLoudspeaker,
        rekeying: Rekeying | None = None,
        *,
        is_demo: bool = False,
    ) -> None:
        self._vault = vault
        self.recovery_key = vault.recovery_key  # of a vault that was just made; whoever has shown it sets None
        self._models = models
        self._listeners: list[Callable[[Change], None]] = []
        self._runner: Runner | None = None
        self._is_closed = False
        self._mutex = threading.RLock()
        recordings = RecordingStore(vault)
        recordings.sweep()
        self.residency = Residency(engines, models)
        self.keeping = Keeping(vault)
        self.rekeying = rekeying or Rekeying(vault.folder, Keychain(), vault=vault)
        self.forgetting = Forgetting(recordings, self.keeping)
        self.ledger = Ledger(LedgerStore(vault), models.folder, is_demo=is_demo)
        with suppress(AssistantError):  # notes that can't be taken over now stay where they are
            self.ledger.take_over()
        self.library = Library(recordings, self._publish)
        self.importing = Importing(recordings, self.residency, self._publish)
        self.transcribing = Transcribing(recordings, self.residency, self._publish)
        self.summarizing = Summarizing(recordings, self.residency, self._publish)
        self.searching = Searching(recordings)
        self.exporting = Exporting(self.library)
        self.chatting = Chatting(ConversationStore(vault), recordings, self.searching, self.residency, self._publish)
        self.drafting = Drafting(vault)
        self.player = Player(recordings, self.residency, open_loudspeaker)

    @property
    def runner(self) -> Runner:
        """The lanes; their threads start with the first use."""
        with self._mutex:
            if self._runner is None:
                self._runner = Runner()
                self._runner.observe(self._go_on)
                if self._is_closed:
                    self._runner.close()  # what is submitted now ends as cancelled
            return self._runner

    def observe_changes(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` after each write, on the thread that wrote."""
        self._listeners.append(listener)

    def take_in(self, paths: Sequence[Path], options: ImportOptions | None = None) -> list[Job[Recording]]:
        """Submit the import of each file; the next steps follow by themselves."""
        wanted = options or ImportOptions()
        return [self.runner.submit(self._import_job(path, wanted)) for path in paths]

    def resume(self) -> None:
        """Submit the next step of every recording that is not finished."""
        for recording in self.library.recordings():
            self._advance(recording)

    def advance(self, recording: RecordingId) -> Job[Any] | None:
        """Submit the next step of one recording, unless one is under way or nothing is left to do."""
        return self._advance(self.library.recording(recording))

    def summarize(self, recording: RecordingId) -> Job[Summary]:
        """Submit a new summary."""
        return self.runner.submit(self._summary_job(recording))

    def pull(self, model: str) -> Job[Model]:
        """Submit the download of a model of the catalogue, or join in one that outlived a lock."""

        def fetch(context: Context) -> Model:
            try:
                return self._models.pull(model, context)
            finally:
                self.ledger.take_over()

        return self.runner.submit(Job(FETCHING, fetch, "network", _BACKGROUND, model))

    def job_of(self, recording: RecordingId) -> Job[Any] | None:
        """The job of a recording that waits or runs."""
        return next((job for job in self.runner.live() if job.subject == recording), None)

    def next_step_of(self, recording: Recording) -> Step:
        """What can be done with a recording next, with the models that are here."""
        step = next_step(recording)
        kind = {Step.TRANSCRIBE: ModelKind.SPEECH, Step.SUMMARIZE: ModelKind.LANGUAGE}.get(step)
        return step if kind is None or self._models.in_use(kind) is not None else Step.NOTHING

    def carry_through(self, recording: Recording, context: Context) -> Recording:
        """Do every step that is left, here and now; what the command line does."""
        while (step := self.next_step_of(recording)) is not Step.NOTHING:
            context.checkpoint()
            if step is Step.TRANSCRIBE:
                recording = self.transcribing.run(recording.id, context)
            else:
                self.summarizing.run(recording.id, context)
                recording = self.library.recording(recording.id)
        return recording

    def close(self) -> None:
        """Cancel the jobs, stop the workers, close the vault. Takes up to a few seconds."""
        self.player.close()
        self._models.door.leave()  # a lock is no reason to stop a download; the launcher ends it with the window
        with self._mutex:
            self._is_closed = True
            runner = self._runner
        if runner is not None:
            runner.close(timeout=0.5)  # asks every job to stop; one that computes is ended with its worker
        self.residency.close()
        if runner is not None:
            runner.close()
        self.rekeying.close()
        self._vault.close()
        if self.vanishes:
            shutil.rmtree(self._vault.folder, ignore_errors=True)

    def _publish(self, change: Change) -> None:
        if change.noun == "recording" and change.is_gone and self._runner is not None:
            job = self.job_of(RecordingId(change.subject))
            if job is not None:
                job.cancel()
        for listener in self._listeners:
            listener(change)

    def _import_job(self, path: Path, options: ImportOptions) -> Job[Recording]:
        return Job(IMPORTING, lambda context: self.importing.bring_in(path, options, context), "disk", _BACKGROUND)

    def _advance(self, recording: Recording) -> Job[Any] | None:
        with self._mutex:
            if self._is_closed or self.job_of(recording.id) is not None:
                return None
            step = self.next_step_of(recording)
            if step is Step.TRANSCRIBE:
                return self.runner.submit(self._transcript_job(recording.id))
            if step is Step.SUMMARIZE:
                return self.runner.submit(self._summary_job(recording.id))
        return None

    def _transcript_job(self, recording: RecordingId) -> Job[Recording]:
        work = _unless_deleted(lambda context: self.transcribing.run(recording, context))
        return Job(TRANSCRIBING, work, "speech", _BACKGROUND, recording)

    def _summary_job(self, recording: RecordingId) -> Job[Summary]:
        work = _unless_deleted(lambda context: self.summarizing.run(recording, context))
        return Job(SUMMARIZING, work, "language", _BACKGROUND, recording)

    def _go_on(self, job: Job[Any], event: object) -> None:
        """When a step has ended well, the next one follows; a failed or cancelled one waits for the person."""
        if event is not State.DONE or job.title not in (IMPORTING, TRANSCRIBING):
            return
        if isinstance(job.result, Recording):
            job.subject = job.result.id
            self._advance(job.result)


def _unless_deleted(work: Callable[[Context], T]) -> Callable[[Context], T]:
    """Work on a recording, which ends as cancelled when the recording is deleted under it."""

    def run(context: Context) -> T:
        try:
            return work(context)
        except NotFound as error:
            raise Cancelled from error

    return run
