"""What can be done with a text: each action, what it is called, and how the text is worked through for it."""

from dataclasses import dataclass
from enum import Enum


class TextAction(Enum):
    """An action on a text; the value is what a command line calls it."""

    PROOFREAD = "proofread"
    SHORTER = "shorter"
    FRIENDLY = "friendly"
    FORMAL = "formal"
    BRIEF = "brief"
    TRANSLATE = "translate"
    SUMMARY = "summary"
    TASKS = "tasks"
    CONTINUE = "continue"
    ASK = "ask"

    @property
    def facts(self) -> "ActionFacts":
        """What is known of it."""
        return _FACTS[self]


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """What is known of an action.

    Attributes:
        title: What it is called where it is chosen.
        result: What its result is called.
        is_rewriting: Whether its result is the whole text in other words, which can take the text's place.
        is_line_by_line: Whether each paragraph and item is given to the model by itself; else a whole text of prose.
    """

    title: str
    result: str
    is_rewriting: bool = False
    is_line_by_line: bool = False


_FACTS = {
    TextAction.PROOFREAD: ActionFacts("Proofread", "Proofread", is_rewriting=True, is_line_by_line=True),
    TextAction.SHORTER: ActionFacts("Shorten", "Shortened", is_rewriting=True),
    TextAction.FRIENDLY: ActionFacts("Rewrite: friendly", "Friendlier", is_rewriting=True),
    TextAction.FORMAL: ActionFacts("Rewrite: formal", "More formal", is_rewriting=True),
    TextAction.BRIEF: ActionFacts("Rewrite: brief", "To the point", is_rewriting=True),
    TextAction.TRANSLATE: ActionFacts("Translate", "Translated", is_rewriting=True, is_line_by_line=True),
    TextAction.SUMMARY: ActionFacts("Summarise", "Summary"),
    TextAction.TASKS: ActionFacts("List tasks", "Tasks"),
    TextAction.CONTINUE: ActionFacts("Continue", "Continued"),
    TextAction.ASK: ActionFacts("Ask about it", "Answer"),
}
