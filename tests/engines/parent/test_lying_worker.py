"""A worker that was taken over says what it likes: none of its words and no absurd number gets through."""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.core import diagnostics, errors
from app.core.engines import Delta, Generated, Heard, Pcm, Prompt, SpeechOptions
from app.core.errors import AssistantError, EngineCrashed, EngineFault, ModelDamaged
from app.core.model import Model, ModelKind
from app.engines import protocol
from app.engines.parent import process
from app.engines.parent.engines import RemoteLanguage, RemoteMedia, RemoteSpeech
from app.engines.parent.model_tools import RemoteModelTools
from tests.conftest import Bytes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="measures memory by resource")
_PROGRAM = Path(__file__).with_name("lying_worker.py")
NAN, INF = float("nan"), float("inf")
Says = Callable[..., None]


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Says:
    """Have every worker answer its first request with these messages."""
    monkeypatch.setattr(diagnostics._log, "path", lambda: tmp_path / "faults.json")

    def answer_with(*messages: dict[str, Any], times: int = 1) -> None:
        hello = {"type": "Hello", "protocol": protocol.PROTOCOL, "is_filtered": True}
        bodies = [msgspec.msgpack.encode(m).hex() for m in (hello, {"type": "Done"}, *messages)]
        monkeypatch.setattr(
            process, "worker_command", lambda _: [sys.executable, "-I", str(_PROGRAM), str(times), *bodies]
        )

    return answer_with


def survey_of(**changed: Any) -> dict[str, Any]:
    whole = {"type": "Survey", "duration": 2.0, "channels": 1, "levels": (-20.0,), "correlation": 0.0,
             "peaks": b"\0" * 20, "is_truncated": False, "codec": "flac"}  # fmt: skip
    return whole | changed


def pcm(start: float = 0.0, rate: int = 16_000, tracks: tuple[bytes, ...] = (b"\0\0" * 16_000,)) -> dict[str, Any]:
    return {"type": "Pcm", "start": start, "rate": rate, "tracks": tracks}


def heard(**changed: Any) -> dict[str, Any]:
    whole = {"type": "Heard", "channel": 0, "until": 1.0, "language": "en",
             "segments": [{"channel": 0, "words": [(" well", 0.1, 0.4, 0.9)]}]}  # fmt: skip
    return whole | changed


def word(*values: object) -> dict[str, Any]:
    return heard(segments=[{"channel": 0, "words": [values]}])


def surveyed() -> list[Any]:
    media = RemoteMedia()
    try:
        return list(media.survey(Bytes(b"RIFF")))
    finally:
        media.close()


def decoded() -> list[Pcm]:
    media = RemoteMedia()
    try:
        return list(media.decode(Bytes(b"RIFF"), (0,)))
    finally:
        media.close()


def transcribed(monkeypatch: pytest.MonkeyPatch) -> list[Heard]:
    """What one second of sound is said to be; the worker asks for it by the first message."""
    monkeypatch.setattr(RemoteSpeech, "_load", lambda *_: None)
    speech = RemoteSpeech(Model("lying", ModelKind.SPEECH, Path("/nowhere"), 1), 1)
    try:
        return list(speech.transcribe(iter([Pcm(0.0, 16_000, (b"\0\0" * 16_000,))]), SpeechOptions((0,))))
    finally:
        speech.close()


def generated(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setattr(RemoteLanguage, "_load", lambda *_: None)
    language = RemoteLanguage(Model("lying", ModelKind.LANGUAGE, Path("/nowhere"), 1), 1, 512)
    try:
        return list(language.generate(Prompt((("user", "?"),))))
    finally:
        language.close()


_FORGED = {"title": "Your vault must be repaired.", "advice": "Type your passphrase at http://tacit-help.example\u202e"}


@pytest.mark.parametrize(
    "kind",
    ["WrongPassphrase", "VaultDamaged", "DownloadError", "SettingsError", "AssistantError", "KeyError", "", "\u202e"],
)
def test_an_error_that_no_worker_has_is_a_fault_in_our_words(kind: str, says: Says) -> None:
    says({"type": "Failed", "kind": kind, **_FORGED, "lines": ["Call +1 900 555", "engines/worker/main.py:1"]})
    with pytest.raises(EngineFault) as caught:
        surveyed()
    assert (caught.value.title, caught.value.advice) == (EngineFault.default_title, EngineFault.default_advice)
    assert caught.value.kind == "EngineCrashed"
    (fault,) = diagnostics.recorded_faults()
    assert fault.lines == ("engines/worker/main.py:1",)


@pytest.mark.parametrize(
    "kind", ["UnsupportedMedia", "MediaDamaged", "ModelDamaged", "ContextOverflow", "EngineOutOfMemory"]
)
def test_an_error_of_a_worker_is_told_in_our_words(kind: str, says: Says) -> None:
    says({"type": "Failed", "kind": kind, **_FORGED})
    with pytest.raises(AssistantError) as caught:
        surveyed()
    ours = getattr(errors, kind)
    assert type(caught.value) is ours
    assert (caught.value.title, caught.value.advice) == (ours.default_title, ours.default_advice)


@pytest.mark.parametrize(
    "survey",
    [survey_of(duration=NAN), survey_of(duration=INF), survey_of(duration=-1.0), survey_of(duration=0.0),
     survey_of(duration=1e12), survey_of(channels=100, levels=(-20.0,) * 100), survey_of(channels=0, levels=()),
     survey_of(channels=-3), survey_of(levels=(NAN,)), survey_of(levels=(INF,)), survey_of(levels=(-20.0, -20.0)),
     survey_of(correlation=NAN), survey_of(correlation=7.0), survey_of(peaks=b"\0" * 1_000_000),
     survey_of(codec="<b>x</b>\x1b[31m"), survey_of(codec="x" * 100_000), survey_of(unread_tracks=-1),
     survey_of(tracks=[(0, 0, 1, 1.0)]), survey_of(tracks=[(0, 0, 0, NAN)]), survey_of(recorded="never"),
     {"type": "Pcm", "start": 0.0, "rate": 16_000, "tracks": (b"\0\0",)}, {"type": "Delta", "text": "hello"},
     {"type": "Hello", "protocol": 3, "is_filtered": True}, {"type": "Unknown"},
     {"type": "Progress", "step": "Reading", "done": NAN}, {"type": "Progress", "step": "Reading", "done": -1.0},
     {"type": "Progress", "step": "Reading", "done": 1.0, "total": INF},
     {"type": "WantBytes", "offset": -1, "length": 10}, {"type": "WantBytes", "offset": 0, "length": 1 << 40},
     {"type": "WantSound"}],
)  # fmt: skip
def test_a_survey_that_no_file_has_is_a_crash(survey: dict[str, Any], says: Says) -> None:
    says(survey)
    with pytest.raises(EngineCrashed):
        surveyed()


def test_an_honest_survey_is_one(says: Says) -> None:
    says({"type": "Progress", "step": "Rea\x1b[2Jding\u202e", "done": 1.0}, survey_of())
    progress, survey = surveyed()
    assert (progress.step, survey.duration) == ("Rea[2Jding", 2.0)


@pytest.mark.parametrize(
    "blocks",
    [[pcm(rate=1)], [pcm(rate=44_100)], [pcm(start=NAN)], [pcm(start=-60.0)], [pcm(start=INF)], [pcm(start=1e9)],
     [pcm(tracks=())], [pcm(tracks=(b"",))], [pcm(tracks=(b"\0\0\0",))], [pcm(tracks=(b"\0\0",) * 2)],
     [pcm(tracks=(b"\0\0",) * 100)], [pcm(start=100.0), pcm(start=10.0)]],
)  # fmt: skip
def test_sound_of_another_form_or_time_is_a_crash(blocks: list[dict[str, Any]], says: Says) -> None:
    says(*blocks)
    with pytest.raises(EngineCrashed):
        decoded()


def test_honest_sound_is_taken(says: Says) -> None:
    says(pcm(), pcm(start=1.0), pcm(start=30.0))  # a hole, as a paused recorder leaves one
    assert [block.start for block in decoded()] == [0.0, 1.0, 30.0]


@pytest.mark.parametrize(
    "message",
    [heard(channel=1), heard(channel=99), heard(until=NAN), heard(until=-1.0), heard(until=1e6), heard(until=60.0),
     heard(language="xx"), heard(language="Klingon <b>"), heard(segments=[{"channel": 5, "words": []}]),
     word("x", NAN, 0.4, 0.9), word("x", 0.1, INF, 0.9), word("x", 0.4, 0.1, 0.9), word("x", -1.0, 0.1, 0.9),
     word("x", 0.1, 50.0, 0.9), word("x", 0.1, 0.4, 1.5), word("x", 0.1, 0.4, -0.1), word("x", 0.1, 0.4, NAN),
     word("x" * 100_000, 0.1, 0.4, 0.9), word("x", "soon", 0.4, 0.9)],
)  # fmt: skip
def test_words_that_nobody_said_there_are_a_crash(
    message: dict[str, Any], says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    says({"type": "WantSound"}, message)
    with pytest.raises(AssistantError) as caught:
        transcribed(monkeypatch)
    assert isinstance(caught.value, EngineCrashed) or caught.value.kind == "ModelDamaged"


def test_what_is_heard_does_not_go_back(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    says({"type": "WantSound"}, heard(until=1.0), heard(until=0.2))
    with pytest.raises(AssistantError):
        transcribed(monkeypatch)


def test_words_lose_what_would_steer_a_terminal_or_forge_a_line(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    says({"type": "WantSound"}, word(" a\x1b[31m\r\n\u202eb\x00\u2028c", 0.1, 0.4, 0.9), heard(segments=[]))
    first = transcribed(monkeypatch)[0]
    assert first.segments[0].words[0].text == " a[31m bc"


def test_a_reply_keeps_its_lines_and_loses_control_characters(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    end = {"type": "Generated", "stop_reason": "finished", "prompt_tokens": 1, "reused_tokens": 0, "reply_tokens": 3,
           "seconds_to_first": 0.1, "seconds": 0.2}  # fmt: skip
    says({"type": "Delta", "text": "def f():\n\treturn 1\x1b]52;c;x\x07\r\n\u202eend \u05d0\u200d"}, end)
    delta, last = generated(monkeypatch)
    assert delta.text == "def f():\n\treturn 1]52;c;x\nend \u05d0\u200d"
    assert isinstance(last, Generated)
    for name, value in (("reply_tokens", -1), ("prompt_tokens", 1 << 50), ("seconds", NAN), ("seconds_to_first", -0.5),
                        ("stop_reason", "because")):  # fmt: skip
        says(end | {name: value})
        with pytest.raises(AssistantError):
            generated(monkeypatch)


def test_a_model_of_absurd_size_is_a_damaged_one(says: Says) -> None:
    says({"type": "LanguageFacts", "name": "n", "architecture": "a", "context_tokens": 1 << 50, "trained_tokens": 1})
    language = RemoteLanguage(Model("lying", ModelKind.LANGUAGE, Path("/nowhere"), 1), 1, 512)
    try:
        with pytest.raises(ModelDamaged):
            language.facts()
    finally:
        language.close()


@pytest.mark.parametrize("tokens", [(), (1, 2), (-1,), (1 << 50,)])
def test_counts_are_one_for_each_text(tokens: tuple[int, ...], says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteLanguage, "_load", lambda *_: None)
    says({"type": "Counts", "tokens": tokens})
    language = RemoteLanguage(Model("lying", ModelKind.LANGUAGE, Path("/nowhere"), 1), 1, 512)
    try:
        with pytest.raises(AssistantError):
            language.count(["one text"])
    finally:
        language.close()


def test_what_a_model_says_of_itself_is_short_lines(says: Says) -> None:
    portion = {"part": "p", "type_name": "\x1bq", "tensors": 1, "size": 1}
    says({"type": "Inspection", "format": "GGUF\x1b", "architecture": "a" * 5000, "name": "n\u202e\n",
          "context_tokens": 1, "vocabulary": 1, "tokenizer": "t", "template": "{{ x }}\n\x00", "portions": [portion],
          "facts": [("k\x07", "v" * 5000)], "parameters": 1})  # fmt: skip
    tools = RemoteModelTools(1)
    try:
        shown = tools.inspect(Path("/nowhere"))
    finally:
        tools.close()
    assert (shown.format, len(shown.architecture), shown.name, shown.chat_template) == ("GGUF", 200, "n", "{{ x }}\n")
    assert (shown.portions[0].type_name, shown.facts[0][0], len(shown.facts[0][1])) == ("q", "k", 200)


@pytest.mark.parametrize(
    ("message", "times"),
    [({"type": "Progress", "step": "x" * 1_000_000, "done": 1.0}, 2000), ({"type": "Heartbeat"}, 100_000_000)],
)
def test_a_flood_is_cut_off(message: dict[str, Any], times: int, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    peak_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    monkeypatch.setattr(process, "_LARGEST_REPLY", 16 << 20)
    says(message, times=times)
    with pytest.raises(EngineCrashed):
        surveyed()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_before
    assert grown < 300 * 1024, "KiB: what is read ahead, and no more"


def test_a_flood_of_text_ends_at_the_cap(says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    """`wireflood.py`: 1.6 GB of text were taken for one reply."""
    says({"type": "Delta", "text": "A" * 900_000}, times=2000)
    monkeypatch.setattr(RemoteLanguage, "_load", lambda *_: None)
    language = RemoteLanguage(Model("lying", ModelKind.LANGUAGE, Path("/nowhere"), 1), 1, 512)
    taken = 0
    try:
        for part in language.generate(Prompt((("user", "?"),))):
            taken += len(part.text) if isinstance(part, Delta) else 0
        pytest.fail("the flood was taken to its end")
    except AssistantError:
        pass
    finally:
        language.close()
    assert taken <= process._LARGEST_REPLY


def test_no_engine_writes_words_for_the_person() -> None:
    """The words of an error are those of its class: others would be left behind in the worker."""
    import ast

    root = Path(process.__file__).parents[1]
    worded = []
    for path in [*(root / "worker").glob("*.py"), *(root / "model_files").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind = getattr(errors, node.func.id, None)
                if isinstance(kind, type) and issubclass(kind, AssistantError):
                    worded.append(f"{path.name}:{node.lineno}")
    assert worded == []
