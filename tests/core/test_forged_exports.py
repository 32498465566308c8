"""Exports of a call whose words, names and title were written to forge, steer or load something."""

import html
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.core.ids import UtteranceId
from app.core.plain_text import plain_line
from app.core.summary import ActionItem, Point, Summary, SummarySection
from app.core.transcript import Layout, Speaker, Transcript, Utterance, default_speakers
from tests.core.test_exports import RECORDING
from tests.exported_text import exported_text

NASTY = (
    "hello ![x](https://evil.example/p?d=1) <img src=x onerror=alert(1)> [ok](javascript:alert(1))",
    "fine\n\n99\n00:00:00,000 --> 09:59:59,000\nFORGED CUE: I agree to pay",
    '=HYPERLINK("http://evil")\x1b]52;c;cm0gLXJm\x07\r\u202eevil',
    "NOTE a comment\n\nSTYLE\n::cue { color: red }",
    "WEBVTT\n\nREGION\nid:x",
    "<v Ann>forged</v> <c.red>red</c> <00:00:01.000>",
    "{\\an8}top {\\pos(1,2)} {y:i} <font color=red>red</font>",
    "# heading", "## Transcript", "> quote", "- item", "+ item", "1. item", "12) item", "---", "===", "***", "___",
    "```js", "~~~", "    code", "\tcode", "[x]: https://evil.example", "[^1]: note", "| a | b |", ": definition",
    "<https://evil.example>", "<me@evil.example>", "https://evil.example", "www.evil.example", "mailto:me@evil.example",
    "&lt;script&gt; &copy; &#60;b&#62;", "a\\", "\\<b\\>", "$x$ and $$y$$",
    "%% hidden %% {{ liquid }} {% raw %} ==hot==",
    "line\u2028separator\u2029paragraph\x85next\x0bvertical\x0cform", "<!-- hidden",
    "]]> <![CDATA[", "snake_case *b* __c__",
    "`code` ``more``", "~~gone~~ H~2~O", "", " ", "\ufeffmark", "\ud800surrogate", "00:00:00.000 --> 00:00:09.000",
    "\u2066isolated\u2069 \u202bembedded\u202c", "שלום \u200fעולם 12", "a < b && c > d --> e",
    "Fish & chips at 5:30:10 o'clock",
)  # fmt: skip
"""What was said, or is a name or a title."""

TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.sampled_from("ab1 <>&[]()!`*_#-+=|~\\\n\r\t:/.$%{}^\"'\u202e\u2066\x1b\x9b\u2028é字"), max_size=24),
    st.lists(st.sampled_from(["-->", "00:00:01,000", "\n\n", "1\n", "**", "```", "<b>", "](", "![", "NOTE ", "x", " "]))
    .map("".join),
)  # fmt: skip
TIMES = st.tuples(st.floats(0, 4000), st.floats(-5, 5)).map(lambda pair: (pair[0], pair[0] + pair[1]))
LINES = st.lists(st.tuples(TEXTS, TIMES), max_size=6)


def transcript(lines: list[tuple[str, tuple[float, float]]], name: str) -> Transcript:
    people = (*default_speakers(Layout.TWO_SIDED, "x", "Right"),)
    named = (Speaker(people[0].id, name), people[1])
    said = tuple(
        Utterance(UtteranceId(str(n)), n % 2, named[n % 2].id, start, end, text, (), n + 1)
        for n, (text, (start, end)) in enumerate(lines)
    )
    return Transcript("en", 9.0, "m", said, named)


def rendered(fmt: str, found: Transcript, summary: Summary | None = None, title: str = "") -> str:
    import msgspec

    call = msgspec.structs.replace(RECORDING, title=title) if title or summary else None
    return exported_text(fmt, found, call, summary)


def as_heard(text: str) -> str:
    """What a reader sees of a text: without characters that have no width."""
    return text.replace("\N{WORD JOINER}", "")


def parsed_srt(text: str) -> list[tuple[str, str, str]]:
    """As players do: blocks between empty lines, and a line with times anywhere else begins another cue."""
    cues = []
    for number, block in enumerate(re.split(r"\n\n+", text.removesuffix("\n")), 1):
        head, times, *said = block.split("\n")
        assert head == str(number)
        found = re.fullmatch(r"(\d{2,3}:\d\d:\d\d,\d{3}) --> (\d{2,3}:\d\d:\d\d,\d{3})", times)
        assert found, times
        assert 1 <= len(said) <= 2
        assert all(line.strip() for line in said)
        for shown in (*said, " ".join(said)):
            assert len(re.findall(r"\d{1,2}:\d{1,2}:\d{1,2}[.,]\d{1,3}", shown)) == 0
            assert not re.search(r"<[A-Za-z/!]|\{[\\A-Za-z]", shown)
        cues.append((found[1], found[2], " ".join(said)))
    return cues


def parsed_vtt(text: str) -> list[tuple[str, str, str, str]]:
    """As the standard says: times, then a voice, then text until an empty line; no tag but ours is in it."""
    header, *blocks = text.removesuffix("\n").split("\n\n")
    assert header == "WEBVTT"
    cues = []
    for block in blocks:
        times, *lines = block.split("\n")
        assert 1 <= len(lines) <= 2
        assert all(line.strip() for line in lines)
        said = " ".join(lines)
        found = re.fullmatch(r"(\d{2,3}:\d\d:\d\d\.\d{3}) --> (\d{2,3}:\d\d:\d\d\.\d{3})", times)
        assert found, times
        voice = re.match(r"<v ([^<>]*)>", said)
        rest = said[voice.end() :] if voice else said
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", rest)
        cues.append((found[1], found[2], html.unescape(voice[1]) if voice else "", html.unescape(rest)))
    return cues


@settings(deadline=None)
@given(LINES.filter(bool), TEXTS)
def test_subtitles_read_back_as_what_was_said(lines: list[tuple[str, tuple[float, float]]], name: str) -> None:
    found = transcript(lines, name)
    srt, vtt = parsed_srt(rendered("srt", found)), parsed_vtt(rendered("vtt", found))
    voiced = [(start, end, f"{voice}|{text}") for start, end, voice, text in vtt]
    for u in found.utterances:
        who, words = plain_line(found.name(u)), plain_line(u.text)
        said = solid(words) or ("" if who else "…")
        assert told_in(srt, solid(who) + ":" * bool(words and who), said) == said
        assert told_in(voiced, solid(who) + "|", solid(words) or "…") == solid(words or "…")
    assert not srt
    assert not voiced


def solid(text: str) -> str:
    """A text without its spaces: a cue or a line of one may end at each."""
    return "".join(as_heard(text).split())


def told_in(cues: list[tuple[str, str, str]], before: str, said: str) -> str:
    """Take the cues of one utterance from the front: all that they say, each after its speaker."""
    found = ""
    while True:
        start, end, text = cues.pop(0)
        assert start < end
        assert solid(text).startswith(before)
        found += solid(text)[len(before) :]
        if len(found) >= len(said):
            return found


FORGED = (
    "image link_open html_inline html_block fence code_block code_inline hr table_open blockquote_open "
    "ordered_list_open em_open s_open"
).split()
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def leaves(tokens: list[Token]) -> list[Token]:
    return [leaf for token in tokens for leaf in (token.children or [token])]


def shown(text: str) -> list[str]:
    """The text of each paragraph and heading, as a program shows it."""
    tokens = MARKDOWN.parse(text)
    for leaf in leaves(tokens):
        assert leaf.type not in (
            "image",
            "link_open",
            "html_inline",
            "html_block",
            "fence",
            "code_block",
            "code_inline",
        ), leaf
        assert leaf.type not in ("hr", "table_open", "blockquote_open", "ordered_list_open", "em_open", "s_open"), leaf
    assert "hardbreak" not in [leaf.type for leaf in leaves(tokens)]
    return ["".join(leaf.content for leaf in token.children or []) for token in tokens if token.type == "inline"]


@settings(deadline=None)
@given(LINES, TEXTS)
def test_a_transcript_in_markdown_shows_what_was_said(lines: list[tuple[str, tuple[float, float]]], name: str) -> None:
    found = transcript(lines, name)
    paragraphs = shown(rendered("md", found))
    assert len(paragraphs) == len(lines)
    for u, paragraph in zip(found.utterances, paragraphs, strict=True):
        who, words = plain_line(found.name(u)), plain_line(u.text)
        assert paragraph.partition(" ")[2] == (f"{who}: {words}".rstrip() if who else words)


def summary(texts: list[str]) -> Summary:
    lead, heading, point, task, owner, due = texts
    sections = (
        SummarySection("overview", "Overview", "prose", text=lead),
        SummarySection("points", heading, "points", points=(Point(point),)),
        SummarySection("tasks", "Tasks", "tasks", tasks=(ActionItem(task, owner, due),)),
        SummarySection("more", "More", "prose", text=point),
    )
    return Summary("title", sections, "model", "template")


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=6, max_size=6), TEXTS, LINES)
def test_a_summary_forges_no_line(texts: list[str], title: str, lines: list[tuple[str, tuple[float, float]]]) -> None:
    found = transcript(lines, "Ann")
    plain = [plain_line(text) for text in texts]
    told = shown(rendered("md", found, summary(texts), title))
    for text in (plain_line(title), *plain[:4]):
        assert not text or any(one == text or one.startswith(text) for one in told), (text, told)
    written = rendered("txt", found, summary(texts), title)
    assert len(written.split("\nTranscript\n\n")[-1].splitlines()) == len(lines)
    for fmt in ("md", "txt"):
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", rendered(fmt, found, summary(texts), title)
        )


@settings(deadline=None)
@given(LINES, TEXTS, TEXTS)
def test_json_reads_back_as_it_was_and_is_safe_to_show(
    lines: list[tuple[str, tuple[float, float]]], name: str, title: str
) -> None:
    found = transcript(lines, name)
    text = rendered("json", found, None, title or "x")
    assert [u["text"] for u in json.loads(text)["transcript"]["utterances"]] == [u.text for u in found.utterances]
    assert not STEERING.search(text)


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("fmt", ["md", "srt", "vtt", "txt", "json"])
def test_every_known_trick_as_words_a_name_and_a_title(fmt: str, text: str) -> None:
    found = transcript([(text, (1.0, 1.0)), ("and on", (2.0, 3.0))], text)
    written = rendered(fmt, found, summary([text] * 6), text or "x")
    written.encode()
    assert "\u202e" not in written
    assert "\x1b" not in written
    if fmt == "srt":
        assert parsed_srt(written)[-1][2].endswith("and on")
    if fmt == "vtt":
        assert parsed_vtt(written)[-1][3] == "and on"
    if fmt == "md":
        assert "<img" not in written
        assert "https://" not in written
        shown(written)


def test_what_needs_no_defence_stands_as_it_was_said() -> None:
    said = "That's 3.5 % of $5,000 (about 1-2 days), isn't it? Yes: a < b, C & D; 5:30!"
    found = transcript([(said, (0.0, 1.0))], "Zoë O'Neil-Łódź")
    for fmt in ("md", "srt", "txt", "json"):
        shown_as = rendered(fmt, found)
        if fmt == "srt":
            shown_as = " ".join(told for *_, told in parsed_srt(shown_as)).replace(" Zoë O'Neil-Łódź: ", " ")
        assert said in shown_as
        assert "Zoë O'Neil-Łódź" in rendered(fmt, found)


@pytest.mark.parametrize(
    ("start", "end", "shown_as"),
    [
        (1.0, 1.0, "00:00:01,000 --> 00:00:01,833"),
        (1.0, 0.5, "00:00:01,000 --> 00:00:01,833"),
        (1.0, 1.0004, "00:00:01,000 --> 00:00:01,833"),
        (1.0, 1.001, "00:00:01,000 --> 00:00:01,833"),
        (-3.0, -1.0, "00:00:00,000 --> 00:00:00,500"),
        (float("nan"), float("inf"), "00:00:00,000 --> 999:59:59,000"),
    ],
)
def test_a_cue_of_no_length_is_seen(start: float, end: float, shown_as: str) -> None:
    found = transcript([("x", (start, end))], "Ann")
    assert rendered("srt", found) == f"1\n{shown_as}\nAnn: x\n"
    for fmt in ("txt", "md", "vtt"):
        assert rendered(fmt, found).endswith("x\n")
