"""Detects a reply that loops: small models repeat a line, and it should not be shown twice."""

_MIN_LENGTH = 12  # characters; shorter lines ("- Yes.") may repeat for a reason


class RepetitionGuard:
    """Passes a streamed reply on, but holds back a line while it looks like a repetition."""

    def __init__(self) -> None:
        self._seen_lines: set[str] = set()
        self._line = ""
        self._is_held = False
        self.is_repeating = False

    def add(self, text: str) -> str:
        """Add text and return what may be shown now; sets `is_over` once a whole line has been repeated."""
        shown = ""
        for piece in text.splitlines(keepends=True):
            if self.is_repeating:
                break
            self._line += piece
            shown += self._filter(piece)
            if self._line.endswith("\n"):
                shown += self._end_line()
        return shown

    def flush(self) -> str:
        """At the end of the reply, the text that was held back and was no repetition after all."""
        if self._is_held and self._line.strip() not in self._seen_lines and not self.is_repeating:
            self._is_held = False
            return self._line
        return ""

    def _filter(self, piece: str) -> str:
        line = self._line.strip()
        looks_known = any(known.startswith(line) for known in self._seen_lines)
        if self._is_held or looks_known:
            if looks_known:
                self._is_held = True
                return ""
            self._is_held = False
            return self._line
        return piece

    def _end_line(self) -> str:
        """End the line and return its held text, if it only began like an earlier line."""
        line = self._line.strip()
        late = ""
        if line in self._seen_lines:
            self.is_repeating = True
        elif self._is_held:
            late = self._line
        if len(line) >= _MIN_LENGTH:
            self._seen_lines.add(line)
        self._line, self._is_held = "", False
        return late
