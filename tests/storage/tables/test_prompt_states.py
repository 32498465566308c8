"""What was evaluated of calls: stored sealed, inside a budget, gone with its call, and never needed."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import NotFound, VaultDamaged
from app.core.ids import CallId
from app.core.prompt_state import StateHead, StatePiece
from app.core.transcript import Speaker
from app.storage.tables.calls import CallStore
from app.storage.tables.prompt_states import PromptStateStore
from app.storage.vault import Vault
from tests.storage.calls import add

HALVES = b"".join(os.urandom(1) + bytes([0x3C | n % 3]) for n in range(50_000))  # as half-precision numbers look


def pieces(count: int = 3, data: bytes = HALVES) -> list[StatePiece]:
    return [
        StatePiece(StateHead(hashlib.sha256(bytes([n])).digest(), 100 * n + 100, len(data) + n), data + bytes(n))
        for n in range(count)
    ]


@pytest.fixture
def calls(vault: Vault) -> CallStore:
    return CallStore(vault)


@pytest.fixture
def states(vault: Vault) -> PromptStateStore:
    return PromptStateStore(vault)


def files(vault: Vault) -> list[Path]:
    return sorted((vault.folder / "states").iterdir()) if (vault.folder / "states").exists() else []


def opened(states: PromptStateStore, call: CallId) -> list[StatePiece]:
    found = states.open(call)
    assert found is not None
    with found:
        return [StatePiece(head, found.data(n)) for n, head in enumerate(found.heads)]


def test_pieces_come_back_as_they_were_and_take_less_room(
    vault: Vault, calls: CallStore, states: PromptStateStore
) -> None:
    call = add(calls, "We agree.")
    assert states.open(call) is None
    assert states.last_head(call) is None
    assert states.size() == 0
    assert states.write(call, pieces())
    assert opened(states, call) == pieces()
    assert states.last_head(call) == pieces()[-1].head
    assert 0.5 * 3 * len(HALVES) < states.size() < 0.8 * 3 * len(HALVES)
    assert states.write(call, [])
    assert opened(states, call) == pieces(), "nothing new changes nothing"
    assert states.write(call, pieces(1, b"\1"))
    assert opened(states, call) == pieces(1, b"\1")
    assert [path.name for path in files(vault)] == [f"{call}.state"]
    assert b"We agree" not in files(vault)[0].read_bytes()
    assert HALVES[:64] not in files(vault)[0].read_bytes()


def test_a_damaged_file_is_noticed_and_removed(vault: Vault, calls: CallStore, states: PromptStateStore) -> None:
    call, other = add(calls, "We agree."), add(calls, "We do not.")
    states.write(call, pieces(2, os.urandom(3_000_000)))
    (path,) = files(vault)
    whole = path.read_bytes()
    for damaged in (b"", whole[:20], whole[:-1], whole[:1_200_000], whole[:50] + b"\0" + whole[51:], bytes(100)):
        path.write_bytes(damaged)
        assert states.open(call) is None
        assert files(vault) == []
    path.write_bytes(whole[:1_500_000] + bytes([whole[1_500_000] ^ 1]) + whole[1_500_001:])
    found = states.open(call)
    if found is not None:
        with found, pytest.raises(VaultDamaged):
            [found.data(n) for n in range(2)]
    path.with_name(f"{other}.state").write_bytes(whole)
    assert states.open(other) is None, "another call's file opens under no other key"


def test_the_oldest_go_where_they_take_too_much_together(vault: Vault, calls: CallStore) -> None:
    states = PromptStateStore(vault, 250_000)
    first, second, third = (add(calls, f"Call {n}.") for n in range(3))
    random = os.urandom(100_000)
    for age, call in enumerate((first, second, third)):
        assert states.write(call, pieces(1, random))
        os.utime(vault.folder / "states" / f"{call}.state", (age, age))
    assert {path.stem for path in files(vault)} == {second, third}
    assert not states.write(first, pieces(3, random)), "more than all may take"
    assert {path.stem for path in files(vault)} == {second, third}


def test_little_free_disk_is_left_alone(
    vault: Vault, calls: CallStore, states: PromptStateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = add(calls, "We agree.")
    usage = shutil.disk_usage(vault.folder)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert not states.write(call, pieces(2, os.urandom(100_000)))
    assert states.write(call, pieces(1, os.urandom(50_000)))


def test_it_goes_with_its_call_and_when_what_was_said_changes(
    vault: Vault, calls: CallStore, states: PromptStateStore
) -> None:
    call = add(calls, "We agree.")
    calls.finish_transcript(call)

    states.write(call, pieces())
    speakers = calls.get(call).speakers
    calls.set_speakers(call, [Speaker(speakers[0].id, "Eva", False)])
    assert files(vault) == []
    states.write(call, pieces())
    calls.request_retranscription(call, "de")
    calls.begin_transcript(call, "small")
    assert files(vault), "the earlier transcript is still shown"
    calls.finish_transcript(call)
    assert files(vault) == []
    states.write(call, pieces())
    calls.delete(call)
    assert files(vault) == []
    states.write(add(calls, "Another."), pieces())
    states.remove_all()
    assert files(vault) == []
    assert states.size() == 0


def test_a_call_that_is_deleted_while_its_state_is_written_leaves_nothing(
    vault: Vault, calls: CallStore, states: PromptStateStore
) -> None:
    call = add(calls, "We agree.")

    def deleting() -> Iterator[StatePiece]:
        yield pieces()[0]
        calls.delete(call)
        yield pieces()[1]

    with pytest.raises(NotFound):
        states.write(call, deleting())
    assert files(vault) == []


def test_what_a_kill_left_is_swept_at_the_next_start(vault: Vault, calls: CallStore, states: PromptStateStore) -> None:
    call, gone = add(calls, "We agree."), add(calls, "We do not.")
    for one in (call, gone):
        states.write(one, pieces())
    (kept, _) = (vault.folder / "states" / f"{one}.state" for one in (call, gone))
    left = kept.read_bytes()
    calls.delete(gone)
    folder = vault.folder / "states"
    (folder / f"{gone}.state").write_bytes(left)
    (folder / f"{call}.part").write_bytes(left[:1000])
    (folder / "letter.txt").write_text("somebody's")
    states.sweep()
    assert [path.name for path in files(vault)] == sorted([f"{call}.state", "letter.txt"])
    shutil.rmtree(folder)
    states.sweep()
