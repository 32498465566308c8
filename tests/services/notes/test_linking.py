"""Where links lead, what leads to a note, and what is offered while one is typed."""

import pytest

from app.core.change import Change
from app.core.ids import CallId, NoteId
from app.core.note_links import call_link, links_of
from app.services.notes.linking import Backlink, LinkTarget, NoteLinks
from app.services.notes.notes import Notes
from app.storage.tables.calls import CallStore
from app.storage.tables.notes import NoteStore
from app.storage.vault import Vault
from tests.storage.calls import add


class Desk:
    """Notes, a call, and links between them."""

    def __init__(self, vault: Vault) -> None:
        self.changes: list[Change] = []
        self.calls = CallStore(vault)
        self.call = add(self.calls, "We agree.", title="Supply contract")
        store = NoteStore(vault)
        self.notes = Notes(store, self.changes.append)
        self.links = NoteLinks(store, self.calls, self.changes.append)

    def target(self, text: str) -> LinkTarget | None:
        (link,) = links_of(text)
        assert self.links.targets().has(link) is (self.links.target(link) is not None)
        return self.links.target(link)


@pytest.fixture
def desk(vault: Vault) -> Desk:
    return Desk(vault)


def test_a_link_leads_to_a_note_or_to_a_moment(desk: Desk) -> None:
    note = desk.notes.add("# Kitchen: colours")
    assert desk.target("[[kitchen: Colours|ours]]") == LinkTarget("Kitchen: colours", note=note)
    assert desk.target(call_link(desk.call, "as it was called", 151.5)) == LinkTarget(
        "Supply contract", call=desk.call, seconds=151.5
    )
    assert desk.target("[[supply contract 2:31]]") == LinkTarget("Supply contract", call=desk.call, seconds=151.0)
    assert desk.target("[[Supply contract]]") == LinkTarget("Supply contract", call=desk.call)
    assert desk.target("[[Supply]]") is desk.target("[[Kitchen: colours 2:31 x]]") is None
    assert desk.target(call_link(CallId("06fp3fzb2aaa"), "gone")) is None


def test_a_note_comes_before_a_call_and_the_newest_first(desk: Desk) -> None:
    desk.notes.add("Supply contract")
    newest = desk.notes.add("Supply contract\nmore")
    found = desk.target("[[Supply contract]]")
    assert found is not None
    assert found.note == newest
    desk.notes.delete(newest)
    found = desk.target("[[Supply contract]]")
    assert found is not None
    assert found.note not in (newest, None)


def test_a_deleted_call_leaves_words_that_lead_nowhere(desk: Desk) -> None:
    desk.calls.delete(desk.call)
    assert desk.target(call_link(desk.call, "Supply contract", 3)) is None


def test_links_to_a_note_are_listed_with_their_lines(desk: Desk) -> None:
    note = desk.notes.add("# Kitchen\n[[Kitchen]] itself")
    first = desk.notes.add("# Plan\n\n- **see** [[kitchen|there]]\n- [[Kitchen]] again")
    desk.notes.add("# Other\n[[Kitchen plan]] `[[Kitchen]]`")
    gone = desk.notes.add("[[Kitchen]]")
    desk.notes.delete(gone)
    assert desk.links.backlinks(note) == [Backlink(first, "Plan", "see there")]
    desk.notes.save(note, "# Bath")
    assert [known.note for known in desk.links.backlinks(note)] == [first], "its links don't know the new title yet"
    assert desk.target("[[Kitchen]]") == LinkTarget("Bath", note=note)
    assert {*desk.links.follow_title(note)} == {first, gone}
    assert Change("note", first) in desk.changes[-2:]
    assert desk.notes.note(gone).text == "[[Bath]]", "it may come back"
    assert [known.note for known in desk.links.backlinks(note)] == [first]
    assert "[[Bath|there]]" in desk.notes.note(first).text
    assert desk.links.backlinks(NoteId("nowhere")) == []


def test_what_can_be_linked_to_is_offered(desk: Desk) -> None:
    note = desk.notes.add("# Contract of the Café")
    own = desk.notes.add("# My contract")
    offered = desk.links.completions("contr", own)
    assert [(one.title, one.kind) for one in offered] == [("Contract of the Café", "Note"), ("Supply contract", "Call")]
    assert offered[0].link == "[[Contract of the Café]]"
    assert offered[1].link == f"[[call:{desk.call}|Supply contract]]"
    assert [one.link for one in desk.links.completions("cafe CONTRACT")] == ["[[Contract of the Café]]"]
    (moment,) = desk.links.completions("supply 2:31")
    assert (moment.title, moment.link) == (
        "Supply contract 2:31", f"[[call:{desk.call}@151|Supply contract 2:31]]"
    )  # fmt: skip
    assert len(desk.links.completions("")) == 3
    for number in range(20):
        desk.notes.add(f"# Number {number}")
    assert len(desk.links.completions("number")) == 8
    assert desk.notes.note(note).title == "Contract of the Café"
