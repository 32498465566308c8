"""A moment of a call that another page speaks of is shown in the call, wherever it was chosen."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from app.core.conversation import Citation
from app.services.application import Application
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call, line_id
from tests.ui.stage import enter, until


def test_what_a_chat_cites_is_shown_and_has_the_focus(show: Callable[[Application], MainWindow]) -> None:
    session = SessionDouble()
    cited = session.library.add(call("Supply contract")).id
    desk = enter(show(as_tacit(session)))
    desk.show_page(CHATS).citation_clicked.emit(Citation(cited, line_id(6), 50.0, 55.0))
    until(lambda: desk.is_shown(CALLS) and desk.calls.open_call_id == cited, what="the call")
    until(lambda: QApplication.focusWidget() is desk.calls.call.transcript, what="the focus")
