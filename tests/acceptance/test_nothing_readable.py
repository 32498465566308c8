"""A vault, searched byte by byte, holds no word, no name, no title and no sound in the clear."""

import re
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.running import Home, truth

_OGG = b"OggS"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which the demo call was imported, asked about, renamed and exported to nowhere."""
    home = Home(tmp_path_factory.mktemp("home"), makes_vaults=False)  # by the product itself, from the first byte
    taken = home.run("import", str(demo_call()), "--left", "Zebulon", "--right", "Quintessa", "--json")
    assert taken.status == 0
    found = taken.json[0]["id"]
    assert home.run("ask", "What was decided about xylophones?", "--in", found).status == 0
    assert home.run("rename", found, "Marzipan conference").status == 0
    return home


def words_on_disk(home: Home) -> dict[Path, bytes]:
    files = [p for p in home.folder.rglob("*") if p.is_file() and p != home.passphrase]
    assert any(p.suffix == ".sealed" for p in files)
    assert any(p.name == "vault.db" for p in files)
    return {path: path.read_bytes() for path in files}


def test_no_word_of_the_transcript_no_title_and_no_name(kept: Home) -> None:
    said = {w.lower() for _, text in truth(demo_call())["turns"] for w in re.findall(r"[A-Za-z]{6,}", text)}
    written = {"zebulon", "quintessa", "xylophones", "marzipan", "website-launch", "horses", "batteries"}
    # Words of the program's own that stand in file names and settings are no person's.
    for path, content in words_on_disk(kept).items():
        lowered = content.lower()
        for word in said | written:
            for encoded in (word.encode(), word.encode("utf-16-le")):
                assert encoded not in lowered, f"{len(word)} letters in {path.suffix}"


def test_no_sound_in_the_clear(kept: Home) -> None:
    sound = demo_call().read_bytes()
    pieces = [sound[at : at + 24] for at in range(0, len(sound) - 24, 997)]
    for content in words_on_disk(kept).values():
        assert _OGG not in content
        assert b"OpusHead" not in content
        assert not any(piece in content for piece in pieces)


def test_no_name_of_a_file_tells_anything(kept: Home) -> None:
    names = " ".join(str(p.relative_to(kept.folder)) for p in kept.folder.rglob("*")).lower()
    assert not any(word in names for word in ("website", "launch", "marzipan", "zebulon"))


def test_everything_is_for_this_user_alone(kept: Home) -> None:
    for path in kept.vault.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path.name
