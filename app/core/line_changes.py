"""What a person does to the lines of a transcript: split, join, remove, give to a speaker; and the way back."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

import msgspec

from app.core.errors import AssistantError, NotFound
from app.core.ids import CallId, SpeakerId, new_utterance_id
from app.core.speech import Speech
from app.core.transcript import Speaker, Track, Utterance

_BETWEEN = "Nothing was changed; put the cursor between two words."
_OF_TWO = "Nothing was changed; join two lines that were heard on the same track."
_SAME_TIME = "Nothing was changed; such lines can be corrected and given to a speaker."
_WRITTEN_SECONDS = 2.0  # of a line that a person writes where no speech was found
_UNTIMED = "Nothing was changed; in a text without times, lines can be corrected and given to a speaker."


class LineChange(msgspec.Struct, frozen=True):
    """Lines of a call as they were, and the ones that took their place.

    A line in both keeps its id. `added` and `removed` are speakers whom the change brings into the call and out of it.
    """

    call: CallId
    before: tuple[Utterance, ...]
    after: tuple[Utterance, ...]
    added: tuple[Speaker, ...] = ()
    removed: tuple[Speaker, ...] = ()

    @property
    def undone(self) -> "LineChange":
        """The change that takes this one back."""
        return LineChange(self.call, self.after, self.before, self.removed, self.added)

    @property
    def is_of_words(self) -> bool:
        """Whether it changes what one line says, and nothing else."""
        if len(self.before) != 1 or len(self.after) != 1:
            return False
        (old,), (new,) = self.before, self.after
        return old.text != new.text and old == msgspec.structs.replace(new, text=old.text)


def split(said: Utterance, first: str, second: str) -> tuple[Utterance, Utterance]:
    """A line in two that say these words: the first keeps the id, and each has the words that were heard for it.

    Raises:
        AssistantError: one of them would be empty, or the line has no time.
    """
    if not first or not second:
        raise AssistantError("A line can't be split there.", _BETWEEN)
    _check_time(said, "A line without a time can't be split.")
    moment, count = _where_heard(said, first, second)
    before, after = said.words[:count], said.words[count:]
    end = before[-1].end if before else moment
    return (
        msgspec.structs.replace(said, text=first, words=before, end=end),
        msgspec.structs.replace(said, id=new_utterance_id(), text=second, words=after, start=moment),
    )


def joined(one: Utterance, other: Utterance) -> Utterance:
    """Two lines of one track in one, in order of their times, with the id and the speaker of the first given.

    Raises:
        AssistantError: they are the same one, or were not heard on one track, or have no times.
    """
    if one.id == other.id or one.track != other.track:
        raise AssistantError("These lines can't be joined.", _OF_TWO)
    _check_time(one, "Lines without times can't be joined.")
    first, second = (one, other) if one.start <= other.start else (other, one)
    return msgspec.structs.replace(
        one, text=f"{first.text} {second.text}".strip(), start=first.start, end=max(one.end, other.end),
        words=tuple(sorted((*one.words, *other.words), key=lambda word: word.start)),
    )  # fmt: skip


def removal(call: CallId, said: Utterance) -> LineChange:
    """The change that takes a line out.

    Raises:
        AssistantError: it has no time, so that it could not be put back in its place.
    """
    _check_time(said, "A line without a time can't be removed.")
    return LineChange(call, (said,), ())


def insertion(call: CallId, place: Speech, speaker: SpeakerId, text: str) -> LineChange:
    """The change that writes a line where there was none: what a person hears in a stretch of speech."""
    return LineChange(call, (), (Utterance(new_utterance_id(), place.track, speaker, place.start, place.end, text),))


def place_for(seconds: float, lines: Sequence[Utterance], gaps: Iterable[Speech], tracks: Sequence[Track]) -> Speech:
    """Where a line is written that begins at a second of the call: the gap that is there, or else two seconds.

    Without a gap it is on the track of the line that is nearest, or on the first.
    """
    gap = next((one for one in gaps if one.start <= seconds < one.end), None)
    if gap is not None:
        return gap
    nearest = min(lines, key=lambda said: max(said.start - seconds, seconds - said.end), default=None)
    track = nearest.track if nearest is not None else min(one.number for one in tracks)
    return Speech(track, seconds, seconds + _WRITTEN_SECONDS)


def speaker_near(place: Speech, lines: Sequence[Utterance], tracks: Sequence[Track]) -> SpeakerId:
    """Who speaks in a stretch of a track, as far as one can tell: whoever has the line of it that is nearest.

    Where the track has no line, the one who is taken to be heard on it.

    Raises:
        NotFound: the call has no such track.
    """
    near = (said for said in lines if said.track == place.track)
    nearest = min(near, key=lambda said: max(said.start - place.end, place.start - said.end), default=None)
    own = next((track.speaker for track in tracks if track.number == place.track), None)
    if own is None:
        raise NotFound
    return own if nearest is None else nearest.speaker


def given(call: CallId, lines: Iterable[Utterance], speaker: Speaker, known: Sequence[Speaker]) -> LineChange | None:
    """The change that gives lines to a speaker, who is added if the call does not know them; None if all are theirs."""
    others = tuple(said for said in lines if said.speaker != speaker.id)
    if not others:
        return None
    after = tuple(msgspec.structs.replace(said, speaker=speaker.id) for said in others)
    is_known = any(one.id == speaker.id for one in known)
    return LineChange(call, others, after, () if is_known else (speaker,))


def heard_since(seen: str, now: str) -> str:
    """What was heard behind a line since it said what was `seen`; "" if it goes on otherwise."""
    return now[len(seen) :] if now.startswith(seen) else ""


def check_own_time(said: Utterance, lines: Iterable[Utterance]) -> None:
    """See that no other line of its track begins when a line with a time does: their order could not be had back.

    Raises:
        AssistantError: one does.
    """
    others = (one for one in lines if one.id != said.id and one.track == said.track)
    if said.end > 0 and any(one.start == said.start for one in others):
        raise AssistantError("Several lines begin at this time.", _SAME_TIME)


def _check_time(said: Utterance, title: str) -> None:
    if said.end <= 0:  # nothing but the order in which they are stored says where such lines stand
        raise AssistantError(title, _UNTIMED)


def _where_heard(said: Utterance, first: str, second: str) -> tuple[float, int]:
    """The second at which the second half begins, and how many of the words that were heard belong to the first.

    Where the text was corrected, the two are laid beside each other: the words at whose place the cursor is decide.
    """
    written, heard = f"{first} {second}", "".join(word.text for word in said.words)
    at = _place_in(heard.strip(), written, len(first)) + len(heard) - len(heard.lstrip())
    count = sum(end <= at for end in accumulate(len(word.text) for word in said.words))
    if 0 < count < len(said.words):
        return said.words[count].start, count
    return said.start + (said.end - said.start) * len(first) / len(written), count


def _place_in(heard: str, written: str, at: int) -> int:
    """Where in what was heard a place in what is written lies."""
    if heard == written:
        return at
    for kind, h1, h2, w1, w2 in SequenceMatcher(None, heard, written, autojunk=False).get_opcodes():
        if at <= w2 and w2 > w1:
            return h1 + at - w1 if kind == "equal" else h1 + round((h2 - h1) * (at - w1) / (w2 - w1))
    return len(heard)
