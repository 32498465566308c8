"""The languages that the parts of a window of speech are spoken in.

Whisper judges a window as a whole and then writes all of it in one language: what was said in another comes out
translated or garbled. Here a window is divided where its speaker pauses, and a language holds for a stretch of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE
from app.engines.worker.voice_activity import FRAME, Span

Probabilities = Mapping[str, float]
"""How likely each language is, by code; they add up to 1."""

Place = tuple[int, int]
"""Where a part of a sound begins and ends, in samples."""

_LONGEST_PIECE, _SHORTEST_PIECE = 5 * SAMPLE_RATE, 2 * SAMPLE_RATE  # samples of speech judged at once
_SHORTEST_STRETCH = 2.0  # seconds of speech; less tells no language ("okay", a name, a cough)
_SHORTEST_JUDGED = 0.5  # seconds of speech from which a piece is worth a step of the decoder
_COUNTED = 4.0  # seconds of speech from which a piece counts no more than this
_FLOOR = 0.02  # least probability: one piece can't outvote all others
_CHANGE = 4.0  # what a change of language must gain, in nats: a second of clear speech at a change that lasts
_POSSIBLE = 0.2  # probability in some piece from which a language is considered
CLEAR, SURE = 0.75, 0.6  # probability to be believed, judged by the window's encoding, and by one of its own
_DOUBTFUL = 0.3  # mean probability below which it is marked
_SHORTEST_PHRASE = 1.0  # seconds of speech from which speech is marked that sounds like another language or none
_UNLIKELY = 0.1  # probability then of the language it is written in, where the other one is clear


@dataclass(frozen=True, slots=True)
class Stretch:
    """The pieces from `first` to before `end`, spoken in one language; `is_doubtful` if that is not sure."""

    first: int
    end: int
    language: str
    is_doubtful: bool = False


def pieces(spans: Sequence[Span], probabilities: NDArray[np.float32]) -> list[Span]:
    """The same speech in pieces of at most 5 s, divided where it is least like speech.

    `probabilities` are those of speech, one for each frame of the track's buffer.
    """
    found = []
    for span in spans:
        rest = span
        while rest.voiced[1] - rest.voiced[0] > _LONGEST_PIECE:
            first = (rest.voiced[0] + _SHORTEST_PIECE) // FRAME
            last = min(rest.voiced[0] + _LONGEST_PIECE, rest.voiced[1] - _SHORTEST_PIECE // 2) // FRAME
            cut = (first + int(np.argmin(probabilities[first:last]))) * FRAME
            found.append(Span(rest.start, cut, (rest.voiced[0], cut)))
            rest = Span(cut, rest.end, (cut, rest.voiced[1]))
        found.append(rest)
    return found


def is_long_enough(part: Span) -> bool:
    """Whether a piece has enough speech to tell a language."""
    return part.voiced[1] - part.voiced[0] >= _SHORTEST_JUDGED * SAMPLE_RATE


def joined(parts: Sequence[Span]) -> list[Span]:
    """The pieces with those of one span in one again."""
    found: list[Span] = []
    for part in parts:
        if found and found[-1].end == part.start and found[-1].voiced[1] == part.voiced[0]:
            found[-1] = Span(found[-1].start, part.end, (found[-1].voiced[0], part.voiced[1]))
        else:
            found.append(part)
    return found


def stretches(parts: Sequence[Span], probabilities: Sequence[Probabilities], before: str) -> list[Stretch]:
    """The most likely languages of the pieces, if a change of language is rare.

    A piece without probabilities was not judged. A change has to be paid for by what is heard (Viterbi's algorithm
    over a chain of languages), so that noise, a name or a loanword changes nothing. `before` is the language spoken
    before this window, or "".
    """
    seconds = [(part.voiced[1] - part.voiced[0]) / SAMPLE_RATE for part in parts]
    weights = [min(length, _COUNTED) if found else 0.0 for length, found in zip(seconds, probabilities, strict=True)]
    languages = _considered(probabilities, before)
    best = {language: 0.0 if language == before or not before else -_CHANGE for language in languages}
    came_from: list[dict[str, str]] = []
    for weight, found in zip(weights, probabilities, strict=True):
        top = max(languages, key=lambda language: best[language])
        origin = {to: to if best[to] >= best[top] - _CHANGE or not came_from else top for to in languages}
        best = {
            to: (best[to] if origin[to] == to else best[top] - _CHANGE)
            + weight * math.log(max(found.get(to, 0.0), _FLOOR))
            for to in languages
        }
        came_from.append(origin)
    path = [max(languages, key=lambda language: best[language])]
    for origin in reversed(came_from[1:]):
        path.append(origin[path[-1]])
    runs = _without_short(_runs(path[::-1]), seconds, before)
    return [part for run in runs for part in _judged(run, seconds, probabilities)]


def _considered(probabilities: Sequence[Probabilities], before: str) -> list[str]:
    possible = {code for found in probabilities for code, probability in found.items() if probability >= _POSSIBLE}
    top = {max(found, key=lambda code: found[code]) for found in probabilities if found}
    return [*([before] if before else []), *sorted((possible or top) - {before})]


def _runs(path: Sequence[str]) -> list[Stretch]:
    return _merged([Stretch(index, index + 1, language) for index, language in enumerate(path)])


def _without_short(runs: list[Stretch], seconds: Sequence[float], before: str) -> list[Stretch]:
    """The runs, those with too little speech given to the language before them, or else after them."""
    path: list[str] = []
    for number, run in enumerate(runs):
        language = run.language
        if sum(seconds[run.first : run.end]) < _SHORTEST_STRETCH:
            following = runs[number + 1].language if number + 1 < len(runs) else language
            language = (path[-1] if path else before) or following
        path += [language] * (run.end - run.first)
    return _runs(path)


def _judged(run: Stretch, seconds: Sequence[float], probabilities: Sequence[Probabilities]) -> list[Stretch]:
    """The run, divided where a piece is doubtful: it is too short for a change, but clearly sounds like another one."""
    places = range(run.first, run.end)
    weights = {place: min(seconds[place], _COUNTED) for place in places if probabilities[place]}
    mean = sum(weights[place] * probabilities[place].get(run.language, 0.0) for place in weights)
    is_judged = sum(seconds[place] for place in weights) >= _SHORTEST_PHRASE
    is_doubtful = is_judged and mean < _DOUBTFUL * sum(weights.values())
    found: list[Stretch] = []
    for place in places:
        is_other = seconds[place] >= _SHORTEST_PHRASE and _is_clearly_other(probabilities[place], run.language)
        found.append(Stretch(place, place + 1, run.language, is_doubtful or is_other))
    return _merged(found)


def _is_clearly_other(found: Probabilities, language: str) -> bool:
    return max(found.values(), default=0.0) >= CLEAR and found.get(language, 0.0) <= _UNLIKELY


def _merged(found: Sequence[Stretch]) -> list[Stretch]:
    runs: list[Stretch] = []
    for one in found:
        if runs and (runs[-1].language, runs[-1].is_doubtful) == (one.language, one.is_doubtful):
            runs[-1] = Stretch(runs[-1].first, one.end, one.language, one.is_doubtful)
        else:
            runs.append(one)
    return runs


def main_language(found: Sequence[Stretch], before: str) -> str:
    """The language spoken before, else the one of most pieces: it needs no second judgement."""
    counts: dict[str, int] = {}
    for stretch in found:
        counts[stretch.language] = counts.get(stretch.language, 0) + stretch.end - stretch.first
    return before or max(counts, key=lambda language: counts[language])


def confirmed(found: Sequence[Stretch], own: Sequence[Probabilities], main: str, sure: float) -> list[Stretch]:
    """The stretches after those in another language than the `main` one were judged again, as one sound each.

    What is then not believed, because its probability in `own` is below `sure`, is doubtful, and taken to be in the
    main language if that is likelier.
    """
    judged: list[Stretch] = []
    for stretch, alone in zip(found, own, strict=True):
        language, is_doubtful = stretch.language, stretch.is_doubtful
        if language != main and alone.get(language, 0.0) < sure:
            is_doubtful = True
            if alone.get(main, 0.0) >= alone.get(language, 0.0):
                language = main
        judged.append(Stretch(stretch.first, stretch.end, language, is_doubtful))
    return _merged(judged)


def by_language(found: Sequence[Stretch]) -> list[list[Stretch]]:
    """The stretches in groups that follow each other in one language."""
    groups: list[list[Stretch]] = []
    for stretch in found:
        if groups and groups[-1][-1].language == stretch.language:
            groups[-1].append(stretch)
        else:
            groups.append([stretch])
    return groups
