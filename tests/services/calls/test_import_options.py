"""What a person wanted as a call came in holds for its steps, in this session and in a later one."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from app.core.call import CallState
from app.core.engines import Prompt
from app.core.errors import AssistantError
from app.core.import_options import ImportOptions, StepOptions
from app.core.job import Job, JobKind, JobState, Lane, NullContext
from app.core.wording import INSTRUCT
from app.engines.audio_output.loudspeaker import open_loudspeaker
from app.services.calls.summary_templates import SummaryTemplates
from app.services.session import Session
from tests.conftest import opened_vault
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage, ScriptedSpeech
from tests.services.stage import provisioning, said

SUMMARY = json.dumps({"title": "Launch", "key_points": [], "decisions": [], "action_items": [], "overview": "A call."})
OWN_SUMMARY = json.dumps({"title": "Launch", "overview": "A call."})
OWN = 'title = "Mine"\n[[sections]]\nkey = "overview"\ntitle = "All of it"\nkind = "prose"\n'
NOBODY = NullContext()


class Desk:
    """Opens the vault again and again, with engines that follow a script."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.language = ScriptedLanguage(self._reply)
        self.prompts: list[Prompt] = []
        self.opened: list[Session] = []
        (folder / "templates").mkdir()
        (folder / "templates" / "mine.toml").write_text(OWN)
        self.out = folder / "out"
        self.out.mkdir()

    def _reply(self, prompt: Prompt) -> str:
        self.prompts.append(prompt)
        return SUMMARY if "key_points" in prompt.messages[-1][1] else OWN_SUMMARY

    def open(self) -> Session:
        """A session; the one before is closed."""
        self.close()
        engines = ScriptedEngines(ScriptedSpeech(said(), 60.0), self.language)
        vault, templates = opened_vault(self._folder / "vault"), SummaryTemplates(self._folder / "templates")
        models = provisioning(self._folder)
        self.opened.append(Session(vault, engines, models, open_loudspeaker, templates=templates))
        return self.opened[-1]

    def close(self) -> None:
        for session in self.opened:
            session.close()
        self.opened.clear()

    def wanting(self, session: Session, name: str = "{title}", fmt: str = "txt") -> ImportOptions:
        """To export to the folder."""
        return ImportOptions(steps=StepOptions(export=session.planned_exports.plan(self.out, fmt, name)))

    def names(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def test_all_of_it_holds_after_a_restart_at_every_step(
    desk: Desk, demo_wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.calls.summarizing.wording_of", lambda _: INSTRUCT)
    session = desk.open()
    options = desk.wanting(session)
    options = replace(options, steps=msgspec.structs.replace(options.steps, template="mine", summary_language="de"))
    call = session.importing.import_file(demo_wav, options, NOBODY).id
    for state in (CallState.IMPORTED, CallState.TRANSCRIBED, CallState.SUMMARIZED):
        session = desk.open()
        known = session.library.call(call)
        assert (known.state, desk.names()) == (state, [])
        step = session.pipeline.next_step(known)
        assert step is not None
        session.pipeline.job(step.name, call, 5).work(NOBODY)
    assert session.pipeline.next_step(session.library.call(call)) is None
    summary = session.library.summary(call)
    assert summary is not None
    assert [section.title for section in summary.sections] == ["All of it"]
    assert any("German" in text for prompt in desk.prompts for _, text in prompt.messages)
    assert desk.names() == ["Launch.txt"]
    assert (desk.out / "Launch.txt").read_text() == session.call_export.text(call)


def test_the_window_exports_what_is_finished_too(desk: Desk, demo_wav: Path) -> None:
    session = desk.open()
    done: list[str] = []
    session.lanes.observe(lambda job, event: done.append(job.title) if job.is_over else None)
    session.import_files([demo_wav], desk.wanting(session))
    wait(lambda: "Exporting" in done)
    assert desk.names() == ["Launch.txt"]


def test_what_is_done_next_goes_first_at_each_of_its_steps(desk: Desk, demo_wav: Path, tmp_path: Path) -> None:
    session = desk.open()
    late = tmp_path / "late.wav"
    late.write_bytes(demo_wav.read_bytes() + b"\0\0")
    held, began = threading.Event(), dict[str, int]()

    def note(job: Job[object], event: object) -> None:
        if event is JobState.RUNNING and job.kind is JobKind.STEP:
            began[f"{job.subject} {job.title}"] = job.priority

    session.lanes.observe(note)
    session.lanes.submit(Job("Holding", lambda _: held.wait(20), Lane.DISK))
    first, moved = session.import_files([demo_wav, late])
    session.do_next(moved)
    assert moved.turn < first.turn
    held.set()
    wait(lambda: session.lanes.is_idle and len(began) == 4)
    assert [job.result.title for job in (first, moved) if job.result] == ["demo", "late"]
    assert {key: priority for key, priority in began.items() if moved.subject in key} == {
        f"{moved.subject} Transcribing": 1, f"{moved.subject} Summarizing": 1,
    }  # fmt: skip
    assert sorted(began.values()) == [1, 1, 5, 5]


def test_a_call_that_is_to_be_summarised_is_exported_with_its_summary_only(desk: Desk, demo_wav: Path) -> None:
    session = desk.open()
    plain = replace(desk.wanting(session, "{file}"), wants_summary=False)
    call = session.pipeline.carry_through(session.importing.import_file(demo_wav, plain, NOBODY), NOBODY)
    assert (call.state, desk.names()) == (CallState.TRANSCRIBED, ["demo.txt"])


def test_a_file_that_is_there_is_never_replaced_and_the_same_never_written_twice(desk: Desk, demo_wav: Path) -> None:
    session = desk.open()
    (desk.out / "Launch.txt").write_text("mine")
    call = session.pipeline.carry_through(
        session.importing.import_file(demo_wav, desk.wanting(session), NOBODY), NOBODY
    )
    assert desk.names() == ["Launch (2).txt", "Launch.txt"]
    assert (desk.out / "Launch.txt").read_text() == "mine"
    session.planned_exports.run(call.id, NOBODY)  # as after a kill before the step was noted
    assert desk.names() == ["Launch (2).txt", "Launch.txt"]


def test_a_folder_that_is_gone_leaves_the_call_waiting(desk: Desk, demo_wav: Path) -> None:
    session = desk.open()
    options = desk.wanting(session)
    desk.out.rmdir()
    call = session.importing.import_file(demo_wav, options, NOBODY)
    with pytest.raises(AssistantError, match="There is no such folder"):
        session.pipeline.carry_through(call, NOBODY)
    desk.out.mkdir()
    session = desk.open()
    session.pipeline.carry_through(session.library.call(call.id), NOBODY)
    assert desk.names() == ["Launch.txt"]


def test_what_is_said_of_a_call_that_is_there_holds_for_it(desk: Desk, demo_wav: Path) -> None:
    session = desk.open()

    def imported(options: ImportOptions) -> list[str]:
        before = len(desk.prompts)
        session.pipeline.carry_through(session.importing.import_file(demo_wav, options, NOBODY), NOBODY)
        return [*desk.names(), *["summarised"] * (len(desk.prompts) > before)]

    assert imported(ImportOptions()) == ["summarised"]
    assert imported(ImportOptions()) == []
    assert imported(desk.wanting(session)) == ["Launch.txt"]
    assert imported(desk.wanting(session)) == ["Launch.txt"]
    assert imported(desk.wanting(session, fmt="md")) == ["Launch.md", "Launch.txt"]
    template = ImportOptions(steps=StepOptions(template="mine"))
    assert imported(template) == ["Launch.md", "Launch.txt", "summarised"]
    assert imported(template) == ["Launch.md", "Launch.txt"]
    export_alone = ImportOptions(steps=StepOptions(export=desk.wanting(session).steps.export))
    assert "summarised" not in imported(export_alone), "what was said of the summary before still holds"
    (call,) = session.library.calls()
    assert session.pipeline.next_step(call) is None


def test_the_speech_model_is_the_one_named(desk: Desk, demo_wav: Path) -> None:
    session = desk.open()
    call = session.importing.import_file(demo_wav, ImportOptions(speech_model="demo-speech"), NOBODY)
    session.pipeline.carry_through(call, NOBODY)
    done = session.importing.import_file(demo_wav, ImportOptions(speech_model="demo-speech"), NOBODY)
    assert not done.awaits_new_transcript, "it was heard by that one"
    other = session.importing.import_file(demo_wav, ImportOptions(speech_model="another"), NOBODY)
    assert other.awaits_new_transcript


def test_nothing_is_exported_into_a_vault_or_by_a_pattern_that_is_not_understood(desk: Desk, tmp_path: Path) -> None:
    plan = desk.open().planned_exports.plan
    for folder, name in ((tmp_path / "vault" / "media", ""), (tmp_path / "nowhere", ""), (desk.out, "{titel}")):
        with pytest.raises(AssistantError):
            plan(folder, "md", name)


def wait(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)
