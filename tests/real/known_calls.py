"""The calls that are read: joined recordings, stretches of real meetings, and one that was written in German."""

import json
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

_RATE = 16_000  # hertz, mono
_GAP = 1.5  # seconds of silence between joined recordings
_CALLS = Path(__file__).parent / "calls"


@dataclass(frozen=True)
class KnownCall:
    """A call to be read: how its file is made of the folder with real material, and what is asked about it."""

    name: str
    make: Callable[[Path, Path], Path]
    questions: tuple[str, ...]


def _joined(names: Sequence[str]) -> Callable[[Path, Path], Path]:
    """One recording after the other, with silence between."""

    def make(real: Path, folder: Path) -> Path:
        path = folder / "recording.wav"
        gap = np.zeros(round(_GAP * _RATE), np.int16)
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, _RATE, 0, "NONE", ""))
            for name in names:
                file.writeframes(sound(real / "recordings" / name).tobytes() + gap.tobytes())
        return path

    return make


def sound(path: Path) -> NDArray[np.int16]:
    """What a recording holds, as one track of 16,000 samples a second."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
        frames = [*container.decode(audio=0), None]
        return np.concatenate([out.to_ndarray()[0] for frame in frames for out in resampler.resample(frame)])


def _stretch(meeting: str, begin: int, end: int) -> Callable[[Path, Path], Path]:
    """The lines of a meeting of QMSum from `begin` to before `end`, counted from 0 as QMSum does."""

    def make(real: Path, folder: Path) -> Path:
        found = json.loads((real / "qmsum" / f"{meeting}.json").read_text("utf-8"))
        path = folder / "meeting.json"
        path.write_text(json.dumps({"meeting_transcripts": found["meeting_transcripts"][begin:end]}), "utf-8")
        return path

    return make


def _written(name: str) -> Callable[[Path, Path], Path]:
    return lambda real, folder: _CALLS / name


KNOWN = (
    KnownCall(
        "joined",
        _joined(["phone.wav", "three_speakers.wav", "jfk.flac", "harvard_8k.wav"]),
        (
            "What did the people on the phone talk about?",
            "What should people ask what they can do for?",
            "Who called whom?",
            "What was said about the weather?",
            "How much did anything cost?",
        ),
    ),
    KnownCall(
        "ami",
        _joined([f"meeting_{name}.wav" for name in ("dev00", "dev01", "trn01", "trn02", "tst00", "tst01")]),
        (
            "What is the meeting about?",
            "What was decided?",
            "What did they say about the remote control?",
            "Who has to do what?",
            "How many people work for the company?",
        ),
    ),
    KnownCall(
        "ES2004a",
        _stretch("ES2004a", 140, 235),
        (
            "What is the profit aim?",
            "How much does production cost?",
            "What did the project manager dislike about remote controls?",
            "Which market is the product for?",
            "Who will do the marketing in Japan?",
        ),
    ),
    KnownCall(
        "covid_4",
        _stretch("covid_4", 0, 12),
        (
            "What does the petition on family doctors ask for?",
            "How many people signed the petition on salmon farming?",
            "What did Mr. Vis say about firearms?",
            "What did the chair recommend for members who speak?",
            "What was decided about schools?",
        ),
    ),
    KnownCall(
        "Bro027",
        _stretch("Bro027", 0, 75),
        (
            "Where does the first filter start?",
            "What was the signal-to-noise ratio in the recordings?",
            "Did a hundred hertz work better than sixty-four?",
            "What was tried on TI-digits?",
            "Who wrote the budget?",
        ),
    ),
    KnownCall(
        "heizung",
        _written("heizung.vtt"),
        (
            "Was kostet der Ausbau des Öltanks?",
            "Wann beginnt der Umbau?",
            "Wer stellt den Antrag auf Förderung?",
            "Warum kommt die Wärmepumpe nicht an die Nordseite?",
            "Welche Farbe hat die Heizung?",
        ),
    ),
    KnownCall(
        "multilingual",
        _joined(["multilingual.mp3"]),
        (
            "Worum geht es?",
            "Was wird über Sprachen gesagt?",
            "Wer spricht?",
            "What is said in English?",
            "Was wurde beschlossen?",
        ),
    ),
)
