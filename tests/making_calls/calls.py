"""Simulated calls between two people: the lines, and the facts that a summary of them must find.

The same seed always gives the same call. The order of the random draws is part of that: it is the order in
which the texts were drawn that the demo models learned from, so a draw is not moved, even where it is not used.
"""

import random
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.making_calls import world


class Line(NamedTuple):
    """What one side (0 is you, left; 1 the other, right) says in one breath."""

    side: int
    text: str


class Fact(NamedTuple):
    """A problem or a decision, and the index of the line that says it."""

    text: str
    line: int


class Task(NamedTuple):
    """An action item, and the index of the line that says it."""

    owner: str
    task: str
    due: str
    line: int


@dataclass
class Call:
    """A call, and what follows from it."""

    topic: str
    speakers: tuple[str, str]
    lines: list[Line] = field(default_factory=list)
    problem: Fact | None = None
    decisions: list[Fact] = field(default_factory=list)
    actions: list[Task] = field(default_factory=list)


class _Simulation:
    """One call in the making."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        topic = rng.choice(list(world.TOPICS))
        self.topic = world.TOPICS[topic]
        first, second = rng.sample(world.NAMES, 2)
        self.call = Call(topic, (first, second))

    def say(self, side: int, template: str, **words: str) -> tuple[int, str]:
        """Add a line; gives its index and the third person that it may have named."""
        rng, speakers = self.rng, self.call.speakers
        third = rng.choice([name for name in world.NAMES if name not in speakers])
        drawn = {
            "number": rng.choice(world.NUMBERS),
            "hour": rng.choice(world.HOURS),
            "day": rng.choice(world.DAYS),
            "place": rng.choice(self.topic.places),
            "past": rng.choice(world.PAST_TIMES),
            "ordinal": rng.choice(world.ORDINALS),
            "month": rng.choice(world.MONTHS),
        }
        people = {"me": speakers[side], "you": speakers[1 - side], "third": third}
        text = template.format(topic=self.call.topic, **people, **drawn, **words)
        self.call.lines.append(Line(side, text[0].upper() + text[1:]))
        return len(self.call.lines) - 1, third

    def run(self) -> Call:
        rng, call = self.rng, self.call
        side = rng.randrange(2)
        self.say(side, rng.choice(world.GREETINGS))
        self.say(1 - side, rng.choice(world.REPLIES))
        self.say(side, rng.choice(world.OPENINGS))
        events = (
            ["problem"] * (rng.random() < 0.8)
            + ["decision"] * rng.choice((0, 1, 1, 2))
            + ["action"] * rng.choice((1, 1, 2, 2, 3))
            + ["filler"] * rng.randint(2, 6)
        )
        rng.shuffle(events)
        things_left = list(self.topic.things)
        choices_left = rng.sample(self.topic.choices, 2)
        for event in events:
            if rng.random() < 0.7:
                side = 1 - side
            if event == "filler":
                self.say(side, rng.choice(world.FILLERS))
            elif event == "problem":
                problem = rng.choice(self.topic.problems)
                line, _ = self.say(side, rng.choice(world.PROBLEMS), problem=problem)
                call.problem = Fact(problem, line)
            elif event == "decision":
                choice = choices_left.pop()
                line, _ = self.say(side, rng.choice(world.DECISIONS), choice=choice)
                call.decisions.append(Fact(choice, line))
            else:
                self._assign(side, things_left)
        self.say(side, rng.choice(world.FAREWELLS))
        self.say(1 - side, rng.choice(world.FAREWELLS))
        return call

    def _assign(self, side: int, things_left: list[str]) -> None:
        rng = self.rng
        thing = rng.choice(things_left)
        things_left.remove(thing)
        verb, due = rng.choice(world.VERBS), rng.choice(world.DUE_DATES)
        kind = rng.choice((0, 1, 2))
        templates = (world.TAKEN_ON, world.ASKED_OF_THE_OTHER, world.LEFT_TO_A_THIRD)[kind]
        line, third = self.say(side, rng.choice(templates), verb=verb, thing=thing, due=due)
        me, you = self.call.speakers[side], self.call.speakers[1 - side]
        self.call.actions.append(Task((me, you, third)[kind], f"{verb} {thing}", due, line))


def simulated(rng: random.Random) -> Call:
    """The next call that `rng` gives."""
    return _Simulation(rng).run()


DEMO = Call(
    "the website launch",
    ("Elena", "Leo"),
    [
        Line(0, "Hello Leo, this is Elena speaking."),
        Line(1, "Hi Elena, good to hear from you."),
        Line(0, "I wanted to talk about the website launch."),
        Line(1, "There is a problem, the payment page is slow."),
        Line(0, "How long will that take?"),
        Line(1, "It should take about three days."),
        Line(0, "Then we agree to move the launch."),
        Line(1, "That makes sense."),
        Line(0, "Can you send the test results by Friday?"),
        Line(1, "Yes, that works for me."),
        Line(1, "I asked Nina to review the final design tomorrow morning."),
        Line(0, "That is good news."),
        Line(0, "I will update the launch plan by Wednesday."),
        Line(1, "Okay, thank you."),
        Line(0, "Talk to you soon."),
        Line(1, "Have a nice day, Elena."),
    ],
    Fact("the payment page is slow", 3),
    [Fact("move the launch", 6)],
    [
        Task("Leo", "send the test results", "by Friday", 8),
        Task("Nina", "review the final design", "tomorrow morning", 10),
        Task("Elena", "update the launch plan", "by Wednesday", 12),
    ],
)
"""The call in assets/demo/."""
