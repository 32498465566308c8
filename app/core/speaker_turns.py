"""Which voice speaks when on one track, and what lines become when each speaker gets their own."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import msgspec

from app.core.ids import CallId, SpeakerId, UtteranceId, new_speaker_id
from app.core.line_changes import LineChange, split
from app.core.sentence_end import ends_clause, ends_sentence, is_between_words
from app.core.transcript import UNNAMED, Speaker, Utterance, Word, has_its_words
from app.core.voices import MOST_SPEAKERS, VoiceWindow

_NEAR = 1.0  # seconds around the place where the voice changes within which the pause or the sentence end is looked for
_LEAST_PAUSE = 0.12  # seconds between two words that are a pause: within a phrase there are hardly any
_PARTED = 2  # the least rank of a place that parts two speakers by itself
_SHORTEST = 0.6  # seconds; a voice that is heard for less in the middle of a line is one that was mistaken


_Run = tuple[int, int, int]


class SpeakerTurn(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of one voice, from `start` to `end` in seconds of the call; `voice` is its number, from 0."""

    start: float
    end: float
    voice: int


def turns(windows: Sequence[VoiceWindow], voices: Sequence[int]) -> list[SpeakerTurn]:
    """The turns on one track, from its voice windows in order and the voice of each.

    A window reaches over speech alone, and those of one stretch of speech overlap: between the middles of two windows
    the nearer one counts, and where they don't overlap, nobody speaks.
    """
    found: list[SpeakerTurn] = []
    last = len(windows) - 1
    for number, (window, voice) in enumerate(zip(windows, voices, strict=True)):
        before = windows[number - 1] if number and windows[number - 1].end > window.start else None
        after = windows[number + 1] if number < last and windows[number + 1].start < window.end else None
        start = window.start if before is None else (_middle(before) + _middle(window)) / 2
        end = window.end if after is None else (_middle(window) + _middle(after)) / 2
        if found and before is not None and found[-1].voice == voice:
            found[-1] = SpeakerTurn(found[-1].start, end, voice)
        elif end > start:
            found.append(SpeakerTurn(start, end, voice))
    return found


def given_to_voices(
    call: CallId,
    lines: Iterable[Utterance],
    turns_of: Mapping[int, Sequence[SpeakerTurn]],
    known: Sequence[Speaker],
    kept: Collection[UtteranceId] = (),
) -> LineChange | None:
    """The change that gives each line to the speaker whose voice is heard in it, and splits it where the voice changes.

    `turns_of` has the turns of the tracks in question, by number; lines on others stay. `known` are the speakers of
    the call: those whom nobody named get the voices in order of their first words, and those who have names keep the
    voice that has most of their lines. More voices become new speakers. Of speakers whom nobody named, those who are
    left without a line go. The lines in `kept` stay as they are. None if every line has its speaker already.
    """
    every = [said for said in lines if said.end > 0]
    mine = [said for said in every if turns_of.get(said.track)]
    heard = {said.id: _parts(said, turns_of[said.track]) for said in mine}
    speakers = _speakers_of_voices(mine, heard, known, every)
    before: list[Utterance] = []
    after: list[Utterance] = []
    for said in mine:
        if said.id in kept:
            continue
        made = tuple(
            msgspec.structs.replace(part, speaker=speakers[said.track, voice].id) for part, voice in heard[said.id]
        )
        if made != (said,):
            before.append(said)
            after += made
    if not before:
        return None
    speaking = {said.speaker for said in every if said not in before} | {said.speaker for said in after}
    new = {one.id: one for one in speakers.values() if one not in known and one.id in speaking}
    gone = [one for one in known if is_unnamed(one) and not one.is_you and one.id not in speaking]
    return LineChange(call, tuple(before), tuple(after), tuple(new.values()), tuple(gone))


def samples(lines: Iterable[Utterance], longest: float = 5.0) -> dict[SpeakerId, tuple[float, float]]:
    """Where each speaker can be heard: the start and end of what they say longest, of at most `longest` seconds."""
    found: dict[SpeakerId, Utterance] = {}
    for said in lines:
        known = found.get(said.speaker)
        if said.end > said.start and (known is None or said.end - said.start > known.end - known.start):
            found[said.speaker] = said
    return {speaker: (said.start, min(said.end, said.start + longest)) for speaker, said in found.items()}


def is_unnamed(speaker: Speaker) -> bool:
    """Whether nobody named this speaker: `Speaker`, or `Speaker` with a number."""
    name, _, number = speaker.name.partition(" ")
    return name == UNNAMED and (not number or number.isdecimal())


def _middle(window: VoiceWindow) -> float:
    return (window.start + window.end) / 2


def _parts(said: Utterance, found: Sequence[SpeakerTurn]) -> list[tuple[Utterance, int]]:
    """The line, or the lines that it becomes, each with its voice; a line with words of a person's own stays whole."""
    if not has_its_words(said):
        return [(said, _most_heard(said, found))]
    parts, rest = [], said
    for place in reversed(_places(said.words, _smoothed(said.words, [_voice_at(word, found) for word in said.words]))):
        first, second = _text(rest.words[:place]), _text(rest.words[place:])
        if first and second:
            rest, part = split(rest, first, second)
            parts.append(part)
    return [(part, _most_heard(part, found)) for part in (rest, *reversed(parts))]


def _text(words: Iterable[Word]) -> str:
    return "".join(word.text for word in words).strip()


def _voice_at(word: Word, found: Sequence[SpeakerTurn]) -> int:
    """The voice of the turn that a word's middle lies in, or else of the nearest."""
    middle = (word.start + word.end) / 2
    at = bisect_right(found, middle, key=lambda turn: turn.start)
    near = found[max(0, at - 1) : at + 1]
    return min(near, key=lambda turn: max(turn.start - middle, middle - turn.end, 0.0)).voice


def _most_heard(said: Utterance, found: Sequence[SpeakerTurn]) -> int:
    """The voice that is heard longest in a line; the nearest one if none is."""
    seconds: dict[int, float] = {}
    at = max(0, bisect_right(found, said.start, key=lambda turn: turn.start) - 1)
    while at < len(found) and found[at].start < said.end:
        shared = max(0.0, min(found[at].end, said.end) - max(found[at].start, said.start))
        seconds[found[at].voice] = seconds.get(found[at].voice, 0.0) + shared
        at += 1
    if any(seconds.values()):
        return max(seconds, key=lambda voice: seconds[voice])
    return _voice_at(Word("", said.start, said.end, 1.0), found)


def _smoothed(words: Sequence[Word], voices: Sequence[int]) -> list[int]:
    """The voices, without those that are heard for a moment: between two stretches of another, or at the line's edge.

    At the edge one stays where a pause or the end of a sentence parts it from the rest, as it does a short answer.
    """
    made = list(voices)
    for (_, _, before), (first, end, _), (_, _, after) in _triples(_runs(made)):
        if before == after and words[end - 1].end - words[first].start < _SHORTEST:
            made[first:end] = [before] * (end - first)
    while len(runs := _runs(made)) > 1:
        edges = [(runs[0], runs[0][1], runs[1][2]), (runs[-1], runs[-1][0], runs[-2][2])]
        shorter = sorted((words[run[1] - 1].end - words[run[0]].start, run, instead)
                         for run, place, instead in edges if _rank(words, place) < _PARTED)  # fmt: skip
        if not shorter or shorter[0][0] > _NEAR:
            break
        _, (first, end, _), instead = shorter[0]
        made[first:end] = [instead] * (end - first)
    return made


def _runs(voices: Sequence[int]) -> list[_Run]:
    """The stretches of one voice: the first word, the one behind the last, and the voice."""
    found, first = [], 0
    for voice, some in groupby(voices):
        end = first + len(list(some))
        found.append((first, end, voice))
        first = end
    return found


def _triples(runs: Sequence[_Run]) -> Iterator[tuple[_Run, _Run, _Run]]:
    return zip(runs, runs[1:], runs[2:], strict=False)


def _places(words: Sequence[Word], voices: Sequence[int]) -> list[int]:
    """The words with which another voice begins: after a pause or the end of a sentence, if there is one near."""
    found: list[int] = []
    for at, following, _ in _runs(voices)[1:]:
        moment = (words[at - 1].end + words[at].start) / 2
        near = [
            place
            for place in range(max(found[-1] + 1 if found else 1, at - 8), min(following, at + 9))
            if abs((words[place - 1].end + words[place].start) / 2 - moment) <= _NEAR
            and is_between_words(words[place - 1].text, words[place].text)
        ]
        if near:
            found.append(max(near, key=lambda place: (_rank(words, place), -abs(place - at))))
    return found


def _rank(words: Sequence[Word], place: int) -> int:
    """How likely a speaker ends before the word at a place: at a sentence's end, in a pause, after a part of one."""
    text, following = words[place - 1].text.strip(), words[place].text
    if ends_sentence(text, following):
        return 3
    if words[place].start - words[place - 1].end >= _LEAST_PAUSE:
        return 2
    return int(ends_clause(text))


def _speakers_of_voices(
    lines: Sequence[Utterance],
    heard: Mapping[UtteranceId, Sequence[tuple[Utterance, int]]],
    known: Sequence[Speaker],
    every: Sequence[Utterance],
) -> dict[tuple[int, int], Speaker]:
    """The speaker of each voice, by track and voice."""
    in_order = dict.fromkeys((said.track, voice) for said in lines for _, voice in heard[said.id])
    seconds: Counter[tuple[tuple[int, int], SpeakerId]] = Counter()
    for said in lines:
        for part, voice in heard[said.id]:
            seconds[(said.track, voice), said.speaker] += max(1, round(1000 * (part.end - part.start)))
    tracks = {said.track for said in lines}
    elsewhere = {said.speaker for said in every if said.track not in tracks}
    free = [one for one in known if one.id not in elsewhere]
    named = {one.id: one for one in free if not is_unnamed(one)}
    found: dict[tuple[int, int], Speaker] = {}
    for (key, speaker), _ in seconds.most_common():
        if speaker in named and key not in found:
            found[key] = named.pop(speaker)
    unnamed = [one for one in free if is_unnamed(one)]
    names = {one.name for one in known}
    for key in in_order:
        if key not in found:
            found[key] = unnamed.pop(0) if unnamed else _new_speaker(names, len(known))
    return found


def _new_speaker(names: set[str], count: int) -> Speaker:
    """A speaker with the next number that no name has; it is noted in `names`."""
    numbers = range(max(2, count + 1), count + 2 * MOST_SPEAKERS + 2)
    name = next(f"{UNNAMED} {number}" for number in numbers if f"{UNNAMED} {number}" not in names)
    names.add(name)
    return Speaker(new_speaker_id(), name)
