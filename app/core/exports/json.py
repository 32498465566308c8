"""A call as JSON, in the shapes of the command line."""

from typing import Any

from app.core.exports import ExportedCall
from app.core.json_shapes import call_json, summary_json, transcript_json
from app.core.plain_text import json_text

NAME, TITLE, SUFFIX, ORDER = "json", "JSON", "json", 9
OPTIONAL = ("speakers", "summary")


def render(exported: ExportedCall) -> str:
    """`{"recording", "transcript", "summary"}`, or the transcript alone if it stands in no vault."""
    transcript = exported.transcript
    shape: dict[str, Any] = transcript_json(transcript)
    if exported.call is not None:
        shape = {"recording": call_json(exported.call), "transcript": shape}
        if exported.summary is not None:
            shape["summary"] = summary_json(exported.summary, transcript)
    return json_text(shape, indent=1) + "\n"
