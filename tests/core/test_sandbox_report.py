"""When a process counts as offline, by its own attempts and its open sockets."""

import pytest

from app.core.sandbox_report import Attempt, Confinement, Holder

REFUSED = Attempt("connect", True, "EACCES")
ANSWERED = Attempt("connect", False, "connected")
FILE_READ = Attempt("read a file", False, "read", is_network=False)


def process(
    attempts: tuple[Attempt, ...] = (REFUSED,), sockets: dict[str, int] | None = None, problem: str = ""
) -> Confinement:
    return Confinement("engine", 1, (), attempts, sockets, "", problem)


@pytest.mark.parametrize(
    ("sockets", "is_free"),
    [
        (None, True),
        ({"unix": 3, "internet": 0, "other": 0}, True),
        ({"unix": 3, "internet": 1}, False),
        ({"other": 1}, False),
    ],
)
def test_a_socket_that_reaches_beyond_the_computer_counts_against_it(
    sockets: dict[str, int] | None, is_free: bool
) -> None:
    assert process(sockets=sockets).has_no_internet_socket is is_free
    assert process(sockets=sockets).is_offline is is_free


@pytest.mark.parametrize(
    ("found", "is_offline"),
    [
        (process((REFUSED, REFUSED)), True),
        (process((REFUSED, ANSWERED)), False),
        (process((REFUSED, FILE_READ)), True),  # a file that it may read says nothing of the network
        (process((FILE_READ,)), False),  # nothing was tried, so nothing is shown
        (process(()), False),
        (process(problem="It did not answer."), False),
    ],
)
def test_only_a_process_that_tried_and_was_refused_every_time_is_offline(found: Confinement, is_offline: bool) -> None:
    assert found.is_offline is is_offline


def test_who_enforces_a_layer_is_told_in_words() -> None:
    assert Holder.KERNEL.words == "enforced by the system's kernel"
    assert Holder.OURSELVES.words == "by our own code only"
    assert Holder.NOBODY.words == "not on this system"
