"""What gives a worker the sound that it asks for, block by block."""

from collections.abc import Callable, Iterable

from app.core.engines import Pcm
from app.core.errors import AssistantError, EngineCrashed
from app.engines import protocol


class SoundServer:
    """Serves the blocks of a sound in order; `note_sent` is told of each, and of None at the end.

    `errors` are those that the source of the sound raised, and so not the fault of the worker or its model.
    """

    def __init__(self, sound: Iterable[Pcm], note_sent: Callable[[Pcm | None], None]) -> None:
        self._blocks = iter(sound)
        self._note_sent = note_sent
        self.errors: list[AssistantError] = []

    def serve(self, want: protocol.WantBytes | protocol.WantSound) -> protocol.Reply:
        """The next block.

        Raises:
            EngineCrashed: the worker asks for something else.
            AssistantError: the source of the sound failed.
        """
        if not isinstance(want, protocol.WantSound):
            raise EngineCrashed
        try:
            block = next(self._blocks, None)
        except AssistantError as error:
            self.errors.append(error)
            raise
        self._note_sent(block)
        return protocol.Sound(block)
