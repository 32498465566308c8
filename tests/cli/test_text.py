"""The command text: what is read of a document, its places as JSON, and no word of it left anywhere."""

from pathlib import Path

from tests.running import Home
from tests.services.documents import making
from tests.services.documents.making import EACH, MARK


def test_what_is_read_is_shown(tmp_path: Path) -> None:
    home, file = Home(tmp_path), tmp_path / "plan.docx"
    file.write_bytes(making.word())
    outcome = home.run_here("text", str(file))
    assert outcome.status == 0
    assert outcome.out.startswith(f"Beds\nWe plant {MARK} in April.\n- dig\n")


def test_json_says_where_each_line_stands(tmp_path: Path) -> None:
    home, file = Home(tmp_path), tmp_path / "plan.pdf"
    file.write_bytes(making.pdf([["first"], [], ["last"]], "The plan", pictures=True))
    outcome = home.run_here("text", str(file), "--json")
    assert outcome.json == {
        "kind": "pdf", "title": "The plan", "pages": 3,
        "notes": ["One page has no text, such as a scan, and was not read."],
        "lines": [{"place": "page 1", "text": "first"}, {"place": "page 3", "text": "last"}],
    }  # fmt: skip
    assert "One page has no text" in outcome.err


def test_a_locked_one_is_told(tmp_path: Path) -> None:
    home, file = Home(tmp_path), tmp_path / "plan.odt"
    file.write_bytes(making.open_document(manifest="<encryption-data/>"))
    outcome = home.run_here("text", str(file))
    assert outcome.status == 1
    assert outcome.err.startswith("tacit: This document is locked with a password. The file was left as it is;")


def test_nothing_of_a_document_is_left_on_disk(tmp_path: Path) -> None:
    home, folder = Home(tmp_path / "home"), tmp_path / "documents"
    folder.mkdir()
    for suffix, data in EACH.items():
        file = folder / f"plan.{suffix}"
        file.write_bytes(data)
        outcome = home.run("text", str(file))
        assert MARK in outcome.out, suffix
        assert MARK not in outcome.err
    left = [path for path in home.folder.rglob("*") if path.is_file()]
    assert home.passphrase in left
    assert [path for path in left if MARK.encode() in path.read_bytes()] == []
    assert [path for path in left if path != home.passphrase and path.stat().st_size > 0] == []
