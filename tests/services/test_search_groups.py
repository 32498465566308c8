"""Searching everything: lines and titles grouped by call, questions and answers by chat."""

from app.core.conversation import Citation, Mark, Message, Role
from app.core.ids import CallId
from app.services.calls.search_groups import CallGroups
from app.services.chats.search_groups import ChatGroups
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines
from tests.services.stage import Stage, lines_of


def staged(vault: Vault) -> tuple[Stage, CallGroups, ChatGroups]:
    stage = Stage(vault, ScriptedEngines())
    return stage, CallGroups(stage.store, stage.searching), ChatGroups(stage.conversations)


def test_lines_are_grouped_by_call_with_their_words_marked(vault: Vault) -> None:
    stage, calls, _ = staged(vault)
    texts = [f"The price list of week {n}." for n in range(5)]
    many = lines_of(stage.store, texts, title="Supply")
    one = lines_of(stage.store, ["A price list, please.", "No list, no price today, no list."], title="Kitchen")
    found = {group.id: group for group in calls.grouped("price list")}
    assert set(found) == {many, one}
    assert (len(found[many].places), found[many].more) == (3, 2)
    assert found[many].date == stage.store.get(many).date
    place = found[one].places[0]
    assert [place.text[start:end] for start, end in place.spans] == ["price", "list"]
    assert place.utterance in {u.id for u in stage.store.transcript(one).utterances}
    assert all(group.kind == "call" for group in found.values())


def test_a_title_is_found_and_marked_without_a_line(vault: Vault) -> None:
    stage, calls, _ = staged(vault)
    known = lines_of(stage.store, ["We agree."], title="Zanzibar plan")
    (found,) = calls.grouped("zanzi")
    assert (found.id, found.places) == (known, ())
    assert [found.title[start:end] for start, end in found.title_spans] == ["Zanzi"]
    assert calls.grouped("nowhere") == calls.grouped("") == []


def test_questions_and_answers_are_found_by_their_place(vault: Vault) -> None:
    stage, _, chats = staged(vault)
    about = lines_of(stage.store, ["We agree."])
    for call in (None, about):
        chat = stage.answering.start(CallId(call) if call else None)
        utterance = stage.store.transcript(about).utterances[0].id
        cited = (Citation(about, utterance, 0.0, 1.0, 1),)
        stage.conversations.append(chat.id, Message(Role.USER, "What about the invoice?"))
        stage.conversations.append(
            chat.id, Message(Role.ASSISTANT, "It is due on Friday. [1]", cited, marks=(Mark(22, 25, (1,)),))
        )
    found = chats.grouped("due friday")
    assert [(group.kind, group.call) for group in found] == [("chat", about), ("chat", "")]
    assert [place.message for group in found for place in group.places] == [1, 1]
    assert "[1]" not in found[0].places[0].text, "as it is shown"
    assert [group.places[0].message for group in chats.grouped("invo")] == [0, 0]
    assert chats.grouped("agree") == [], "what was said is no chat"


def test_a_session_searches_every_kind(vault: Vault) -> None:
    stage, calls, chats = staged(vault)
    known = lines_of(stage.store, ["The launch is late."])
    chat = stage.answering.start()
    stage.conversations.append(chat.id, Message(Role.USER, "When is the launch?"))
    groups = [group for source in (calls, chats) for group in source.grouped("launch")]
    assert [(group.kind, group.id) for group in groups] == [("call", known), ("chat", chat.id)]
