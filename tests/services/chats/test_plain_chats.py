"""A chat is with the model alone, unless it was told what it may use; and what is written anew is kept beside it."""

from contextlib import suppress

import pytest

from app.core.conversation import EVERYTHING, Message, ReplyMeasure, Role, Sources, StopReason
from app.core.engines import Prompt
from app.core.errors import AssistantError, EngineCrashed, NotFound
from app.core.prompts import library_prompt
from app.core.wording import INSTRUCT
from app.engines.parent.engines import RemoteLanguage
from app.storage.vault import Vault
from tests.doubles.engines import Script, ScriptedEngines, ScriptedLanguage
from tests.services.stage import Stage, Watching, lines_of, varied_words

LINES = ["The payment page is slow.", "How long will that take?", "About three days.", "We agree to move the launch."]
OTHERS = ["The heating is broken again.", "A plumber comes on Tuesday."]


def staged(vault: Vault, script: Script, context_tokens: int = 2048) -> tuple[Stage, ScriptedLanguage]:
    language = ScriptedLanguage(script, context_tokens)
    return Stage(vault, ScriptedEngines(language=language)), language


def material_of(prompt: Prompt) -> str:
    return "\n".join(text for _, text in prompt.messages)


def test_a_new_chat_reads_no_call_and_cites_nothing(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "Dear landlord, the launch [1] is in `row[2]`: about three days.")
    lines_of(stage.store, LINES)
    chat = stage.answering.start()
    reply = stage.answering.reply(chat.id, "Write to my landlord about the launch", Watching())
    assert "payment page" not in material_of(language.prompts[0])
    assert language.grammars == [""]
    assert reply.text == "Dear landlord, the launch [1] is in `row[2]`: about three days."
    assert (reply.citations, reply.marks, reply.note) == ((), (), "")


def test_a_chat_reads_the_calls_that_were_chosen_and_no_other(vault: Vault) -> None:
    said = iter(["Three days. [3]", "On Tuesday.", "Nobody."])
    stage, language = staged(vault, lambda _: next(said))
    known, other = lines_of(stage.store, LINES), lines_of(stage.store, OTHERS)
    lines_of(stage.store, ["Nobody chose what is said here."])
    chat = stage.answering.start(sources=Sources((known, other)))
    reply = stage.answering.reply(chat.id, "How long?", Watching())
    for line in (*LINES, *OTHERS):
        assert line in material_of(language.prompts[0])
    assert "Nobody chose" not in material_of(language.prompts[0])
    assert {c.id for c in reply.citations} == {known}
    stage.answering.use(chat.id, Sources((other,)))
    stage.answering.reply(chat.id, "And the heating?", Watching())
    asked = material_of(language.prompts[1])
    assert "plumber" in asked
    assert "payment page" not in asked
    assert "Three days.\n" in f"{asked}\n"  # what an earlier reply cited was a line of another call
    stage.answering.use(chat.id, EVERYTHING)
    stage.answering.reply(chat.id, "Who chose?", Watching())
    assert "Nobody chose" in material_of(language.prompts[2])


def test_of_calls_that_are_too_long_together_the_nearest_lines_are_read(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "Soon.", 400)
    long = lines_of(stage.store, [*[varied_words(12)] * 40, "The plumber comes on Tuesday."])
    other = lines_of(stage.store, OTHERS)
    chat = stage.answering.start(sources=Sources((long, other)))
    reply = stage.answering.reply(chat.id, "When does the plumber come?", Watching())
    assert "The plumber comes on Tuesday." in material_of(language.prompts[0])
    assert reply.note.startswith("The chosen calls are longer than the model can read at once: it read ")
    assert reply.note.endswith("of 43 lines, those nearest to the question.")


def test_a_reply_is_written_anew_beside_the_first_one(vault: Vault) -> None:
    replies = iter(["First.", "Second.", "Thanks.", "Asked anew."])
    stage, language = staged(vault, lambda _: next(replies))
    chat = stage.answering.start().id
    stage.answering.reply(chat, "Question", Watching())
    number = stage.answering.conversation(chat).versions[1].number
    stage.answering.reply_anew(chat, number, Watching())
    assert language.prompts[0] == language.prompts[1]
    assert language.samplings[0] != language.samplings[1]  # the likeliest tokens would say the same again
    known = stage.answering.conversation(chat)
    assert [m.text for m in known.messages] == ["Question", "Second."]
    assert (known.versions[1].position, known.versions[1].count) == (2, 2)
    stage.answering.show_version(chat, known.versions[1].number, -1)
    stage.answering.reply(chat, "More", Watching())
    first = stage.answering.conversation(chat)
    assert [m.text for m in first.messages] == ["Question", "First.", "More", "Thanks."]
    stage.answering.ask_anew(chat, first.versions[2].number, "Something else", Watching())
    assert [m.text for m in stage.answering.conversation(chat).messages] == [
        "Question", "First.", "Something else", "Asked anew.",
    ]  # fmt: skip
    assert "More" not in material_of(language.prompts[3])


def test_a_reply_that_was_cut_off_goes_on_in_its_place(vault: Vault) -> None:
    replies: list[str | list[str | EngineCrashed]] = [["One, two,", EngineCrashed()], " three."]
    stage, language = staged(vault, lambda _: replies.pop(0))
    chat = stage.answering.start().id
    with pytest.raises(EngineCrashed):
        stage.answering.reply(chat, "Count to three", Watching())
    assert stage.answering.conversation(chat).messages[1].stop_reason is StopReason.INTERRUPTED
    stage.answering.go_on(chat, stage.answering.conversation(chat).versions[1].number, Watching())
    assert language.prompts[1].messages[-2:] == (("user", "Count to three"), ("assistant", "One, two,"))
    known = stage.answering.conversation(chat)
    assert known.messages == (Message(Role.USER, "Count to three"), Message(Role.ASSISTANT, "One, two, three."))


def test_the_real_engine_goes_on_with_what_was_begun(real_language: RemoteLanguage) -> None:
    whole = Prompt((("system", INSTRUCT.system), ("user", "Who will send the results?")))
    begun = Prompt((*whole.messages, ("assistant", "It will be")))
    assert real_language.count_prompt(begun) - real_language.count_prompt(whole) in range(1, 6)


def test_what_a_reply_took_is_told(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "One two three.", 2048)
    watching = Watching()
    stage.answering.reply(stage.answering.start().id, "Say something", watching)
    (measure,) = [event for event in watching.events if isinstance(event, ReplyMeasure)]
    assert measure.context_tokens == 2048
    assert measure.reply_tokens == 4
    assert measure.used_tokens > measure.reply_tokens


def test_an_incognito_chat_is_nowhere_in_the_vault(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Yes.")
    known = lines_of(stage.store, LINES)
    chat = stage.answering.start(sources=Sources((known,)), is_incognito=True)
    stage.answering.reply(chat.id, "Is it a secret?", Watching())
    assert [m.text for m in stage.answering.conversation(chat.id).messages] == ["Is it a secret?", "Yes."]
    assert stage.answering.conversations() == []
    assert vault.rows("SELECT 1 FROM messages") == []
    stage.answering.forget_call(known)
    with pytest.raises(NotFound):
        stage.answering.conversation(chat.id)


def test_a_library_prompt_has_its_excerpts_with_the_question() -> None:
    prompt = library_prompt("Excerpts:", [Message(Role.USER, "a"), Message(Role.ASSISTANT, "b")], "c")
    assert prompt.messages[1:] == (("user", "a"), ("assistant", "b"), ("user", "Excerpts:\n\nc"))


def test_only_the_last_reply_is_gone_on_with(vault: Vault) -> None:
    replies: list[str | list[str | EngineCrashed]] = [["One,", EngineCrashed()], [EngineCrashed()]]
    stage, _ = staged(vault, lambda _: replies.pop(0))
    chat = stage.answering.start().id
    for question in ("Count", "My second question"):
        with pytest.raises(EngineCrashed):
            stage.answering.reply(chat, question, Watching())
    known = stage.answering.conversation(chat)
    for version in known.versions:
        with pytest.raises(NotFound):
            stage.answering.go_on(chat, version.number, Watching())
    assert [m.text for m in stage.answering.conversation(chat).messages] == ["Count", "One,", "My second question"]


@pytest.mark.parametrize("fault", ["crash", "nothing"])
def test_a_reply_stays_where_another_one_came_to_nothing(vault: Vault, fault: str) -> None:
    replies: list[str | list[str | EngineCrashed]] = ["First.", [EngineCrashed()] if fault == "crash" else ""]
    stage, _ = staged(vault, lambda _: replies.pop(0))
    chat = stage.answering.start().id
    stage.answering.reply(chat, "Question", Watching())
    number = stage.answering.conversation(chat).versions[1].number
    with suppress(EngineCrashed):
        stage.answering.reply_anew(chat, number, Watching())
    known = stage.answering.conversation(chat)
    assert [m.text for m in known.messages] == ["Question", "First."]
    assert known.versions[1].count == 1


def test_going_on_that_fails_leaves_the_reply_as_it_was(vault: Vault) -> None:
    replies: list[str | list[str | EngineCrashed]] = [["Three days. [3]", EngineCrashed()], [EngineCrashed()]]
    stage, _ = staged(vault, lambda _: replies.pop(0))
    chat = stage.answering.start(sources=Sources((lines_of(stage.store, LINES),))).id
    with pytest.raises(EngineCrashed):
        stage.answering.reply(chat, "How long?", Watching())
    before = stage.answering.conversation(chat)
    assert before.messages[1].citations
    with pytest.raises(EngineCrashed):
        stage.answering.go_on(chat, before.versions[1].number, Watching())
    assert stage.answering.conversation(chat) == before
    stage.answering.use(chat, Sources())
    with pytest.raises(AssistantError, match="does not use any more"):
        stage.answering.go_on(chat, before.versions[1].number, Watching())


def test_a_chosen_call_without_text_is_told(vault: Vault) -> None:
    stage, language = staged(vault, lambda _: "I don't know.")
    chat = stage.answering.start(sources=Sources((lines_of(stage.store, []),)))
    reply = stage.answering.reply(chat.id, "What was said?", Watching())
    assert reply.note == "The call that was chosen has no text yet, so nothing of it was read."
    assert "Transcript" not in material_of(language.prompts[0])


def test_an_incognito_chat_that_was_left_takes_nothing_more(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: "Yes.")
    chat = stage.answering.start(is_incognito=True)
    stage.answering.forget_incognito()
    with pytest.raises(NotFound):
        stage.answering.reply(chat.id, "Is it a secret?", Watching())
    assert vault.rows("SELECT 1 FROM messages") == []
