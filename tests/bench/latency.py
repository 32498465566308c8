"""From a key press to its painting, and the longest stall: idle, while a call is heard, and while a reply streams.

python -m tests.bench.latency [SECONDS]

Real widgets and real workers; with TACIT_REAL, whose `models` holds them, whisper-tiny-en and SmolLM2, else the demo
models. It draws on the display that QT_QPA_PLATFORM and DISPLAY name; as a measure of the product that is an Xvfb.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from app.core.job import Lane
from app.ui.main_window import MainWindow
from app.ui.runtime.gc_timer import GcTimer
from app.ui.style.theme import load_fonts
from tests.running import joined_call
from tests.ui.stage import close, enter, product, shown, until

MOST_LATENCY, MOST_STALL = 0.030, 0.100  # seconds: of nineteen key presses in twenty, and of any one turn of the loop
SPEECH, LANGUAGE = "whisper-tiny-en", "SmolLM2-135M-Instruct.Q4_1"
_BETWEEN_KEYS, _TICK = 60, 2  # milliseconds


class Typist(QObject):
    """Types into a field, one key after the painting of the one before, and watches the loop's turns."""

    def __init__(self, field: QPlainTextEdit) -> None:
        super().__init__(field)
        self._field, self._pressed = field, 0.0
        self.latencies: list[float] = []
        self.stalls: list[float] = []  # of each turn of the loop, in seconds of the window's own thread
        self._last = time.thread_time()
        field.viewport().installEventFilter(self)
        self._keys, self._ticks = QTimer(self), QTimer(self)
        self._keys.setInterval(_BETWEEN_KEYS)
        self._keys.timeout.connect(self._press)
        self._ticks.setInterval(_TICK)
        self._ticks.timeout.connect(self._tick)
        self._keys.start()
        self._ticks.start()

    def _press(self) -> None:
        if self._pressed:
            return
        if len(self._field.toPlainText()) > 200:
            self._field.clear()
        self._pressed = time.perf_counter()
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            key = QKeyEvent(kind, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
            QApplication.postEvent(self._field, key)

    def _tick(self) -> None:
        now = time.thread_time()
        self.stalls.append(now - self._last)
        self._last = now

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        """Qt: the field is painted."""
        if self._pressed and event.type() == QEvent.Type.Paint and self._field.toPlainText():
            self.latencies.append(time.perf_counter() - self._pressed)
            self._pressed = 0.0
        return False

    def end(self) -> dict[str, float]:
        """Stop typing; the 95th percentile and the median of the latencies, and the longest turn, in seconds."""
        self._keys.stop()
        self._ticks.stop()
        self._field.viewport().removeEventFilter(self)
        twentieths = statistics.quantiles(self.latencies, n=20, method="inclusive")
        return {
            "p95": twentieths[-1], "median": statistics.median(self.latencies), "stall": max(self.stalls),
            "keys": len(self.latencies),
        }  # fmt: skip


def measure(seconds: float = 10.0) -> dict[str, dict[str, float]]:
    """Latencies and stalls of a window that is idle, one that hears a call, and one into which a reply streams."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    load_fonts()
    gc_timer = GcTimer(app)
    gc_timer.start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tacit = product(folder)
        if take_real_models(folder / "models"):
            tacit.settings.change(speech_model=SPEECH, language_model=LANGUAGE)
        window = shown(tacit)
        try:
            return _measured(window, folder, seconds)
        finally:
            close(window)
            gc_timer.stop()


def take_real_models(folder: Path) -> bool:
    """Copy the real models of TACIT_REAL into a folder of models; False where there are none."""
    real = os.environ.get("TACIT_REAL")
    if not real:
        return False
    models = Path(real) / "models"
    folder.mkdir(exist_ok=True)
    shutil.copytree(models / SPEECH, folder / SPEECH)
    shutil.copyfile(models / f"{LANGUAGE}.gguf", folder / f"{LANGUAGE}.gguf")
    return True


def _measured(window: MainWindow, folder: Path, seconds: float) -> dict[str, dict[str, float]]:
    desk = enter(window)
    desk.import_or_install([joined_call(folder / "Long call.wav", 60 * seconds)], is_for_models=False)

    def is_hearing() -> bool:
        return any(work.job.lane is Lane.SPEECH and work.fraction for work in desk.calls.work.all())

    until(is_hearing, 120, "the transcription")
    until(lambda: desk.calls.call.call is not None, 30, "the call")
    field = desk.calls.call.side.composer.field
    found = {"hearing": _typed(field, seconds, is_hearing)}
    for work in desk.calls.work.all():
        work.job.cancel()
    until(lambda: not desk.calls.work.all(), 60, "the end of the work")
    found["idle"] = _typed(field, seconds, lambda: True)
    found["streaming"] = _streamed(desk.calls.call, seconds)
    return found


def _streamed(page: Any, seconds: float) -> dict[str, float]:
    side = page.side
    side.ask_tab.click()
    typist, end = Typist(side.composer.field), time.monotonic() + seconds
    while time.monotonic() < end:
        if not side.reply_stream.is_running:
            side.reply_stream.ask("Write a long list of what was said, with a table and code.", page.call.id)
        QApplication.processEvents()
        time.sleep(0.001)
    side.reply_stream.stop()
    until(lambda: not side.reply_stream.is_running, 60, "the stop")
    return typist.end()


def _typed(field: QPlainTextEdit, seconds: float, is_so: Callable[[], bool]) -> dict[str, float]:
    typist, end = Typist(field), time.monotonic() + seconds
    while time.monotonic() < end and is_so():
        QApplication.processEvents()
        time.sleep(0.001)
    return typist.end()


def main() -> None:
    """Print the figures side by side; the status is 1 if one is beyond its bar."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    found = measure(seconds)
    print(f"{'':12}{'keys':>8}{'median':>12}{'95 of 100':>12}{'stall':>12}")
    for name in ("idle", "hearing", "streaming"):
        one = found[name]
        figures = "".join(f"{one[key] * 1000:>9.1f} ms" for key in ("median", "p95", "stall"))
        print(f"{name:12}{one['keys']:>8.0f}{figures}")
    is_good = all(one["p95"] < MOST_LATENCY and one["stall"] < MOST_STALL for one in found.values())
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
