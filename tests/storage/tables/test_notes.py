"""Notes in the vault: what is saved is there, the texts before it are kept in bounds, and the trash forgets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.errors import NotFound
from app.core.ids import NoteId, new_note_id
from app.core.note import MOST_VERSIONS
from app.core.search import all_terms_query
from app.storage.tables.notes import NoteStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.storage.tables.test_deletion import MASTER, in_files
from tests.version_texts import version_texts

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = opened_vault(tmp_path / "vault", MASTER)
    yield made
    made.close()


@pytest.fixture
def store(vault: Vault) -> NoteStore:
    return NoteStore(vault)


def written(store: NoteStore, text: str, now: datetime = NOW) -> NoteId:
    note = new_note_id()
    store.add(note, text, now)
    return note


def test_a_note_is_read_as_it_was_written(store: NoteStore) -> None:
    text = "# Supplier **review**\n\nRenew for two years? #work #Work\n\r\ttail 会議 \U0001f600"
    note = written(store, text)
    found = store.get(note)
    assert (found.text, found.title, found.created, found.edited) == (text, "Supplier review", NOW, NOW)
    (entry,) = store.entries()
    assert (entry.id, entry.title, entry.tags) == (note, "Supplier review", ("work",))
    assert entry.excerpt.startswith("Renew for two years?")
    assert store.find(note[:8]) == note
    for beginning in ("", "zzzz"):
        with pytest.raises(NotFound):
            store.find(beginning)


def test_pinned_notes_come_first_and_then_the_newest(store: NoteStore) -> None:
    first, second, third = (written(store, f"note {n}", NOW + timedelta(minutes=n)) for n in range(3))
    assert [entry.id for entry in store.entries()] == [third, second, first]
    store.pin(first, True)
    assert [entry.id for entry in store.entries()] == [first, third, second]
    store.save(second, "changed", NOW + timedelta(hours=1))
    assert [entry.id for entry in store.entries()] == [first, second, third]
    store.pin(first, False)
    assert store.entries()[-1].id == first, "pinning is no edit"


def test_a_text_of_ten_minutes_is_kept_and_those_between_are_not(store: NoteStore) -> None:
    note = written(store, "one")
    for minute in range(1, 31):
        assert store.save(note, "one" + " more" * minute, NOW + timedelta(minutes=minute))
    kept = store.versions(note)
    assert version_texts(store, note) == ["one" + " more" * n for n in (29, 19, 9)]
    assert kept[0].edited == NOW + timedelta(minutes=29)
    assert store.get(note).versions == 3
    assert not store.save(note, store.get(note).text, NOW + timedelta(days=1)), "nothing is new"
    assert store.get(note).edited == NOW + timedelta(minutes=30)


def test_what_goes_at_once_is_kept(store: NoteStore) -> None:
    note = written(store, "word " * 200)
    store.save(note, "", NOW + timedelta(seconds=1))
    store.save(note, "other", NOW + timedelta(seconds=2))
    assert version_texts(store, note) == ["word " * 200]
    store.save(note, "others", NOW + timedelta(seconds=3), keeps=True)
    assert version_texts(store, note)[0] == "other"


def test_versions_are_bounded(store: NoteStore) -> None:
    note = written(store, "text 0")
    for hour in range(1, 2 * MOST_VERSIONS):
        store.save(note, f"text {hour}", NOW + timedelta(hours=hour))
    kept = version_texts(store, note)
    assert len(kept) == MOST_VERSIONS
    assert kept[-1] == "text 0"
    assert kept[:10] == [f"text {2 * MOST_VERSIONS - 2 - n}" for n in range(10)]


def test_words_are_found_as_they_are_now(store: NoteStore) -> None:
    note, other = written(store, "The price list of Zürich, 金曜日の会議"), written(store, "Nothing of that kind")

    def found(query: str) -> list[NoteId]:
        return [known.id for known in store.search(all_terms_query(query), 10)]

    assert found("zurich pri") == found("会議") == [note]
    assert found("nothing") == [other]
    assert found("") == []
    store.save(note, "The contract", NOW)
    assert found("price") == found("会議") == []
    assert found("contract") == [note]
    store.move_to_trash(note, NOW)
    assert found("contract") == []
    store.move_to_trash(note, None)
    assert found("contract") == [note]


def test_what_is_in_the_trash_comes_back_as_it_was(store: NoteStore) -> None:
    note, other = written(store, "one"), written(store, "two")
    store.move_to_trash(note, NOW)
    assert [entry.id for entry in store.entries()] == [other]
    (entry,) = store.entries(in_trash=True)
    assert (entry.id, entry.deleted) == (note, NOW)
    assert store.get(note).text == "one"
    assert store.deleted_before(NOW) == []
    assert store.deleted_before(NOW + timedelta(seconds=1)) == [note]
    store.move_to_trash(note, None)
    assert store.entries(in_trash=True) == []
    assert {entry.id for entry in store.entries()} == {note, other}


def test_nothing_is_written_to_a_note_that_is_gone(store: NoteStore) -> None:
    gone = written(store, "one")
    store.forget([gone])
    for write in (
        lambda: store.save(gone, "two", NOW), lambda: store.pin(gone, True), lambda: store.move_to_trash(gone, NOW),
        lambda: store.rename(gone), lambda: store.get(gone),
    ):  # fmt: skip
        with pytest.raises(NotFound, match="no note"):
            write()
    assert store.entries() == store.entries(in_trash=True) == []


def test_links_follow_a_title_once_it_is_another(store: NoteStore) -> None:
    note = written(store, "# Kitchen")
    linking = written(store, "See [[kitchen|ours]] and [[Kitchen]].", NOW + timedelta(minutes=1))
    unlinked = written(store, "Kitchen [[Bath]]")
    store.save(note, "# Kitchen: colours", NOW)
    assert (note, "Kitchen: colours", "Kitchen") in store.names()
    assert store.rename(note) == [linking]
    assert store.get(linking).text == "See [[Kitchen: colours|ours]] and [[Kitchen: colours]]."
    assert store.get(linking).edited == NOW + timedelta(minutes=1), "nobody has edited it"
    assert store.get(unlinked).text == "Kitchen [[Bath]]"
    assert store.rename(note) == []
    assert [uid for uid, _ in store.with_link_to("Bath")] == [unlinked]
    assert [uid for uid, _ in store.with_link_to("???")] == [linking, unlinked], "a title without words"
    assert [known.id for known in store.search('"colours"', 5)] == [note, linking]


def test_links_stay_where_another_note_has_the_title_too(store: NoteStore) -> None:
    note, twin = written(store, "# Kitchen"), written(store, "# KITCHEN")
    linking = written(store, "[[Kitchen]]")
    store.save(note, "# Bath", NOW)
    assert store.rename(note) == []
    assert store.get(linking).text == "[[Kitchen]]"
    store.save(twin, "", NOW)
    assert store.rename(twin) == [], "a note without a title takes no link along"
    assert (twin, "", "KITCHEN") in store.names()


def test_no_word_of_a_note_that_was_deleted_for_good_is_in_any_file(
    vault: Vault, store: NoteStore, tmp_path: Path
) -> None:
    stays = written(store, "quxwordstays " * 50)
    gone = written(store, "# quxwordone\n\n#quxwordtwo")
    store.save(gone, "# quxwordthree", NOW, keeps=True)
    store.rename(gone)
    store.save(gone, "# quxwordfour", NOW, keeps=True)
    with vault.write() as db:
        db.execute("INSERT INTO notes_fts (notes_fts) VALUES ('optimize')")
    marks = [f"quxword{n}".encode() for n in ("one", "two", "three", "four")]
    assert in_files(tmp_path, marks) == set(marks), "the search finds what is there"
    store.move_to_trash(gone, NOW)
    assert store.get(gone).versions == 2
    store.forget([gone])
    assert in_files(tmp_path, marks) == set(), "at once, while the vault is open"
    assert in_files(tmp_path, [b"quxwordstays"])
    assert vault.row("SELECT count(*) FROM note_versions")[0] == 0
    assert store.get(stays).text.startswith("quxwordstays")
