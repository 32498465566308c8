"""Where somebody speaks is kept with the lines: once, however often it is transcribed, and gone with the call."""

import pytest

from app.core.errors import NotFound
from app.core.line_changes import insertion
from app.core.speech import Speech
from app.core.transcript import Utterance, Word, spoken
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.storage.calls import add, line


def test_it_is_saved_piece_by_piece_with_the_lines(vault: Vault) -> None:
    store = CallStore(vault)
    call = add(store)
    store.save_utterances(call, 0, 20.0, [line("Hello.")], "en", [(1.0, 4.0), (6.0, 9.5)])
    store.save_utterances(call, 1, 20.0, [], "en", [(2.0, 3.0)])
    store.save_utterances(call, 0, 40.0, [], "en", [(21.0, 24.0)])
    assert store.transcript(call).speech == (), "until it is known of all of the call"
    store.finish_transcript(call)
    assert store.transcript(call).speech == (
        Speech(0, 1.0, 4.0), Speech(1, 2.0, 3.0), Speech(0, 6.0, 9.5), Speech(0, 21.0, 24.0),
    )  # fmt: skip


def test_a_new_transcript_says_anew_where_somebody_speaks(vault: Vault) -> None:
    store = CallStore(vault)
    call = add(store)
    store.save_utterances(call, 0, 20.0, [line("Hello.")], "en", [(1.0, 4.0), (6.0, 9.5)])
    store.save_utterances(call, 0, 40.0, [], "en", [(21.0, 24.0)])
    store.finish_transcript(call)
    store.request_retranscription(call, "")
    store.begin_transcript(call, "other")
    store.save_utterances(call, 0, 20.0, [line("Hallo.")], "de", [(1.1, 4.0)])
    assert store.transcript(call).speech == (), "while a part of it is that of another transcript"
    store.save_utterances(call, 0, 40.0, [], "de", [(21.0, 24.0), (30.0, 31.0)])
    store.finish_transcript(call)
    assert store.transcript(call).speech == (Speech(0, 1.1, 4.0), Speech(0, 21.0, 24.0), Speech(0, 30.0, 31.0))


def test_it_goes_with_the_call(vault: Vault) -> None:
    store = CallStore(vault)
    call = add(store)
    store.save_utterances(call, 0, 20.0, [], "en", [(1.0, 4.0)])
    store.delete(call)
    assert vault.row("SELECT count(*) FROM speech")[0] == 0


def test_a_call_that_was_deleted_meanwhile_takes_nothing(vault: Vault) -> None:
    store = CallStore(vault)
    call = add(store)
    store.delete(call)
    with pytest.raises(NotFound):
        store.save_utterances(call, 0, 20.0, [], "en", [(1.0, 4.0)])


@pytest.mark.parametrize(
    ("heard", "stays"),
    [
        ([line("Hello."), line("Bye.", 30.0)], True),
        ([spoken(0, 17.0, 24.0, "okay", (Word(" okay", 17.0, 24.0, 0.9),))], True),
        ([line("Hello."), line("and this is heard now", 20.0)], False),
    ],
)
def test_what_a_person_wrote_stays_where_nothing_is_heard_anew_either(
    vault: Vault, heard: list[Utterance], stays: bool
) -> None:
    store = CallStore(vault)
    call = add(store)
    store.save_utterances(call, 0, 40.0, [line("Hello.")], "en", [(0.0, 1.0), (20.0, 24.0)])
    store.finish_transcript(call)
    written = insertion(call, Speech(0, 20.0, 24.0), store.get(call).speakers[0].id, "What I hear there.")
    store.change_lines(written)
    store.begin_transcript(call, "other")
    store.save_utterances(call, 0, 40.0, heard, "en", [(0.0, 1.0), (20.0, 24.0)])
    store.finish_transcript(call)
    found = store.transcript(call).utterances
    assert (written.after[0].id in {said.id for said in found}) is stays
    assert [said.line for said in found] == list(range(1, len(found) + 1))
