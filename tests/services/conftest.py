"""What the tests of services begin with."""

from pathlib import Path

import pytest

from app.engines.parent.engines import LocalEngines
from app.services.models.installing import Bringing
from tests.services.stage import provisioning


@pytest.fixture
def bringing(tmp_path: Path) -> Bringing:
    """Takes models in, with real workers and an empty shelf."""
    return Bringing(provisioning(tmp_path), lambda: LocalEngines(1, 512))
