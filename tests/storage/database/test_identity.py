"""Vaults of both earlier versions show every line, summary, answer and citation on the words that they had."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.core.ids import CallId, ConversationId, UtteranceId
from app.core.readable_text import owner_name
from app.core.summary import Evidence
from app.core.transcript import Transcript, names_of, speaking
from app.services.vault.maintenance import check_vault, repair_vault
from app.storage.database.connection import Database, open_database
from app.storage.offline_vault import open_offline
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault

VAULTS = Path(__file__).parents[2] / "fixtures" / "vaults"
PASSPHRASES = {"version-1": "correct horse battery staple", "version-5": "plain horses eat correct batteries"}


@pytest.fixture(params=PASSPHRASES)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the earlier vaults."""
    return str(request.param)


@pytest.fixture
def folder(name: str, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(VAULTS / name, tmp_path / "vault"))


@pytest.fixture
def vault(name: str, folder: Path) -> Iterator[Vault]:
    """It, opened by this version."""
    made = Vault.open(folder, PASSPHRASES[name])
    yield made
    made.close()


def expected(name: str) -> Any:
    """What the version before utterances had ids showed of it."""
    return json.loads((VAULTS / f"{name}.json").read_text("utf-8"))


def shown(transcript: Transcript, utterance: UtteranceId) -> dict[str, Any]:
    """A line as it is shown."""
    (found,) = [u for u in transcript.utterances if u.id == utterance]
    return {"line": found.line, "speaker": transcript.name(found), "text": found.text}


def evidence(transcript: Transcript, found: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Evidence with its words."""
    return [shown(transcript, one.utterance) | {"start": one.start, "end": one.end} for one in found]


def test_every_line_and_speaker_is_as_it_was(vault: Vault, name: str) -> None:
    store = CallStore(vault)
    wanted = expected(name)["calls"]
    assert {call.id for call in store.all()} == set(wanted)
    for id_, was in wanted.items():
        call, transcript = store.get(CallId(id_)), store.transcript(CallId(id_))
        assert (call.title, call.state.value, call.language) == (was["title"], was["state"], was["language"])
        assert list(names_of(speaking(call.layout, call.speakers))) == was["speakers"]
        assert next((one.name for one in call.speakers if one.is_you), None) == was["you"]
        assert (call.transcribed_until, transcript.model) == (was["heard_until"], was["model"])
        lines = [
            shown(transcript, u.id) | {"start": u.start, "end": u.end, "words": [word.text for word in u.words]}
            for u in transcript.utterances
        ]
        assert lines == was["lines"]
        assert [call.name_on(u.track) for u in transcript.utterances] == [line["speaker"] for line in was["lines"]]
        assert not call.awaits_new_transcript


def test_every_point_of_a_summary_rests_on_the_words_it_had(vault: Vault, name: str) -> None:
    store = CallStore(vault)
    for id_, was in expected(name)["calls"].items():
        summary, transcript = store.summary(CallId(id_)), store.transcript(CallId(id_))
        if was["summary"] is None:
            assert summary is None
            continue
        assert summary is not None
        assert (summary.title, summary.model) == (was["summary"]["title"], was["summary"]["model"])
        assert summary.section("overview").text == was["summary"]["overview"]
        for key in ("key_points", "decisions"):
            found = [
                {"text": point.text, "evidence": evidence(transcript, point.evidence)}
                for point in summary.section(key).points
            ]
            assert found == was["summary"][key]
        tasks = [
            {
                "text": task.task, "owner": owner_name(task, transcript.speakers), "due": task.due,
                "evidence": evidence(transcript, task.evidence),
            }
            for task in summary.section("action_items").tasks
        ]  # fmt: skip
        assert tasks == was["summary"]["action_items"]


def test_every_answer_cites_the_words_it_cited(vault: Vault, name: str) -> None:
    store, chats = CallStore(vault), ConversationStore(vault)
    wanted = expected(name)["conversations"]
    assert {one.id for one in chats.all()} == set(wanted)
    for id_, was in wanted.items():
        conversation = chats.get(ConversationId(id_))
        assert (conversation.title, conversation.call) == (was["title"], was["call"])
        found = [
            {
                "role": message.role.value, "text": message.text, "stop_reason": message.stop_reason.value,
                "note": message.note,
                "cited": [
                    {
                        "line": cited.line, "speaker": cited.speaker, "text": cited.text, "call": cited.citation.id,
                        "marker": cited.citation.marker, "start": cited.citation.start, "end": cited.citation.end,
                    }
                    for cited in store.utterances.cited(message.citations)
                ],
            }
            for message in conversation.messages
        ]  # fmt: skip
        assert found == was["messages"]


def test_every_utterance_has_an_id_of_its_own_and_the_vault_is_whole(vault: Vault, folder: Path, name: str) -> None:
    rows = vault.rows("SELECT uid, speaker FROM utterances")
    assert len({uid for uid, _ in rows}) == len(rows)
    assert all(len(uid) == 12 and speaker for uid, speaker in rows)
    vault.close()
    assert all(finding.is_good for finding in check_vault(folder, PASSPHRASES[name]))


def test_a_repaired_vault_of_an_earlier_version_cites_what_it_cited(folder: Path, name: str, tmp_path: Path) -> None:
    found = repair_vault(folder, PASSPHRASES[name], tmp_path / "repaired")
    assert found.lost == []
    vault = Vault.open(tmp_path / "repaired", PASSPHRASES[name])
    test_every_line_and_speaker_is_as_it_was(vault, name)
    test_every_point_of_a_summary_rests_on_the_words_it_had(vault, name)
    test_every_answer_cites_the_words_it_cited(vault, name)
    vault.close()


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[tuple[Path, Database]]:
    """The vault of version 5 as it lies there, to be changed as that version could leave it."""
    folder = Path(shutil.copytree(VAULTS / "version-5", tmp_path / "changed"))
    with open_offline(folder, PASSPHRASES["version-5"]) as offline:
        db = open_database(offline.database, offline.database_key)
    yield folder, db
    db.conn.close()


def test_a_citation_that_was_on_other_words_already_says_so(earlier: tuple[Path, Database]) -> None:
    folder, db = earlier
    number, packed = db.execute("SELECT id, citations FROM messages WHERE length(citations) > 1 LIMIT 1").fetchone()
    (stored,) = msgspec.msgpack.decode(packed)
    stored |= {"start": stored["start"] + 1.0, "end": stored["end"] + 1.0}  # the call was transcribed anew since
    db.execute("UPDATE messages SET citations = ? WHERE id = ?", [msgspec.msgpack.encode([stored]), number])
    db.conn.close()
    vault = Vault.open(folder, PASSPHRASES["version-5"])
    (conversation,) = vault.row("SELECT conversation FROM messages WHERE id = ?", [number])
    _, answer, *_ = ConversationStore(vault).get(ConversationId(conversation)).messages
    (cited,) = CallStore(vault).utterances.cited(answer.citations)
    assert (cited.line, cited.text, cited.citation.is_earlier) == (0, "", True)
    vault.close()


def test_a_call_that_waited_for_another_transcription_waits_beside_its_transcript(
    earlier: tuple[Path, Database],
) -> None:
    folder, db = earlier
    (call,) = db.execute("SELECT id FROM recordings ORDER BY id LIMIT 1").fetchone()
    db.execute(
        "UPDATE recordings SET state = 'imported', language = '', asked_language = 'de', transcribed_left = 0, "
        "transcribed_right = 0 WHERE id = ?",
        [call],
    )
    db.conn.close()
    vault = Vault.open(folder, PASSPHRASES["version-5"])
    known = CallStore(vault).get(CallId(call))
    assert (known.awaits_new_transcript, known.state.value) == (True, "summarized")
    assert len(CallStore(vault).transcript(known.id).utterances) == 16
    assert CallStore(vault).progress(known.id) == {0: 0.0, 1: 0.0}
    vault.close()


def test_damaged_citations_keep_nobody_out_of_the_vault(earlier: tuple[Path, Database]) -> None:
    folder, db = earlier
    numbers = [row[0] for row in db.execute("SELECT id FROM messages WHERE length(citations) > 1 ORDER BY id")]
    assert len(numbers) > 1
    db.execute("UPDATE messages SET citations = substr(citations, 1, 10) WHERE id = ?", [numbers[0]])
    db.conn.close()
    vault = Vault.open(folder, PASSPHRASES["version-5"])
    (conversation,) = vault.row("SELECT conversation FROM messages WHERE id = ?", [numbers[1]])
    answers = [one for one in ConversationStore(vault).get(ConversationId(conversation)).messages if one.citations]
    assert all(cited.line for one in answers for cited in CallStore(vault).utterances.cited(one.citations))
    vault.close()


@pytest.mark.parametrize("damaged", ['{"title": "half of', b"\xff\xfe{"])
def test_a_damaged_summary_hides_no_call(earlier: tuple[Path, Database], damaged: str | bytes) -> None:
    folder, db = earlier
    (call,) = db.execute("SELECT id FROM recordings WHERE summary IS NOT NULL LIMIT 1").fetchone()
    db.execute("UPDATE recordings SET summary = ? WHERE id = ?", [damaged, call])
    db.conn.close()
    vault = Vault.open(folder, PASSPHRASES["version-5"])
    store = CallStore(vault)
    assert len(store.all()) == 3
    assert store.get(CallId(call)).preview == store.transcript(CallId(call)).utterances[0].text[:160]
    vault.close()


def test_a_point_that_was_stored_without_evidence_keeps_that_of_the_others(earlier: tuple[Path, Database]) -> None:
    folder, db = earlier
    call, stored = db.execute("SELECT id, summary FROM recordings WHERE summary IS NOT NULL LIMIT 1").fetchone()
    summary = json.loads(stored)
    summary["key_points"].append({"text": "Nothing said so."})
    db.execute("UPDATE recordings SET summary = ? WHERE id = ?", [json.dumps(summary), call])
    db.conn.close()
    vault = Vault.open(folder, PASSPHRASES["version-5"])
    found = CallStore(vault).summary(CallId(call))
    assert found is not None
    *points, last = found.section("key_points").points
    assert (last.text, last.evidence) == ("Nothing said so.", ())
    assert [len(one.evidence) for one in points] == [len(one["evidence"]) for one in summary["key_points"][:-1]]
    vault.close()
