"""A transcript as SubRip subtitles."""

import re

from app.core.durations import cue_times
from app.core.exports import ExportedCall
from app.core.plain_text import plain_line
from app.core.readable_text import bracketed_mark
from app.core.subtitle_cues import Cue, cues, in_two_lines, standing

NAME, TITLE, SUFFIX, ORDER = "srt", "Subtitles", "srt", 6
NEEDS_TIMES = True
OPTIONAL = ("speakers",)

# SubRip knows no way to write a mark as a character. So a character without width stands behind what a player would
# take for a tag, a command of where to stand, or the times of another cue; it is read and spoken as before.
_UNSEEN = "\N{WORD JOINER}"
_STEERING = re.compile(r"<(?=[A-Za-z/!?])|\{(?=[\\A-Za-z])|&(?=#?\w+;)|\d:(?=\d{1,2}:\d{1,2}[.,]\d)|--(?=>\s*\d)")


def render(exported: ExportedCall) -> str:
    """Cues that can be read, at least one an utterance, each with its speaker, of the transcript alone."""
    transcript = exported.transcript
    shown: list[Cue] = []
    for u in transcript.utterances:
        name = _shown(transcript.name(u))
        prefix = f"{name}: " if name else ""
        for cue in cues(u, bracketed_mark(u, transcript), prefix, transcript.language):
            said = "\n".join(in_two_lines(f"{prefix}{_shown(cue.text)}".removesuffix(": ") or "…"))
            shown.append(Cue(cue.start, cue.end, said))
    return "\n".join(
        f"{number}\n{' --> '.join(cue_times(cue.start, cue.end, ','))}\n{cue.text}\n"
        for number, cue in enumerate(standing(shown), 1)
    )


def _shown(text: str) -> str:
    return _STEERING.sub(rf"\g<0>{_UNSEEN}", plain_line(text))
