"""Will it run, what to take, what is inside, another type, how fast: as a person asks on the command line."""

import os
import shutil
import time
from pathlib import Path

import pytest

from app.core.resources import demo_models
from app.services.hardware import memory_and_cores
from tests.running import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("home"))
    shutil.copy(demo_models() / "language.gguf", made.models / "own.gguf")
    return made


def _shelf(home: Home) -> list[str]:
    return sorted(path.name for path in home.models.iterdir() if not path.name.startswith("."))


def test_the_fit_of_a_model_of_the_catalogue_grows_with_the_context(home: Home) -> None:
    rows = home.run("models", "fit", "qwen3-4b-instruct-2507", "--json").json
    assert [row["minutes_of_call"] for row in rows] == [5, 10, 20, 30, 45, 60, 90, 120, 180]
    needs = [row["bytes"] for row in rows]
    assert needs == sorted(needs)
    assert all(row["exact"] and row["weights"] > 2_497_281_120 for row in rows)
    assert (
        rows[1]["cache"] == 36 * 2 * 8 * 128 * 2 * rows[1]["context_tokens"]
    )  # layers, key and value, heads, width, halves, tokens
    assert rows[0]["speech"] > 100_000_000


def test_the_fit_of_all_tells_estimates_apart(home: Home) -> None:
    run = home.run("models", "fit", "--minutes", "25")
    assert run.status == 0
    assert "calls up to about 25 minutes in one piece, 7,424 tokens" in run.err
    lines = {line.split()[0]: line for line in run.out.splitlines()}
    assert "about" not in lines["qwen3-8b"].split("GB")[0]
    assert "about" in lines["qwen3.5-4b"].split("GB")[0]
    assert all("tokens a second" in line for line in lines.values())


def test_the_fit_of_an_own_model_knows_its_speed(home: Home) -> None:
    (row,) = home.run("models", "fit", "own", "--context", "512", "--json").json
    assert row["verdict"] == "runs well"
    assert row["tokens_per_second"] > 5
    assert row["weights"] == pytest.approx(4_800_000, rel=0.15)


def test_the_context_is_chosen_in_minutes_of_call_and_kept(home: Home) -> None:
    assert home.run("models", "context", "--json").json == {"context_tokens": 8192, "minutes_of_call": 25}
    assert home.run("models", "context", "4").status == 2
    assert "45 minutes in one piece, 13,312 tokens" in home.run("models", "context", "45").out
    assert home.run("models", "context", "--json").json == {"context_tokens": 13312, "minutes_of_call": 45}
    (settings,) = home.folder.glob("config/**/settings.json")
    settings.unlink()


def test_what_is_recommended_has_reasons_and_no_single_source(home: Home) -> None:
    run = home.run("models", "recommend")
    assert run.status == 0
    lines = run.out.strip().splitlines()
    assert [line.split(":")[0] for line in lines] == ["language", "speech", "embedding", "diarization"]
    listed = {row["id"]: row for row in home.run("models", "list", "--json").json}
    for choice in home.run("models", "recommend", "--json").json:
        assert listed[choice["id"]]["confirmed"]
        assert len(choice["reason"]) > 30
        assert choice["needed"] is (choice["kind"] in ("language", "speech"))


def test_a_look_inside_adds_up(home: Home) -> None:
    for name, architecture in (("own", "llama"), (str(demo_models() / "speech"), "WhisperSpec")):
        found = home.run("models", "inspect", name, "--json").json
        assert found["architecture"] == architecture
        sums = [sum(share["bytes"] for share in found[kind]) for kind in ("types", "parts")]
        assert sums[0] == sums[1] > 4_000_000
        assert sums[0] / 2.01 < found["parameters"] < sums[0]  # of one or two bytes each
    shown = home.run("models", "inspect", "own").out
    assert "Q8_0" in shown
    assert "█" in shown
    assert home.run("models", "inspect", "nothing").status == 1


def test_a_model_is_written_in_another_type_whole_or_not_at_all(home: Home) -> None:
    made = home.run("models", "quantize", "own", "q4_0", "--json").json
    assert Path(made["path"]) == home.models / "own-q4_0" / "own-Q4_0.gguf"
    assert made["bytes"] < 3_000_000
    found = home.run("models", "inspect", made["name"], "--json").json
    assert found["types"][0]["name"] == "Q4_0"
    assert home.run("models", "quantize", "own", "q4_0").status == 1  # it is there
    assert home.run("models", "quantize", "demo-speech", "Q4_0").status == 1
    assert "as it came" in home.run("models", "verify").out, "its hash is kept"
    assert _shelf(home) == ["own-q4_0", "own.gguf"]


def test_a_damaged_model_is_written_nowhere(home: Home) -> None:
    whole = (home.models / "own.gguf").read_bytes()
    (home.models / "half.gguf").write_bytes(whole[: len(whole) // 2])
    run = home.run("models", "quantize", "half", "Q4_0")
    assert run.status == 1
    assert "damaged" in run.err
    (home.models / "half.gguf").unlink()
    assert _shelf(home) == ["own-q4_0", "own.gguf"]
    assert not list(home.models.glob(".incoming/*/*")), "nothing of it is left"


def test_speeds_are_kept_over_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_and_cores, "busy_seconds", lambda: 0.0)  # as on a computer that does nothing else
    first = home.run_here("bench", "own", "--quick")
    assert first.status == 0
    assert "Reading" in first.err or "Writing" in first.err, "how far it is"
    second = home.run_here("bench", "own", "demo-speech", "--quick", "--json").json
    own, speech = (row["measurements"] for row in second)
    assert len(own) >= 2
    assert all(m["tokens_in"] > 0 and m["tokens_out"] > 0 and m["peak"] > 50_000_000 for m in own)
    assert speech[-1]["realtime"] > 0.5
    shown = home.run("bench", "own", "--history").out
    assert "tokens a second" in shown
    assert "2 times" in shown or "3 times" in shown
    kept = (home.folder / "config" / "tacit" / "measured.json").read_text()
    assert "a b c d" not in kept


def test_what_is_measured_beside_busy_programs_is_told_and_not_kept(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others use both cores all the time; also an application of our own, which transcribes."""
    before = home.run_here("bench", "demo-speech", "--history", "--json").json
    monkeypatch.setattr(memory_and_cores, "busy_seconds", lambda: time.monotonic() * (os.cpu_count() or 1))
    run = home.run_here("bench", "demo-speech", "--quick")
    assert run.status == 0
    assert "Other programs kept the processor busy. demo-speech: hears" in run.err
    assert "was not kept; measure again when they are done." in run.err
    assert home.run_here("bench", "demo-speech", "--history", "--json").json == before
