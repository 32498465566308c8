"""What a person typed in lines and could not be written: it stands in its field again, or is shown if that is gone."""

from typing import TYPE_CHECKING

import msgspec

from app.core.line_changes import LineChange, heard_since

if TYPE_CHECKING:
    from app.core.ids import CallId
    from app.core.transcript import Utterance
    from app.ui.calls.transcript_view import TranscriptView
    from app.ui.widgets.notice_bar import NoticeBar


class UntakenWords:
    """Keeps them for each call until they stand somewhere again."""

    def __init__(self, view: "TranscriptView", notice: "NoticeBar") -> None:
        self._view, self._notice = view, notice
        self._kept: list[tuple[CallId, Utterance, str]] = []  # a line of a call as it was then, and what it was to say

    def keep(self, change: LineChange, said: "Utterance", text: str) -> None:
        """Keep what a change would have made of a line, with what was typed since in the line that is no more."""
        new = {line.id for line in change.after} - {line.id for line in change.before}
        is_joined = len(change.after) < len(change.before)
        at = self._view.typed_in
        if at is not None and is_joined and at == change.after[0].id:
            said, text = change.before[0], self._view.give_up_words()
        elif at in new:
            typed = self._view.give_up_words()
            text = " ".join(typed if line.id == at else line.text for line in change.after)
        self._kept.append((change.call, said, text))

    def take_up(self, call: "CallId") -> None:
        """Lay a field with the first of them that a call has over its line, as that is now."""
        mine = next((one for one in self._kept if one[0] == call), None)
        if mine is None:
            return
        self._kept.remove(mine)
        _, said, text = mine
        row = self._view.lines.row_of(said.id)
        if row < 0:
            happened = "The line that you corrected is gone." if said.words else "What you wrote is in no line."
            self._notice.show_until_closed(happened, f"You wrote: «{text}»")
            return
        self._view.begin_correction(said.id, text + heard_since(said.text, self._view.lines.utterance(row).text))

    def as_changes(self) -> list[LineChange]:
        """What is kept, as corrections of the lines as they were: what was heard behind them since stays there."""
        return [
            LineChange(call, (said,), (msgspec.structs.replace(said, text=text),)) for call, said, text in self._kept
        ]
