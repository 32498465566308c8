"""The regular expression that takes what a grammar takes."""

import re

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_GBNF = re.compile(
    r"""(?P<literal>"(?:[^"\\]|\\.)*")|(?P<set>\[\^?(?:[^\]\\]|\\.)*\])|(?P<rule>[\w-]+)|(?P<mark>\{\d+(?:,\d*)?\}|[|()*+?])|\s+"""
)


def pattern_of(grammar: str) -> str:
    """The regular expression of a GBNF grammar without recursive rules."""
    rules = dict(re.split(r"\s*::=\s*", line, maxsplit=1) for line in grammar.strip().splitlines() if line.strip())

    def piece(found: re.Match[str]) -> str:
        if found["literal"]:
            plain = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), found["literal"][1:-1])
            return f"(?:{re.escape(plain)})"
        if found["set"]:
            negated = found["set"].startswith("[^")
            body = found["set"][2 if negated else 1 : -1]
            return ("[^" if negated else "[") + re.sub(r"(?<!\\)\[", r"\\[", body) + "]"
        if found["rule"]:
            return rule(found["rule"])
        return (found["mark"] or "").replace("(", "(?:")

    def rule(name: str) -> str:
        return f"(?:{_GBNF.sub(piece, rules[name])})"

    return rule("root")
