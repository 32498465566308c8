"""The structure of a reply's blocks, and of HTML that an example expects, in one form that can be compared.

Each block is a line: what is around it with the bullets that begin there, its kind, and its words. In these `*`, `**`,
`~` and a backtick enclose emphasis, strong, struck and code; `⟨address⟩` follows the words of a link or a picture. What
HTML says by space alone (tight lists, spaces that fold) counts for nothing, nor does where a link begins; a line that
defines addresses, which we show and HTML does not, is left out.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import unquote

from app.ui.conversation.links import LinkTarget
from app.ui.conversation.reply_blocks import Block
from app.ui.widgets.rich_text import Chip, Piece, Run

_NOTE = re.compile(r" \((?P<address>.*)\)\Z", re.DOTALL)


def structure_of_blocks(blocks: Sequence[Block]) -> list[str]:
    return [_line_of(block) for block in blocks if not block.is_definition]


def _line_of(block: Block) -> str:
    bullets = {number: bullet.replace(")", ".") for number, bullet in block.bullets}  # HTML says no more
    around = " ".join(
        one if number not in bullets else f"{one}({bullets[number]})" for number, one in enumerate(block.around)
    )
    box = {None: "", True: "☑ ", False: "☐ "}[block.is_done]
    if block.kind == "code":
        words = "".join(piece.text for piece in block.pieces if isinstance(piece, Run))
        return f"{around}|code {block.language.split()[0] if block.language else ''}|{words}"
    if block.kind == "rule":
        return f"{around}|rule|"
    if block.kind == "table":
        aligns = ",".join("" if one == "left" else one for one in block.aligns)
        rows = "\n".join("¦".join(_words(cell) for cell in row) for row in block.rows)
        return f"{around}|table {aligns}|{rows}"
    return f"{around}|{f'h{block.level}' if block.level else 'p'}|{box}{_words(block.pieces)}"


def _words(pieces: Sequence[Piece]) -> str:
    said: list[Segment] = []
    for piece in pieces:
        if isinstance(piece, Chip):
            assert isinstance(piece.value, LinkTarget)
            if said and said[-1] == (" ", ""):
                said.pop()
            said.append((f"⟨{piece.value.address}⟩", ""))
        elif isinstance(piece, str):
            said.append((piece, ""))
        elif piece.role == "second":
            note = _NOTE.match(piece.text)
            assert note is not None
            said.append((f"⟨{note['address']}⟩", ""))
        else:
            said.append(
                (piece.text, styles(piece.weight == 600, piece.is_italic, piece.is_struck, piece.is_code))
            )  # fmt: skip
    return marked(said)


Segment = tuple[str, str]
"""A stretch of words, and the marks of its style."""


def styles(*are: object) -> str:
    return " ".join(mark for mark, is_so in zip(("**", "*", "~", "`"), are, strict=True) if is_so)


def marked(segments: Sequence[Segment]) -> str:
    """The words between their marks; what is of one style is one stretch."""
    joined: list[list[str]] = []
    for text, style in segments:
        if joined and joined[-1][1] == style:
            joined[-1][0] += text
        else:
            joined.append([text, style])
    parts = (f"{''.join(style.split())}{text}{''.join(reversed(style.split()))}" for text, style in joined if text)
    return re.sub(r"[ \t\n]+", " ", unquote("".join(parts)).replace("\u00a0", " ")).strip()


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.around: list[str] = []
        self.bullets: dict[int, str] = {}
        self.lists: list[int] = []
        self.words: list[Segment] | None = None
        self.kind, self.box, self.language = "p", "", ""
        self.styles = {"em": 0, "strong": 0, "del": 0, "code": 0}
        self.links: list[str] = []
        self.rows: list[list[str]] | None = None
        self.aligns: list[str] = []
        self.is_preformatted = self.is_head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("ul", "ol"):
            self.end()
            self.lists.append(int(given.get("start", 1)) if tag == "ol" else -1)
        elif tag == "li":
            self.around.append("item")
            number = self.lists[-1]
            self.bullets[len(self.around) - 1] = "•" if number < 0 else f"{number}."
            self.lists[-1] += number >= 0
        elif tag == "blockquote":
            self.end()
            self.around.append("quote")
        elif tag == "hr":
            self.end()
            self.emit("rule", "")
        elif tag == "p" or re.fullmatch("h[1-6]", tag):
            self.end()
            self.kind, self.words = tag, []
        elif tag == "pre":
            self.end()
            self.is_preformatted, self.words, self.language = True, [], ""
        elif tag == "code" and self.is_preformatted:
            self.language = given.get("class", "").removeprefix("language-")
        elif tag == "table":
            self.end()
            self.rows, self.aligns = [], []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in ("td", "th"):
            self.words, self.is_head = [], False
            if tag == "th":
                align = given.get("align", "")
                self.aligns.append("" if align == "left" else align)
        elif tag == "br":
            self.say_all("\n")
        elif tag == "img":
            self.say_all(given.get("alt", ""))
            self.note(given.get("src", ""), given.get("title", ""))
        elif tag == "input":
            self.box = "☑ " if "checked" in given else "☐ "
        elif tag == "a":
            title = given.get("title", "")
            self.links.append(f"{given.get('href', '')} {title}" if title else given.get("href", ""))
        elif tag in self.styles:
            self.styles[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "pre") or re.fullmatch("h[1-6]", tag):
            self.end()
        elif tag == "li":
            self.end()
            if len(self.around) - 1 in self.bullets:
                self.emit("p", "")
            self.around.pop()
        elif tag == "blockquote":
            self.end()
            self.around.pop()
        elif tag in ("ul", "ol"):
            self.lists.pop()
        elif tag in ("td", "th") and self.rows is not None:
            self.rows[-1].append(marked(self.words or []))
            self.words = None
        elif tag == "table" and self.rows is not None:
            rows = "\n".join("¦".join(row) for row in self.rows)
            self.emit(f"table {','.join(self.aligns)}", rows)
            self.rows = None
        elif tag == "a":
            self.note(*self.links.pop().partition(" ")[::2])
        elif tag in self.styles and not self.is_preformatted:
            self.styles[tag] -= 1

    def note(self, address: str, title: str) -> None:
        if address or title:
            self.say(f"⟨{' '.join(filter(None, (address, title)))}⟩")

    def handle_data(self, data: str) -> None:
        if self.rows is not None and self.words is None:
            return
        if self.words is None and not data.strip():
            return
        if self.is_preformatted:
            self.say(data)
        else:
            self.say_all(data)

    def say_all(self, data: str) -> None:
        """Say something in the style that is open; a heading is strong."""
        is_strong = self.styles["strong"] or self.kind.startswith("h") or self.is_head
        self.say(data, styles(is_strong, self.styles["em"], self.styles["del"], self.styles["code"]))

    def say(self, data: str, style: str = "") -> None:
        if self.words is None:
            self.kind, self.words = "p", []
        if data:
            self.words.append((data, style))

    def end(self) -> None:
        """End the paragraph, heading or code that is open."""
        if self.words is None:
            return
        said, self.words = self.words, None
        if self.is_preformatted:
            self.is_preformatted = False
            self.emit(f"code {self.language}", "".join(text for text, _ in said).removesuffix("\n"))
        else:
            self.emit(self.kind, self.box + marked(said))
        self.kind, self.box = "p", ""

    def emit(self, kind: str, words: str) -> None:
        around = " ".join(
            one if number not in self.bullets else f"{one}({self.bullets[number]})"
            for number, one in enumerate(self.around)
        )
        self.bullets = {}
        self.lines.append(f"{around}|{kind}|{words}")


def structure_of_html(html: str) -> list[str]:
    reader = _Html()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.lines
