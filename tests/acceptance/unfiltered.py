"""The product with its walls left out, to be run under strace: what does it do when nothing stops it?

The switch is here and nowhere else: this script replaces the functions that put the walls up,
in this process and in the workers that it starts. The product itself reads nothing for it.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from app.engines.parent import process
from app.engines.sandbox import confine, seccomp

ROOT = Path(__file__).resolve().parent.parent.parent


def _leave_open(name: str, reads: Iterable[str] = (), writes: Iterable[str] = ()) -> bool:
    """Say that the walls are there, and put up none."""
    return True


def _worker_command(name: str) -> list[str]:
    return [sys.executable, "-I", str(Path(__file__).resolve()), "--worker", name]


def window_session(folder: Path) -> int:
    """A person's session in the window: make a vault, import, ask, search, close, open again."""
    from PySide6.QtWidgets import QApplication

    from app.core.resources import demo_call
    from app.ui.style.theme import load_fonts
    from tests.ui.stage import close, enter, product, settle, shown, until

    app = QApplication(sys.argv[:1])
    load_fonts()
    window = shown(product(folder))
    desk = enter(window)
    desk.calls.take_in([demo_call()])
    until(lambda: desk.calls.list.rows.rows and not desk.calls.work.all(), 120, "the import")
    settle(0.5)
    call = desk.calls.call
    call.player.seek(10.0)
    call.side.composer.field.setPlainText("Who will send the test results?")
    call.side.composer.send_button.click()
    until(lambda: call.side.reply_stream.is_running, 10)
    until(lambda: not call.side.reply_stream.is_running, 60, "the answer")
    close(window)
    again = shown(product(folder))
    enter(again)
    settle(0.5)
    close(again)
    app.quit()
    return 0


def main() -> int:
    """`--window-session FOLDER`, or what `tacit` takes."""
    confine.confine_front_end = lambda kind: _leave_open(kind)
    confine.confine_worker = _leave_open
    process.worker_command = _worker_command
    if sys.argv[1] == "--window-session":
        seccomp.harden()
        import os

        os.environ.update(seccomp.quiet_environment())
        return window_session(Path(sys.argv[2]))
    from app.__main__ import main as tacit

    return tacit()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
