"""`tacit speakers --find`: with real workers and a tiny model, each voice on one microphone has lines of its own."""

import wave

import numpy as np
import pytest

from tests.making_models.voice_prints import make
from tests.real.known_calls import sound
from tests.running import CALLS, Home, truth

CALL = CALLS / "call-910001.opus"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a call of two people on one microphone, and with no model for voices yet."""
    folder = tmp_path_factory.mktemp("voices")
    made = Home(folder)
    path = folder / "mixed.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(sound(CALL).astype("<i2").tobytes())
    assert made.run("import", str(path), "--no-summary").status == 0
    return made


def lines(home: Home, call: str) -> list[tuple[str, float, float, str]]:
    shown = home.run_here("show", call, "--json").json["transcript"]["utterances"]
    return [(one["speaker"], one["start"], one["end"], one["text"]) for one in shown]


def test_voices_are_told_apart_with_a_model_for_it_and_regrouped(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    call = listed["id"]
    before = lines(home, call)
    assert {who for who, *_ in before} == {"Speaker"}
    refused = home.run("speakers", call, "--find")
    assert refused.status == 1
    assert "no model here that tells voices apart" in refused.err
    assert "by hand" in refused.err
    assert home.run("models", "add", str(make(home.models.parent / "voices.onnx"))).status == 0
    done = home.run("speakers", call, "--count", "2", "--name", "1=Tina", "--json")
    assert done.status == 0, done.err
    assert "Listening for voices" in done.err
    assert [one["name"] for one in done.json["speakers"]] == ["Tina", "Speaker 2"]
    after = lines(home, call)
    assert " ".join(text for *_, text in after) == " ".join(text for *_, text in before)
    assert right_seconds(after) >= 0.9
    assert home.run("speakers", call, "--count", "1").out.strip() == "1  Tina"
    assert {who for who, *_ in lines(home, call)} == {"Tina"}
    again = home.run("speakers", call, "--count", "1")
    assert "Nothing was changed: every line has the speaker" in again.err


def right_seconds(found: list[tuple[str, float, float, str]]) -> float:
    """The share of speech that stands with the one who says it, by the best match of two speakers."""
    known = truth(CALL)
    together = np.zeros((2, 2))
    speakers = sorted({who for who, *_ in found})
    for (side, _), (start, end) in zip(known["turns"], known["times"], strict=True):
        for who, first, last, _ in found:
            together[side, speakers.index(who)] += max(0.0, min(end, last) - max(start, first))
    return float(max(np.trace(together), np.trace(together[::-1])) / together.sum())


def test_a_number_of_people_out_of_range_is_refused(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    for number in ("0", "21", "many"):
        refused = home.run_here("speakers", listed["id"], "--count", number)
        assert refused.status == 2
        assert "--count" in refused.err
