"""Colours for code: strings, comments, numbers and words of the language, found in one pass over any language.

Pygments was tried: its import and a language's rules take 60 to 110 ms of the window's own thread, and 10 ms for each
thousand words while a reply streams. What a reader gains from knowing a language exactly is little beside that.
"""

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from app.ui.style.theme import Role
from app.ui.widgets.rich_text import Run

_MOST, _MOST_SPANS = 20_000, 600  # characters and pieces that are coloured
_HASH = {"python", "py", "sh", "bash", "shell", "zsh", "yaml", "yml", "toml", "ruby", "rb", "perl", "r", "make", "ini"}
_DASHES = {"sql", "lua", "haskell", "hs", "ada", "elm"}
_PLAIN = {"text", "txt", "plain", "plaintext", "console", "output", "csv", "log", "markdown", "md"}
_WORDS = frozenset(
    """
    abstract and as assert async await begin bool boolean break case catch char class const continue debugger def
    default defer del delete do done double elif else elsif end enum esac except export extends extern false fi
    final finally float fn for foreach from func function global go goto if impl implements import in include
    instanceof int interface internal is lambda let long loop match mod module mut namespace native new nil
    nonlocal none not null nullptr object operator or override package pass private protected protocol pub public
    raise readonly ref require return self short signed sizeof static string struct super switch template then
    this throw throws trait true try type typedef typeof undefined union unless unsigned until use using var
    virtual void volatile where while with yield
    select insert update into values set table create alter drop group order by having join left right inner outer on
    limit distinct primary key index view
    """.split()
)
_SQL_ONLY = frozenset(
    "select insert update into values set table create alter drop group order by having join left right inner outer on "
    "limit distinct primary key index view begin end".split()
)
_STRING = (
    r"(?P<string>\"\"\"(?:[^\"]|\"(?!\"\"))*(?:\"\"\"|$)|'''(?:[^']|'(?!''))*(?:'''|$)"
    r"|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"
)
_REST = r"|(?P<number>\b\d[\w.]*)|(?P<word>[A-Za-z_]\w*)"
_COMMENTS = {
    "#": r"(?P<comment>#[^\n]*)",
    "--": r"(?P<comment>--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|$))",
    "//": r"(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|$)|<!--(?:[^-]|-(?!->))*(?:-->|$))",
}
_RULES = {mark: re.compile(f"{comment}|{_STRING}{_REST}") for mark, comment in _COMMENTS.items()}
_ROLES: dict[str, Role] = {"string": "accent", "comment": "second", "number": "warning", "word": "other"}


def coloured(code: str, language: str) -> list[Run]:
    """The code as runs, joined the code again; one run where nothing is known of its language."""
    name = language.strip().lower()
    if not name or name in _PLAIN:
        return [Run(code, is_code=True)]
    spans = list(islice(_spans(code[:_MOST], name), _MOST_SPANS))
    runs = []
    edges = [(0, 0, None), *spans, (len(code), len(code), None)]
    for (_, end, _), (start, stop, role) in pairwise(edges):
        if start > end:
            runs.append(Run(code[end:start], is_code=True))
        if stop > start:
            runs.append(Run(code[start:stop], role=role, is_code=True))
    return runs


def _spans(code: str, name: str) -> Iterator[tuple[int, int, Role | None]]:
    is_query = name in _DASHES
    rules = _RULES["#" if name in _HASH else "--" if is_query else "//"]
    for found in rules.finditer(code):
        kind = found.lastgroup
        if kind == "word":
            word = found[0].lower() if name == "sql" or found[0] in ("None", "True", "False") else found[0]
            if word not in _WORDS or (word in _SQL_ONLY and name != "sql"):
                continue
        if kind is not None:
            yield found.start(), found.end(), _ROLES[kind]
