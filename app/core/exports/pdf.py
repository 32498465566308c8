"""A call as pages that print alike everywhere: what stands in them is said here, and who has fonts draws them."""

from app.core.call_document import CallDocument, call_document
from app.core.exports import ExportedCall

NAME, TITLE, SUFFIX, ORDER = "pdf", "PDF", "pdf", 4
IS_BINARY = True


def render(exported: ExportedCall) -> CallDocument:
    """Title, summary, facts and transcript."""
    return call_document(exported.transcript, exported.call, exported.summary)
