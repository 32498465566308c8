"""A reader of documents by the real worker."""

from collections.abc import Callable, Iterator

import pytest

from app.core.document import Document
from app.core.job import NullContext
from app.services.documents.reading import DocumentReading
from app.services.engine_pool import EnginePool
from app.services.models.selection import ModelSelection
from app.services.settings import SettingsFile
from tests.doubles.engines import ScriptedEngines

Read = Callable[[bytes, str], Document]


@pytest.fixture
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentReading]:
    folder = tmp_path_factory.mktemp("reading")
    pool = EnginePool(ScriptedEngines(), ModelSelection(folder, SettingsFile(folder / "settings.json")))
    yield DocumentReading(pool)
    pool.close()


@pytest.fixture
def read(reading: DocumentReading) -> Read:
    return lambda data, suffix: reading.read(data, NullContext(), suffix)
