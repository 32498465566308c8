"""The parent's side of storing what a worker has evaluated: it keeps the bytes, and understands nothing of them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import accumulate

from app.core.errors import EngineCrashed
from app.core.prompt_state import MOST_PIECES, StatePiece, StoredState
from app.engines import protocol

Serve = Callable[[protocol.WantBytes | protocol.WantSound], protocol.Reply]


def serve_state(stored: StoredState) -> Serve:
    """Serve the pieces of a state, each as a whole, at their places one behind the other."""
    places = dict(zip(accumulate((head.size for head in stored.heads), initial=0), stored.heads, strict=False))
    indices = {place: index for index, place in enumerate(places)}

    def serve(want: protocol.WantBytes | protocol.WantSound) -> protocol.Reply:
        if not isinstance(want, protocol.WantBytes) or want.offset not in places:
            raise EngineCrashed
        if want.length != places[want.offset].size:
            raise EngineCrashed
        return protocol.Bytes(stored.data(indices[want.offset]))

    return serve


def state_pieces(values: Generator[protocol.Value, None, None]) -> Iterator[StatePiece]:
    """The pieces among a worker's values, each reaching further than the one before, and as long as it says.

    Raises:
        EngineCrashed: they are not; a worker that was taken over may say anything.
    """
    reach = count = 0
    with closing(values):
        for value in values:
            if isinstance(value, StatePiece):
                count += 1
                if value.head.tokens <= reach or len(value.data) != value.head.size or count > MOST_PIECES:
                    raise EngineCrashed
                reach = value.head.tokens
                yield value
