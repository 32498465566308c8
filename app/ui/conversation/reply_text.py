"""A reply's text as rich-text pieces: markers become chips, emphasis becomes weight, and nothing is markup."""

import re
from collections.abc import Mapping

from app.core.conversation import StopReason
from app.ui.widgets.rich_text import Chip, Piece, Run

_TOKEN = re.compile(r"(?P<marker>[ \t]*\[\d+(?:, ?\d+)*\])|(?P<doubt>[ \t]*\[\?\])|\*\*(?P<strong>[^*\n]+)\*\*")
_HALF_MARKER = re.compile(r"[ \t]*\[[\d, ]*$")

STOP_REASON_NOTES = {
    StopReason.STOPPED: "Stopped.",
    StopReason.LENGTH: "The reply ended at its limit of length.",
    StopReason.INTERRUPTED: "Tacit was closed while this was being written.",
}


def answer_pieces(text: str, chips: Mapping[int, Chip]) -> list[Piece]:
    """The text, with a chip for each marker that has one; other markers are dropped."""
    pieces: list[Piece] = []
    offset = 0
    text = _HALF_MARKER.sub("", text)
    for match in _TOKEN.finditer(text):
        if match.start() > offset:
            pieces.append(text[offset : match.start()])
        if match["strong"]:
            pieces.append(Run(match["strong"], 600))
        elif match["doubt"]:
            pieces += ["  ", Run("not confirmed", role="second")]
        else:
            for number in re.findall(r"\d+", match["marker"]):
                if int(number) in chips:
                    pieces += [" ", chips[int(number)]]
        offset = match.end()
    if offset < len(text):
        pieces.append(text[offset:])
    return pieces
