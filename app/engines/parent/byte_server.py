"""What gives a worker the ranges of a file that it asks for."""

from collections.abc import Callable

from app.core.engines import ByteSource
from app.core.errors import EngineCrashed
from app.engines import protocol


def serve_bytes(source: ByteSource) -> Callable[[protocol.WantBytes | protocol.WantSound], protocol.Reply]:
    """What answers a worker's requests for the bytes of a file; anything else that it asks for ends it."""

    def serve(want: protocol.WantBytes | protocol.WantSound) -> protocol.Reply:
        if not isinstance(want, protocol.WantBytes) or want.length > protocol.LARGEST_FRAME // 2:
            raise EngineCrashed
        return protocol.Bytes(source.read(want.offset, want.length))

    return serve
