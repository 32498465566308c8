"""The steps of calls that an earlier version stored as a state, and of calls whose steps were lost."""

import pytest

from app.core.call import CallState
from app.storage.database.steps import fill_steps
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.storage.calls import add, new


@pytest.mark.parametrize("state", [CallState.TRANSCRIBING, CallState.TRANSCRIBED, CallState.SUMMARIZED])
def test_a_state_of_an_earlier_version_becomes_steps(vault: Vault, state: CallState) -> None:
    store = CallStore(vault)
    known = add(store, "We agree.")
    assert refilled(vault, store, state.value) is state
    assert (
        store.get(known).steps_done
        == {
            CallState.TRANSCRIBING: frozenset(),
            CallState.TRANSCRIBED: {"transcribe"},
            CallState.SUMMARIZED: {"transcribe", "summarize"},
        }[state]
    )


@pytest.mark.parametrize("state", [CallState.IMPORTED, CallState.SILENT])
def test_a_call_without_a_line_keeps_its_state(vault: Vault, state: CallState) -> None:
    store = CallStore(vault)
    store.add(new())
    assert refilled(vault, store, state.value) is state


def test_where_steps_are_lost_what_is_there_says_what_was_done(vault: Vault) -> None:
    store = CallStore(vault)
    add(store, "We agree.")
    assert refilled(vault, store, "") is CallState.TRANSCRIBED


def test_steps_that_are_known_are_left_as_they_are(vault: Vault) -> None:
    store = CallStore(vault)
    known = add(store, "We agree.")
    with vault.write() as db:
        fill_steps(db)
    assert store.get(known).state is CallState.TRANSCRIBING


def refilled(vault: Vault, store: CallStore, state: str) -> CallState:
    """The state of the only call, after its steps were lost and filled in from the old column."""
    with vault.write() as db:
        db.execute("DELETE FROM steps")
        db.execute("UPDATE recordings SET state = ?", [state])
        fill_steps(db)
    return store.all()[0].state
