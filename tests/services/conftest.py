"""What the tests of services begin with."""

from pathlib import Path

import pytest

from app.engines.parent.engines import LocalEngines
from app.services.models.installing import Installing
from tests.services.stage import provisioning


@pytest.fixture
def installing(tmp_path: Path) -> Installing:
    """Takes models in, with real workers and an empty shelf."""
    return Installing(provisioning(tmp_path), lambda: LocalEngines(1, 512))
