"""Lines in the hands of chance: corrected, split, joined, removed, given to others, undone, redone, locked in between.

Whatever order that is done in, the transcript is what a plain list is, every word that was heard is in it or in what
was removed, and a citation stays on the words that it quoted as long as they are there.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.core import line_changes
from app.core.conversation import Citation
from app.core.errors import AssistantError
from app.core.ids import CallId, UtteranceId, new_speaker_id
from app.core.line_changes import LineChange, check_own_time
from app.core.speech import Speech
from app.core.transcript import Layout, Speaker, Utterance
from app.services.calls.library import Library
from app.storage.tables.calls import CallStore
from tests.conftest import opened_vault
from tests.storage.calls import add
from tests.storage.random_content import WORDS, said, which

MASTER = b"m" * 32


class EditingMachine(RuleBasedStateMachine):
    """A person makes the transcript of a call right."""

    @initialize(texts=st.lists(said, min_size=2, max_size=5), is_mono=st.booleans())
    def begin(self, texts: list[str], is_mono: bool) -> None:
        """A call of some lines, each of which is cited."""
        self.folder = TemporaryDirectory()
        self.vault = opened_vault(Path(self.folder.name) / "vault", MASTER)
        self.take_up()
        self.call: CallId = add(self.store, *texts, layout=Layout.MONO if is_mono else Layout.TWO_SIDED)
        self.lines = [*self.store.transcript(self.call).utterances]
        self.heard = sorted(word.text for line in self.lines for word in line.words)
        self.cited = {line.id for line in self.lines}
        self.done: list[LineChange] = []
        self.undone: list[LineChange] = []

    def take_up(self) -> None:
        self.store = CallStore(self.vault)
        self.library = Library(self.store, lambda _: None)

    def make(self, change: LineChange) -> None:
        """Carry a new change out, in the vault and in the list."""
        self.library.change(change, is_new=True)
        self.done.append(change)
        self.undone.clear()
        self.follow(change)
        self.cited |= {line.id for line in change.after}

    def follow(self, change: LineChange) -> None:
        gone, new = {line.id for line in change.before}, {line.id: line for line in change.after}
        kept = [new.pop(line.id, line) for line in self.lines if line.id not in gone or line.id in new]
        # Lines that begin at one time stay as they are: a new one comes behind them.
        lines = sorted([*kept, *new.values()], key=_place)
        self.lines = [msgspec.structs.replace(line, line=n) for n, line in enumerate(lines, 1)]

    def line(self, number: int) -> Utterance | None:
        return self.lines[number % len(self.lines)] if self.lines else None

    def has_own_time(self, *lines: Utterance) -> bool:
        """Whether it can be split, joined and removed, as the window asks before."""
        try:
            for line in lines:
                check_own_time(line, self.lines)
        except AssistantError:
            return False
        return True

    @rule(number=which, text=said)
    def correct(self, number: int, text: str) -> None:
        """A line says something else."""
        line = self.line(number)
        if line is not None and text != line.text:
            self.make(LineChange(self.call, (line,), (msgspec.structs.replace(line, text=text),)))

    @rule(number=which, at=which, adds=st.sampled_from(["", "Well, "]))
    def split(self, number: int, at: int, adds: str) -> None:
        """A line becomes two, after something was typed in it."""
        line = self.line(number)
        words = [] if line is None else line.text.split()
        if line is not None and len(words) > 1 and self.has_own_time(line):
            place = 1 + at % (len(words) - 1)
            first, second = " ".join(words[:place]), adds + " ".join(words[place:])
            self.make(LineChange(self.call, (line,), line_changes.split(line, first, second)))

    @rule(number=which, other=which)
    def join(self, number: int, other: int) -> None:
        """Two lines of one track become one; others are refused."""
        one, two = self.line(number), self.line(other)
        if one is not None and two is not None and self.has_own_time(one, two):
            try:
                both = line_changes.joined(one, two)
            except AssistantError:
                assert one.id == two.id or one.track != two.track
            else:
                self.make(LineChange(self.call, (one, two), (both,)))

    @rule(number=which)
    def remove(self, number: int) -> None:
        """A line goes."""
        line = self.line(number)
        if line is not None and self.has_own_time(line):
            self.make(line_changes.removal(self.call, line))

    @rule(number=which, text=said, before=st.floats(0.1, 5.0))
    def write(self, number: int, text: str, before: float) -> None:
        """A line is written where there is none, before another one."""
        near = self.line(number)
        if near is not None and near.start > before:
            place = Speech(near.track, near.start - before, near.start)
            speaker = line_changes.speaker_near(place, self.lines, self.store.get(self.call).tracks)
            change = line_changes.insertion(self.call, place, speaker, text)
            if self.has_own_time(*change.after):
                self.make(change)

    @rule(numbers=st.lists(which, min_size=1, max_size=3), place=st.integers(0, 3))
    def give(self, numbers: list[int], place: int) -> None:
        """Some lines go to somebody the call knows, or to somebody new."""
        known = self.store.get(self.call).speakers
        speaker = known[place] if place < len(known) else Speaker(new_speaker_id(), f"Speaker {place}")
        chosen = {line.id: line for line in map(self.line, numbers) if line is not None}
        change = line_changes.given(self.call, chosen.values(), speaker, known)
        if change is not None:
            self.make(change)

    @rule()
    def undo(self) -> None:
        """The last change is taken back."""
        if self.done:
            change = self.done.pop()
            self.library.change(change.undone, is_new=False)
            self.follow(change.undone)
            self.undone.append(change)

    @rule()
    def redo(self) -> None:
        """What was taken back last is done once more."""
        if self.undone:
            change = self.undone.pop()
            self.library.change(change, is_new=False)
            self.follow(change)
            self.done.append(change)

    @rule()
    def break_off(self) -> None:
        """The vault is closed and opened; nobody was told."""
        self.vault.close()
        self.vault = opened_vault(self.vault.folder, MASTER)
        self.take_up()

    @invariant()
    def the_transcript_is_the_list(self) -> None:
        """Every line, its words and times, its speaker and its place."""
        assert [*self.store.transcript(self.call).utterances] == self.lines
        names = {speaker.id for speaker in self.store.get(self.call).speakers}
        assert all(line.speaker in names for line in self.lines)

    @invariant()
    def nothing_that_was_heard_is_lost(self) -> None:
        """It is in a line, or in one that was removed and can be put back."""
        removed = [line for change in self.done if not change.after for line in change.before]
        there = [word.text for line in (*self.lines, *removed) for word in line.words]
        assert sorted(there) == self.heard

    @invariant()
    def citations_stay(self) -> None:
        """On the line itself, on the one that has its words, or on what it said."""
        there = {line.id: line for line in self.lines}
        for cited in self.cited:
            (found,) = self.store.utterances.cited([Citation(self.call, UtteranceId(cited), 0.0, 1.0, 1)])
            if found.line:
                assert found.text == there[found.citation.utterance].text
            else:
                assert found.citation.is_earlier
                assert cited not in there
                assert found.text

    @invariant()
    def search_finds_what_stands_there(self) -> None:
        """And nothing else."""
        for word in (WORDS[0], WORDS[4]):
            found = {hit.utterance for hit in self.store.search(f'"{word}"', 99)}
            assert found == {line.id for line in self.lines if word in line.text.casefold().split()}

    def teardown(self) -> None:
        """Hypothesis: the end of one run."""
        if hasattr(self, "vault"):
            self.vault.close()
            self.folder.cleanup()


def _place(line: Utterance) -> tuple[float, int]:
    return line.start, line.track


HEALTH = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def test_any_order_of_changes() -> None:
    run_state_machine_as_test(
        EditingMachine,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=HEALTH
        ),
    )


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_any_order_of_changes_for_long() -> None:
    run_state_machine_as_test(
        EditingMachine,
        settings=settings(max_examples=500, stateful_step_count=30, deadline=None, suppress_health_check=HEALTH),
    )
