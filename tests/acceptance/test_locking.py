"""Locking the real window from outside: it is quick whatever runs, and a fresh window asks for the passphrase."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import assembly
from app.core import exit_status
from app.core.call import CallState
from app.core.import_options import ImportOptions
from app.core.job import Progress
from app.services.session import Session
from tests.acceptance.on_screen import OnScreen, command_of, display, running, until
from tests.doubles.buses import bus
from tests.running import CHEAP, PASSPHRASE, ROOT, Home, joined_call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Xvfb and D-Bus are Linux's")
MOST_SECONDS = 2.0


class Watching:
    """The surroundings of a job that nobody stops."""

    def checkpoint(self) -> None:
        """Go on."""

    def report(self, event: object) -> None:
        """Hear of it."""
        assert isinstance(event, Progress) or event


def session_of(home: Home, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session on the home's vault, in this process."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home.folder / "config"))
    tacit = assembly.build(home.vault, home.models, is_offline_enforced=True, cost=CHEAP)
    return tacit.unlock(PASSPHRASE) if tacit.vault_exists() else tacit.create(PASSPHRASE)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with an empty vault."""
    made = Home(tmp_path / "home")
    session_of(made, monkeypatch).close()
    return made


def locked(product: OnScreen, window: int) -> float:
    """Seconds from the keys to the end of the window and of its workers."""
    workers = [pid for pid in product.processes if "--worker" in command_of(pid)]
    product.keys("ctrl+l")
    return until(lambda: not any(command_of(pid) for pid in (window, *workers)), 20, "the end of the window")


def test_a_lock_is_quick_while_a_call_is_transcribed_and_a_question_answered(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(home, monkeypatch)
    file = joined_call(tmp_path / "long.wav", 200).rename(tmp_path / "call.wav")
    call = session.importing.import_file(file, ImportOptions(), Watching())
    session.close()
    with display(tmp_path) as number, running(home, number) as product:
        window = product.wait_for_window()
        product.unlock(PASSPHRASE)

        def workers(of: OnScreen) -> str:
            return " ".join(command_of(pid)[-1] for pid in of.processes if "--worker" in command_of(pid))

        until(lambda: "speech" in workers(product), 30, "the transcription")
        product.keys("ctrl+n")
        product.type("When will they send the test results?")
        product.keys("Return")
        until(lambda: "language" in workers(product), 30, "the answer")
        time.sleep(0.5)
        took = locked(product, window)
        fresh = product.wait_for_window(window)
        assert workers(product) == ""
        print(f"locked in {took:.2f} s while a call was transcribed and a question answered")
        assert took <= MOST_SECONDS
        product.unlock(PASSPHRASE)
        until(lambda: "speech" in workers(product), 30, "the transcription to go on")
        assert product.window == fresh
    session = session_of(home, monkeypatch)
    try:
        assert session.library.call(call.id).state is not CallState.SUMMARIZED
        asked = session.answering.conversation(session.answering.conversations()[0].id)
        assert asked.messages[0].text == "When will they send the test results?"
    finally:
        session.close()


@pytest.mark.alone
def test_a_close_that_hangs_is_ended(home: Home) -> None:
    """Whatever the cause: the deadline ends the window, and the kernel its workers."""
    code = (
        "import sys, time; sys.argv = ['tacit', '--window', '--vault', sys.argv[1]];"
        "from app.services.session import Session; from app.ui.main_window import MainWindow;"
        "Session.close = lambda _: time.sleep(60);"
        "from PySide6.QtCore import QTimer;"
        "enter = MainWindow.enter;"
        "MainWindow.enter = lambda w, s: (enter(w, s), print('open', flush=True), QTimer.singleShot(300, w.lock));"
        "show = MainWindow.show;"
        f"MainWindow.show = lambda w: (show(w), QTimer.singleShot(100, lambda: w.unlock_flow.unlock({PASSPHRASE!r})));"
        "from app.__main__ import main; sys.exit(main())"
    )
    environment = home.environment | {"QT_QPA_PLATFORM": "offscreen"}
    window = subprocess.Popen(
        [sys.executable, "-c", code, str(home.vault)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert window.stdout is not None
    assert window.stdout.readline() == "open\n"
    began = time.monotonic()
    assert window.wait(20) == exit_status.LOCKED
    assert time.monotonic() - began < MOST_SECONDS + 0.3
    window.stdout.close()


def test_a_fresh_window_appears_where_the_old_one_was(home: Home, tmp_path: Path) -> None:
    with display(tmp_path) as number, running(home, number) as product:
        window = product.wait_for_window()
        product.do("windowsize", "--sync", product.top(), "900", "640")
        product.do("windowmove", "--sync", product.top(), "210", "130")
        product.unlock(PASSPHRASE)
        time.sleep(0.7)
        before = product.do("getwindowgeometry", product.top()).split("\n", 1)[1]
        assert "900x640" in before
        locked(product, window)
        product.wait_for_window(window)
        assert product.do("getwindowgeometry", product.top()).split("\n", 1)[1] == before


def test_what_was_copied_is_gone_after_the_lock(home: Home, tmp_path: Path) -> None:
    look = "from PySide6.QtWidgets import QApplication; a = QApplication([]); print(a.clipboard().text())"

    def held(product: OnScreen) -> str:
        seen = subprocess.run(
            [sys.executable, "-c", look], env=product.environment, capture_output=True, text=True, check=True
        )
        return seen.stdout.strip()

    with display(tmp_path) as number, running(home, number) as product:
        window = product.wait_for_window()
        product.unlock(PASSPHRASE)
        time.sleep(0.7)
        product.keys("ctrl+n")
        product.type("words of mine")
        product.keys("ctrl+a", "ctrl+c")
        assert held(product) == "words of mine"
        locked(product, window)
        assert held(product) == ""
        product.wait_for_window(window)


def tell(address: str, path: str, member: str, *values: str) -> None:
    """Emit a signal on a bus."""
    environment = os.environ | {"DBUS_SESSION_BUS_ADDRESS": address}
    subprocess.run(["dbus-send", "--session", "--type=signal", path, member, *values], env=environment, check=True)


@contextmanager
def told_by_the_system(home: Home, folder: Path) -> Iterator[tuple[OnScreen, "subprocess.Popen[str]", str]]:
    """The product with its vault open, what plays logind, and the bus that all of them are on."""
    with display(folder) as number, bus(folder) as address:
        command = [sys.executable, str(Path(__file__).with_name("login_service.py")), address]
        login = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert login.stdout is not None
        assert login.stdout.readline() == "ready\n"
        variables = {
            "DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address, "XDG_SESSION_ID": "7",
        }  # fmt: skip
        try:
            with running(home, number, variables) as product:
                product.wait_for_window()
                product.unlock(PASSPHRASE)
                assert login.stdout.readline() == "sleep Tacit delay\n"
                yield product, login, address
        finally:
            login.kill()
            login.communicate()


@pytest.mark.alone
@pytest.mark.parametrize("sign", ["screen saver", "session", "sleep"])
def test_the_system_locks_it(home: Home, tmp_path: Path, sign: str) -> None:
    with told_by_the_system(home, tmp_path) as (product, login, address):
        window = product.window
        began = time.monotonic()
        if sign == "screen saver":
            saver = "org.freedesktop.ScreenSaver"
            tell(address, "/org/freedesktop/ScreenSaver", f"{saver}.ActiveChanged", "boolean:false")
            time.sleep(0.5)
            assert product.window == window
            tell(address, "/org/freedesktop/ScreenSaver", f"{saver}.ActiveChanged", "boolean:true")
        else:
            login.send_signal(signal.SIGUSR1 if sign == "session" else signal.SIGUSR2)
        until(lambda: product.window != window, 5, "the lock")
        assert time.monotonic() - began < MOST_SECONDS + 0.5
        assert login.stdout is not None
        assert login.stdout.readline() == "may sleep\n", "the system would wait in vain"
        product.wait_for_window(window)


def test_who_does_not_want_that_sleeps_without_waiting_and_stays_unlocked(home: Home, tmp_path: Path) -> None:
    settings = home.folder / "config" / "tacit" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('{"locks_with_screen": false}')
    with told_by_the_system(home, tmp_path) as (product, login, _):
        window = product.window
        login.send_signal(signal.SIGUSR1)
        login.send_signal(signal.SIGUSR2)
        assert login.stdout is not None
        assert login.stdout.readline() == "may sleep\n"
        assert product.window == window


def test_the_demo_s_window_locks_too(home: Home, tmp_path: Path) -> None:
    with display(tmp_path) as number, running(home, number, arguments=("demo", "--window")) as product:
        stderr = product.launcher.stderr
        assert stderr is not None
        passphrase = next(line for line in stderr if "passphrase" in line).split()[-1]
        window = product.wait_for_window()
        until(lambda: any("--worker" in command_of(pid) for pid in product.processes), 30, "the import")
        locked(product, window)
        fresh = product.wait_for_window(window)
        product.unlock(passphrase)
        until(lambda: any("--worker" in command_of(pid) for pid in product.processes), 30, "the work to go on")
        assert product.window == fresh
    assert list(home.temporary.glob("tacit-demo-*")) == []
