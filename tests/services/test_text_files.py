"""Text files as a person chose them: what is no text, and what is too long, are told apart."""

from pathlib import Path

import pytest

from app.cli.piped_text import piped_text
from app.core.errors import AssistantError
from app.services.text_files import LARGEST_TEXT, NotText, read_text_file


@pytest.mark.parametrize("letter", ["x", "é", "あ", "🙂"])
def test_a_long_text_is_too_long_and_no_broken_one_whatever_its_letters(tmp_path: Path, letter: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(letter * (10_000_000 // len(letter.encode())), "utf-8")
    with pytest.raises(AssistantError, match="longer than") as told:
        read_text_file(file)
    assert not isinstance(told.value, NotText)
    assert len(piped_text(file)) > LARGEST_TEXT, "whoever asked for it says that"
    file.write_text("\ufeff" + letter * LARGEST_TEXT, "utf-8")
    assert read_text_file(file) == piped_text(file) == letter * LARGEST_TEXT


@pytest.mark.parametrize("raw", [b"\xff\xfe", "あ".encode()[:2], b"words \xe3\x81"])
def test_what_is_no_utf_8_is_no_text(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(raw)
    for reads in (read_text_file, piped_text):
        with pytest.raises(NotText):
            reads(tmp_path / "a.txt")
