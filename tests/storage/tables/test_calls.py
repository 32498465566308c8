"""Recordings and conversations in a real vault: what is stored is there, and what is deleted is gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.call import CallState
from app.core.conversation import Citation, Message, Role, StopReason
from app.core.errors import NotFound, VaultDamaged
from app.core.ids import CallId, ConversationId, SpeakerId, UtteranceId
from app.core.search import all_terms_query
from app.core.summary import ActionItem, Evidence, Point
from app.core.transcript import Layout, Speaker
from app.storage.database.ownership import await_call
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.storage.calls import SURVEY, add, line, new, uid

SUMMARY = call_summary(
    "Website launch", "They move it.", (Point("The page is slow.", (Evidence(UtteranceId("0abc"), 0, 4),)),), (),
    (ActionItem("Send it", "Them", "Friday", (), SpeakerId("1def")),), "qwen",
)  # fmt: skip


@pytest.fixture
def store(vault: Vault) -> CallStore:
    return CallStore(vault)


def test_what_was_brought_in_is_there(store: CallStore) -> None:
    made = new("Launch", date=datetime(2026, 3, 9, 16, 5, tzinfo=UTC) + timedelta(0))
    store.add(made)
    known = store.get(made.id)
    assert (known.title, known.date, known.duration) == ("Launch", made.date, 60.0)
    assert (known.state, known.layout, known.speakers) == (CallState.IMPORTED, Layout.TWO_SIDED, made.speakers)
    assert (known.wants_summary, known.has_automatic_title, known.transcribed_until) == (True, True, 0.0)
    assert store.survey(made.id) == SURVEY
    assert store.by_hash(made.content_hash) == made.id
    assert store.by_hash(bytes(32)) is None
    assert store.transcript(made.id).utterances == ()
    assert store.summary(made.id) is None


def test_recordings_come_newest_first(store: CallStore) -> None:
    days = [3, 9, 1]
    for day in days:
        store.add(new(str(day), date=datetime(2026, 1, day, tzinfo=UTC)))
    assert [r.title for r in store.all()] == ["9", "3", "1"]


def test_an_unknown_id_is_not_found(store: CallStore) -> None:
    nobody = CallId("0000")
    for ask in (
        store.get, store.transcript, store.summary, store.survey, store.progress, store.asked_language, store.delete,
        lambda r: store.rename(r, "x"), lambda r: store.set_speakers(r, ()),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            ask(nobody)
    with pytest.raises(NotFound), store.sound(nobody):
        pass


def test_an_id_is_found_by_its_beginning_if_only_one_begins_so(store: CallStore) -> None:
    known = add(store)
    assert store.find(known[:8]) == store.find(known) == known
    other = add(store)
    assert known[:4] == other[:4]
    for beginning in (known[:4], "", "zzzz", "%", known + "x"):
        with pytest.raises(NotFound):
            store.find(beginning)


def test_pieces_of_both_sides_are_one_transcript_in_order(store: CallStore) -> None:
    known = add(store)
    store.save_utterances(known, 1, 30.0, [line("Hi Elena.", 3.2, 1), line("A problem.", 9.0, 1)], "en")
    assert store.get(known).transcribed_until == 0.0
    store.save_utterances(known, 0, 20.0, [line("Hello Leo.", 0.4), line("Well.", 5.0)], "de")
    found = store.transcript(known)
    assert [(u.line, u.text) for u in found.utterances] == [
        (1, "Hello Leo."), (2, "Hi Elena."), (3, "Well."), (4, "A problem."),
    ]  # fmt: skip
    assert found.utterances[0].words == line("Hello Leo.", 0.4).words
    assert (found.language, found.model, found.duration) == ("en", "small", 60.0)
    assert store.progress(known) == {0: 20.0, 1: 30.0}
    assert store.get(known).transcribed_until == 20.0
    assert store.get(known).preview == "Hello Leo."


def test_progress_never_goes_back(store: CallStore) -> None:
    known = add(store)
    store.save_utterances(known, 0, 20.0, [], "")
    store.save_utterances(known, 0, 15.0, [], "")
    assert store.progress(known)[0] == 20.0


def test_a_summary_names_the_call_unless_a_person_has(store: CallStore) -> None:
    one, other = add(store, title="file-1"), add(store, title="file-2")
    store.rename(other, "Mine")
    for known in (one, other):
        store.save_summary(known, SUMMARY)
        assert store.summary(known) == SUMMARY
        assert store.get(known).state is CallState.SUMMARIZED
        assert store.get(known).preview == "They move it."
    assert [store.get(known).title for known in (one, other)] == ["Website launch", "Mine"]
    assert [store.get(known).has_automatic_title for known in (one, other)] == [True, False]


def test_search_rows_follow_what_is_saved_and_deleted(store: CallStore) -> None:
    one = add(store, "We move the launch.", "The page is slow.", title="One")
    other = add(store, "The launch is fine.", title="Other")
    hits = store.search('"launch"', 9)
    assert {(h.id, h.line, h.start, h.text) for h in hits} == {
        (one, 1, 0.0, "We move the launch."), (other, 1, 0.0, "The launch is fine."),
    }  # fmt: skip
    assert {h.title for h in hits} == {"One", "Other"}
    assert [(h.id, h.line) for h in store.search('"slow"', 9)] == [(one, 2)]
    assert [h.id for h in store.search('"launch"', 9, other)] == [other]
    assert len(store.search('"launch"', 1)) == 1
    assert store.search("", 9) == []
    store.delete(one)
    assert [h.id for h in store.search('"launch" OR "slow"', 9)] == [other]


def test_a_search_inside_a_call_finds_what_better_hits_elsewhere_would_crowd_out(store: CallStore) -> None:
    for n in range(20):
        add(store, "launch launch launch", title=str(n))
    known = add(store, "a long line in which the launch is mentioned only once, near its very end: launch")
    assert [h.id for h in store.search('"launch"', 3, known)] == [known]


def test_of_a_word_that_is_everywhere_the_newest_lines_compete(store: CallStore) -> None:
    known = add(store, "the", "the and the", "of the many lines the last", "in all of them the")
    assert [h.line for h in store.search('"the"', 9)] == [2, 1, 3, 4]
    assert [h.line for h in store.search('"the"', 9, most=3)] == [2, 3, 4]
    assert [h.line for h in store.search('"the"', 1, known, most=3)] == [2]


def test_a_word_is_found_in_a_script_without_spaces(store: CallStore, vault: Vault) -> None:
    call = add(store, "下周三开始付款", "我们的预算是五万", "plain words")
    assert [hit.text for hit in store.search(all_terms_query("付款"), 5)] == ["下周三开始付款"]
    assert [hit.text for hit in store.search(all_terms_query("预算"), 5)] == ["我们的预算是五万"]
    assert not store.search(all_terms_query("款付"), 5)
    vault.read().execute("INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('integrity-check', 1)")
    store.delete(call)
    assert not store.search(all_terms_query("付款"), 5)
    vault.read().execute("INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('integrity-check', 1)")


def test_titles_are_found_by_all_their_words(store: CallStore) -> None:
    known = add(store, "Hello.", "Hi.", title="Website Launch")
    bare = new("Launch of nothing")
    store.add(bare)
    assert {(h.id, h.line, h.text) for h in store.search_titles(["LAUNCH"], 9)} == {
        (known, 1, "Hello."),
        (bare.id, 1, ""),
    }
    assert [h.id for h in store.search_titles(["launch", "web"], 9)] == [known]
    assert store.search_titles([], 9) == []


def test_speakers_are_kept(store: CallStore) -> None:
    known = add(store)
    left, right = store.get(known).speakers
    named = (Speaker(left.id, "Leo"), Speaker(right.id, "Elena", True))
    store.set_speakers(known, named)
    assert store.get(known).speakers == store.transcript(known).speakers == named
    assert (store.get(known).name_on(0), store.get(known).name_on(1)) == ("Leo", "Elena")
    assert store.get(known).own_track == 1


def test_sound_is_read_back(store: CallStore) -> None:
    known = add(store, title="Launch")
    with store.sound(known) as source:
        assert source.read(0, source.size) == b"sound of Launch"


def test_deleting_forgets_words_sound_and_questions(store: CallStore, vault: Vault) -> None:
    known, other = add(store, "We agree."), add(store, "Kept.", title="Kept")
    chats = ConversationStore(vault)
    on_call, on_all = chats.start(known), chats.start(None)
    chats.append(on_call.id, Message(Role.USER, "What was agreed?"))
    store.delete(known)
    assert [r.id for r in store.all()] == [other]
    assert not store.media_path(known).exists()
    assert store.media_path(other).exists()
    assert [c.id for c in chats.all()] == [on_all.id]
    for table in ("utterances", "messages"):
        rows = vault.read().execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - a fixed name
        assert rows == (1 if table == "utterances" else 0)


def test_a_start_removes_what_broke_off_and_nothing_else(store: CallStore, vault: Vault) -> None:
    known, deleted, imported = add(store), add(store, title="Deleted"), new("Being imported")
    store.delete(deleted)
    with vault.write() as db:
        await_call(db, imported.id)
    going = [store.media_path(deleted), store.media_path(imported.id), store.partial_media_path(known)]
    names = (
        "notes.txt", "0123456789ab.sealed", f"{known} (conflicted copy).sealed", f"{known}.sealed.sync-conflict",
        f"{known} (1).part", "backup.part", "0000.sealed", f"{known}.SEALED",
    )  # fmt: skip
    kept = [store.media_path(known), *(vault.media_folder / name for name in names)]
    for path in (*going, *kept[1:]):
        path.write_bytes(b"x")
    store.remove_unwanted_sound()
    assert not any(path.exists() for path in going)
    assert all(path.exists() for path in kept)  # another database's, a synchroniser's or a person's own


def test_the_sound_of_a_deleted_call_goes_whenever_it_is_brought_back(store: CallStore, vault: Vault) -> None:
    known = add(store)
    sound = store.media_path(known).read_bytes()
    store.delete(known)
    for _ in range(2):
        store.media_path(known).write_bytes(sound)
        store.remove_unwanted_sound()
        assert not store.media_path(known).exists()


@pytest.mark.parametrize(
    "untrusted_id", ["../vault", "0123456789a/", "0123456789AB", "0123456789ab\n", "con", "", "0" * 13]
)
def test_an_id_of_another_form_becomes_no_path(store: CallStore, untrusted_id: str) -> None:
    for path_of in (store.media_path, store.partial_media_path):
        with pytest.raises(VaultDamaged):
            path_of(CallId(untrusted_id))


def test_a_conversation_keeps_its_messages_in_order(vault: Vault, store: CallStore) -> None:
    chats, known = ConversationStore(vault), add(store, "We agree.")
    made = chats.start(known)
    assert chats.get(made.id).messages == ()
    question = Message(Role.USER, "  What was decided? " + "x" * 100)
    reply = Message(
        Role.ASSISTANT,
        "Move it. [1]",
        (Citation(known, uid(store, known), 0.0, 2.0, 1),),
        StopReason.STOPPED,
        "A note.",
    )
    chats.append(made.id, question)
    number = chats.append(made.id, Message(Role.ASSISTANT, "Mo"))
    chats.replace(number, reply)
    kept = chats.get(made.id)
    assert kept.messages == (question, reply)
    assert kept.title.startswith("What was decided?")
    assert len(kept.title) == 80
    assert kept.updated > made.updated
    assert chats.of_call(known) == kept
    chats.remove_message(number)
    assert chats.get(made.id).messages == (question,)
    chats.delete(made.id)
    assert chats.of_call(known) is None
    with pytest.raises(NotFound):
        chats.get(ConversationId(made.id))


def test_conversations_come_with_the_last_used_first(vault: Vault) -> None:
    chats = ConversationStore(vault)
    one, other = chats.start(None), chats.start(None)
    chats.append(one.id, Message(Role.USER, "Again"))
    assert [c.id for c in chats.all()] == [one.id, other.id]


def test_media_files_are_nobody_elses_business(store: CallStore, vault: Vault) -> None:
    known = add(store)
    assert store.media_path(known).stat().st_mode & 0o077 == 0
    assert Path(vault.folder / "media").is_dir()
