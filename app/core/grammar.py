"""GBNF grammars that constrain a model's reply, so that it can cite only the given lines."""

from collections.abc import Collection

from app.core.summary_template import SummaryTemplate

# The layout is that of `json.dumps`: one space after a colon or comma, none elsewhere. An overview has
# no brackets, because it cites nothing. Bounded strings and lists stop a small model from repeating
# itself for ever. A point has a colon in a time alone, or small models copy lines as "Name: what was said" and
# sum up nothing.
_STRINGS = r"""
char ::= [^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4})
prose ::= [^"\\\[\]{}\x00-\x1F] | "\\\""
said ::= [^":\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}) | [0-9] ":" [0-9]
text ::= "\"" said{1,240} "\""
short ::= "\"" char{0,80} "\""
long ::= "\"" prose{1,700} "\""
"""


def numbers(allowed: Collection[int]) -> str:
    """A GBNF expression that matches exactly the decimal numbers in `allowed`.

    Alternatives share their leading digits, so that the engine follows at most ten branches
    at a time, however many lines there are.
    """
    return _branches(sorted(str(n) for n in allowed))


def _branches(words: list[str]) -> str:
    by_digit: dict[str, list[str]] = {}
    may_end = False
    for word in words:
        if word:
            by_digit.setdefault(word[0], []).append(word[1:])
        else:
            may_end = True
    parts = []
    for digit, rests in by_digit.items():
        tail = _branches(rests) if any(rests) else ""
        parts.append(f'"{digit}"' + (f" {tail}" if tail else ""))
    alternatives = " | ".join(parts)
    if may_end:
        return f"({alternatives})?"
    return alternatives if len(parts) == 1 else f"({alternatives})"


_FIELDS = {"prose": "long", "points": "facts", "tasks": "actions"}  # the rule of each kind of section


def summary_grammar(template: SummaryTemplate, lines: Collection[int]) -> str:
    """JSON of the title and the template's sections, as the model writes them; `source` cites 1 to 3 of `lines`."""
    keys = " ".join(f'", \\"{s.key}\\": " {_FIELDS[s.kind]}' for s in template.sections_as_written)
    return (
        r"""root ::= "{\"title\": " short keys
"""
        + f'keys ::= {keys} "}}"\n'
        + r"""facts ::= "[]" | "[" fact (", " fact){0,9} "]"
fact ::= "{\"text\": " text ", \"source\": " source "}"
actions ::= "[]" | "[" action (", " action){0,11} "]"
action ::= "{\"task\": " text ", \"owner\": " short ", \"due\": " short ", \"source\": " source "}"
source ::= "[" line (", " line){0,2} "]"
"""
        + f"line ::= {numbers(lines)}\n"
        + _STRINGS
    )


def heading_grammar(template: SummaryTemplate) -> str:
    """JSON of the title and the template's prose."""
    keys = "".join(f' ", \\"{s.key}\\": " long' for s in template.prose)
    return f'root ::= "{{\\"title\\": " short{keys} "}}"\n{_STRINGS}'


def cited_text_grammar(lines: Collection[int]) -> str:
    """Free text in which square brackets that begin with a digit hold only numbers from `lines`, except in code."""
    return (
        "root ::= (plain | cite | open | span | fence)+\nplain ::= [^[`]\n"
        'cite ::= "[" line (", " line){0,4} "]"\nopen ::= "[" [^0-9[`]\n'
        'span ::= "`" [^`\\n]+ ("`" | "\\n")\n'
        'fence ::= "```" ([^`] | "`" [^`] | "``" [^`])* "```"\n' + f"line ::= {numbers(lines)}\n"
    )
