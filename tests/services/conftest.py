"""What the tests of services begin with."""

from pathlib import Path

import pytest

from app.engines.remote import LocalEngines
from app.services.bringing import Bringing
from tests.services.staging import provisioning


@pytest.fixture
def bringing(tmp_path: Path) -> Bringing:
    """Takes models in, with real workers and an empty shelf."""
    return Bringing(provisioning(tmp_path), lambda: LocalEngines(1, 512))
