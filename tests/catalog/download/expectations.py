"""What the tests of downloads agree on: one small model, what a refusal is, and when a model is right."""

import re
from pathlib import Path

import pytest

from app.catalog.download.http import DownloadLimits
from app.catalog.installed import models_folder
from app.core.errors import AssistantError, DownloadError, Offline
from tests.catalog.conftest import Fetching
from tests.catalog.download.model_server import QUICK, Server, content, cut_at, entry_of

RAW = content(300_000)
NAME = "tiny.gguf"
ENTRY = entry_of({NAME: RAW})


def refused(fetching: Fetching, kind: type[DownloadError], title: str, limits: DownloadLimits = QUICK) -> DownloadError:
    """The download fails with this error, in two sentences, and nothing is on the shelf."""
    with pytest.raises(kind, match=title) as caught:
        fetching.run(ENTRY, limits)
    assert_in_words(caught.value)
    assert not (fetching.folder / ENTRY.id).exists()
    assert models_folder.models_in(fetching.folder) == []
    return caught.value


def break_off(fetching: Fetching, server: Server) -> None:
    """Begin the download, and lose the connection after 100,000 bytes."""
    server.answer = cut_at(iter([100_000]))
    with pytest.raises(Offline):
        fetching.run(ENTRY, DownloadLimits(first_tries=1, tries=1))


def assert_in_words(error: AssistantError) -> None:
    """Two sentences for a person, with nothing of a programmer's world."""
    assert re.fullmatch(r"[A-Z].*\.", error.title)
    assert re.fullmatch(r"[A-Z].*\.", error.advice)
    assert not re.search(r"errno|exception|traceback|0x|\[|ssl:", str(error), re.IGNORECASE)


def is_right(place: Path, files: dict[str, bytes]) -> bool:
    """Whether a model on the shelf is, byte by byte, what it should be."""
    return all((place / name).read_bytes() == raw for name, raw in files.items())
