"""Why an open call has no lines yet, and the offer to go on with it once its work has ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.call import CallState
from app.services.models.selection import DEMO_REFUSED
from app.ui.style.phrases import missing_work
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import RichText

if TYPE_CHECKING:
    from app.core.call import Call
    from app.ui.calls.call_actions import CallActions
    from app.ui.calls.call_jobs import CallJobs
    from app.ui.widgets.notice_bar import NoticeBar

_SILENT_ADVICE = "The sound is kept: try another language or another speech model, or delete the call."


class MissingLines(QWidget):
    """Stands in the place of the lines; hidden where nothing is missing. The offers are in the notice of the page."""

    def __init__(
        self, theme: Theme, work: "CallJobs", notice: "NoticeBar", count_lines: Callable[[], int], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("No transcript yet")
        self._work, self._notice, self._count_lines = work, notice, count_lines
        self.on_call: CallActions | None = None
        self.is_heard_by_demo = False
        inset = QVBoxLayout(self)
        inset.setContentsMargins(theme.px(22), theme.px(14), theme.px(22), 0)
        self.words = RichText(theme, self, role="second")
        inset.addWidget(self.words)
        self.hide()
        self._offer_timer = QTimer(self)
        self._offer_timer.setSingleShot(True)
        self._offer_timer.setInterval(1_500)
        self._offer_timer.timeout.connect(self._offer_to_go_on)
        self._is_offering = False

    @property
    def _call(self) -> "Call | None":
        return None if self.on_call is None else self.on_call.call

    def tell(self) -> None:
        """Say what is so by now."""
        call, on_call = self._call, self.on_call
        if call is None or on_call is None:
            return
        work, error = self._work.job_on(call.id), self._work.errors.get(call.id)
        if work is not None or (error is None and self._is_offering):
            self._is_offering = False
            self._notice.hide()
        if work is not None:
            reason = "" if self._count_lines() else "The words appear here as they are recognised."
        elif error is not None:
            reason = "" if self._count_lines() else "There is no transcript yet."
            self._is_offering = True
            self._notice.show_error(error, "Try again", on_call.go_on)
        else:
            reason = "There is no transcript." if call.state is CallState.SILENT else ""
            self._offer_timer.start()  # the next step may be about to start
        self.words.set_text(reason)
        self.setVisible(bool(reason))

    def _offer_to_go_on(self) -> None:
        """Say what is missing after a cancel or an exit, and offer to continue."""
        call, on_call = self._call, self.on_call
        if call is None or on_call is None or self._work.job_on(call.id) or self._work.errors.get(call.id):
            return
        if call.state is CallState.SILENT:
            self._is_offering = True
            told = DEMO_REFUSED if self.is_heard_by_demo else (f"{missing_work(call)}.", _SILENT_ADVICE)
            self._notice.show_until_closed(*told, "Try again…", on_call.transcribe_again)
        elif missing := missing_work(call):
            self._is_offering = True
            self._notice.show_until_closed(f"{missing}.", "What was done is kept.", "Go on", on_call.go_on)
