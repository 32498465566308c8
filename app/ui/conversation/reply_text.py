"""A reply's text as pieces: its markers as chips, its emphasis as weight, and nothing of it as markup."""

import re
from collections.abc import Mapping

from app.core.conversation import StopReason
from app.ui.widgets.rich_text import Chip, Piece, Run

_TOKEN = re.compile(r"(?P<marker>[ \t]*\[\d+(?:, ?\d+)*\])|(?P<doubt>[ \t]*\[\?\])|\*\*(?P<strong>[^*\n]+)\*\*")
_HALF_MARKER = re.compile(r"[ \t]*\[[\d, ]*$")

ENDINGS = {
    StopReason.STOPPED: "Stopped.",
    StopReason.LENGTH: "The reply ended at its limit of length.",
    StopReason.INTERRUPTED: "Tacit was closed while this was being written.",
}


def answer_pieces(text: str, chips: Mapping[int, Chip]) -> list[Piece]:
    """The text with a chip in place of each marker that has one; other markers are left out."""
    pieces: list[Piece] = []
    place = 0
    text = _HALF_MARKER.sub("", text)
    for found in _TOKEN.finditer(text):
        if found.start() > place:
            pieces.append(text[place : found.start()])
        if found["strong"]:
            pieces.append(Run(found["strong"], 600))
        elif found["doubt"]:
            pieces += ["  ", Run("not confirmed", role="second")]
        else:
            for number in re.findall(r"\d+", found["marker"]):
                if int(number) in chips:
                    pieces += [" ", chips[int(number)]]
        place = found.end()
    if place < len(text):
        pieces.append(text[place:])
    return pieces
