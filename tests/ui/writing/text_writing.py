"""What stands for the actions on texts: replaces words, and waits when it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from app.core.engines import Delta
from app.core.job import JobContext, Progress
from app.core.summary import Summary
from app.core.writing.action import TextAction
from app.core.writing.text_lines import TextLines, text_lines
from app.core.writing.written import SoFar, Written


@dataclass
class TextWriting:
    """Does with a text what `replace` says, in two pieces; it waits before the second one as long as `holds`."""

    replace: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    summary: Callable[[TextLines], Summary] | None = None
    error: Exception | None = None
    asked: list[tuple[TextAction, str]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def run(
        self, action: TextAction, text: str, context: JobContext, /, *, target: str = "", question: str = ""
    ) -> Written:
        self.asked.append((action, target or question))
        new = text
        for old, word in self.replace.items():
            new = new.replace(old, word)
        context.report(Progress("Writing", 0, 2, "parts"))
        context.report(Delta(new[: len(new) // 2]))
        while not self.gate.wait(0.01):
            context.checkpoint()
        context.checkpoint()
        if self.error is not None:
            raise self.error
        context.report(SoFar(new))
        if self.summary is not None and action is TextAction.SUMMARY:
            lines = text_lines(text, "en")
            return Written(action, text, new, "en", "Scripted", self.notes, self.summary(lines), lines)
        return Written(action, text, new, "en", "Scripted", self.notes)
