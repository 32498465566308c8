"""A transcript as WebVTT subtitles."""

from app.core.durations import cue_times
from app.core.exports import ExportedCall
from app.core.plain_text import plain_line
from app.core.readable_text import bracketed_mark
from app.core.subtitle_cues import Cue, cues, in_two_lines, standing

NAME, TITLE, SUFFIX, ORDER = "vtt", "Web subtitles", "vtt", 7
NEEDS_TIMES = True
OPTIONAL = ("speakers",)


def render(exported: ExportedCall) -> str:
    """Cues that can be read, at least one an utterance, each with its speaker as a voice, of the transcript alone."""
    transcript = exported.transcript
    shown: list[Cue] = []
    for u in transcript.utterances:
        name = _escaped(transcript.name(u))
        for cue in cues(u, bracketed_mark(u, transcript), language=transcript.language):
            text = "\n".join(map(_escaped, in_two_lines(plain_line(cue.text))))
            shown.append(Cue(cue.start, cue.end, f"{f'<v {name}>' if name else ''}{text or '…'}"))
    return "WEBVTT\n\n" + "\n".join(
        f"{' --> '.join(cue_times(cue.start, cue.end, '.'))}\n{cue.text}\n" for cue in standing(shown)
    )


def _escaped(text: str) -> str:
    return plain_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
