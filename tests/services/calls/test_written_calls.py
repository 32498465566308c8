"""A call that came as text is kept, shown and deleted like any other, and has no sound."""

import json
import re
from pathlib import Path

import pytest

from app.core.call import CallState
from app.core.errors import UnsupportedMedia
from app.core.import_options import ImportOptions
from app.core.transcript import Layout, names_of
from app.core.written_call import NoSound, NoTimes, NoTranscript
from app.engines.parent.engines import RemoteMedia
from app.services.calls.checking import Checking
from app.services.calls.exporting import CallExport
from app.services.calls.library import Library
from app.services.outputs import Outputs
from app.storage.vault import Vault
from tests.core.imports.test_docx import MINUTES, document, paragraph, text
from tests.exported_text import exported_text
from tests.real.folder import REAL
from tests.services.stage import Kept, Stage, Watching

PLAIN = ImportOptions()
SAID = [{"speaker": name, "content": f"Words of {name}."} for name in ("Ann", "Ben", "Ann")]
MEETING = json.dumps({"meeting_transcripts": SAID})


@pytest.fixture
def real(vault: Vault) -> Stage:
    return Stage(vault, Kept(RemoteMedia))


def written(path: Path, text: str = MEETING) -> Path:
    path.write_text(text)
    return path


def test_a_text_becomes_a_call_without_sound(real: Stage, tmp_path: Path) -> None:
    (tmp_path / "weekly.json").write_text(MEETING)
    call = real.importing.import_file(tmp_path / "weekly.json", PLAIN, Watching())
    assert (call.title, call.state, call.layout, call.has_sound) == (
        "weekly", CallState.TRANSCRIBED, Layout.WRITTEN, False,
    )  # fmt: skip
    assert call.duration == 0
    assert names_of(call.speakers) == ("Ann", "Ben")
    transcript = real.store.transcript(call.id)
    assert [(u.line, transcript.name(u), u.text) for u in transcript.utterances] == [
        (1, "Ann", "Words of Ann."), (2, "Ben", "Words of Ben."), (3, "Ann", "Words of Ann."),
    ]  # fmt: skip
    with real.store.sound(call.id) as source:  # the text itself is kept, sealed
        assert source.read(0, source.size).decode() == MEETING


def test_a_text_that_is_there_is_not_brought_in_twice(real: Stage, tmp_path: Path) -> None:
    first = real.importing.import_file(written(tmp_path / "a.json"), PLAIN, Watching())
    again = real.importing.import_file(written(tmp_path / "b.json"), ImportOptions(language="de"), Watching())
    assert again.id == first.id
    assert again.language == "de"
    assert again.state is CallState.TRANSCRIBED


def test_it_is_not_transcribed_again(real: Stage, tmp_path: Path) -> None:
    call = real.importing.import_file(written(tmp_path / "a.json"), PLAIN, Watching())
    with pytest.raises(NoSound):
        real.transcribing.request_again(call.id)
    assert len(real.store.transcript(call.id).utterances) == 3


def test_it_has_no_sides_to_swap(real: Stage, tmp_path: Path) -> None:
    call = real.importing.import_file(written(tmp_path / "a.json"), PLAIN, Watching())
    Library(real.store, real.changes.append).swap_sides(call.id)
    assert names_of(real.store.get(call.id).speakers) == ("Ann", "Ben")


def test_a_letter_is_refused_and_nothing_of_it_remains(real: Stage, tmp_path: Path) -> None:
    letter = written(tmp_path / "letter.txt", "Dear Sir,\n\nI write to you.\n\nYours\n")
    with pytest.raises(NoTranscript):
        real.importing.import_file(letter, PLAIN, Watching())
    assert real.media_files() == []
    assert real.store.all() == []
    call = real.importing.import_file(letter, ImportOptions(is_any_text=True, left="Ann"), Watching())
    assert names_of(call.speakers) == ("Ann",)


def test_sound_by_the_name_of_a_text_is_still_sound(real: Stage, tmp_path: Path, demo_wav: Path) -> None:
    (tmp_path / "call.txt").write_bytes(demo_wav.read_bytes())
    assert real.importing.import_file(tmp_path / "call.txt", PLAIN, Watching()).has_sound


def test_what_is_no_text_by_its_name_is_no_call(real: Stage, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedMedia):
        real.importing.import_file(written(tmp_path / "call.wav"), PLAIN, Watching())


def test_our_own_json_comes_back_as_it_was(real: Stage, tmp_path: Path) -> None:
    own = {
        "recording": {"id": "x", "title": "The offer", "date": "2026-03-01T10:00:00+01:00", "duration": 9.5},
        "transcript": {
            "language": "en", "duration": 9.5, "model": "m",
            "utterances": [
                {"line": 1, "speaker": "You", "start": 0.5, "end": 2.0, "text": "Hello.", "words": []},
                {"line": 2, "speaker": "Them", "start": 2.5, "end": 9.5, "text": "Guten Tag.", "language": "de"},
            ],
        },
        "summary": {"title": "Other"},
    }  # fmt: skip
    call = real.importing.import_file(written(tmp_path / "own.json", json.dumps(own)), PLAIN, Watching())
    assert (call.title, call.language, call.duration, call.date.isoformat()) == (
        "The offer", "en", 9.5, "2026-03-01T09:00:00+00:00",
    )  # fmt: skip
    transcript = real.store.transcript(call.id)
    assert [(transcript.name(u), u.start, u.end, u.text, u.language) for u in transcript.utterances] == [
        ("You", 0.5, 2.0, "Hello.", ""), ("Them", 2.5, 9.5, "Guten Tag.", "de"),
    ]  # fmt: skip


def test_a_text_without_times_shows_none(real: Stage, tmp_path: Path) -> None:
    call = real.importing.import_file(written(tmp_path / "a.json"), PLAIN, Watching())
    exported = (real.store.transcript(call.id), call)
    assert "Ann: Words of Ann.\nBen: Words of Ben.\n" in exported_text("txt", *exported)
    assert "**Ben:** Words of Ben." in exported_text("md", *exported)
    assert "0:00" not in exported_text("txt", *exported)
    shape = json.loads(exported_text("json", *exported))
    assert (shape["recording"]["duration"], shape["recording"]["has_sound"]) == (None, False)
    assert {(u["start"], u["end"]) for u in shape["transcript"]["utterances"]} == {(None, None)}
    export = CallExport(Library(real.store, real.changes.append), Outputs(tmp_path, tmp_path))
    for subtitles in ("srt", "vtt"):
        with pytest.raises(NoTimes):
            export.content(call.id, subtitles)
    assert export.text(call.id)


@pytest.mark.parametrize("fmt", ["txt", "md", "json", "srt", "vtt"])
def test_what_we_export_comes_back(real: Stage, tmp_path: Path, fmt: str) -> None:
    first = "1\n00:00:01,000 --> 00:00:03,000\nAnn: Words < of Ann.\n\n"
    cues = f"{first}2\n00:00:04,000 --> 00:00:09,000\nBen: 5 * 3 & more.\n"
    call = real.importing.import_file(written(tmp_path / "a.srt", cues), PLAIN, Watching())
    before = real.store.transcript(call.id)
    text = exported_text(fmt, before, call)
    again = real.importing.import_file(written(tmp_path / f"b.{fmt}", text), PLAIN, Watching())
    after = real.store.transcript(again.id)
    assert [(after.name(u), u.start, u.text) for u in after.utterances] == [
        (before.name(u), u.start, u.text) for u in before.utterances
    ]


def test_of_minutes_that_are_checked_no_paragraph_is_left_out(real: Stage, tmp_path: Path) -> None:
    file = tmp_path / "minutes.docx"
    file.write_bytes(document("".join(paragraph(text(words)) for words in MINUTES)))
    checking = Checking(real.store, real.engine_pool, Outputs(tmp_path, tmp_path))
    assert checking.read(file) == "\n\n".join(MINUTES)


LANGUAGES = {
    "en": "We launch the website on Friday. Good, I send the texts by Thursday.",
    "de": "Guten Morgen, ich wollte wissen, ob der Vertrag schon da ist und wann wir mit dem Projekt anfangen können.",
    "es": "Quería saber si el contrato que me mandó ya está firmado y cuándo podemos empezar a trabajar con ellos.",
    "": "Eu queria saber se o contrato que você mandou já foi assinado e quando é que a gente pode começar.",
}


@pytest.mark.parametrize(("language", "words"), LANGUAGES.items())
def test_a_text_has_the_language_that_it_is_surely_in(real: Stage, tmp_path: Path, language: str, words: str) -> None:
    text = f"Ann: {words}\nBen: {words}\n"
    assert real.importing.import_file(written(tmp_path / "a.txt", text), PLAIN, Watching()).language == language
    french = real.importing.import_file(
        written(tmp_path / "b.txt", text + "Ann: ."), ImportOptions(language="fr"), Watching()
    )
    assert french.language == "fr"


@pytest.mark.real("qmsum")
@pytest.mark.parametrize("place", range(7))
def test_meetings_of_qmsum_come_whole(real: Stage, place: int) -> None:
    path = sorted((REAL / "qmsum").glob("*.json"))[place]
    turns = json.loads(path.read_bytes())["meeting_transcripts"]
    call = real.importing.import_file(path, PLAIN, Watching())
    transcript = real.store.transcript(call.id)
    wanted = [
        (t["speaker"], words) for t in turns if (words := " ".join(re.sub(r"\{\w+\}", " ", t["content"]).split()))
    ]
    assert [(transcript.name(u), u.text) for u in transcript.utterances] == wanted
