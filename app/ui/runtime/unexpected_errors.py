"""How an exception is shown to the person, and what happens to one that nothing caught."""

import os
import sys
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from app.core import diagnostics
from app.core.errors import AssistantError, EngineOutOfMemory

NO_DISPLAY = "tacit: There is no display to open the window on. Nothing was changed; the commands work without one."
_BUG = ("Something went wrong in Tacit itself.", "Nothing you saved was changed; close and open Tacit again.")


def error_sentences(error: BaseException) -> tuple[str, str]:
    """Two sentences without any content: what happened, and what is safe or to do next."""
    if isinstance(error, AssistantError):
        return error.title, error.advice
    if isinstance(error, MemoryError):
        return EngineOutOfMemory.default_title, EngineOutOfMemory.default_advice
    return _BUG


def catch_unexpected(show: Callable[[BaseException], None]) -> None:
    """Record exceptions that nothing caught, and send those of slots to `show`; stderr gets their class and line."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        report_unexpected(error.with_traceback(trace))
        show(error)

    sys.excepthook = hook


def report_unexpected(error: BaseException) -> None:
    """Record an exception that nothing caught, and write its class and line to stderr."""
    diagnostics.record(error, "window")
    kind, lines = diagnostics.describe(error)
    sys.stderr.write(f"tacit: unexpected {kind} at {''.join(lines[-1:])}\n")


def silence_qt_messages() -> None:
    """Drop the text of Qt's own messages, which can quote a widget's content; keep their kind."""

    def drop(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind is QtMsgType.QtFatalMsg and "platform plugin" in message:
            sys.stderr.write(NO_DISPLAY + "\n")
            os._exit(1)  # Qt would abort the process next
        if kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
            sys.stderr.write(f"tacit: Qt reports {kind.name} in {context.category or 'qt'}\n")

    qInstallMessageHandler(drop)
