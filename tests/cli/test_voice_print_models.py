"""Voice print models on the command line: brought, shown, chosen, looked into, checked and removed."""

from pathlib import Path

from tests.making_models.voice_prints import make
from tests.running import Home


def test_a_voice_print_model_is_managed_like_the_others(tmp_path: Path) -> None:
    home = Home(tmp_path)
    added = home.run("models", "add", str(make(tmp_path / "mine.onnx")), "--json").json
    assert [(row["name"], row["kind"]) for row in added] == [("mine", "diarization")]
    make(home.models / "by hand.onnx", seed=6)
    make(home.models / "other.onnx", bands=7)
    rows = {row["name"]: row for row in home.run("models", "--json").json if row["kind"] == "diarization"}
    assert {name: (row["in_use"], row["has_use"]) for name, row in rows.items()} == {
        "by hand": (True, True), "mine": (False, True), "other": (False, False),
    }  # fmt: skip
    assert home.run("models", "use", "mine").out.strip() == "mine is in use for diarization."
    refused = home.run("models", "use", "other", "--json")
    assert (refused.status, refused.json["error"]["kind"]) == (1, "ModelError")
    lines = home.run("models").out.splitlines()
    assert any(line.startswith("* mine ") for line in lines)
    assert any("other" in line and line.endswith("not used by Tacit") for line in lines)
    looked = home.run("models", "inspect", "mine")
    assert "voice print, ONNX, 0.0 million parameters" in looked.out
    assert "context" not in looked.out
    assert {row["name"]: row["ok"] for row in home.run("models", "verify", "--json").json} == {
        "mine": True, "by hand": None, "other": None,
    }  # fmt: skip
    assert home.run("models", "remove", "mine", "--yes").status == 0
    assert home.run("models", "remove", "by hand", "--yes").status == 0


def test_what_is_no_voice_print_model_is_refused_in_two_sentences(tmp_path: Path) -> None:
    home = Home(tmp_path)
    refused = home.run("models", "add", str(make(tmp_path / "other.onnx", bands=7)))
    assert refused.status == 1
    assert "no voice print model" in refused.err
    assert "left as it is" in refused.err
    assert list(home.models.glob("[!.]*")) == []


def test_the_list_says_which_ones_tell_voices_apart(tmp_path: Path) -> None:
    out = Home(tmp_path).run("models", "list").out.splitlines()
    said = {line.split()[0]: out[number + 1] for number, line in enumerate(out) if " diarization " in line}
    assert "Tacit does not use it yet" in said["pyannote-segmentation-3.0"]
    assert "proposed" not in said["pyannote-segmentation-3.0"]
    assert "apart" in said["3dspeaker-campplus-en"]
    assert "proposed for 4, 8, 16, 32 GB" in said["3dspeaker-campplus-en"]
    assert "does not use it yet" not in said["wespeaker-campplus-en"]
