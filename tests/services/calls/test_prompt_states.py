"""What was evaluated of a call serves after a restart too, and a state that can't be used is in nobody's way."""

from collections.abc import Iterator

import pytest

from app.core.engines import Generated, LanguageEngine, Prompt
from app.core.errors import EngineCrashed
from app.core.ids import CallId
from app.core.job import Cancelled, Progress
from app.core.model import ModelKind
from app.core.prompt_state import StatePiece, StoredState
from app.engines.parent.engines import RemoteLanguage
from app.services.calls.prompt_states import PromptStates
from app.storage.tables.prompt_states import PromptStateStore
from app.storage.vault import Vault
from tests.conftest import demo_model
from tests.doubles.engines import ScriptedLanguage
from tests.services.stage import Kept, Stage, Watching, lines_of, told

LINES = [f"We move launch number {n} to Friday, because the tests are slow." for n in range(30)]


def staged(vault: Vault, engine: LanguageEngine) -> tuple[Stage, PromptStateStore]:
    store = PromptStateStore(vault)
    return Stage(vault, Kept(language=engine), states=PromptStates(store)), store


def ask(stage: Stage, call: CallId, question: str) -> Watching:
    watching = Watching()
    stage.answering.reply(stage.answering.start(call).id, question, watching)
    return watching


def steps(watching: Watching) -> set[str]:
    return {event.step for event in watching.events if isinstance(event, Progress)}


def test_a_question_after_a_restart_opens_what_was_read(vault: Vault) -> None:
    first = ScriptedLanguage(lambda _: "On Friday. [1]", 4096)
    stage, store = staged(vault, first)
    call = lines_of(stage.store, LINES)
    assert steps(ask(stage, call, "When?")) == {"Loading the model", "Reading"}
    size = store.size()
    assert size > 0
    ask(stage, call, "Why?")
    assert store.size() == size, "once is enough"
    stage, _ = staged(vault, ScriptedLanguage(lambda _: "On Friday. [1]", 4096))
    watching = ask(stage, call, "When?")
    assert "Opening" in steps(watching)
    read = [event.done for event in watching.events if isinstance(event, Progress) and event.unit == "tokens"]
    assert read == sorted(read), "and nothing is read that was opened"


def test_the_real_engine_goes_on_from_what_a_summary_left(vault: Vault, real_language: RemoteLanguage) -> None:
    stage, store = staged(vault, real_language)
    call = told(stage.store)
    stage.summarizing.run(call, Watching())
    assert store.size() > 0
    fresh = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 2048)
    try:
        stage, _ = staged(vault, fresh)
        assert "Opening" in steps(ask(stage, call, "Who will send the test results?"))
        ask(stage, call, "When?")
        prompt = Prompt((("user", "Hello."),))
        assert isinstance(list(fresh.generate(prompt, "", 2))[-1], Generated)
    finally:
        fresh.close()


@pytest.mark.parametrize("error", [EngineCrashed(), None])
def test_a_state_that_can_not_be_used_is_removed_and_the_call_is_read(
    vault: Vault, error: EngineCrashed | None
) -> None:
    class Failing(ScriptedLanguage):
        def load_state(self, prompt: Prompt, stored: StoredState) -> Iterator[Progress]:
            if error is not None:
                raise error
            return super().load_state(prompt, stored)

    stage, _ = staged(vault, ScriptedLanguage(lambda _: "On Friday. [1]", 4096))
    call = lines_of(stage.store, LINES)
    ask(stage, call, "When?")
    path = vault.folder / "states" / f"{call}.state"
    if error is None:
        path.write_bytes(path.read_bytes()[:-40])
    before = path.stat().st_mtime_ns
    stage, _ = staged(vault, Failing(lambda _: "On Friday. [1]", 4096))
    assert "Opening" not in steps(ask(stage, call, "When?"))
    assert path.stat().st_mtime_ns != before, "and is stored anew"


def test_a_reply_is_whole_where_its_state_can_not_be_kept(vault: Vault) -> None:
    class Cancelling(ScriptedLanguage):
        def state(self, *_: object) -> Iterator[StatePiece]:
            raise Cancelled

    class Dying(ScriptedLanguage):
        def state(self, *_: object) -> Iterator[StatePiece]:
            raise EngineCrashed

    for kind in (Cancelling, Dying):
        stage, store = staged(vault, kind(lambda _: "On Friday. [1]", 4096))
        call = lines_of(stage.store, LINES)
        ask(stage, call, "When?")
        known = stage.answering.of_call(call)
        assert known is not None
        assert known.messages[-1].text == "On Friday. [1]"
        assert store.size() == 0


def test_excerpts_of_a_call_that_is_too_long_are_not_kept(vault: Vault) -> None:
    stage, store = staged(vault, ScriptedLanguage(lambda _: "On Friday.", 600))
    call = lines_of(stage.store, LINES)
    ask(stage, call, "When is launch number 7?")
    assert store.size() == 0
