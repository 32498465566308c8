"""Whether the lines of a call bear a sentence: by figures, names and words, and for a denial by reading."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from app.core.evidence.denial import affirmed, denies
from app.core.evidence.passages import NEIGHBOURS, CallLines, Coverage, SpokenLine
from app.core.evidence.words import sentences_of
from app.core.languages.tables import table_of
from app.core.sentence_end import QUESTION_MARKS

Verdict = Literal["confirmed", "not_found", "contradicted"]

# Measured on QMSum (tests/bench/claims.py), tuned on four meetings and judged on three others.
_CONFIRMED = 0.36  # of a sentence's weight: what a passage that bears it says at least
_BY_MEANING = 0.5  # of the weight, that a passage which means the same is worth
_CONFIRMED_WITH_MEANING = 0.40  # as `_CONFIRMED`, where meaning was compared too
_AS_WELL = 0.8  # of what the best passage says of a sentence: what the cited lines must say to stand for it
_SWAPPED = 0.2  # of the weight: so much more of it is said by others than by the one who is named


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in a call about a sentence.

    Attributes:
        verdict: Confirmed; not found; or contradicted, if a figure or a name stands otherwise in it.
        score: How much of the sentence one passage says, from 0 to 1.
        lines: The indices of the lines that bear it, contradict it, or come nearest to it, in order.
        instead: What the call has for the figures and names that differ, in its words.
    """

    verdict: Verdict
    score: float
    lines: tuple[int, ...] = ()
    instead: tuple[str, ...] = ()


class Reader(Protocol):
    """A language model that reads lines again."""

    def likelihood(self, lines: Sequence[SpokenLine], claim: str) -> float:
        """How likely the lines say what the claim says, from 0 to 1; good to compare claims about the same lines."""


def judge(text: str, call: CallLines, cited: Collection[int] = (), reader: Reader | None = None) -> Finding:
    """Whether the call bears a text; one of several sentences only if it bears each.

    The lines that are `cited`, by index, are preferred as evidence where they bear it as well as others. A `reader` is
    asked where words leave it open: whether a sentence that denies something is likelier than one that does not.
    """
    said = [one for one in sentences_of(text, call.language) if any(map(str.isalnum, one))]  # "!" alone says nothing
    found = [_judge_sentence(sentence, call, cited, reader) for sentence in said or [text]]
    worst = min(found, key=lambda one: (_ORDER[one.verdict], one.score))
    if len(found) == 1:
        return worst
    shown = [one for one in found if one.verdict == worst.verdict]
    return Finding(
        worst.verdict,
        worst.score,
        tuple(sorted({line for one in shown for line in one.lines})),
        tuple(dict.fromkeys(word for one in found for word in one.instead)),
    )


def judge_answer(answer: str, question: str, call: CallLines) -> Finding:
    """As `judge`, of an answer in a few words ("Leo", "In May"): it says something only together with its question.

    One passage has to speak of the question and say each word of the answer, and no other figure of the same kind.
    """
    together = f"{question.rstrip().rstrip(''.join(QUESTION_MARKS))} {answer}"  # one sentence, in which names are seen
    coverage = call.coverage_of_answer(answer, together)
    found = _found(together, coverage, call, None)
    around = _around(coverage.passage, len(call.lines))
    return replace(found, verdict="not_found") if call.has_rival(answer, around) else found


_ORDER: dict[Verdict, int] = {"contradicted": 0, "not_found": 1, "confirmed": 2}


def _judge_sentence(sentence: str, call: CallLines, cited: Collection[int], reader: Reader | None) -> Finding:
    coverage = call.coverage(sentence)
    if cited:
        of_cited = call.coverage_of(sentence, cited)
        if of_cited.share >= _AS_WELL * coverage.share:
            own, other = coverage.own_share, coverage.other_share
            coverage = replace(of_cited, own_share=own, other_share=other)
    if coverage.says_nothing:
        return _judge_words(sentence, call, cited)
    return _found(sentence, coverage, call, reader)


def _found(sentence: str, coverage: Coverage, call: CallLines, reader: Reader | None) -> Finding:
    score, is_enough = _score(sentence, coverage, call)
    differing = call.differences(sentence, _around(coverage.passage, len(call.lines)))
    verdict: Verdict = "not_found"
    if differing.missing:
        if differing.instead and _is_said_but_for(differing.missing, sentence, call):
            verdict = "contradicted"
    elif is_enough and _is_borne(sentence, coverage, call, reader):
        verdict = "confirmed"
    instead = differing.instead if verdict == "contradicted" else ()
    return Finding(verdict, score, coverage.lines, instead)


def _score(sentence: str, coverage: Coverage, call: CallLines) -> tuple[float, bool]:
    """How much of the sentence the passage says, from 0 to 1, by words and meaning, and whether it is enough."""
    near = None if call.meaning is None else call.meaning.near(sentence, coverage.passage)
    if near is None:
        return coverage.share, coverage.share >= _CONFIRMED
    score = coverage.share + _BY_MEANING * max(0.0, near)
    return min(1.0, score), score >= _CONFIRMED_WITH_MEANING


def _judge_words(sentence: str, call: CallLines, cited: Collection[int]) -> Finding:
    """A sentence that tells of nothing, as "Thank you.": it is said as it is, or the cited lines go with it."""
    said = call.line_with(sentence)
    if said is not None and not cited:
        return Finding("confirmed", 1.0, (said,))
    near, table = _around(cited, len(call.lines)), table_of(call.language)
    is_borne = bool(cited) and not call.differences(sentence, near).missing
    is_denied = denies(sentence, table) and not any(denies(call.lines[index].text, table) for index in near)
    return Finding("confirmed" if is_borne and not is_denied else "not_found", 0.0, tuple(sorted(cited)))


def _is_borne(sentence: str, coverage: Coverage, call: CallLines, reader: Reader | None) -> bool:
    if coverage.is_by_one_word:
        return False
    if coverage.own_share is not None and coverage.other_share - coverage.own_share > _SWAPPED:
        return False
    if call.has_name_apart(sentence, coverage.passage):
        return False
    table = table_of(call.language)
    if not denies(sentence, table):
        return True
    near = [call.lines[index] for index in _around(coverage.lines, len(call.lines), 1)]
    if not any(denies(line.text, table) for line in near):
        return False
    opposite = affirmed(sentence, table)
    if reader is None or opposite == sentence:
        return True
    read = [call.lines[index] for index in coverage.passage]
    return reader.likelihood(read, sentence) >= reader.likelihood(read, opposite)


def _is_said_but_for(words: Iterable[str], sentence: str, call: CallLines) -> bool:
    """Whether the call says the rest of a sentence."""
    for word in words:
        sentence = sentence.replace(word, " ")
    return call.coverage(sentence).share >= _CONFIRMED


def _around(lines: Iterable[int], count: int, neighbours: int = NEIGHBOURS) -> list[int]:
    wanted = {at for line in lines for at in range(line - neighbours, line + neighbours + 1)}
    return sorted(at for at in wanted if 0 <= at < count)
