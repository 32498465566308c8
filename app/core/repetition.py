"""A reply that goes round in circles: small models say a line again, and people should not see it twice."""

_SHORTEST = 12  # characters; shorter lines ("- Yes.") may come twice for a reason


class RepetitionGuard:
    """Passes a reply on as it comes, but holds back a line while it looks like one that was said before."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._line = ""
        self._is_held = False
        self.is_over = False

    def add(self, text: str) -> str:
        """What may be shown of the reply now; `is_over` is set when a whole line came again."""
        shown = ""
        for piece in text.splitlines(keepends=True):
            if self.is_over:
                break
            self._line += piece
            shown += self._passed(piece)
            if self._line.endswith("\n"):
                shown += self._end_line()
        return shown

    def rest(self) -> str:
        """What was held back and is no repetition after all, at the end of the reply."""
        if self._is_held and self._line.strip() not in self._said and not self.is_over:
            self._is_held = False
            return self._line
        return ""

    def _passed(self, piece: str) -> str:
        line = self._line.strip()
        looks_known = any(known.startswith(line) for known in self._said)
        if self._is_held or looks_known:
            if looks_known:
                self._is_held = True
                return ""
            self._is_held = False
            return self._line
        return piece

    def _end_line(self) -> str:
        """End a line; what was held of one that only began like another is passed on."""
        line = self._line.strip()
        late = ""
        if line in self._said:
            self.is_over = True
        elif self._is_held:
            late = self._line
        if len(line) >= _SHORTEST:
            self._said.add(line)
        self._line, self._is_held = "", False
        return late
