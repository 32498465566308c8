"""A call as Markdown."""

from app.core.exports import ExportedCall
from app.core.readable_text import call_text

NAME, TITLE, SUFFIX, ORDER = "md", "Markdown", "md", 2


def render(exported: ExportedCall) -> str:
    """Title, summary, facts and transcript."""
    return call_text(exported.transcript, exported.call, exported.summary, is_markdown=True)
