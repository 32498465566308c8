"""A transcript becomes a summary: piece by piece, each point with the lines that support it."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from app.core import prompts
from app.core.change import Change
from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.errors import ContextOverflow, EngineError
from app.core.evidence import (
    deduplicated,
    invents,
    same_point,
    sentences_of,
    without_repetition,
)
from app.core.grammar import heading_grammar, summary_grammar
from app.core.ids import RecordingId
from app.core.job import Context, Progress
from app.core.prompts import NumberedLine
from app.core.recording import RecordingState
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Speakers, Transcript
from app.services.calls.supporting_lines import Bearing
from app.services.engine_pool import Residency, again_once
from app.storage.tables.recordings import RecordingStore

_FEWEST_LINES = 4  # a piece that fails is halved down to this, then it is an error
_LEAST_SHARE = 4  # a reply may take a quarter of the context at most, so that a small context still reads
_PIECE_SHARE = 4  # a piece is at most a quarter of the context a model was trained on: near it, models cite badly
_LONGEST_OVERVIEW = 12  # sentences, where the overviews of the parts stand in
_MOST_EVIDENCE = 3  # lines that a point shows
_FAILED = "The summary could not be finished: the model failed on one part of the call."
_FAILED_ADVICE = "The transcript is safe, and no half summary was kept; try again, or choose another language model."


class _Fact(msgspec.Struct):
    text: str
    source: list[int]


class _Action(msgspec.Struct):
    task: str
    owner: str
    due: str
    source: list[int]


class _Reply(msgspec.Struct):
    title: str
    key_points: list[_Fact]
    decisions: list[_Fact]
    action_items: list[_Action]
    overview: str


class _Heading(msgspec.Struct):
    title: str
    overview: str


class Summarizing:
    """Writes summaries."""

    def __init__(self, recordings: RecordingStore, residency: Residency, publish: Callable[[Change], None]) -> None:
        self._recordings = recordings
        self._residency = residency
        self._publish = publish

    def run(self, recording: RecordingId, context: Context) -> Summary:
        """Summarise a recording's transcript and save it.

        Raises:
            ModelMissing: there is no language model; the transcript is kept.
            EngineError: a piece failed; nothing is skipped in silence.
        """
        known = self._recordings.get(recording)
        if known.state in (RecordingState.IMPORTED, RecordingState.TRANSCRIBING):
            raise EngineError("This call is not transcribed yet.", "Nothing was changed; import it again to go on.")
        transcript = self._recordings.transcript(recording)
        summary = again_once(lambda: self._written(transcript, context))
        self._recordings.save_summary(recording, summary)
        self._publish(Change("summary", recording))
        return summary

    def _written(self, transcript: Transcript, context: Context) -> Summary:
        model, engine = self._residency.language()
        return msgspec.structs.replace(summarize(transcript, engine, context), model=model.name)


def summarize(transcript: Transcript, engine: LanguageEngine, context: Context) -> Summary:
    """The summary of a transcript of any length: each line is read in exactly one piece.

    Decisions, action items and key points of all pieces are kept, without what is said twice;
    only title and overview are written anew from the pieces' overviews.
    """
    lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
    pieces = _pieces(lines, engine)
    replies: list[tuple[list[NumberedLine], _Reply]] = []
    for place, piece in enumerate(pieces):
        context.report(Progress("Summarizing", place, len(pieces), "parts"))
        replies += _read(piece, engine, context)
    heading = _heading([reply for _, reply in replies], engine, context)
    context.report(Progress("Summarizing", len(pieces), len(pieces), "parts"))
    return _merged(replies, heading, transcript.speakers, transcript.language)


def reply_room(engine: LanguageEngine, wanted: int) -> int:
    """Tokens kept free for a reply in this engine's context."""
    return min(wanted, engine.facts().context_tokens // _LEAST_SHARE)


def _pieces(lines: Sequence[NumberedLine], engine: LanguageEngine) -> list[list[NumberedLine]]:
    room = reply_room(engine, prompts.SUMMARY_REPLY_TOKENS)
    around = engine.count_prompt(prompts.summary_prompt([]))
    facts = engine.facts()
    budget = facts.context_tokens - room - around - prompts.TEMPLATE_TOKENS
    if facts.trained_tokens:
        budget = min(budget, facts.trained_tokens // _PIECE_SHARE)
    costs = engine.count([f"{line.text}\n" for line in lines])
    pieces = prompts.packed(lines, costs, budget)
    if len(pieces) > 1:  # evenly: a last piece of two lines would make a poor summary of its own
        even = sum(costs) // len(pieces) + max(costs)
        pieces = prompts.packed(lines, costs, min(budget, even))
    return pieces


def _read(
    piece: list[NumberedLine], engine: LanguageEngine, context: Context
) -> list[tuple[list[NumberedLine], _Reply]]:
    """A piece's reply, or those of its halves if the model can't hold the whole.

    Lines are numbered from 1 in each piece: small models cite low numbers best, and the grammar
    can only cite what is in the prompt. What a number stands for is known here.
    """
    again = [NumberedLine(n, line.speaker, line.utterance) for n, line in enumerate(piece, 1)]
    prompt, grammar = prompts.summary_prompt(again), summary_grammar(range(1, len(again) + 1))
    room = reply_room(engine, prompts.SUMMARY_REPLY_TOKENS)
    try:
        return [(again, msgspec.json.decode(generated(engine, prompt, grammar, room, context), type=_Reply))]
    except (msgspec.DecodeError, ContextOverflow) as error:
        if len(piece) < 2 * _FEWEST_LINES:
            raise EngineError(_FAILED, _FAILED_ADVICE) from error
        middle = len(piece) // 2
        return _read(piece[:middle], engine, context) + _read(piece[middle:], engine, context)


def generated(engine: LanguageEngine, prompt: Prompt, grammar: str, room: int, context: Context) -> str:
    """A whole reply, with cancelling looked at between its pieces."""
    parts = []
    for value in engine.generate(prompt, grammar, room):
        context.checkpoint()
        if isinstance(value, Delta):
            parts.append(value.text)
        elif isinstance(value, Generated):
            break
    return "".join(parts)


def _heading(replies: Sequence[_Reply], engine: LanguageEngine, context: Context) -> _Heading:
    """One title and overview: of the only piece, or written from those of several, in rounds if need be."""
    known = [_Heading(reply.title, without_repetition(reply.overview)) for reply in replies]
    room = reply_room(engine, prompts.SUMMARY_REPLY_TOKENS)
    budget = engine.facts().context_tokens - room
    while len(known) > 1:
        groups: list[list[_Heading]] = [[]]
        for heading in known:
            texts = [h.overview for h in [*groups[-1], heading]]
            if len(groups[-1]) >= 2 and engine.count_prompt(prompts.heading_prompt(texts)) > budget:
                groups.append([])
            groups[-1].append(heading)
        known = [_one_heading(group, engine, room, context) for group in groups]
    return known[0]


def _one_heading(group: Sequence[_Heading], engine: LanguageEngine, room: int, context: Context) -> _Heading:
    if len(group) == 1:
        return group[0]
    prompt = prompts.heading_prompt([heading.overview for heading in group])
    try:
        written = msgspec.json.decode(generated(engine, prompt, heading_grammar(), room, context), type=_Heading)
    except (msgspec.DecodeError, ContextOverflow):
        written = _Heading("", "")
    # Where the model can't do it (nothing, circles, names or numbers of its own), nothing is lost: the
    # parts' own overviews, one after the other, say what the call was about.
    kept = [group[place].overview for place in deduplicated([heading.overview for heading in group])]
    sentences = sentences_of(written.overview)
    is_sound = len(deduplicated(sentences)) == len(sentences) > 0 and not invents(written.overview, kept)
    title = written.title if written.title and not invents(written.title, kept) else group[0].title
    return _Heading(title, written.overview if is_sound else _strung(kept))


def _strung(overviews: Sequence[str]) -> str:
    """The parts' overviews as one, each sentence once; a very long one says that it goes on below."""
    sentences = list(dict.fromkeys(s for overview in overviews for s in sentences_of(overview)))
    rest = len(sentences) - _LONGEST_OVERVIEW
    more = [f"({rest} more sentences on other parts are left out here; the points are complete.)"] if rest > 0 else []
    return " ".join(sentences[:_LONGEST_OVERVIEW] + more)


def _merged(
    replies: Sequence[tuple[list[NumberedLine], _Reply]], heading: _Heading, speakers: Speakers, language: str
) -> Summary:
    points: list[Point] = []
    decisions: list[Point] = []
    actions: list[ActionItem] = []
    for lines, reply in replies:
        bearing = Bearing(lines, speakers, language)
        decided = [_point(fact, bearing) for fact in reply.decisions]
        decisions += decided
        noted = [_point(fact, bearing) for fact in reply.key_points]
        points += [p for p in noted if not any(same_point(p.text, d.text) for d in decided)]
        actions += [_action(action, bearing) for action in reply.action_items]
    return Summary(
        heading.title.strip(),
        heading.overview.strip(),
        _each_once(points),
        _each_once(decisions),
        _actions_once(actions),
        "",
    )


def _each_once(points: Sequence[Point]) -> tuple[Point, ...]:
    """Each point once, with the evidence of all that say the same."""
    kept = deduplicated([point.text for point in points])
    return tuple(
        Point(points[k].text, _joint(p.evidence for p in points if same_point(p.text, points[k].text))) for k in kept
    )


def _joint(evidence: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    found = {e.line: e for some in evidence for e in some}
    return tuple(found[line] for line in sorted(found))[:_MOST_EVIDENCE]


def _actions_once(actions: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    """Two items are the same if task, owner and date are; the same task on another day is another."""
    said = [f"{a.task} {a.owner} {a.due}" for a in actions]
    return tuple(
        msgspec.structs.replace(
            actions[k],
            evidence=_joint(a.evidence for a, s in zip(actions, said, strict=True) if same_point(s, said[k])),
        )
        for k in deduplicated(said)
    )


def _point(fact: _Fact, bearing: Bearing) -> Point:
    text = fact.text.strip()
    return Point(text, bearing.evidence(text, fact.source))


def _action(action: _Action, bearing: Bearing) -> ActionItem:
    task, owner, due = action.task.strip(), action.owner.strip(), action.due.strip()
    channel = bearing.channel_of(owner)
    if channel is None:
        return ActionItem(task, owner, due, bearing.evidence(f"{task} {due} by {owner}", action.source), channel)
    return ActionItem(task, owner, due, bearing.evidence(f"{task} {due}", action.source, channel), channel)
