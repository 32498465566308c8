"""The engine that tells voices apart, run in a worker process."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing

from app.core.engines import Pcm
from app.core.errors import AssistantError, EngineCrashed, EngineOutOfMemory, ModelStalls, ModelTooLarge
from app.core.model import Model
from app.core.voices import VoiceEngine, VoicePrints
from app.engines import protocol
from app.engines.parent.loading import IDLE, EngineMonitor, NoMonitor, load_model, raise_for_model
from app.engines.parent.process import Worker
from app.engines.parent.prompt_state import Serve
from app.engines.parent.remote_engine import RemoteEngine
from app.engines.parent.reply_checks import GroupedOrder, ListenedOrder
from app.engines.parent.sound_server import SoundServer
from app.engines.sandbox.file_rules import model_file_paths

_MOST_SENT = 13_000  # voice prints of one request: one for each second and a half of five hours
_MOST_BYTES = protocol.LARGEST_FRAME * 3 // 4  # of all of them; the rest of a frame is for their lengths


class RemoteVoices(RemoteEngine, VoiceEngine):
    """A `VoiceEngine` that runs one model in the voices worker."""

    def __init__(self, model: Model, threads: int, care: EngineMonitor | None = None) -> None:
        self._model = model
        self._threads = threads
        self._care = care or NoMonitor()
        self._has_worked = False
        self.worker = Worker("voices", self._load, model_file_paths(model.path), idle_seconds=IDLE)

    def listen(self, sound: Iterable[Pcm], channels: tuple[int, ...]) -> Iterator[VoicePrints]:
        """See `VoiceEngine.listen`."""
        order = ListenedOrder(channels)
        source = SoundServer(sound, order.note_sent)
        request = protocol.Listen(channels)
        with closing(self._call(request, source.serve, order, source.errors)) as values:
            for value in values:
                if isinstance(value, VoicePrints):
                    yield value
        self._has_worked = True
        self._care.record_success(self._model)

    def group(self, prints: Sequence[bytes], count: int = 0) -> list[int]:
        """See `VoiceEngine.group`; of very many only some are compared, and the others go with the one before."""
        if not prints:
            return []
        most = max(1, min(_MOST_SENT, _MOST_BYTES // max(1, max(map(len, prints)))))
        step = -(-len(prints) // most)
        sent = tuple(prints[::step])
        order = GroupedOrder(len(sent), count)
        found = [
            label
            for value in self._call(protocol.GroupVoices(sent, count), None, order)
            if isinstance(value, protocol.Grouped)
            for label in value.labels
        ]
        if len(found) != len(sent):
            raise self.worker.protocol_error()
        return [found[number // step] for number in range(len(prints))]

    def _call(
        self,
        request: protocol.Listen | protocol.GroupVoices,
        serve: Serve | None,
        order: ListenedOrder | GroupedOrder,
        source_errors: Sequence[AssistantError] = (),
    ) -> Generator[protocol.Value, None, None]:
        try:
            yield from self.worker.call(request, serve, order.check)
        except EngineOutOfMemory as error:
            if not self._has_worked and error not in source_errors:  # it takes as much the next time
                raise ModelTooLarge from error
            raise
        except (EngineCrashed, ModelStalls) as error:
            if error in source_errors:
                raise
            raise_for_model(error, self.worker, self._model, self._care, has_worked=self._has_worked)

    def _load(self, worker: Worker) -> None:
        request = protocol.LoadModel(str(self._model.path.resolve()), self._threads, free=self._care.free_bytes())
        load_model(worker, request, self._model, self._care)
