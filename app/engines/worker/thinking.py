"""What a model thinks before it answers: the marks around it, and the part of a reply that is none of it."""

import re

PAIRS = (
    *((f"<{name}>", f"</{name}>") for name in ("think", "thinking", "thought", "thoughts", "reasoning", "reflection",
                                                "analysis", "scratchpad", "seed:think", "mm:think")),
    ("[THINK]", "[/THINK]"),  # Magistral
    ("◁think▷", "◁/think▷"),  # Kimi
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),  # Apertus
    ("<|START_THINKING|>", "<|END_THINKING|>"),  # Command
    ("<unused94>thought", "<unused95>"),  # MedGemma
    ("<|channel>thought", "<channel|>"),  # Gemma 4
    ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),  # gpt-oss
    ("<|channel|>commentary<|message|>", "<|channel|>final<|message|>"),
)  # fmt: skip
"""The beginning and the end of thinking, as the chat templates of the models have them."""

# What stands around an answer that follows such thinking, and a mark whose other half is missing.
_FRAMES = (
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
    "<|begin_of_solution|>",
    "<|end_of_solution|>",
    "<|start|>assistant",
)
_DROPPED = (*_FRAMES, *dict.fromkeys(end for _, end in PAIRS))
_ENDS = dict(PAIRS)
_MARKS = sorted((*_ENDS, *_DROPPED), key=len, reverse=True)
_ANY_MARK = re.compile("|".join(map(re.escape, _MARKS)))
_LONGEST = len(_MARKS[0])
_CONTROL_PIECES = frozenset(re.findall(r"<[|\w]\w+\|?>|\[/?THINK\]|</?[\w:]+>", " ".join(_MARKS)))


def control_text(piece: str) -> str:
    """The text of a control token if it is part of a mark, else nothing: control tokens are not displayed."""
    return piece if piece in _CONTROL_PIECES else ""


def with_thinking_closed(prompt: str) -> str:
    """The prompt; if its template opens a block of thinking, with that block closed at once."""
    stripped = prompt.rstrip()
    end = next((end for begin, end in PAIRS if stripped.endswith(begin)), None)
    return prompt if end is None else f"{stripped}\n\n{end}\n\n"


class ThinkingFilter:
    """Passes on the part of a streamed reply that is no thinking, wherever that stands; code is passed on as it is."""

    def __init__(self) -> None:
        self._pending = ""
        self._end = ""  # of the thinking that is open
        self._line = ""  # what was passed on of the line, to know inline code
        self._fence = ""  # what a fenced block began with
        self._blanks: str | None = None  # those after a mark, which belong to it; elsewhere None

    def add(self, text: str) -> str:
        """Add text, and return what can be displayed now."""
        self._pending += text
        return self._passed(is_end=False)

    def finish(self) -> str:
        """What was kept back because it might have become a mark."""
        return self._passed(is_end=True)

    def _passed(self, *, is_end: bool) -> str:
        shown = ""
        while self._pending:
            if self._end:
                before, found, after = self._pending.partition(self._end)
                if not found:
                    self._pending = "" if is_end else before[-len(self._end) + 1 :]
                    break
                self._pending, self._end, self._blanks = after, "", ""
                continue
            if self._blanks is not None:
                rest = self._pending.lstrip()
                self._blanks += self._pending[: len(self._pending) - len(rest)]
                if not rest:
                    self._pending = ""
                    break
                is_needed = self._blanks and self._line and not self._line[-1].isspace()
                self._pending = self._blanks[0] + rest if is_needed else rest
                self._blanks = None
            found_mark = _ANY_MARK.search(self._pending)
            end = found_mark.start() if found_mark else len(self._pending) - (0 if is_end else self._kept_back())
            plain, rest = self._pending[:end], self._pending[end:]
            shown += plain
            self._follow(plain)
            if found_mark is None:
                self._pending = rest
                break
            mark = found_mark[0]
            self._pending = rest[len(mark) :]
            if self._is_in_code():
                shown += mark
                self._follow(mark)
            elif mark in _ENDS:
                self._end = _ENDS[mark]
            else:
                self._blanks = ""
        return shown

    def _kept_back(self) -> int:
        """How many characters at the end may be the beginning of a mark."""
        for length in range(min(_LONGEST - 1, len(self._pending)), 0, -1):
            tail = self._pending[-length:]
            if any(mark.startswith(tail) for mark in _MARKS):
                return length
        return 0

    def _follow(self, text: str) -> None:
        """Follow fences and inline code."""
        for piece in text.splitlines(keepends=True):
            self._line += piece
            if self._line.endswith(("\n", "\r")):
                line = self._line.strip()
                if self._fence:
                    is_closed = line.startswith(self._fence) and not line.strip(self._fence[0])
                    self._fence = "" if is_closed else self._fence
                elif opened := re.match(r"`{3,}|~{3,}", line):
                    self._fence = opened[0]
                self._line = ""

    def _is_in_code(self) -> bool:
        return bool(self._fence) or self._line.count("`") % 2 == 1
