"""A call in one of the formats of an export that are text."""

from app.core.call import Call
from app.core.exports import ExportedCall, export_format
from app.core.summary import Summary
from app.core.transcript import Transcript


def exported_text(fmt: str, transcript: Transcript, call: Call | None = None, summary: Summary | None = None) -> str:
    """What stands in the file."""
    found = export_format(fmt).render(ExportedCall(transcript, call, summary))
    assert isinstance(found, str)
    return found
