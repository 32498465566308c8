"""An open call, for the tests that edit its lines; other files have a `session` and a `page` of their own."""

import pytest

from app.ui.calls.call_page import CallPage
from app.ui.shell.workspace import Workspace
from tests.ui.calls.edited_call import Show, opened
from tests.ui.doubles import SessionDouble


@pytest.fixture
def session() -> SessionDouble:
    return SessionDouble()


@pytest.fixture
def page(show: Show, session: SessionDouble) -> CallPage:
    return opened(show, session)


@pytest.fixture
def desk(page: CallPage) -> Workspace:
    """The desk on which the call of `page` is open."""
    frame = page.window().findChild(Workspace)
    assert isinstance(frame, Workspace)
    return frame
