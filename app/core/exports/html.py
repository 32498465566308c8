"""A call as one page for a browser: it runs nothing, loads nothing, prints, and is light or dark as the reader's."""

from html import escape

from app.core.call_document import Block, CallDocument, Span, call_document
from app.core.exports import ExportedCall

NAME, TITLE, SUFFIX, ORDER = "html", "Web page", "html", 5

# The policy is for a browser that finds something to load in spite of all: it is to refuse it.
_HEAD = """<!DOCTYPE html>
<html{language}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --text: #1d2125; --second: #656b71; --accent: #0e6f68; --page: #ffffff; }}
@media (prefers-color-scheme: dark) {{
:root {{ --text: #e7e9ea; --second: #969ca2; --accent: #4fbfb3; --page: #1f2224; }}
}}
body {{ margin: 2rem auto; padding: 0 1rem; max-width: 44rem; overflow-wrap: anywhere;
font: 1rem/1.5 Inter, system-ui, sans-serif; color: var(--text); background: var(--page); }}
h1 {{ font-size: 1.6rem; line-height: 1.25; }}
h2 {{ font-size: 1.15rem; margin: 1.6em 0 .5em; break-after: avoid; }}
p {{ margin: .5em 0; }}
.facts, .note {{ color: var(--second); }}
.time {{ color: var(--second); font-variant-numeric: tabular-nums; text-decoration: none; }}
a.time:hover {{ color: var(--accent); text-decoration: underline; }}
.line {{ break-inside: avoid; }}
.line:target {{ outline: 2px solid var(--accent); outline-offset: .2em; }}
@media print {{
:root {{ --text: #000000; --second: #444444; --page: #ffffff; }}
body {{ margin: 0; max-width: none; font-size: 10.5pt; }}
}}
</style>
</head>
<body>
"""
_TAGS = {"title": "h1", "facts": "p", "heading": "h2", "text": "p", "item": "li", "line": "p"}


def render(exported: ExportedCall) -> str:
    """Title, summary, facts and transcript; each time leads to its line."""
    document = call_document(exported.transcript, exported.call, exported.summary)
    return _HEAD.format(language=_attribute("lang", document.language), title=escape(document.title)) + _body(document)


def _body(document: CallDocument) -> str:
    written: list[str] = []
    is_in_list = False
    for block in document.blocks:
        if (block.role == "item") != is_in_list:
            is_in_list = not is_in_list
            written.append("<ul>" if is_in_list else "</ul>")
        written.append(_block(block))
    return "\n".join([*written, *(["</ul>"] if is_in_list else []), "</body>\n</html>\n"])


def _block(block: Block) -> str:
    tag = _TAGS[block.role]
    kind = _attribute("class", block.role if block.role in ("facts", "line") else "")
    place = _attribute("id", f"line-{block.line}" if block.line else "")
    words = " ".join(map(_span, block.spans))
    return f'<{tag}{kind}{place}{_attribute("lang", block.language)} dir="auto">{words}</{tag}>'


def _span(span: Span) -> str:
    words = escape(span.text)
    if span.style == "time" and span.line:
        return f'<a class="time" href="#line-{span.line}">{words}</a>'
    if span.style == "speaker":
        return f"<b><bdi>{words}</bdi></b>"  # a name that is read from the right turns nothing around it
    return words if span.style == "plain" else f'<span class="{span.style}">{words}</span>'


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(value)}"' if value else ""
