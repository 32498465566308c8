"""What is confirmed of true sentences about real meetings, and of lies made of them (QMSum, in `TACIT_REAL`).

    python -m tests.bench.claims [MODEL] [--meaning]

True are the sentences of human answers to questions about a meeting; the lines that bear them are known. Lies are the
same with another figure, a name that is not there, another speaker or a negation, and sentences about a meeting on
another subject. Each is looked up in its whole meeting. The rules were tuned on some meetings and are judged by others.
With a model's name, a file in models/ of that folder, denials are read once more by that model; it takes minutes.
With `--meaning` the embedding model there compares what the sentences mean.
"""

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.evidence.passages import CallLines, Meaning, SpokenLine
from app.core.evidence.verdict import Reader, judge
from app.core.evidence.words import sentences_of
from app.core.model import Model, ModelKind
from app.engines.parent.engines import RemoteLanguage
from app.services.calls.line_meaning import LineMeanings
from app.services.calls.rereading import Rereader
from tests.bench.library import EMBEDDING, library
from tests.services.stage import Watching, lines_of

TUNED = ("Bmr014", "ES2004a", "ES2006c", "covid_4")
JUDGED = ("Bro027", "ES2011b", "TS3009b")
_SUBJECTS = {"ES": "product", "TS": "product", "co": "committee", "Bm": "research", "Br": "research"}
_STRANGERS = ("Hendricks", "Okafor", "Lindqvist", "Marseille", "Toyota", "Bratislava")
_DENIALS = {
    " was ": " was not ", " were ": " were not ", " should ": " should not ", " could ": " could not ",
    " would ": " would not ", " is ": " is not ", " agreed ": " refused ", " thought ": " doubted ",
}  # fmt: skip
_LEAST_WORDS = 6
_SEED = 4
_CONTEXT = 2048  # tokens: a passage and a claim


@dataclass(frozen=True)
class Meeting:
    """A meeting, and the sentences of human answers with the indices of the lines that bear them."""

    name: str
    lines: tuple[SpokenLine, ...]
    answers: tuple[tuple[str, frozenset[int]], ...]

    @property
    def subject(self) -> str:
        """What kind of meeting it is."""
        return _SUBJECTS[self.name[:2]]


@dataclass(frozen=True)
class Claim:
    """A sentence about a meeting, whether it is true or which lie it is, and the lines that bear the true one."""

    meeting: str
    kind: str
    text: str
    gold: frozenset[int]


def meetings(folder: Path) -> list[Meeting]:
    """Read all meetings; the transcribers' marks are taken out."""
    return [_meeting(path) for path in sorted(folder.glob("*.json"))]


def _meeting(path: Path) -> Meeting:
    found = json.loads(path.read_text("utf-8"))
    said = [(line["speaker"], re.sub(r"\{[^}]*\}", "", line["content"])) for line in found["meeting_transcripts"]]
    answers = [
        (sentence, frozenset(i for a, b in query["relevant_text_span"] for i in range(int(a), int(b) + 1)))
        for query in found["specific_query_list"]
        for sentence in sentences_of(query["answer"])
        if len(sentence.split()) >= _LEAST_WORDS
    ]
    return Meeting(path.stem, tuple(SpokenLine(who, " ".join(what.split())) for who, what in said), tuple(answers))


def claims(known: list[Meeting], names: tuple[str, ...]) -> Iterator[Claim]:
    """The true sentences about these meetings, and the lies made of each."""
    rng = random.Random(_SEED)
    for meeting in (one for one in known if one.name in names):
        speakers = sorted({line.speaker for line in meeting.lines})
        others = [text for one in known if one.subject != meeting.subject for text, _ in one.answers]
        for text, gold in meeting.answers:
            yield Claim(meeting.name, "true", text, gold)
            for kind, lie in _lies(text, speakers, rng):
                yield Claim(meeting.name, kind, lie, gold)
            yield Claim(meeting.name, "another subject", rng.choice(others), gold)


def _lies(text: str, speakers: list[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    figures = list(re.finditer(r"\b\d+(?:\.\d+)?\b", text))
    if figures:
        figure = rng.choice(figures)
        other = f"{float(figure[0]) + rng.choice([3, 7, 20]):g}"
        yield "another figure", text[: figure.start()] + other + text[figure.end() :]
    here = [name for name in speakers if name in text]
    if here and len(speakers) > 1:
        said = max(here, key=len)
        others = [name for name in speakers if name not in said and said not in name]
        yield "another speaker", text.replace(said, rng.choice(others), 1)
    words = text.split()
    if len(words) > _LEAST_WORDS:
        at = rng.randrange(3, len(words) - 1)
        yield "a strange name", " ".join([*words[:at], "for", rng.choice(_STRANGERS), *words[at:]])
    denied = next((old for old in _DENIALS if old in text), None)
    if denied:
        yield "a negation", text.replace(denied, _DENIALS[denied], 1)


@dataclass(frozen=True)
class Rates:
    """How many claims of each kind there are and are confirmed, and how many true ones with a line that bears them."""

    all: Counter[str]
    confirmed: Counter[str]
    with_gold: int

    def confirmed_share(self, kind: str) -> float:
        """Of the claims of this kind, those that were confirmed."""
        return self.confirmed[kind] / max(1, self.all[kind])


Compare = Callable[[Meeting], Meaning | None]


def measure(
    known: list[Meeting], names: tuple[str, ...], reader: Reader | None = None, compare: Compare = lambda _: None
) -> Rates:
    """Look up each claim about these meetings in its whole meeting."""
    calls = {one.name: CallLines(one.lines, "en", meaning=compare(one)) for one in known if one.name in names}
    every, confirmed, with_gold = Counter[str](), Counter[str](), 0
    for claim in claims(known, names):
        found = judge(claim.text, calls[claim.meeting], (), reader)
        every[claim.kind] += 1
        if found.verdict == "confirmed":
            confirmed[claim.kind] += 1
            with_gold += claim.kind == "true" and not claim.gold.isdisjoint(found.lines)
    return Rates(every, confirmed, with_gold)


@contextmanager
def indexed(model: Path | None) -> Iterator[Compare]:
    """What compares the lines of a meeting with sentences, by this embedding model; without one nothing does."""
    if model is None:
        yield lambda _: None
        return
    with library(model) as made:
        meanings = LineMeanings(made.store, made.index)

        def compare(meeting: Meeting) -> Meaning | None:
            return meanings.of_call(lines_of(made.store, [line.text for line in meeting.lines]), Watching())

        yield compare


def main() -> int:
    """Print the rates of both halves, side by side."""
    folder = Path(os.environ.get("TACIT_REAL", "")) / "qmsum"
    known = meetings(folder) if os.environ.get("TACIT_REAL") else []
    if not known:
        print("TACIT_REAL names no folder with qmsum/ in it: there are no meetings to look in.")
        return 2
    named = [word for word in sys.argv[1:] if word != "--meaning"]
    path = folder.parent / "models" / named[0] if named else None
    engine = path and RemoteLanguage(Model(path.stem, ModelKind.LANGUAGE, path, path.stat().st_size), 2, _CONTEXT)
    reader = Rereader(lambda: engine) if engine else None
    with indexed(folder.parent / "models" / EMBEDDING if "--meaning" in sys.argv else None) as compare:
        halves = [measure(known, TUNED, reader, compare), measure(known, JUDGED, reader, compare)]
    if engine:
        engine.close()
    print(f"{'confirmed of':<18}{'tuned':>14}{'judged':>14}")
    for kind in halves[0].all:
        print(f"{kind:<18}", *(f"{h.confirmed_share(kind):>7.0%} of {h.all[kind]:<3}" for h in halves))
    print(
        f"{'gold line shown':<18}",
        *(f"{h.with_gold / max(1, h.confirmed['true']):>7.0%} of {h.confirmed['true']:<3}" for h in halves),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
