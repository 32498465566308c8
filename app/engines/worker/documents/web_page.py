"""The words of a web page: no script or style, nothing that would be loaded or that an element says is hidden."""

import re
from html.parser import HTMLParser

from app.engines.worker.documents.draft import Draft

_UNSEEN = frozenset(
    "script style template noscript svg math iframe object embed applet audio video canvas map select datalist head"
    .split()
)  # fmt: skip
_WITHOUT_END = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody tfoot thead title tr ul".split()
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_LOOKED_AT = 4096  # bytes in which a page says its encoding


def stated_encoding(data: bytes) -> str:
    """The encoding that a page says it is in; "" if it says none that is known."""
    found = _CHARSET.search(data[:_LOOKED_AT])
    name = found[1].decode("ascii") if found else ""
    try:
        return name if name and b"a".decode(name) == "a" else ""
    except (LookupError, UnicodeError, AssertionError):
        return ""


def read_page(text: str, draft: Draft, first: int = 0) -> None:
    """Take the paragraphs of a page, numbered on from `first`."""
    reader = _Reader(draft, first)
    reader.feed(text)
    reader.close()
    reader.end_block()


class _Reader(HTMLParser):
    def __init__(self, draft: Draft, first: int) -> None:
        super().__init__(convert_charrefs=True)
        self._draft, self._number = draft, first
        self._words: list[str] = []
        self._hidden: list[str] = []  # the element that is not seen, and those of its name in it
        self._level = self._preformatted = self._items = 0
        self._is_item = self._is_title = False
        self._row: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._is_title = True
        if self._hidden:
            if tag == self._hidden[0]:
                self._hidden.append(tag)
            elif tag == "body":  # a head without an end
                self._hidden.clear()
            return
        if tag in _WITHOUT_END:
            if tag == "br":
                self._words.append("\n" if self._preformatted else " ")
            elif tag == "hr":
                self.end_block()
            return
        if tag in _UNSEEN or any(_hides(name, value or "") for name, value in attrs):
            self._hidden.append(tag)
            return
        self._begin(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _WITHOUT_END:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._is_title = self._is_title and tag != "title"
        if self._hidden:
            if tag == self._hidden[0]:
                self._hidden.pop()
            return
        if tag in ("td", "th") and self._row is not None:
            self._end_cell()
        elif tag == "tr" and self._row is not None:
            self._end_row()
        elif tag in _BLOCKS:
            self.end_block()
            self._preformatted = max(0, self._preformatted - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if self._is_title:
            self._draft.title = " ".join((self._draft.title + data)[:1000].split())
        elif not self._hidden:
            self._words.append(data)

    def _begin(self, tag: str) -> None:
        if tag == "tr":
            self._end_row()
            self.end_block()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
        elif tag in _BLOCKS:
            self.end_block()
            self._level = int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0
            self._is_item = tag == "li"
            self._preformatted += tag == "pre"

    def _end_cell(self) -> None:
        words, self._words = " ".join("".join(self._words).split()), []
        if self._row is not None and words:
            self._row.append(words)

    def _end_row(self) -> None:
        if self._row is None:
            return
        self._end_cell()
        row, self._row = self._row, None
        if row:
            self._add(" | ".join(row))

    def end_block(self) -> None:
        """End the paragraph that is collected; within a row of a table it goes on."""
        if self._row is not None:
            self._words.append(" ")
            return
        text, self._words = "".join(self._words), []
        if self._preformatted:
            for line in text.strip("\n").split("\n") if text.strip() else ():
                self._add(line)
        elif words := " ".join(text.split()):
            self._add(f"- {words}" if self._is_item else words, self._level)
            self._is_item = False
        self._level = 0

    def _add(self, text: str, level: int = 0) -> None:
        self._number += 1
        self._draft.add(text, self._number, level=level)


def _hides(name: str, value: str) -> bool:
    """Whether an attribute keeps an element from being seen; what nobody sees must not be what a model reads."""
    return name == "hidden" or (name == "style" and _HIDDEN.search(value) is not None)
