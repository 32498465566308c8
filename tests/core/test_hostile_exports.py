"""What was said to forge or steer, in the forms that are more than text: page, Word document and table."""

import csv
import io
import time
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import docx
import msgspec
import pytest
from docx.text.paragraph import Paragraph
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.exports import ExportedCall, ExportOptions, export_format
from app.core.exports.docx import render as render_docx
from app.core.imports.document import read_call
from app.core.plain_text import plain_line
from tests.core.test_exports import RECORDING, SUMMARY, TRANSCRIPT
from tests.core.test_forged_exports import LINES, TEXTS, summary, transcript
from tests.exported_text import exported_text

_BEYOND = st.text(st.characters(codec=None), max_size=20)
"""Every character that a string can hold, half surrogates and what XML forbids too."""
WORDS = TEXTS | _BEYOND
SAID = LINES | st.lists(st.tuples(_BEYOND, st.just((1.0, 2.0))), max_size=4)
TAGS = set("html head meta title style body h1 h2 p ul li a b bdi span".split())
ATTRIBUTES = set("lang charset http-equiv content name class id dir href".split())


class Page(HTMLParser):
    """Which tags and attributes a page has, and what each of its paragraphs says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.lines: list[str] = []
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self._tag = tag
        if tag == "p" and ("class", "line") in attrs:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self.lines and self._tag in ("p", "b", "bdi", "a", "span"):
            self.lines[-1] += data


@settings(deadline=None)
@given(SAID, WORDS, WORDS)
@example([("</p><script>x</script><img src=x onerror=y>", (1.0, 2.0))], '" onload="x', "</title><script>")
def test_a_page_runs_and_loads_nothing(lines: list[tuple[str, tuple[float, float]]], name: str, title: str) -> None:
    found = transcript(lines, name)
    written = exported_text("html", found, msgspec.structs.replace(RECORDING, title=title), summary([title] * 6))
    written.encode()
    page = Page(written)
    assert page.tags <= TAGS
    assert {key for key, _ in page.attributes} <= ATTRIBUTES
    assert all((value or "").startswith("#line-") for key, value in page.attributes if key == "href")
    assert len(page.lines) == len(lines)
    for said, shown in zip(found.utterances, page.lines, strict=True):
        assert plain_line(said.text) in shown


@settings(deadline=None)
@given(SAID, WORDS, WORDS)
@example([("a\ufffeb\uffffc\x00d\ud800", (1.0, 2.0))], "]]>&<w:p/>", "\x0b\x1b")
def test_a_word_document_is_whole_whatever_was_said(
    lines: list[tuple[str, tuple[float, float]]], name: str, title: str
) -> None:
    found = transcript(lines, name)
    called = msgspec.structs.replace(RECORDING, title=title)
    data = render_docx(ExportedCall(found, called, summary([title] * 6)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            ElementTree.fromstring(archive.read(part))  # noqa: S314 - our own
    shown = [one.text for one in docx.Document(io.BytesIO(data)).paragraphs if _style(one) == "Transcript Line"]
    assert len(shown) == len(lines)
    for said, text in zip(found.utterances, shown, strict=True):
        assert plain_line(said.text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") in text


def _style(paragraph: Paragraph) -> str | None:
    return paragraph.style.name if paragraph.style is not None else None


@settings(deadline=None)
@given(SAID, WORDS)
@example([('=HYPERLINK("http://x")', (1.0, 2.0)), ('a "b", c\nd', (2.0, 3.0)), ("\t+1", (3.0, 4.0))], "@SUM(A1)")
def test_a_table_reads_back_and_runs_nothing(lines: list[tuple[str, tuple[float, float]]], name: str) -> None:
    found = transcript(lines, name)
    rows = list(csv.reader(io.StringIO(exported_text("csv", found).removeprefix("\ufeff"), newline=""), strict=True))
    assert len(rows) == len(lines) + 1
    for said, row in zip(found.utterances, rows[1:], strict=True):
        assert row[-3].removeprefix("'") == plain_line(said.text).removeprefix("'")
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row[2:])


def test_a_word_document_has_words_own_styles() -> None:
    data = render_docx(ExportedCall(TRANSCRIPT, RECORDING, SUMMARY))
    document = docx.Document(io.BytesIO(data))
    styled = [(_style(one), one.text) for one in document.paragraphs]
    assert styled[0] == ("Title", "Launch")
    assert ("Heading 1", "Decisions") in styled
    assert ("List Bullet", "Move the launch. 0:00 1:02:05") in styled
    assert ("Transcript Line", "0:00\tElena\tHello Leo.") in styled
    runs = {run.text: run for one in document.paragraphs for run in one.runs}
    assert runs["Elena"].style.font.bold
    assert str(runs["0:00"].style.font.color.rgb) == "656B71"
    assert document.core_properties.title == "Launch"
    assert data == render_docx(ExportedCall(TRANSCRIPT, RECORDING, SUMMARY))


@pytest.mark.parametrize("parts", [(), ("times",)])
def test_a_word_document_comes_back_with_speakers(parts: tuple[str, ...]) -> None:
    options = ExportOptions(has_times=not parts)
    data = export_format("docx").content(ExportedCall(TRANSCRIPT, RECORDING, SUMMARY), options, lambda _: b"")
    assert isinstance(data, bytes)
    read = read_call(data).lines
    assert [(line.speaker, line.text) for line in read] == [
        (TRANSCRIPT.name(said), said.text) for said in TRANSCRIPT.utterances
    ]
    assert [line.start for line in read] == ([0.0] * 3 if parts else [0.0, 61.0, 3725.0])


def test_a_table_has_the_columns_that_the_call_has() -> None:
    def header(has_times: bool, has_speakers: bool) -> str:
        options = ExportOptions(has_times, has_speakers)
        found = export_format("csv").content(ExportedCall(TRANSCRIPT), options, lambda _: b"")
        assert isinstance(found, str)
        return found.removeprefix("\ufeff").partition("\r\n")[0]

    assert header(True, True) == "start,end,speaker,text,language,edited"
    assert header(False, True) == "speaker,text,language,edited"
    assert header(False, False) == "text,language,edited"


@pytest.mark.parametrize("fmt", ["txt", "md", "html", "docx"])
def test_what_is_left_out_stands_nowhere(fmt: str) -> None:
    exported = ExportedCall(TRANSCRIPT, RECORDING, SUMMARY)
    found = export_format(fmt).content(exported, ExportOptions(False, False, False), lambda _: b"")
    text = found if isinstance(found, str) else "\n".join(p.text for p in docx.Document(io.BytesIO(found)).paragraphs)
    assert "Hello Leo." in text
    assert not [gone for gone in ("Elena", "1:02:05", "They move it.", "Decisions") if gone in text]


@pytest.mark.parametrize("fmt", ["html", "docx", "csv", "txt", "md", "srt", "vtt", "json"])
def test_a_long_call_takes_seconds_at_most(fmt: str) -> None:
    said = TRANSCRIPT.utterances[0]
    lines = tuple(msgspec.structs.replace(said, start=n * 3.0, end=n * 3.0 + 2, line=n + 1) for n in range(4000))
    long = msgspec.structs.replace(TRANSCRIPT, utterances=lines)
    began = time.process_time()
    assert export_format(fmt).render(ExportedCall(long, RECORDING, SUMMARY))
    assert time.process_time() - began < 5
