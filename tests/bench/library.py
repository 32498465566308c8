"""A vault with calls whose passages can be compared by a real embedding model."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.engines.parent.engines import LocalEngines
from app.services.calls.passage_index import PassageIndex
from app.services.calls.related_passages import RelatedPassages
from app.services.engine_pool import EnginePool
from app.storage.tables.calls import CallStore
from app.storage.tables.passages import PassageStore
from app.storage.vault import Vault
from tests.running import CHEAP, PASSPHRASE
from tests.services.stage import provisioning

EMBEDDING = "all-MiniLM-L6-v2.f16.gguf"


class Library:
    """A vault with calls, an embedding model that can be left out, and what finds passages in them."""

    def __init__(self, folder: Path, model: Path | None) -> None:
        models = provisioning(folder, demo=list)
        self.vault = Vault.create(folder / "vault", PASSPHRASE, CHEAP)
        self.store = CallStore(self.vault)
        self.pool = EnginePool(LocalEngines(os.cpu_count() or 1, 2048), models)
        self.index = PassageIndex(self.store, PassageStore(self.vault), self.pool)
        self.related = RelatedPassages(self.store, self.index)
        if model is not None:
            (folder / "models").mkdir(exist_ok=True)
            (folder / "models" / model.name).symlink_to(model.resolve())

    def close(self) -> None:
        """End the worker and close the vault."""
        self.pool.close()
        self.vault.close()


@contextmanager
def library(model: Path | None) -> Iterator[Library]:
    """A library that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        made = Library(Path(folder), model)
        try:
            yield made
        finally:
            made.close()
