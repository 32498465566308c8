"""Word's and OpenDocument's texts: paragraphs, headings, items of lists, rows of tables."""

import re
from zipfile import ZipFile

from app.core.document import LARGEST_TEXT, DocumentDamaged, DocumentLocked
from app.core.imports.docx import local_name
from app.core.imports.zipped_xml import NotXml, TooMuchXml, parse, unpacked
from app.engines.worker.documents.draft import Draft

_SMALL = 1 << 20  # bytes of the parts that only describe a document
_HEADING = re.compile(r"(?:heading|berschrift|titre|titolo|t[ií]tulo|kop|overskrift|rubrik)\s*([1-9])\Z", re.IGNORECASE)
_TEXT, _TABLE, _OFFICE = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0 " for name in ("text", "table", "office"))
_CORE = "http://purl.org/dc/elements/1.1/ title"
_ALTERNATIVE = "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"
_NOTHING_OF = (f"{_OFFICE}annotation", f"{_TEXT}tracked-changes", f"{_TEXT}note-citation")
_ODT_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": " "}
_MOST_SPACES = 100


class _Paragraphs:
    """Collects the text of one paragraph after another; in a table a row is one line, a cell's paragraphs joined."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._number = 0
        self._rows: list[list[list[str]]] = []  # of each table within the others: the cells of its row
        self._words: list[list[str]] = []  # of each paragraph within the others: a text box stands in one
        self.level = 0
        self.is_item = False

    def begin(self) -> None:
        self._words.append([])
        self.level, self.is_item = 0, False

    def take(self, words: str) -> None:
        if self._words:
            self._words[-1].append(words)

    def end(self) -> None:
        text = "".join(self._words.pop()) if self._words else ""
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].append(" ".join(text.split()))
        elif text.strip():
            self._add(f"- {text}" if self.is_item and not self.level else text, self.level)
        self.level, self.is_item = 0, False

    def begin_row(self) -> None:
        self._rows.append([])

    def begin_cell(self) -> None:
        if self._rows:
            self._rows[-1].append([])

    def end_row(self) -> None:
        cells = [" ".join(filter(None, cell)) for cell in self._rows.pop()] if self._rows else []
        row = " | ".join(cells)
        if not any(cells):
            return
        if self._rows and self._rows[-1]:
            self._rows[-1][-1].append(row)
        else:
            self._add(row, 0)

    def _add(self, text: str, level: int) -> None:
        self._number += 1
        self._draft.add(text, self._number, level=level)


def read_word(archive: ZipFile, name: str, draft: Draft) -> None:
    """Take the paragraphs of a Word document whose words are in the part `name`, and its notes behind them.

    Raises:
        NotXml, TooMuchXml: it is damaged or too large.
    """
    draft.title = _title(archive, "docProps/core.xml")
    paragraphs = _Paragraphs(draft)
    _read_word_part(unpacked(archive, name, LARGEST_TEXT), paragraphs)
    for notes in ("word/footnotes.xml", "word/endnotes.xml"):
        try:
            part = unpacked(archive, notes, LARGEST_TEXT)
        except NotXml:
            continue
        _read_word_part(part, paragraphs)


def _read_word_part(xml: bytes, paragraphs: _Paragraphs) -> None:
    within: list[str] = []
    skipped = 0  # elements that are open in one that says again what was said

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal skipped
        if skipped or name == _ALTERNATIVE:
            skipped += 1
            return
        local = local_name(name)
        within.append(local)
        value = next((found for key, found in attributes.items() if key.endswith(" val")), "")
        if local == "p":
            paragraphs.begin()
        elif local in ("br", "cr"):
            paragraphs.take(" ")
        elif local == "tab" and "pPr" not in within:
            paragraphs.take("\t")
        elif local == "pStyle":
            paragraphs.level = _level(value)
            paragraphs.is_item = value.startswith(("ListBullet", "ListNumber"))
        elif local == "outlineLvl" and value[:1] in "012345678" and value:
            paragraphs.level = int(value[0]) + 1
        elif local == "numPr":
            paragraphs.is_item = True
        elif local == "tr":
            paragraphs.begin_row()
        elif local == "tc":
            paragraphs.begin_cell()

    def end(_: str) -> None:
        nonlocal skipped
        if skipped:
            skipped -= 1
            return
        local = within.pop()
        if local == "p":
            paragraphs.end()
        elif local == "tr":
            paragraphs.end_row()

    def take(words: str) -> None:
        if within and within[-1] == "t" and not skipped:
            paragraphs.take(words)

    parse(xml, begin, end, take)


def _level(style: str) -> int:
    """The level of a heading by its style's id, as Word names it in some languages; 0 for other paragraphs."""
    if style.lower() == "title":
        return 1
    found = _HEADING.search(style)
    return int(found[1]) if found else 0


def read_open_document(archive: ZipFile, draft: Draft) -> None:
    """Take the paragraphs of an OpenDocument text; comments and deleted words are no part of it.

    Raises:
        DocumentLocked: it has a password.
        NotXml, TooMuchXml: it is damaged or too large.
    """
    try:
        if b"encryption-data" in unpacked(archive, "META-INF/manifest.xml", _SMALL):
            raise DocumentLocked
    except (NotXml, TooMuchXml) as error:
        raise DocumentDamaged from error
    draft.title = _title(archive, "meta.xml")
    paragraphs = _Paragraphs(draft)
    skipped = items = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal skipped, items
        if skipped or name in _NOTHING_OF:
            skipped += 1
        elif name in (f"{_TEXT}p", f"{_TEXT}h"):
            paragraphs.begin()
            level = attributes.get(f"{_TEXT}outline-level", "1")
            paragraphs.level = min(9, max(1, int(level) if level.isdecimal() else 1)) if name.endswith(" h") else 0
            paragraphs.is_item = items > 0
        elif name == f"{_TEXT}list-item":
            items += 1
        elif name == f"{_TEXT}s":
            count = attributes.get(f"{_TEXT}c", "1")
            paragraphs.take(" " * min(_MOST_SPACES, int(count[:4]) if count.isdecimal() else 1))
        elif name in _ODT_BREAKS:
            paragraphs.take(_ODT_BREAKS[name])
        elif name == f"{_TABLE}table-row":
            paragraphs.begin_row()
        elif name == f"{_TABLE}table-cell":
            paragraphs.begin_cell()

    def end(name: str) -> None:
        nonlocal skipped, items
        if skipped:
            skipped -= 1
        elif name in (f"{_TEXT}p", f"{_TEXT}h"):
            paragraphs.end()
        elif name == f"{_TEXT}list-item":
            items -= 1
        elif name == f"{_TABLE}table-row":
            paragraphs.end_row()

    def take(words: str) -> None:
        if not skipped:
            paragraphs.take(words)

    parse(unpacked(archive, "content.xml", LARGEST_TEXT), begin, end, take)


def _title(archive: ZipFile, name: str) -> str:
    """The title that a document gives itself, if it has one."""
    parts: list[str] = []
    within: list[str] = []

    def end(_: str) -> None:
        within.pop()

    try:
        parse(
            unpacked(archive, name, _SMALL),
            lambda element, _: within.append(element),
            end,
            lambda words: parts.append(words) if within[-1] == _CORE else None,
        )
    except (NotXml, TooMuchXml):
        return ""
    return " ".join("".join(parts).split())
