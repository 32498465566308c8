"""Work on an engine that fails is done again by its policy: how often, after which errors, and with what in between."""

import pytest

from app.core.errors import AssistantError, EngineCrashed, EngineFault, EngineOutOfMemory, ModelTooLarge
from app.services.engine_pool import FOR_WANT_OF_MEMORY, ONCE_MORE, RESUMED, RetryPolicy, retry


class Work:
    """Work that fails in each given way in turn, after saving something where the second value says so."""

    def __init__(self, *failures: tuple[type[AssistantError], bool]) -> None:
        self.attempts = 0
        self.count_saved = 0
        self._failures = iter(failures)

    def __call__(self) -> str:
        self.attempts += 1
        for error, has_saved in self._failures:
            self.count_saved += has_saved
            raise error
        return "done"

    def saved(self) -> int:
        return self.count_saved


DIES, DIES_LATER = (EngineCrashed, False), (EngineCrashed, True)
SHORT, SHORT_LATER, TOO_LARGE = (EngineOutOfMemory, False), (EngineOutOfMemory, True), (ModelTooLarge, False)
BUG = (EngineFault, False)


@pytest.mark.parametrize(
    ("policy", "failures", "attempts", "is_done"),
    [
        (ONCE_MORE, [DIES], 2, True),
        (ONCE_MORE, [DIES, DIES], 2, False),
        (ONCE_MORE, [DIES_LATER], 1, False),
        (ONCE_MORE, [BUG], 1, False),
        (ONCE_MORE, [SHORT, TOO_LARGE, SHORT, DIES], 5, True),
        (ONCE_MORE, [DIES, *[SHORT] * 8, DIES], 10, False),
        (FOR_WANT_OF_MEMORY, [DIES], 1, False),
        (FOR_WANT_OF_MEMORY, [SHORT] * 8, 9, True),
        (FOR_WANT_OF_MEMORY, [SHORT] * 9, 9, False),
        (FOR_WANT_OF_MEMORY, [TOO_LARGE, TOO_LARGE], 2, False),
        (FOR_WANT_OF_MEMORY, [SHORT_LATER], 1, False),
        (RESUMED, [DIES, DIES], 3, True),
        (RESUMED, [DIES, DIES, DIES], 3, False),
        (RESUMED, [DIES_LATER] * 20, 21, True),
        (RESUMED, [DIES, DIES, DIES_LATER, DIES], 5, True),
        (RESUMED, [DIES, DIES, DIES_LATER, DIES, DIES], 5, False),
        (RESUMED, [SHORT_LATER, SHORT], 3, True),
        (RESUMED, [DIES_LATER, BUG], 2, False),
    ],
)
def test_work_is_done_again_as_often_as_its_policy_says(
    policy: RetryPolicy, failures: list[tuple[type[AssistantError], bool]], attempts: int, is_done: bool
) -> None:
    work = Work(*failures)
    if is_done:
        assert retry(policy, work, work.saved) == "done"
    else:
        with pytest.raises(failures[-1][0]):
            retry(policy, work, work.saved)
    assert work.attempts == attempts


@pytest.mark.parametrize("failure", [SHORT, TOO_LARGE])
def test_something_smaller_is_taken_in_between_until_there_is_nothing(
    failure: tuple[type[AssistantError], bool],
) -> None:
    left = [2, 1]

    def take_smaller() -> bool:
        return bool(left and left.pop())

    work = Work(failure, failure, failure, failure)
    with pytest.raises(failure[0]):
        retry(RESUMED, work, work.saved, take_smaller)
    assert work.attempts == 3
    assert retry(RESUMED, Work(DIES, DIES), take_smaller=take_smaller) == "done", "a death takes nothing smaller"
