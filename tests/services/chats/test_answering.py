"""Questions are answered from what fits, with citations that hold, and what is said is never lost."""

import itertools
import re

import pytest

from app.core.conversation import EVERYTHING, NOTHING, Citation, Mark, Message, Role, StopReason
from app.core.deletion import REMOVED_ANSWER
from app.core.engines import Delta, Prompt
from app.core.errors import ContextOverflow, EngineCrashed, ModelMissing, NotFound
from app.core.ids import CallId, ConversationId
from app.core.sampling import GREEDY, Sampling
from app.core.summary import Evidence, Point
from app.core.transcript import spoken
from app.engines.parent.engines import RemoteLanguage
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.doubles.engines import Script, ScriptedEngines, ScriptedLanguage
from tests.services.stage import Kept, Stage, Watching, lines_of, provisioning, told, varied_words
from tests.storage.calls import uid

Reply = str | EngineCrashed
LINES = ["The payment page is slow.", "How long will that take?", "About three days.", "We agree to move the launch."]


def staged(vault: Vault, script: Script, context_tokens: int = 2048) -> tuple[Stage, ScriptedLanguage]:
    language = ScriptedLanguage(script, context_tokens)
    return Stage(vault, ScriptedEngines(language=language)), language


def asked(stage: Stage, known: CallId | None, *questions: str) -> Message:
    """Ask one after another in a new conversation; the last reply."""
    chat = stage.answering.start(known, NOTHING if known else EVERYTHING)
    said = [stage.answering.reply(chat.id, question, Watching()) for question in questions]
    return said[-1]


def test_the_real_model_answers_with_the_line_that_says_so(vault: Vault, real_language: RemoteLanguage) -> None:
    stage = Stage(vault, Kept(language=real_language))
    known = told(stage.store)
    chat = stage.answering.start(known, NOTHING if known else EVERYTHING)
    watching = Watching()
    reply = stage.answering.reply(chat.id, "Who will send the test results?", watching)
    assert "Them" in reply.text
    assert stage.cited(reply) == [9]
    assert reply.citations[0].start == 22.01
    assert "".join(e.text for e in watching.events if isinstance(e, Delta)).strip() == reply.text
    kept = stage.answering.of_call(known)
    assert kept is not None
    assert kept.messages == (Message(Role.USER, "Who will send the test results?"), reply)


@pytest.mark.parametrize(("own", "used"), [(None, GREEDY), (Sampling(0.7, 20, 0.8), Sampling(0.7, 20, 0.8))])
def test_an_answer_is_drawn_as_the_models_makers_recommend(vault: Vault, own: Sampling | None, used: Sampling) -> None:
    language = ScriptedLanguage(lambda _: "Friday. [1]", sampling=own)
    stage = Stage(vault, ScriptedEngines(language=language))
    asked(stage, lines_of(stage.store, LINES), "When?")
    assert language.samplings == [used]


def test_the_real_model_answers_over_all_calls(vault: Vault, real_language: RemoteLanguage) -> None:
    stage = Stage(vault, Kept(language=real_language))
    lines_of(stage.store, ["Hello, this is about the budget.", "That is good news."], title="Budget")
    known = told(stage.store)
    reply = asked(stage, None, "Who will review the final design?")
    assert {c.id for c in reply.citations} == {known}
    assert 11 in stage.cited(reply)


def test_markers_become_citations_and_keep_their_number(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "- Move the launch. [4]\n- It takes 3 days. [2, 3]")
    known = lines_of(stage.store, LINES)
    reply = asked(stage, known, "What was decided?")
    assert reply.text == "- Move the launch. [4]\n- It takes 3 days. [2, 3]"
    assert reply.citations == (
        Citation(known, uid(stage.store, known, 4), 30.0, 36.0, 4),
        Citation(known, uid(stage.store, known, 2), 10.0, 15.0, 2),
        Citation(known, uid(stage.store, known, 3), 20.0, 23.0, 3),
    )  # fmt: skip
    assert (reply.stop_reason, reply.note) == (StopReason.FINISHED, "")


def test_a_line_whose_marker_does_not_bear_it_is_marked_as_not_confirmed(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Move the launch. [4]\nIt takes 9 days. [3]\nThe page is paid by Oscar. [1]")
    reply = asked(stage, lines_of(stage.store, LINES), "What?")
    assert reply.text == "Move the launch. [4]\nIt takes 9 days. [3]\nThe page is paid by Oscar. [1]"
    assert [mark.numbers for mark in reply.marks] == [(4,), (), ()]
    assert stage.cited(reply) == [4]


def test_code_and_what_else_a_model_writes_in_brackets_is_stored_as_it_was_written(vault: Vault) -> None:
    code = "Here:\n\n```python\nfor row in rows:\n    if row:\n        total += float(row[1])\n```\n- [ ] x[2]  end"
    stage, _ = staged(vault, lambda _: code)
    known = lines_of(stage.store, LINES)
    for call in (known, None):
        reply = asked(stage, call, "Sum the launch column of a file?")
        assert (reply.text, reply.citations, reply.marks) == (code, (), ())
        kept = stage.answering.conversations()[0]
        assert stage.answering.conversation(kept.id).messages[-1] == reply


def test_an_answer_of_which_nothing_is_confirmed_says_so_where_it_cites(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "It takes 9 days. [3]\nReally.")
    reply = asked(stage, lines_of(stage.store, LINES), "What?")
    assert (reply.text, reply.citations) == ("It takes 9 days. [3]\nReally.", ())
    assert reply.marks == (Mark(17, 20),)


def test_a_question_that_no_line_answers_by_its_words_gets_the_main_lines_of_the_latest_calls(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "They move the launch. [1]")
    known = lines_of(stage.store, LINES)
    evidence = (Evidence(uid(stage.store, known, 4), 30.0, 36.0),)
    stage.store.save_summary(known, call_summary("Launch", "", (), (Point("Move the launch.", evidence),), (), "m"))
    reply = asked(stage, None, "Summarise yesterday")
    assert "[1] " in language.prompts[-1].messages[-1][1]
    assert "About three days" not in language.prompts[-1].messages[-1][1]
    assert stage.cited(reply) == [4]
    assert (
        reply.note == "No line has a word of this question: the answer is built on the main lines of the latest call."
    )


def test_a_wish_that_is_about_no_call_is_told_of_none(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Dear landlord,\nplease repair my heating.")
    lines_of(stage.store, LINES)
    reply = asked(stage, None, "Write to my landlord")
    assert (reply.note, reply.marks, reply.citations) == ("", (), ())


def test_a_call_that_the_question_names_comes_before_the_latest(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "Fine. [1]")
    lines_of(stage.store, ["Take the pills twice."], title="Dentist")
    lines_of(stage.store, LINES)
    asked(stage, None, "dentist?")
    assert "Take the pills" in language.prompts[-1].messages[-1][1]
    assert "launch" not in language.prompts[-1].messages[-1][1]


def test_only_lines_of_the_prompt_can_be_cited(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "Yes.")
    asked(stage, lines_of(stage.store, LINES), "What?")
    assert '"1"' in language.grammars[0]
    assert '"5"' not in language.grammars[0]


def test_a_marker_that_stands_for_nothing_is_text(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Nothing was found. [7]")
    reply = asked(stage, None, "Zanzibar?")  # no call, so no grammar holds the brackets
    assert reply.citations == ()
    assert (reply.text, reply.marks) == ("Nothing was found. [7]", ())


def test_what_was_said_before_is_in_the_prompt(vault: Vault) -> None:
    answers = iter(["First.", "Second."])
    stage, language = staged(vault, lambda _: next(answers))
    asked(stage, lines_of(stage.store, LINES), "One?", "Two?")
    (_, first), *rest = language.prompts[1].messages[1:]
    assert first.endswith("We agree to move the launch.\n\nOne?")
    assert rest == [("assistant", "First."), ("user", "Two?")]


def stopped_at(word: str) -> Watching:
    return Watching(stop_when=lambda event: isinstance(event, Delta) and word in event.text)


def test_stopping_keeps_what_was_said_and_the_question(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Move the launch. [4] And more that nobody waits for.")
    chat = stage.answering.start(lines_of(stage.store, LINES))
    reply = stage.answering.reply(chat.id, "What was decided?", stopped_at("And"))
    assert reply.stop_reason is StopReason.STOPPED
    assert reply.text == "Move the launch. [4] And"
    assert stage.cited(reply) == [4]
    assert stage.answering.conversation(chat.id).messages[-1] == reply


def test_stopped_inside_a_marker_it_stays_as_far_as_it_came(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Move the launch. [4]")
    chat = stage.answering.start(lines_of(stage.store, LINES))
    assert stage.answering.reply(chat.id, "What?", stopped_at("[")).text == "Move the launch. ["


def test_a_reply_that_reaches_its_limit_says_so(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: varied_words(900))
    assert asked(stage, lines_of(stage.store, LINES), "What?").stop_reason is StopReason.LENGTH


def test_a_crash_keeps_the_question_and_what_was_said(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: ["Move the launch. [4]", EngineCrashed()])
    chat = stage.answering.start(lines_of(stage.store, LINES))
    with pytest.raises(EngineCrashed):
        stage.answering.reply(chat.id, "What was decided?", Watching())
    question, partial = stage.answering.conversation(chat.id).messages
    assert question.text == "What was decided?"
    assert (partial.text, partial.stop_reason) == ("Move the launch. [4]", StopReason.INTERRUPTED)
    assert stage.cited(partial) == [4]


def test_a_crash_before_the_first_word_leaves_the_question_alone(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: EngineCrashed())
    chat = stage.answering.start(lines_of(stage.store, LINES))
    with pytest.raises(EngineCrashed):
        stage.answering.reply(chat.id, "What?", Watching())
    assert [m.role for m in stage.answering.conversation(chat.id).messages] == [Role.USER]


def test_after_a_failed_question_turns_still_alternate(vault: Vault) -> None:
    answers = iter(list[Reply]([EngineCrashed(), "Yes.", "No."]))
    stage, language = staged(vault, lambda _: next(answers))
    chat = stage.answering.start(lines_of(stage.store, LINES))
    with pytest.raises(EngineCrashed):
        stage.answering.reply(chat.id, "One?", Watching())
    for question in ("Two?", "Three?"):
        stage.answering.reply(chat.id, question, Watching())
    for prompt in language.prompts:  # many templates refuse two turns of one side in a row
        roles = [role for role, _ in prompt.messages]
        assert all(one != other for one, other in itertools.pairwise(roles)), roles


def test_what_is_being_said_is_saved_as_it_comes(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.chats.answering._SAVED_EVERY", 0.0)
    stage, _ = staged(vault, lambda _: "Move the launch.")
    chat = stage.answering.start(lines_of(stage.store, LINES))
    kept: list[Message] = []

    def look(event: object) -> bool:
        if isinstance(event, Delta):
            kept.append(stage.answering.conversation(chat.id).messages[-1])
        return False

    stage.answering.reply(chat.id, "What?", Watching(stop_when=look))
    assert kept[-1].text == "Move the launch"
    assert {m.stop_reason for m in kept} == {StopReason.INTERRUPTED}  # what a crash now would leave


def test_where_it_cites_is_told_as_it_is_written(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "We agree to move the launch [4]. The payment page is slow [1]. That is all.")
    chat, watching = stage.answering.start(lines_of(stage.store, LINES)), Watching()
    reply = stage.answering.reply(chat.id, "What?", watching)
    places = [n for n, event in enumerate(watching.events) if isinstance(event, Message)]
    told_of = [event for event in watching.events if isinstance(event, Message)]
    assert [[mark.numbers for mark in message.marks] for message in told_of] == [[(4,)], [(4,), (1,)]]
    assert all(reply.text.startswith(message.text) for message in told_of), "so that the places are the same"
    assert places[0] < max(n for n, event in enumerate(watching.events) if isinstance(event, Delta))


def material_of(prompt: Prompt) -> str:
    return next(text for role, text in prompt.messages if role == "user")


def test_old_questions_that_do_not_fit_are_left_out_and_it_says_so(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: varied_words(60), 600)
    chat = stage.answering.start(lines_of(stage.store, LINES))
    replies = [stage.answering.reply(chat.id, f"Question{n}?", Watching()) for n in range(8)]
    assert replies[0].note == ""
    assert replies[-1].note
    left_out = int(re.findall(r"\d+", replies[-1].note)[0])
    text = "".join(text for _, text in language.prompts[-1].messages)
    for n in range(8):
        assert (f"Question{n}?" in text) == (n >= left_out)
    for prompt in language.prompts:
        assert prompt.messages[1][0] == "user"
        assert "page is slow" in material_of(prompt)


def test_a_call_that_is_too_long_is_read_around_the_best_hits_and_it_says_so(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "The launch is moved. [61]", 600)
    lines = [f"filler number {n} is about nothing" for n in range(120)]
    lines[60] = "Then we agree to move the launch."
    reply = asked(stage, known := lines_of(stage.store, lines), "When is the launch moved?")
    material = material_of(language.prompts[0])
    assert "[61] You: Then we agree to move the launch." in material
    assert "[60] Them: filler number 59" in material
    read, whole = map(int, re.findall(r"\d+", reply.note))
    assert whole == 120
    assert read == len(re.findall(r"^\[\d+\]", material, re.MULTILINE))
    assert [(c.id, c.utterance, c.marker) for c in reply.citations] == [(known, uid(stage.store, known, 61), 61)]
    assert '"9"' not in language.grammars[0].split("line ::=")[1].split("|")[0]


def test_earlier_questions_on_a_call_that_is_too_long_are_named_as_left_out(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "Yes.", 600)
    lines = [f"filler number {n} is about the launch" for n in range(120)]
    reply = asked(stage, lines_of(stage.store, lines), "First about the launch?", "And filler 7?")
    if "First about" not in "".join(text for _, text in language.prompts[-1].messages):
        assert "earlier question" in reply.note or "questions of this conversation" in reply.note


def test_a_question_over_all_calls_reads_excerpts_numbered_through(vault: Vault) -> None:
    stage, language = staged(vault, lambda p: cited(p))
    one = lines_of(stage.store, [*LINES, *[f"filler{n}" for n in range(20)]], title="First call")
    other = lines_of(stage.store, [f"filler{n}" for n in range(20)] + ["The launch costs 500."], title="Other call")

    def cited(prompt: Prompt) -> str:
        numbers = re.findall(r"^\[(\d+)\] \w+: .*launch", prompt.messages[-1][1], re.MULTILINE)
        return "\n".join(f"About the launch, {n}. [{n}]".replace(f", {n}", "") for n in numbers)

    reply = asked(stage, None, "What about the launch?")
    material = language.prompts[0].messages[-1][1]
    assert "# First call\n" in material
    assert "# Other call\n" in material
    numbers = [int(n) for n in re.findall(r"^\[(\d+)\]", material, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {(c.id, stage.line(c.id, c.utterance)) for c in reply.citations} == {(one, 4), (other, 21)}
    starts = {c.id: c.start for c in reply.citations}
    assert (starts[one], starts[other]) == (30.0, 200.0)
    assert "filler15" not in material.split("# Other")[0]


def test_excerpts_that_do_not_fit_are_counted_in_the_note(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "Yes.", 500)
    for n in range(8):
        lines_of(stage.store, [f"a long line about the launch of number {n} " + "and so on " * 12], title=f"Call {n}")
    reply = asked(stage, None, "What about the launch?")
    left, found = map(int, re.findall(r"\d+", reply.note))
    assert found == 8
    assert left == 8 - language.prompts[0].messages[-1][1].count("# Call")
    assert 0 < left < 8


def test_earlier_turns_over_all_calls_that_do_not_fit_are_named(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: varied_words(60), 600)
    lines_of(stage.store, LINES)
    reply = asked(stage, None, *(f"What about the launch{n}?" for n in range(8)))
    assert "launch0" not in "".join(t for _, t in language.prompts[-1].messages)
    assert "question" in reply.note


def test_a_question_that_is_longer_than_the_context_is_an_error(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Yes.", 300)
    for known in (None, lines_of(stage.store, LINES)):
        with pytest.raises(ContextOverflow):
            asked(stage, known, "launch " * 900)


def test_without_a_model_the_question_is_kept(vault: Vault) -> None:
    stage = Stage(vault, ScriptedEngines(), provisioning(vault.folder, demo=list))
    chat = stage.answering.start()
    with pytest.raises(ModelMissing):
        stage.answering.reply(chat.id, "What?", Watching())
    assert stage.answering.conversation(chat.id).messages == (Message(Role.USER, "What?"),)


def test_conversations_are_listed_and_forgotten(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Yes.")
    asked(stage, None, "About what?")
    (chat,) = stage.answering.conversations()
    assert chat.title == "About what?"
    stage.answering.delete(chat.id)
    assert stage.answering.conversations() == []
    assert stage.changes[-1].is_gone
    with pytest.raises(NotFound):
        stage.answering.reply(ConversationId("none"), "What?", Watching())


def test_a_model_that_goes_round_in_circles_is_stopped(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "- Move the launch. [4]\n" * 40)
    reply = asked(stage, lines_of(stage.store, LINES), "What?")
    assert reply.text == "- Move the launch. [4]"
    assert reply.stop_reason is StopReason.FINISHED


def test_an_answer_stays_on_its_words_when_the_call_is_transcribed_anew(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "- Move the launch. [4]\n- It takes 3 days. [3]")
    known = lines_of(stage.store, LINES)
    chat = stage.answering.start(known, NOTHING if known else EVERYTHING)
    stage.answering.reply(chat.id, "What was decided?", Watching())
    stage.store.request_retranscription(known, "en")
    stage.store.begin_transcript(known, "demo-speech")
    heard = [
        spoken(0, 0.0, 2.0, "The payment page"), spoken(0, 2.0, 4.0, "is slow."), spoken(1, 10.0, 15.0, LINES[1]),
        spoken(0, 20.0, 23.0, "About four days."), spoken(1, 30.0, 36.0, "we agree to move the launch"),
    ]  # fmt: skip
    for track in (0, 1):
        stage.store.save_utterances(known, track, 99.0, [one for one in heard if one.track == track], "en")
    stage.store.finish_transcript(known)
    _, answer = stage.answering.conversation(chat.id).messages
    moved, days = stage.library.cited(answer.citations)
    assert (moved.line, moved.text, moved.citation.is_earlier) == (5, "we agree to move the launch", False)
    assert (days.line, days.text, days.citation.is_earlier) == (0, LINES[2], True)
    assert stage.library.call(known).has_earlier_summary is False
    stage.library.delete(known)
    assert vault.rows("SELECT 1 FROM earlier_utterances") == []


def test_an_answer_in_the_words_of_an_earlier_transcript_goes_with_its_call(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "")
    said = "The pallets will be at the gate on the ninth of March, not before noon."
    known = lines_of(stage.store, [said])
    chat = stage.answering.start(None)
    stage.conversations.append(chat.id, Message(Role.ASSISTANT, f"It was said: {said}"))
    stage.store.request_retranscription(known, "en")
    stage.store.begin_transcript(known, "demo-speech")
    stage.store.save_utterances(known, 0, 99.0, [spoken(0, 0.0, 9.0, "Nobody said that.")], "en")
    stage.store.finish_transcript(known)
    stage.library.delete(known)
    assert stage.answering.conversation(chat.id).messages[0].text == REMOVED_ANSWER
