"""Reading the text of a document, in a process without rights; nothing of it is stored."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.core.document import Document, DocumentDamaged, DocumentError, DocumentWithoutText
from app.core.engines import ByteSource
from app.core.errors import UnsupportedMedia
from app.core.files import FileSource
from app.core.job import JobContext, Progress
from app.services.engine_pool import EnginePool

_FOLDER = ("This is a folder and no document.", "Nothing was changed; choose the documents in it.")
_LONGEST_SUFFIX = 16


class DocumentReading:
    """Reads documents, each in a process of its own that ends with it."""

    def __init__(self, engine_pool: EnginePool) -> None:
        self._engine_pool = engine_pool

    def read(self, document: Path | bytes, context: JobContext, suffix: str = "") -> Document:
        """The text of a file, or of bytes whose name would end in `suffix`, without the dot.

        Reports `Progress` in pages. Stopping takes effect at the next page, and at the end of what has none.

        Raises:
            DocumentError: there is nothing that can be read, and why.
            MediaMissing: the file is not there, or can't be opened.
            Cancelled: it was stopped.
        """
        context.checkpoint()
        if isinstance(document, bytes):
            if not document:
                raise DocumentWithoutText
            return self._read(_Memory(document), context, suffix)
        if document.is_dir():
            raise DocumentError(*_FOLDER)
        try:
            source = FileSource(document)
        except UnsupportedMedia as error:  # it is empty
            raise DocumentWithoutText from error
        try:
            return self._read(source, context, document.suffix.lstrip("."))
        finally:
            source.close()

    def _read(self, source: ByteSource, context: JobContext, suffix: str) -> Document:
        engine = self._engine_pool.documents()
        found = None
        try:
            with closing(engine.read(source, suffix.casefold()[:_LONGEST_SUFFIX])) as values:
                for value in values:
                    context.checkpoint()
                    if isinstance(value, Progress):
                        context.report(value)
                    else:
                        found = value
        finally:
            self._engine_pool.let_go(engine)
        if found is None:
            raise DocumentDamaged
        return found


@dataclass(frozen=True)
class _Memory:
    """Bytes in memory as a `ByteSource`."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]
