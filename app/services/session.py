"""One session, from unlock to lock: the open vault, its services, and the jobs that take each call to its next step."""

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.call import SUMMARIZE, Call
from app.core.change import Change
from app.core.engines import Engines, OpenLoudspeaker
from app.core.errors import AssistantError, ModelMissing, NotFound
from app.core.exports import DrawDocument, draw_nothing
from app.core.ids import CallId
from app.core.import_options import ImportOptions
from app.core.job import Job, JobContext, JobKind, JobState, Lane
from app.core.line_changes import LineChange
from app.core.model import Model, ModelKind
from app.core.pipeline import Step
from app.core.summary import Summary
from app.services.calls.checking import Checking
from app.services.calls.deletion import Deletion
from app.services.calls.exporting import CallExport
from app.services.calls.finding_speakers import FindingSpeakers
from app.services.calls.idle_indexing import IdleIndexing
from app.services.calls.importing import Importing
from app.services.calls.library import Library
from app.services.calls.line_meaning import LineMeanings
from app.services.calls.passage_index import PassageIndex
from app.services.calls.pipeline import Pipeline, call_steps
from app.services.calls.planned_exports import PlannedExports
from app.services.calls.playback import Player
from app.services.calls.prompt_states import PromptStates
from app.services.calls.reading_ahead import ReadingAhead
from app.services.calls.recordings_folder import ImportedFiles
from app.services.calls.related_passages import RelatedPassages
from app.services.calls.search import Search
from app.services.calls.search_groups import CallGroups, RelatedGroups
from app.services.calls.summarizing import Summarizing
from app.services.calls.summary_templates import SummaryTemplates
from app.services.calls.transcribing import Transcribing
from app.services.chats.answering import Answering
from app.services.chats.drafts import Drafts
from app.services.chats.search_groups import ChatGroups
from app.services.engine_pool import EnginePool
from app.services.jobs.lanes import Lanes
from app.services.models.listing import SpeechChoice, speech_choices
from app.services.models.selection import ModelSelection
from app.services.notes.exporting import NoteExport
from app.services.notes.linking import NoteLinks
from app.services.notes.notes import Notes
from app.services.notes.search_groups import NoteGroups
from app.services.outputs import Outputs
from app.services.privacy.network_ledger import Ledger
from app.services.tasks.of_calls import TasksOfCalls
from app.services.tasks.search_groups import TaskGroups
from app.services.tasks.tasks import Tasks
from app.services.vault.key_slots import KeySlots
from app.services.vault.maintenance import Maintenance
from app.services.writing.writing import Writing
from app.storage.keys.keychain import Keychain
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.imported_files import ImportedFileStore
from app.storage.tables.network_ledger import LedgerStore
from app.storage.tables.notes import NoteStore
from app.storage.tables.passages import PassageStore
from app.storage.tables.prompt_states import PromptStateStore
from app.storage.tables.tasks import TaskStore
from app.storage.vault import Vault

if TYPE_CHECKING:
    from app.core.found import FindsGroups

_BACKGROUND = 5  # priority of work on calls; a person's question has 0 and goes first


class Session:
    """Everything that can be done with an open vault.

    With `is_demo` the vault is not the person's own, and pending ledger entries wait for the one that is. `templates`
    are those of a person's own too; without them there are only those of the program. A vault that `vanishes` is
    deleted when it closes. `draw` is what draws pages.
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
        draw: DrawDocument = draw_nothing,
        make_steps: Callable[[Transcribing, FindingSpeakers, Summarizing, PlannedExports], Sequence[Step]] = call_steps,
    ) -> None:
        self._vault = vault
        self.recovery_key = vault.recovery_key  # only of a vault just created; set to None once it has been shown
        self._models = models
        self.templates = templates or SummaryTemplates()
        self._listeners: list[Callable[[Change], None]] = []
        self._lanes: Lanes | None = None
        self._indexing: IdleIndexing | None = None
        self._is_closed = False
        self._mutex = threading.RLock()
        calls = CallStore(vault)
        calls.remove_unwanted_sound()
        store = PromptStateStore(vault)
        store.sweep()
        self.states = PromptStates(store)
        self.engine_pool = EnginePool(engines, models)
        self.maintenance = Maintenance(vault)
        self.key_slots = key_slots or KeySlots(vault.folder, Keychain(), vault=vault)
        self.deletion = Deletion(calls, self.maintenance)
        self.ledger = Ledger(LedgerStore(vault), models.folder, is_demo=is_demo)
        with suppress(AssistantError):  # entries that can't be moved into the vault now stay where they are
            self.ledger.import_log()
        self.library = Library(calls, self._publish)
        self.importing = Importing(calls, self.engine_pool, self._publish)
        self.transcribing = Transcribing(calls, self.engine_pool, self._publish, ReadingAhead(calls, self.engine_pool))
        self.speakers = FindingSpeakers(calls, self.library, self.engine_pool)
        self.passage_index = PassageIndex(calls, PassageStore(vault), self.engine_pool)
        meanings = LineMeanings(calls, self.passage_index)
        self.summarizing = Summarizing(
            calls, self.engine_pool, self._publish, self.templates, states=self.states, meanings=meanings
        )
        outputs = Outputs(vault.folder, models.folder)
        self.call_export = CallExport(self.library, outputs, draw)
        self.planned_exports = PlannedExports(calls, self.call_export, outputs)
        steps = make_steps(self.transcribing, self.speakers, self.summarizing, self.planned_exports)
        self.pipeline = Pipeline(steps, calls, lambda kind: models.in_use(kind) is not None, self._publish)
        conversations = ConversationStore(vault)
        notes = NoteStore(vault)
        self.notes = Notes(notes, self._publish)
        self.note_links = NoteLinks(notes, calls, self._publish)
        self.note_export = NoteExport(notes, outputs)
        related = RelatedPassages(calls, self.passage_index)
        self.search = Search(calls, related)
        tasks = TaskStore(vault)
        self.tasks = Tasks(tasks, (TasksOfCalls(tasks),), outputs, self._publish)
        self.everything: tuple[FindsGroups, ...] = (
            TaskGroups(self.tasks),
            CallGroups(calls, self.search),
            ChatGroups(conversations),
            NoteGroups(notes),
            RelatedGroups(calls, self.search),
        )
        self.checking = Checking(calls, self.engine_pool, outputs, meanings)
        self.answering = Answering(
            conversations, calls, related, self.engine_pool, self._publish, self.states, meanings
        )
        self._listeners.append(self._forget_deleted_call)
        self.writing = Writing(self.engine_pool)
        self.drafts = Drafts(vault)
        self.imported_files = ImportedFiles(ImportedFileStore(vault))
        self.player = Player(calls, self.engine_pool, open_loudspeaker)

    @property
    def lanes(self) -> Lanes:
        """The lanes; their threads start on first use."""
        with self._mutex:
            if self._lanes is None:
                self._lanes = Lanes()
                self._lanes.observe(self._submit_next_step)
                self._indexing = IdleIndexing(self.passage_index, self._lanes, self._models.crash_count.notify)
                if self._is_closed:
                    self._lanes.close()  # whatever is submitted from now on ends as cancelled
            return self._lanes

    def _forget_deleted_call(self, change: Change) -> None:
        if change.kind == "recording" and change.is_gone:
            self.answering.forget_call(CallId(change.subject))

    def observe_changes(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` after each write, on the thread that wrote."""
        self._listeners.append(listener)

    def import_files(self, paths: Sequence[Path], options: ImportOptions | None = None) -> list[Job[Call]]:
        """Submit the import of each file; the next steps follow automatically."""
        wanted = options or ImportOptions()
        return [self.lanes.submit(self._import_job(path, wanted)) for path in paths]

    def resume(self) -> None:
        """Submit the next step of every unfinished call, and forget what was removed long ago."""
        for call in self.library.calls():
            self._advance(call)
        with suppress(AssistantError):  # the next start does it
            self.notes.forget_expired()
            self.tasks.forget_removed()
        self.index_when_idle()

    def index_when_idle(self) -> None:
        """Have what search by meaning lacks made once no other job is under way; after a change of the models too."""
        self.lanes.live()  # they are made at first use, and with them what works in idle moments
        if self._indexing is not None:
            self._indexing.request()

    def advance(self, call: CallId) -> Job[Any] | None:
        """Submit the next step of one call, unless a job is already live or nothing is left to do."""
        return self._advance(self.library.call(call))

    def transcribe_again(self, call: CallId, language: str = "", model: str = "") -> Job[Any] | None:
        """Submit a transcription from the start; without a `language` it is detected.

        Without the name of a `model` the speech model in use hears it.
        """
        self.transcribing.request_again(call, language, model)
        return self.advance(call)

    def find_speakers(self, call: CallId, count: int = 0) -> Job[LineChange | None]:
        """Submit the telling apart of a call's speakers: so many, or with 0 as many as are heard."""

        def work(context: JobContext) -> LineChange | None:
            return self.speakers.find(call, context, count)

        return self.lanes.submit(Job("Telling the speakers apart", work, Lane.SPEECH, 0, call, JobKind.CHANGE))

    def speech_choices(self) -> list[SpeechChoice]:
        """The speech models that can hear a call again, the one in use first. Touches the disk."""
        return speech_choices(self._models)

    def require_model(self, name: str, kind: ModelKind) -> None:
        """Check that there is a model of this kind: the one of this name, or with "" the one in use.

        Raises:
            ModelMissing: there is none.
        """
        if not name:
            self._models.needed(kind)
        elif self._models.named(name).kind is not kind:
            raise ModelMissing(
                f"This is no {kind.value} model.", "Nothing was changed; «tacit models» lists what is here."
            )

    def is_heard_by_demo(self, call: CallId) -> bool:
        """Whether the demo model heard this call, unless it is the demo's own, which it knows. Touches the disk."""
        model = self._models.installed(self.library.speech_model(call), ModelKind.SPEECH)
        return model is not None and model.is_demo and not self.importing.is_demo_call(call)

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
        self.passage_index.close()
        if lanes is not None:
            lanes.close()
        self.key_slots.close()
        self._vault.close()
        if self.vanishes:
            shutil.rmtree(self._vault.folder, ignore_errors=True)

    def _publish(self, change: Change) -> None:
        if change.kind == "recording" and change.is_gone:
            for job in self._lanes.live() if self._lanes is not None else ():
                if job.subject == change.subject:
                    job.cancel()
            self.speakers.forget(CallId(change.subject))
        if change.kind == "transcript" and self._indexing is not None:
            self._indexing.request()
        for listener in self._listeners:
            listener(change)

    def _import_job(self, path: Path, options: ImportOptions) -> Job[Call]:
        def work(context: JobContext) -> Call:
            return self.importing.import_file(path, options, context)

        return Job("Importing", work, Lane.DISK, _BACKGROUND, kind=JobKind.IMPORT)

    def do_next(self, job: Job[Any]) -> None:
        """Let a job that waits be the next, and the further steps of its call go before those of others."""
        self.lanes.move_first(job)

    def stop(self, job: Job[Any]) -> None:
        """Stop a job; what a step has saved is kept. May touch the disk."""
        self.lanes.stop(job)

    def _advance(self, call: Call, priority: int = _BACKGROUND) -> Job[Any] | None:
        with self._mutex:
            if self._is_closed or self.job_of(call.id) is not None:
                return None
            step = self.pipeline.next_step(call)
            if step is None:
                return None
            return self.lanes.submit(self.pipeline.job(step.name, call.id, priority))

    def _submit_next_step(self, job: Job[Any], event: object) -> None:
        """Submit the next step after one that succeeded; a failed or cancelled one waits for the person.

        What a person asked for in between lets the steps go on, however it ends.
        """
        is_done = event is JobState.DONE and job.kind in (JobKind.IMPORT, JobKind.STEP)
        if not is_done and not (job.kind is JobKind.CHANGE and isinstance(event, JobState) and job.is_over):
            return
        if isinstance(job.result, Call):
            job.subject = job.result.id
        with suppress(NotFound):  # deleted in the meantime
            priority = job.priority if is_done else _BACKGROUND
            self._advance(self.library.call(CallId(job.subject)), priority)
