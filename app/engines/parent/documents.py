"""The engine that reads documents, run in a worker process."""

from collections.abc import Generator
from contextlib import closing

import msgspec

from app.core.document import MOST_LINES, Document, DocumentError, DocumentTooLarge, DocumentTooSlow
from app.core.engines import ByteSource, DocumentEngine
from app.core.errors import EngineCrashed, EngineFault, EngineOutOfMemory, ModelStalls
from app.core.job import Progress
from app.engines import protocol
from app.engines.parent.byte_server import serve_bytes
from app.engines.parent.process import Worker

_ENDED = "This document ended the process that reads it."


class RemoteDocuments(DocumentEngine):
    """A `DocumentEngine` that runs in the documents worker."""

    def __init__(self) -> None:
        self.worker = Worker("documents")

    def read(self, source: ByteSource, suffix: str = "") -> Generator[Progress | Document, None, None]:
        """See `DocumentEngine.read`."""
        parts: list[Document] = []
        request = protocol.ReadDocument(source.size, suffix)
        try:
            with closing(self.worker.call(request, serve_bytes(source))) as values:
                for value in values:
                    if isinstance(value, Document):
                        parts.append(value)
                    elif isinstance(value, Progress):
                        yield value
        except ModelStalls as error:
            raise DocumentTooSlow from error
        except EngineOutOfMemory as error:
            raise DocumentTooLarge from error
        except EngineFault:
            raise
        except EngineCrashed as error:
            if self.worker.is_closed or self.worker.was_killed:
                raise
            raise DocumentError(_ENDED) from error
        lines = tuple(line for part in parts for line in part.lines)
        if not lines or len(lines) > MOST_LINES:
            raise self.worker.protocol_error()
        yield msgspec.structs.replace(parts[0], lines=lines)

    def close(self) -> None:
        """End the process."""
        self.worker.close()
