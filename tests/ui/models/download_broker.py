"""The launcher's side of the door, played by a test: it reads what the window asks for, and answers line by line."""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.catalog.catalogue import CatalogFile
from app.catalog.installed import models_folder, receipts
from app.catalog.installed.receipts import Record
from app.core.model import Model, ModelKind


class Keeper:
    """Two real pipes; `ends` are the window's."""

    def __init__(self) -> None:
        answered, self._answers = os.pipe()
        self._asked, asks = os.pipe()
        self.ends = (answered, asks)
        self.requests: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with os.fdopen(self._asked, "rb") as asked, suppress(OSError, ValueError):
            for line in asked:
                request = json.loads(line)
                self.requests.append(request)
                if "cancel" in request:
                    self.tell(type="stopped", model=request["cancel"])

    def tell(self, **event: Any) -> None:
        """Write one line of the download worker."""
        os.write(self._answers, json.dumps(event).encode() + b"\n")

    def advance(self, model: str, done: int, total: int) -> None:
        """So much is here."""
        self.tell(type="advance", model=model, step="Downloading", done=done, total=total)

    def close(self) -> None:
        """Go away, as a launcher that was killed."""
        os.close(self._answers)


def laid_out(models: Path, model: Model, id_: str, name: str, origin: str = "own") -> Record:
    """The files of a model in a folder of their own, as `catalog.arriving` would leave them."""
    folder = models / id_
    folder.mkdir(parents=True)
    files = []
    for path in models_folder.files_of(model):
        (folder / path.name).write_bytes(path.read_bytes())
        files.append(CatalogFile(path.name, path.stat().st_size, receipts.sha256(path)))
    record = Record(id_, model.kind, name, tuple(files), origin)  # type: ignore[arg-type]
    receipts.write(record, folder)
    return record


def demo(kind: ModelKind) -> Model:
    """The demo model of a kind."""
    return next(model for model in models_folder.bundled_models() if model.kind is kind)
