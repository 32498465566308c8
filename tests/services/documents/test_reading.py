"""Documents of each kind, read by the real worker: their words, where each stands, and what was not read."""

import threading
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from app.core.document import Document, DocumentError, DocumentKind, DocumentUnknown, DocumentWithoutText, Unread
from app.core.errors import MediaMissing
from app.core.job import Cancelled, JobContext, NullContext, Progress
from app.services.documents.reading import DocumentReading
from tests.services.documents import making
from tests.services.documents.conftest import Read
from tests.services.documents.making import EACH, MARK


def rows(document: Document) -> list[tuple[str, str]]:
    return [(document.place(line), line.text) for line in document.lines if line.text]


def levels(document: Document) -> dict[str, int]:
    return {line.text: line.level for line in document.lines if line.level}


@pytest.mark.parametrize("suffix", EACH)
def test_each_kind_is_read(read: Read, suffix: str) -> None:
    document = read(EACH[suffix], suffix)
    assert MARK in document.text
    assert document.kind.value == ("code" if suffix == "py" else suffix)


def test_a_pdf_tells_the_page_of_each_line(read: Read) -> None:
    document = read(EACH["pdf"], "")
    assert rows(document) == [
        ("page 1", "The garden"), ("page 1", f"We plant {MARK} (in April)."), ("page 2", "Second page"),
    ]  # fmt: skip
    assert (document.title, document.pages, document.notes) == ("The plan", 2, ())


def test_pages_without_text_are_told(read: Read) -> None:
    document = read(making.pdf([["words"], [], []], pictures=True), "pdf")
    assert document.notes == ("2 pages have no text, such as scans, and were not read.",)
    with pytest.raises(DocumentWithoutText):
        read(making.pdf([[], []], pictures=True), "pdf")


def test_a_pdf_that_may_only_be_read_is_read(read: Read, tmp_path: Path) -> None:
    """Many are encrypted with an empty password, by both kinds of cipher."""
    (tmp_path / "plain.pdf").write_bytes(EACH["pdf"])
    for cipher in ("RC4-128", "AES-256"):
        writer = PdfWriter(clone_from=PdfReader(tmp_path / "plain.pdf"))
        writer.encrypt(user_password="", owner_password="owner", algorithm=cipher)
        writer.write(tmp_path / "locked.pdf")
        assert MARK in read((tmp_path / "locked.pdf").read_bytes(), "pdf").text


def test_word(read: Read) -> None:
    document = read(making.word(), "docx")
    assert [text for _, text in rows(document)] == [
        "Beds", f"We plant {MARK} in April.", "- dig", "Costs", "Seed | Price", "Marigold | 2 €",
        "Line one line two\tend",
    ]  # fmt: skip
    assert levels(document) == {"Beds": 1, "Costs": 2}
    assert document.title == "The plan"
    assert document.place(document.lines[4]) == "paragraph 5"


def test_open_document(read: Read) -> None:
    document = read(making.open_document(), "odt")
    assert [text for _, text in rows(document)] == [
        "Beds", f"We plant {MARK}  in April.", "- dig", "Seed | Price",
    ]  # fmt: skip
    assert levels(document) == {"Beds": 1}


def test_of_a_page_nothing_is_read_that_nobody_sees(read: Read) -> None:
    document = read(making.PAGE.encode(), "html")
    assert [text for _, text in rows(document)] == [
        "Beds", f"We plant {MARK} in April & May. Always.", "- dig", "- water", "Seed | Price", "Marigold | 2 €",
        "  two", "    four",
    ]  # fmt: skip
    assert (document.title, levels(document)) == ("The plan", {"Beds": 1})


def test_a_page_in_the_encoding_that_it_states(read: Read) -> None:
    page = '<html><head><meta charset="windows-1251"></head><body><p>Привет</p></body></html>'
    assert read(page.encode("cp1251"), "html").text == "Привет"


def test_mail(read: Read) -> None:
    document = read(making.mail(), "eml")
    assert document.text.split("\n") == [
        "From: Anna <anna@example.org>", "To: ben@example.org", "Date: Mon, 02 Nov 2026 10:00:00 +0000",
        "Subject: The gärden", "Dear Ben,", "", f"the {MARK} is in flower: größer.", "",
    ]  # fmt: skip
    assert document.title == "The gärden"
    assert document.notes == ("One attachment was not read.",)


def test_mail_that_is_a_page(read: Read) -> None:
    document = read(making.mail(is_page=True), "eml")
    assert f"We plant {MARK} in April & May. Always." in document.text
    assert "not read" not in document.text
    assert document.title == "The gärden"


def test_a_table(read: Read) -> None:
    document = read(making.TABLE, "csv")
    assert rows(document) == [
        ("row 1", "Seed | Price"),
        ("row 2", f"{MARK}; blue | 2,50"),
        ("row 3", "Marigold | 3 and more"),
    ]


def test_subtitles(read: Read) -> None:
    document = read(making.SUBTITLES.encode(), "srt")
    assert rows(document) == [("cue 1", f"0:01 Anna: the {MARK}"), ("cue 2", "1:00 blooms")]


def test_source_keeps_its_indentation_and_its_blank_lines(read: Read) -> None:
    document = read(making.SOURCE, "py")
    assert document.kind is DocumentKind.CODE
    assert document.text == f"def plant():\n\tif True:\n        return '{MARK}'\n\n\nplant()"
    assert document.place(document.lines[-1]) == "line 6"


def test_what_a_name_does_not_tell_the_content_does(read: Read) -> None:
    assert read(making.PAGE.encode(), "").kind is DocumentKind.HTML
    assert read(making.mail(), "").kind is DocumentKind.MAIL
    assert read(making.SUBTITLES.encode(), "txt").kind is DocumentKind.SUBTITLES
    assert read(making.word(), "txt").kind is DocumentKind.WORD


def test_encodings(read: Read) -> None:
    assert read("Grüße\n".encode("utf-16"), "txt").text == "Grüße"
    document = read("Grüße\n".encode("cp1252"), "txt")
    assert document.text == "Grüße"
    assert document.notes == ("It is in no Unicode and was read as Western European: look at names with accents.",)


def test_long_lines_are_divided_and_are_one_again_in_the_text(read: Read) -> None:
    line = "word " * 5_000
    document = read(f"first\n{line}end\nlast".encode(), "txt")
    assert len(document.lines) > 6
    assert {document.place(part) for part in document.lines[1:-1]} == {"line 2"}
    assert document.text == f"first\n{line}end\nlast"


def test_a_table_that_is_too_long_says_so(read: Read) -> None:
    document = read(b"a\n" * 400_010, "csv")
    assert len(document.lines) == 400_000
    assert [(gap.kind, gap.count) for gap in document.gaps] == [(Unread.ROWS, 10)]


@pytest.mark.parametrize("data", [b"", b"  \n\n", b"<html></html>"])
def test_nothing_is_told(read: Read, data: bytes) -> None:
    with pytest.raises(DocumentWithoutText):
        read(data, "")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"{\\rtf1 words}",
        making.zipped({"xl/workbook.xml": "<a/>"}),
    ],
    ids=["picture", "recording", "rtf", "spreadsheet"],
)
def test_what_is_no_document_is_told(read: Read, data: bytes) -> None:
    with pytest.raises(DocumentUnknown):
        read(data, "txt")


class Stopping(JobContext):
    """Counts pages, and stops behind the second."""

    def __init__(self) -> None:
        self.pages: list[Progress] = []

    def checkpoint(self) -> None:
        if len(self.pages) == 2:
            raise Cancelled

    def report(self, event: object) -> None:
        assert isinstance(event, Progress)
        self.pages.append(event)


def test_a_long_one_tells_how_far_it_is_and_is_stopped(reading: DocumentReading) -> None:
    context = Stopping()
    with pytest.raises(Cancelled):
        reading.read(making.pdf([[f"page {n}"] for n in range(400)]), context, "pdf")
    assert [(one.done, one.total, one.unit) for one in context.pages] == [(1, 400, "pages"), (2, 400, "pages")]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("documents")]


def test_files(reading: DocumentReading, tmp_path: Path) -> None:
    (tmp_path / "Plan.TXT").write_bytes(b"words")
    assert reading.read(tmp_path / "Plan.TXT", NullContext()).text == "words"
    (tmp_path / "empty.txt").touch()
    with pytest.raises(DocumentWithoutText):
        reading.read(tmp_path / "empty.txt", NullContext())
    with pytest.raises(DocumentError, match="folder"):
        reading.read(tmp_path, NullContext())
    with pytest.raises(MediaMissing):
        reading.read(tmp_path / "nowhere.pdf", NullContext())
