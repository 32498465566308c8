"""Pages are drawn beside the windows of other tests, of which a process can have one application."""

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def _application(qapp: QApplication) -> None:
    """The application of all tests, where a command would make one of its own."""
