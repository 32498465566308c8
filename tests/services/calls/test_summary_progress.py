"""The lines of a summary move while the model reads and writes, never back, and arrive with the last reply."""

from app.core.engines import Delta
from app.core.job import NullContext, Progress
from app.services.calls.summary_progress import SummaryProgress


class Noting(NullContext):
    """Keeps what is reported."""

    def __init__(self) -> None:
        self.done: list[float] = []

    def report(self, event: object) -> None:
        assert isinstance(event, Progress)
        self.done.append(event.done)


def chunk(progress: SummaryProgress, lines: int, reply: int) -> None:
    progress.begin(lines)
    for share in range(0, 100, 20):
        progress.take(Progress("Reading", share, 100, "tokens"))
    for _ in range(reply // 20):
        progress.take(Delta("x" * 20))
    progress.finish()


def test_it_moves_in_reading_and_in_writing_and_arrives() -> None:
    noting = Noting()
    progress = SummaryProgress(noting, 100)
    for _ in range(4):
        chunk(progress, 25, 600)
    assert noting.done == sorted(noting.done)
    assert noting.done[-1] == 100
    assert max(b - a for a, b in zip(noting.done, noting.done[1:], strict=False)) < 12, "no leaps"


def test_a_chunk_that_is_done_again_in_halves_takes_nothing_back() -> None:
    noting = Noting()
    progress = SummaryProgress(noting, 40)
    progress.begin(40)
    progress.take(Progress("Reading", 90, 100, "tokens"))
    reached = noting.done[-1]
    assert reached > 10
    for _ in range(2):
        chunk(progress, 20, 400)
    assert noting.done == sorted(noting.done)
    assert noting.done[-1] == 40
