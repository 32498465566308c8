"""The list of thresholds follows the code: `make mutants` takes too long for every day."""

from tests.quality.mutants import THRESHOLDS, thresholds


def test_each_threshold_is_in_the_core_exactly_once() -> None:
    assert len(thresholds()) == sum(len(changes) for _, changes in THRESHOLDS)
