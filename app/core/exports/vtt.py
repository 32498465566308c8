"""A transcript as WebVTT subtitles."""

from app.core.durations import subtitle_time
from app.core.exports import ExportedCall

NAME, TITLE, SUFFIX, ORDER = "vtt", "Web subtitles", "vtt", 4


def render(exported: ExportedCall) -> str:
    """One cue an utterance, with its speaker as a voice; subtitles contain only the transcript."""
    name = exported.transcript.name
    cues = [
        f"{subtitle_time(u.start, '.')} --> {subtitle_time(u.end, '.')}\n<v {_escaped(name(u))}>{_escaped(u.text)}\n"
        for u in exported.transcript.utterances
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
