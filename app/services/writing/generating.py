"""One reply of the language model for one piece of a text: asked for twice, and told if neither can be used."""

from dataclasses import dataclass

from app.core.conversation import StopReason
from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.errors import EngineError
from app.core.job import JobContext, Progress
from app.core.repetition import RepetitionGuard
from app.core.sampling import GREEDY, Sampling, for_retry
from app.core.unspaced_scripts import word_count
from app.core.writing.action import TextAction
from app.core.writing.instructions import borrows_from_examples, writing_prompt
from app.core.writing.reply import bare_reply, fault_of, goes_in_circles
from app.services.generation import generate_text

_TOO_WEAK = "This model is too weak for this text: it {fault}."
_TOO_WEAK_ADVICE = "Your text is as it was; choose another language model, which the Models page recommends."
_LEAST_REPLY = 48  # tokens
_GROWTH = 2  # times as many tokens as the text: German has more than English, a friendly tone more than a curt one
_CONTINUED = 240  # tokens
_LONG = 20  # words of a piece that is to become another one: a greeting may stay as it is
_SHORTER = 0.9  # of the words: what is shorter
_DRAWN = frozenset({TextAction.FRIENDLY, TextAction.FORMAL, TextAction.CONTINUE})


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote; with a `fault`, why it can't be used, as the end of a sentence."""

    text: str
    fault: str = ""


class WeakModel(EngineError):
    """The model wrote nothing that can be used."""

    def __init__(self, fault: str) -> None:
        super().__init__(_TOO_WEAK.format(fault=fault), _TOO_WEAK_ADVICE)


@dataclass(frozen=True, slots=True)
class Writer:
    """The language model at work on one text, for one action; `target` is the language to translate into."""

    action: TextAction
    engine: LanguageEngine
    language: str
    target: str
    context: JobContext

    def reply(self, words: str) -> Reply:
        """What becomes of these words; asked more plainly, once, where the first reply can't be used."""
        facts = self.engine.facts()
        wanted = (facts.sampling or GREEDY) if self.action in _DRAWN else GREEDY
        reply = self._asked(words, wanted, is_plain=False)
        if reply.fault:
            reply = self._asked(words, for_retry(facts.sampling, 1), is_plain=True)
        return reply

    def room(self, words: str) -> int:
        """The tokens that the reply for these words may have."""
        if self.action is TextAction.CONTINUE:
            return _CONTINUED
        return _GROWTH * self.engine.count([words])[0] + _LEAST_REPLY

    def prompt(self, words: str, *, is_plain: bool = False) -> Prompt:
        """What the model is asked."""
        return writing_prompt(self.action, words, self.language, self.target, is_plain=is_plain)

    def _asked(self, words: str, sampling: Sampling, *, is_plain: bool) -> Reply:
        ends: list[StopReason] = []

        def observe(value: Progress | Delta | Generated) -> None:
            if isinstance(value, Generated):
                ends.append(value.stop_reason)
            elif isinstance(value, Delta):
                self.context.report(value)

        guard = None if goes_in_circles(words) else RepetitionGuard()
        prompt = self.prompt(words, is_plain=is_plain)
        written = generate_text(self.engine, prompt, "", self.room(words), self.context, observe, sampling, guard)
        if guard is not None and guard.is_repeating:
            return Reply("", "wrote the same again and again")
        if StopReason.LENGTH in ends and self.action is not TextAction.CONTINUE:
            return Reply("", "wrote more than the text has")
        bare = bare_reply(written, words)
        if self.action is TextAction.CONTINUE:
            return Reply(bare, "" if any(map(str.isalpha, bare)) else "wrote nothing")
        if borrows_from_examples(bare, words):
            return Reply("", "took names from an example")
        return Reply(bare, fault_of(bare, words, self.target or self.language) or self._lack_of(bare, words))

    def _lack_of(self, bare: str, words: str) -> str:
        """Why a reply is not what was asked for, as the end of a sentence; "" where it may be."""
        count = word_count(words)
        if count < _LONG:
            return ""
        if self.action in _DRAWN and bare == words:
            return "changed nothing"
        if self.action is TextAction.SHORTER and word_count(bare) > _SHORTER * count:
            return "made it no shorter"
        return ""
