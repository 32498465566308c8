"""Word documents as Teams and Meet save them, and those that were made to harm."""

import io
import zipfile

import pytest

from app.core.errors import AssistantError
from app.core.imports.document import read_call
from app.core.written_call import LARGEST_TEXT, TextTooLong, TextUnreadable

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(body: str, head: str = "") -> bytes:
    words = f'<w:document xmlns:w="{SPACE}"><w:body>{body}</w:body></w:document>'
    return packed(f'<?xml version="1.0" encoding="UTF-8"?>{head}{words}'.encode())


def packed(xml: bytes, name: str = "word/document.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, xml)
    return file.getvalue()


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(f'<w:r>{run}</w:r>' for run in runs)}</w:p>"


def text(words: str) -> str:
    return f'<w:t xml:space="preserve">{words}</w:t>'


TEAMS = (
    paragraph(text("Weekly meeting"))
    + paragraph(text("January 12, 2024, 9:00AM"))
    + paragraph("<w:drawing/>", text("Anna Smith"), text("   0:03"), "<w:br/>", text("Good &amp; early."))
    + paragraph(text("Ben   0:07"), "<w:br/>", text("Yes."), "<w:delText>No.</w:delText>")
)


def test_a_document_of_teams() -> None:
    call = read_call(document(TEAMS))
    assert [(line.speaker, line.start, line.text) for line in call.lines] == [
        ("Anna Smith", 3.0, "Good & early."),
        ("Ben", 7.0, "Yes."),
    ]


MINUTES = ("Minutes of Monday", "Date: Monday 10:30", "The launch is moved.", "Lunch 12:30", "Ben: sends the offer.")


def test_a_document_that_is_checked_keeps_each_of_its_paragraphs() -> None:
    minutes = document("".join(paragraph(text(words)) for words in MINUTES))
    assert tuple(line.text for line in read_call(minutes, is_prose=True).lines) == MINUTES


BILLION = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
DEEP = "<w:p>" * 5000 + "</w:p>" * 5000


@pytest.mark.parametrize(
    "data",
    [
        document(paragraph(text("Anna: &b;")), BILLION),
        document(paragraph(text("Anna: x")), '<!DOCTYPE x SYSTEM "file:///etc/passwd">'),
        document(DEEP),
        document(TEAMS)[:-40],
        document(TEAMS)[:60],
        packed(b"<a", "word/document.xml"),
        packed(b"<a/>", "other.xml"),
        b"PK\x03\x04",
    ],
    ids=str.split("entities DTD deep cut short not-XML other-part signature"),  # the bytes tell the time of packing
)
def test_what_is_no_whole_document_is_refused(data: bytes) -> None:
    with pytest.raises(TextUnreadable):
        read_call(data)


def test_a_document_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(TextTooLong):
        read_call(packed(b" " * (LARGEST_TEXT + 2)))


def test_every_changed_byte_ends_in_a_call_or_in_an_error_of_ours() -> None:
    whole = document(TEAMS)
    for place in range(0, len(whole), 3):
        changed = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        try:
            assert read_call(changed).lines
        except AssistantError:
            continue
