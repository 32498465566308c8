"""What chance draws for a vault: words that are said, asked and typed, summaries, messages, passphrases."""

from hypothesis import strategies as st

from app.core.conversation import Citation, Message, Role, StopReason
from app.core.ids import CallId, SpeakerId, UtteranceId
from app.core.summary import ActionItem, Evidence, Point
from app.core.transcript import Utterance, Word, spoken
from tests.call_summaries import call_summary

WORDS = "launch Launch launching launched pay payment käse Kase Zürich the a 42 don't no-one 7.5 Straße".split()
SAME, AS_SAME = "Käsekuchen mit Sahne", "Ka\u0308sekuchen mit Sahne"  # typed in two ways

said = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
asked = st.lists(st.sampled_from([*WORDS, "lau", "pa", "zur", "absent"]), min_size=1, max_size=3).map(" ".join)
# Anything that can be typed; half a character (a lone surrogate) can't be stored in any file.
typed = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
shown = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
passphrases = st.sampled_from(
    ["correct horse battery staple", SAME, AS_SAME, "ﬁve ﬁne ﬁsh ﬂew", "five fine fish flew"]
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=12, max_size=16)
_a_line = st.tuples(said, st.integers(0, 40).map(lambda n: n / 4), st.integers(0, 1))
lines = st.lists(_a_line.map(lambda one: line(*one)), max_size=4)
sounds = st.binary(min_size=1, max_size=200) | st.just(bytes(70_000))  # within one frame, and more
languages = st.sampled_from(["", "en", "de"])
which = st.integers(0, 10**6)
ways = st.sampled_from(["passphrase", "recovery key"])

_ids = st.sampled_from([UtteranceId("u"), UtteranceId("v")])
_evidence = st.lists(st.builds(Evidence, _ids, st.just(1.0), st.just(2.5)), max_size=2).map(tuple)
_points = st.lists(st.builds(Point, shown, _evidence), max_size=2).map(tuple)
_items = st.lists(
    st.builds(ActionItem, shown, shown, shown, _evidence, st.none() | st.just(SpeakerId("s"))), max_size=2
).map(tuple)
_citation = st.builds(Citation, st.just(CallId("x")), _ids, st.just(0.5), st.just(1.0))
summaries = st.builds(call_summary, shown, shown, _points, _points, _items, st.just("small"))
messages = st.builds(
    Message,
    st.sampled_from(Role),
    typed,
    st.lists(_citation, max_size=2).map(tuple),
    st.sampled_from(StopReason),
    shown,
)


def line(text: str, start: float, channel: int) -> Utterance:
    """Something said, with its words."""
    words = tuple(Word(f" {part}", start + n, start + n + 0.5, 0.75) for n, part in enumerate(text.split()))
    return spoken(channel, start, start + len(words), text, words)
