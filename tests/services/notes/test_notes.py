"""Writing notes: what was saved stays, earlier texts come back, the trash keeps for thirty days."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.core.change import Change
from app.core.errors import AssistantError, NotFound
from app.core.ids import NoteId, new_note_id
from app.core.note import MOST_CHARACTERS
from app.services.notes.notes import Notes
from app.services.notes.search_groups import NoteGroups
from app.storage.tables.notes import NoteStore
from app.storage.vault import Vault
from tests.version_texts import version_texts

BEGIN = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


class Desk:
    """Notes with a clock that a test moves, and what they published."""

    def __init__(self, vault: Vault) -> None:
        self.now = BEGIN
        self.changes: list[Change] = []
        self.store = NoteStore(vault)
        self.notes = Notes(self.store, self.changes.append, lambda: self.now)

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def desk(vault: Vault) -> Desk:
    return Desk(vault)


def test_a_note_is_stored_under_the_id_that_was_made_for_it(desk: Desk) -> None:
    note = new_note_id()
    assert desk.notes.add("# One", note) == note
    other = desk.notes.add("# Two")
    assert desk.changes == [Change("note", note), Change("note", other)]
    assert desk.notes.find(f" {note[:9].upper()} ") == note
    entry = desk.notes.entry(note)
    assert entry is not None
    assert entry.title == "One"
    assert desk.notes.entry(NoteId("nowhere")) is None


def test_adding_a_note_again_gives_it_the_text(desk: Desk) -> None:
    note = new_note_id()
    for text in ("one", "one two"):
        desk.notes.add(text, note)
    assert [entry.title for entry in desk.notes.entries()] == ["one two"]


def test_a_note_that_is_added_twice_at_once_is_there_once(desk: Desk) -> None:
    made = [new_note_id() for _ in range(60)]
    both, failed = threading.Barrier(2), list[BaseException]()

    def add(text: str) -> None:
        for note in made:
            both.wait(20)
            try:
                desk.notes.add(text, note)
            except Exception as error:  # noqa: BLE001 - told below
                failed.append(error)

    other = threading.Thread(target=add, args=["two"])
    other.start()
    add("one")
    other.join()
    assert failed == []
    assert {entry.id for entry in desk.notes.entries()} == set(made)


def test_saving_the_same_again_changes_nothing(desk: Desk) -> None:
    note = desk.notes.add("one")
    desk.pass_time(hours=1)
    assert desk.notes.save(note, "one").edited == BEGIN
    saved = desk.notes.save(note, "one two")
    assert (saved.edited, saved.versions) == (desk.now, 1)
    assert desk.changes == [Change("note", note)] * 2


def test_what_no_file_can_hold_is_no_reason_to_lose_the_rest(desk: Desk) -> None:
    note = desk.notes.add("half \ud83d of a sign, \0 nothing")
    assert desk.notes.note(note).text == "half ? of a sign, \ufffd nothing"


def test_a_note_that_is_too_long_stays_as_it_was(desk: Desk) -> None:
    note = desk.notes.add("x" * MOST_CHARACTERS)
    with pytest.raises(AssistantError, match="at most 1,000,000"):
        desk.notes.save(note, "x" * (MOST_CHARACTERS + 1))
    assert len(desk.notes.note(note).text) == MOST_CHARACTERS


def test_a_version_is_put_back_and_what_was_there_is_one_too(desk: Desk) -> None:
    note = desk.notes.add("first words of this note")
    desk.notes.save(note, "")
    desk.notes.save(note, "second")
    (version,) = desk.notes.versions(note)
    assert desk.notes.put_back(note, version.number).text == "first words of this note"
    assert version_texts(desk.notes, note) == ["second", "first words of this note"]
    with pytest.raises(NotFound, match="version"):
        desk.notes.put_back(note, 10_000)
    other = desk.notes.add("other")
    with pytest.raises(NotFound, match="version"):
        desk.notes.put_back(other, version.number)


def test_the_trash_is_left_within_thirty_days_or_forgotten(desk: Desk) -> None:
    early, late, stays = (desk.notes.add(text) for text in ("early", "late", "stays"))
    desk.notes.delete(early)
    desk.pass_time(days=1)
    desk.notes.delete(late)
    assert [entry.id for entry in desk.notes.entries()] == [stays]
    desk.pass_time(days=29, seconds=-1)
    desk.notes.forget_expired()
    assert len(desk.notes.entries(in_trash=True)) == 2
    desk.pass_time(seconds=2)
    desk.notes.forget_expired()
    assert [entry.id for entry in desk.notes.entries(in_trash=True)] == [late]
    assert desk.changes[-1] == Change("note", early, is_gone=True)
    desk.notes.restore(late)
    assert desk.notes.note(late).text == "late"
    desk.notes.delete(late)
    assert desk.notes.empty_trash() == 1
    with pytest.raises(NotFound):
        desk.notes.note(late)
    assert [entry.id for entry in desk.notes.entries()] == [stays]


def test_notes_are_found_by_words_and_tags(desk: Desk) -> None:
    work = desk.notes.add("Price list #work")
    both = desk.notes.add("Price of the oven #Work #kitchen")
    gone = desk.notes.add("Price #work")
    desk.notes.delete(gone)

    def found(query: str) -> list[NoteId]:
        return [entry.id for entry in desk.notes.search(query)]

    assert found("pri") == [both, work]
    assert found("#work") == [both, work]
    assert found("#kitchen price") == [both]
    assert found("#kit") == found("list #kitchen") == found("") == found("#") == []


def test_a_tag_is_found_however_many_notes_have_the_words(desk: Desk, vault: Vault) -> None:
    with vault.write():
        for number in range(600):
            desk.notes.add(f"zebra zebra {number}")
        last = desk.notes.add("zebra " + "and other words " * 200 + "#rare")
    assert [entry.id for entry in desk.notes.search("zebra #rare")] == [last]
    assert len(desk.notes.search("zebra")) == 601


def test_a_search_over_everything_shows_the_lines(desk: Desk) -> None:
    note = desk.notes.add("# Price of **everything**\n\n- the price\n- a price list\n- price\n- price list, price\n")
    (group,) = NoteGroups(desk.store).grouped("price list")
    assert (group.kind, group.id, group.title) == ("note", note, "Price of everything")
    assert [group.title[start:end] for start, end in group.title_spans] == ["Price"]
    assert [place.text for place in group.places] == ["a price list", "price list, price", "the price"]
    assert [place.line for place in group.places] == [3, 5, 2]
    assert group.more == 1
    assert NoteGroups(desk.store).grouped("nowhere") == NoteGroups(desk.store).grouped("") == []
