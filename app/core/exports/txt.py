"""A call as plain text."""

from app.core.exports import ExportedCall
from app.core.readable_text import call_text

NAME, TITLE, SUFFIX, ORDER = "txt", "Text", "txt", 1


def render(exported: ExportedCall) -> str:
    """Title, summary, facts and transcript."""
    return call_text(exported.transcript, exported.call, exported.summary)
