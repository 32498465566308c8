"""What tests of every floor share: the demo call, the demo models, and vaults in folders of their own."""

import os
import secrets
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from app.catalog.installed import models_folder
from app.core.files import FileSource
from app.core.model import Model, ModelKind
from app.core.resources import demo_call
from app.engines.parent.engines import RemoteLanguage, RemoteMedia, RemoteSpeech
from app.storage.files.layout import LOCK_NAME, MEDIA_NAME
from app.storage.files.lock_file import LockFile
from app.storage.vault import Vault
from tests.real.folder import why_left_out

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Two shared cores make a single example's time a matter of luck, and a folder for each example would cost too much.
settings.register_profile(
    "here",
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("here")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out, in words, what needs real material that is not here."""
    for mark in item.iter_markers("real"):
        if reason := why_left_out(mark.args):
            pytest.skip(reason)


class Bytes:
    """Bytes as a `ByteSource`."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def size(self) -> int:
        return len(self._content)

    def read(self, offset: int, length: int) -> bytes:
        return self._content[offset : offset + length]


ALWAYS_A_CHOICE = "root ::= [0-9]{1900}\n"
"""A grammar of a long reply that is slow to write: what a grammar leaves no choice about is read in one batch."""


def demo_model(kind: ModelKind) -> Model:
    """The demo model of a kind."""
    return next(model for model in models_folder.bundled_models() if model.kind is kind)


def opened_vault(folder: Path, master: bytes = b"m" * 32) -> Vault:
    """A real vault on a given master key, without the second that a passphrase takes."""
    (folder / MEDIA_NAME).mkdir(parents=True, exist_ok=True)
    lock = LockFile(folder / LOCK_NAME)
    try:
        return Vault(folder, master, lock)
    except BaseException:
        lock.release()
        raise


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """An empty vault."""
    made = opened_vault(tmp_path / "vault", secrets.token_bytes(32))
    yield made
    made.close()


@pytest.fixture(scope="session")
def demo_wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo call as a stereo WAV of 16 kHz, which the scripted decoder reads too."""
    media, source = RemoteMedia(), FileSource(demo_call())
    path = tmp_path_factory.mktemp("call") / "demo.wav"
    try:
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, 16_000, 0, "NONE", ""))
            for block in media.decode(source, (0, 1)):
                left, right = (memoryview(track).cast("h") for track in block.tracks)
                file.writeframes(_interleaved(left, right))
    finally:
        source.close()
        media.close()
    return path


def _interleaved(left: "memoryview[int]", right: "memoryview[int]") -> bytes:
    import numpy as np

    return np.stack([np.asarray(left), np.asarray(right)], axis=1).astype("<i2").tobytes()


@pytest.fixture(scope="session")
def real_speech() -> Iterator[RemoteSpeech]:
    """The real speech engine on the demo model, kept for the whole run."""
    engine = RemoteSpeech(demo_model(ModelKind.SPEECH), 2)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def real_language() -> Iterator[RemoteLanguage]:
    """The real language engine on the demo model, kept for the whole run."""
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 2048)
    yield engine
    engine.close()
