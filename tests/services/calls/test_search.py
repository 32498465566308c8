"""A search takes whatever is pasted into it, and answers soon."""

import time

import pytest

from app.services.calls.search import Search
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.storage.calls import add


@pytest.mark.alone
@pytest.mark.parametrize("count", [64, 300, 5000, 60_000])
def test_any_number_of_words_is_searched_for(vault: Vault, count: int) -> None:
    store = CallStore(vault)
    add(store, "The launch of the observatory moves to Friday.", "Three days.", title="Launch")
    search = Search(store)
    words = " ".join(f"w{n}" for n in range(count)) + " observatory"
    began = time.process_time()
    assert [hit.line for hit in search.search(words)] == [1]
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    "query",
    ['"', 'a" OR text:"b', "NEAR(a b)", "-x", "*", "a\0b", "x'; DROP TABLE recordings;--", "\u202e", "'" * 1000],
)
def test_a_question_is_never_a_fault_of_the_vault(vault: Vault, query: str) -> None:
    store = CallStore(vault)
    add(store, "The launch moves.", title="Launch")
    assert Search(store).search(query) == []
