"""A child of the launcher that asks for models of a catalogue of three."""

import subprocess
import sys

from app.download_broker import DownloadBroker
from tests.catalog.download.model_server import content, entry_of
from tests.running import ROOT

NAME = "tiny.gguf"
RAW = content(400_000)
ENTRIES = tuple(entry_of({NAME: RAW}, f"tiny-{number}") for number in range(3))
WORKER = ROOT / "tests" / "catalog" / "download" / "worker.py"


ASKING = """
import sys
from app.catalog.download.client import PipedDownloadClient
door = PipedDownloadClient(int(sys.argv[3]), int(sys.argv[4]))
try:
    for progress in door.pull(sys.argv[1]):
        print(progress.step, int(progress.done), flush=True)
    print("here")
except BaseException as error:
    print(type(error).__name__, error)
"""


def asking(keeper: DownloadBroker, model: str) -> "subprocess.Popen[bytes]":
    """A child of the launcher that asks for a model."""
    return keeper.start([sys.executable, "-c", ASKING, model], stdout=subprocess.PIPE, cwd=ROOT)


def wait_until_it_comes(child: "subprocess.Popen[bytes]") -> None:
    """Read what the child tells until bytes arrive."""
    assert child.stdout is not None
    assert any(b"Downloading" in line for line in iter(child.stdout.readline, b""))


def said(child: "subprocess.Popen[bytes]") -> str:
    out, _ = child.communicate(timeout=60)
    return out.decode().splitlines()[-1]
