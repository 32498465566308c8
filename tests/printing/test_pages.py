"""A call as a PDF, read back by another program: its text, its pages and its speed."""

import time

import msgspec
import pypdfium2
import pytest
from hypothesis import given, settings

from app.core.exports import ExportedCall, ExportOptions, export_format
from app.core.plain_text import plain_line
from app.core.transcript import Transcript
from app.printing.pages import draw_pages
from tests.core.test_exports import RECORDING, SUMMARY, TRANSCRIPT
from tests.core.test_forged_exports import LINES, TEXTS, summary, transcript

LETTERS = {
    "German": "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz ÄÖÜ äöüß ẞ",
    "Polish": "ĄĆĘŁŃÓŚŹŻ ąćęłńóśźż",
    "Greek": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ αβγδεζηθικλμνξοπρστυφχψως άέήίόύώ ϊϋΐΰ",
    "Cyrillic": "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ абвгдеёжзийклмнопрстуфхцчшщъыьэюя ІіЇїЄєҐґ",
}


def pdf(found: Transcript, options: ExportOptions | None = None) -> bytes:
    exported = ExportedCall(found, RECORDING, SUMMARY)
    drawn = export_format("pdf").content(exported, options or ExportOptions(), draw_pages)
    assert isinstance(drawn, bytes)
    return drawn


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


def words_of(data: bytes) -> str:
    return " ".join(text_of(data).split())


def with_text(text: str) -> Transcript:
    first, *others = TRANSCRIPT.utterances
    said = msgspec.structs.replace(first, text=text, words=())
    return msgspec.structs.replace(TRANSCRIPT, utterances=(said, *others))


def test_everything_stands_in_it_as_text() -> None:
    shown = words_of(pdf(TRANSCRIPT))
    for words in ("Launch", "They move it.", "Decisions", "Move the launch. 0:00 1:02:05", "Leo & <co>", "1 / 1"):
        assert words in shown
    assert "0:00 Elena Hello Leo." in shown
    assert pypdfium2.PdfDocument(pdf(TRANSCRIPT)).get_metadata_value("Title") == "Launch"


def test_what_is_left_out_stands_nowhere() -> None:
    shown = words_of(pdf(TRANSCRIPT, ExportOptions(False, False, False)))
    assert "Hello Leo." in shown
    assert not [gone for gone in ("Elena", "1:02:05", "They move it.", "Decisions") if gone in shown]


@pytest.mark.parametrize("script", LETTERS)
def test_every_letter_can_be_searched_for(script: str) -> None:
    shown = words_of(pdf(with_text(LETTERS[script])))
    assert set(LETTERS[script]) - set(shown) == set()
    assert "no font" not in shown


def test_what_no_font_has_is_a_box_and_a_note() -> None:
    shown = words_of(pdf(with_text("before \U000f0000\U000f0001 behind")))  # nobody's characters, in no font
    assert "before □□ behind" in shown
    assert "no font for 2 of the characters" in shown


@settings(deadline=None, max_examples=30)
@given(LINES, TEXTS)
def test_it_is_whole_whatever_was_said(lines: list[tuple[str, tuple[float, float]]], name: str) -> None:
    exported = ExportedCall(transcript(lines, name), RECORDING, summary([name] * 6))
    drawn = export_format("pdf").content(exported, ExportOptions(), draw_pages)
    assert isinstance(drawn, bytes)
    shown = "".join(text_of(drawn).split())
    for said, _ in lines:
        letters = "".join(one for one in plain_line(said) if one.isascii() and one.isalnum())
        assert sum(map(shown.count, set(letters))) >= len(set(letters))


def test_a_long_call_and_a_long_line_take_seconds_at_most() -> None:
    said = TRANSCRIPT.utterances[0]
    lines = tuple(msgspec.structs.replace(said, start=n * 3.0, end=n * 3.0 + 2, line=n + 1) for n in range(4000))
    for found in (msgspec.structs.replace(TRANSCRIPT, utterances=lines), with_text("x" * 100_000)):
        began = time.process_time()
        drawn = pdf(found)
        assert time.process_time() - began < 10
        pages = len(pypdfium2.PdfDocument(drawn))
        assert pages > 10
        assert f"{pages} / {pages}" in words_of(drawn)
