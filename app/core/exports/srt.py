"""A transcript as SubRip subtitles."""

from app.core.durations import subtitle_time
from app.core.exports import ExportedCall

NAME, TITLE, SUFFIX, ORDER = "srt", "Subtitles", "srt", 3


def render(exported: ExportedCall) -> str:
    """One cue an utterance, with its speaker; subtitles contain only the transcript."""
    name = exported.transcript.name
    return "\n".join(
        f"{n}\n{subtitle_time(u.start, ',')} --> {subtitle_time(u.end, ',')}\n{name(u)}: {u.text}\n"
        for n, u in enumerate(exported.transcript.utterances, 1)
    )
