"""The window's end of the two pipes to the launcher: what it sends, and what it makes of the lines that come."""

import os
import threading
import time
from contextlib import closing

import pytest

from app.catalog.download.client import NoDownloadClient, PipedDownloadClient
from app.core.errors import DownloadError
from app.core.job import Cancelled, Progress


def test_a_door_whose_launcher_is_gone_says_so() -> None:
    (answered, answers), (asked, asks) = os.pipe(), os.pipe()
    door = PipedDownloadClient(answered, asks)
    outcome: list[BaseException] = []

    def pull() -> None:
        try:
            list(door.pull("tiny-0"))
        except DownloadError as error:
            outcome.append(error)

    waiting = threading.Thread(target=pull)
    waiting.start()
    assert os.read(asked, 100) == b'{"pull":"tiny-0"}\n'
    os.close(answers)
    waiting.join(5)
    assert [str(error).split(".")[0] for error in outcome] == ["The process that downloads is gone"]
    with pytest.raises(DownloadError):
        next(door.pull("tiny-0"))
    os.close(asked)


def test_without_a_launcher_nothing_can_be_fetched() -> None:
    with (
        pytest.raises(DownloadError, match="not started so that it can download"),
        closing(NoDownloadClient().pull("x")) as none,
    ):
        next(none)
    assert NoDownloadClient().active_downloads() == set()


@pytest.mark.parametrize(("is_detached", "sent"), [(False, b'{"cancel":"tiny-0"}\n'), (True, b"")])
def test_a_download_goes_on_only_after_its_window_has_detached(sent: bytes, *, is_detached: bool) -> None:
    (answered, answers), (asked, asks) = os.pipe(), os.pipe()
    door = PipedDownloadClient(answered, asks)
    pulling = door.pull("tiny-0")
    next(pulling)
    if is_detached:
        door.detach()
    pulling.close()
    os.close(answers)
    until = time.monotonic() + 5
    while not door._is_gone and time.monotonic() < until:
        time.sleep(0.01)
    with open(asked, "rb") as requests:  # noqa: PTH123 - a descriptor
        assert requests.read() == b'{"pull":"tiny-0"}\n' + sent


def test_a_request_that_nobody_reads_says_so() -> None:
    (answered, answers), (asked, asks) = os.pipe(), os.pipe()
    door = PipedDownloadClient(answered, asks)
    os.close(asked)
    with pytest.raises(DownloadError, match="The process that downloads is gone"):
        next(door.pull("tiny-0"))
    os.close(answers)


def test_lines_of_the_launcher_become_progress_and_errors() -> None:
    (answered, answers), (asked, asks) = os.pipe(), os.pipe()
    door = PipedDownloadClient(answered, asks)
    pulling = door.pull("tiny-0")
    next(pulling)  # from here on it waits for lines
    os.write(answers, b'rubbish\n{"type":"advance","model":"tiny-0","step":"Downloading","done":1,"total":9}\n')
    steps = [next(pulling) for _ in range(3)]
    assert Progress("Downloading", 1, 9, "bytes") in steps
    assert door.active_downloads() == {"tiny-0"}
    os.write(answers, b'{"type":"stopped","model":"tiny-0"}\n')
    with pytest.raises(Cancelled):
        list(pulling)
    assert door.active_downloads() == set()
    os.close(answers)
    os.close(asked)
