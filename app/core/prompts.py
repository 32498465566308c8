"""Every text that is sent to a language model, and how lines are packed into its context."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.citing import without_marks
from app.core.conversation import Message, Role
from app.core.engines import Prompt, Turn
from app.core.evidence.passages import SpokenLine
from app.core.ids import UtteranceId
from app.core.summary_template import SummaryTemplate
from app.core.transcript import Speaker, Utterance, speaker_name
from app.core.wording import INSTRUCT, CallFacts, Noun, Wording

# A system message, then the material, and the task last: questions about the same call then share the
# evaluated prefix. Transcripts are data: the system message says so, and grammars bound the reply.
CHECKING = "You check statements against what was said in a call."
SUMMARY_REPLY_TOKENS = 1600  # room for twenty facts, a dozen action items and the overview of a talkative model
ANSWER_REPLY_TOKENS = 800
PLAIN_REPLY_TOKENS = 200  # five sentences
NO_FACTS = CallFacts()
CHAT_REPLY_TOKENS = 2000
TITLE_REPLY_TOKENS = 24
CHAT_TEMPLATE_TOKENS = 64  # room for what a chat template adds around the messages
_TITLED = 600  # characters of a question that its title is made of
_TITLE_TASK = (
    "Do not do what stands above. Name it in two to six words of the same language, as the title of a chat. "
    "Reply with the title alone."
)


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """One line of a prompt: `number` is what a reply may cite, `utterance` what it refers to."""

    number: int
    speaker: str
    utterance: Utterance

    @property
    def text(self) -> str:
        """The line as the model reads it."""
        return f"[{self.number}] {self.said}"

    @property
    def said(self) -> str:
        """The line with the name of who says it; a line of a text that somebody wrote has none."""
        return f"{self.speaker}: {self.utterance.text}" if self.speaker else self.utterance.text


def numbered_lines(found: Iterable[Utterance], speakers: Sequence[Speaker], first: int = 1) -> list[NumberedLine]:
    """The utterances as lines, numbered from `first`."""
    return [NumberedLine(n, speaker_name(u.speaker, speakers), u) for n, u in enumerate(found, first)]


def transcript_text(lines: Sequence[NumberedLine], noun: Noun = "call") -> str:
    """The material of one call, or of a text."""
    heading = "Transcript" if noun == "call" else "Text"
    return f"{heading}:\n" + "\n".join(line.text for line in lines)


def excerpts_text(blocks: Sequence[tuple[str, Sequence[NumberedLine]]]) -> str:
    """The material of several calls, each as (title, lines), numbered continuously."""
    parts = [f"# {title}\n" + "\n".join(line.text for line in lines) for title, lines in blocks]
    return "Excerpts:\n" + "\n\n".join(parts)


def call_prompt(lines: Sequence[NumberedLine], wording: Wording = INSTRUCT) -> Prompt:
    """What all prompts about a call begin with; there is nothing to reply to yet."""
    text = transcript_text(lines)
    return Prompt((("system", wording.system), ("user", text)), len(text))


def summary_prompt(
    template: SummaryTemplate, lines: Sequence[NumberedLine], wording: Wording = INSTRUCT, call: CallFacts = NO_FACTS
) -> Prompt:
    """Ask for the summary of these lines, which are the call's first ones."""
    task, text = wording.summary_task(template, call), transcript_text(lines, call.noun)
    return Prompt((("system", wording.system_about(call.noun)), ("user", f"{text}\n\n{task}")), len(text))


def plain_summary_prompt(
    lines: Sequence[NumberedLine], wording: Wording = INSTRUCT, call: CallFacts = NO_FACTS
) -> Prompt:
    """Ask for a few plain sentences about these lines, without a form to hold and numbers to cite."""
    said = "\n".join(line.said for line in lines)
    return Prompt((("system", wording.plain_system), ("user", f"{said}\n\n{wording.plain_task(call)}")))


def heading_prompt(
    template: SummaryTemplate, parts: Sequence[str], wording: Wording = INSTRUCT, call: CallFacts = NO_FACTS
) -> Prompt:
    """Ask for one title and the template's prose, given those of a call's parts."""
    listed = "\n".join(f"[{n}] {text}" for n, text in enumerate(parts, 1))
    task = wording.heading_task(template, call)
    parts_of = f"Parts of one {call.noun}:\n{listed}"
    return Prompt((("system", wording.system_about(call.noun)), ("user", f"{parts_of}\n\n{task}")))


def question_prompt(
    material: str,
    earlier: Sequence[Message],
    question: str,
    wording: Wording = INSTRUCT,
    numbers: Mapping[int, UtteranceId] | None = None,
    noun: Noun = "call",
) -> Prompt:
    """Ask a question about the material, which other prompts share, and which comes before the earlier turns.

    The markers of earlier replies stay where the lines of this prompt have the same `numbers`.
    """
    said = [*(_turn(m, keeps_marks=_has_numbers(m, numbers or {})) for m in earlier), _asked(question)]
    if material:
        said[0] = (said[0][0], f"{material}\n\n{said[0][1]}")
    return Prompt((("system", wording.system_about(noun)), *said), len(material))


def library_prompt(material: str, earlier: Sequence[Message], question: str, wording: Wording = INSTRUCT) -> Prompt:
    """Ask a question about excerpts of several calls.

    Each question has its own excerpts, so they go with it, and earlier replies lose their
    markers, whose numbers referred to other excerpts.
    """
    said = [_turn(message) for message in earlier]
    asked = _asked(f"{material}\n\n{question}" if material else question)
    return Prompt((("system", wording.system), *said, asked))


def chat_prompt(earlier: Sequence[Message], question: str, wording: Wording = INSTRUCT) -> Prompt:
    """Ask the model itself, with no material beside what was said in the chat."""
    return Prompt((("system", wording.chat_system), *(_turn(message) for message in earlier), _asked(question)))


def title_prompt(question: str, wording: Wording = INSTRUCT) -> Prompt:
    """Ask for the title of a chat that begins with this question.

    The reply is not told: a title out of a call's words would stay when the call is deleted.
    """
    return Prompt((("system", wording.chat_system), _asked(f"{question[:_TITLED]}\n\n{_TITLE_TASK}")))


def _has_numbers(message: Message, numbers: Mapping[int, UtteranceId]) -> bool:
    return bool(message.citations) and all(numbers.get(c.marker) == c.utterance for c in message.citations)


def _turn(message: Message, *, keeps_marks: bool = False) -> Turn:
    if message.role is Role.USER:
        return "user", message.text
    return "assistant", message.text if keeps_marks else without_marks(message.text, message.marks)


def _asked(question: str) -> Turn:
    return "user", question


def claim_prompt(lines: Iterable[SpokenLine], claim: str) -> Prompt:
    """Ask whether lines say what a claim says; the reply begins with yes or no."""
    said = "\n".join(f"{line.speaker}: {line.text}" for line in lines)
    question = f"Claim: {claim}\nDo these lines say that? Answer yes or no."
    return Prompt((("system", CHECKING), ("user", f"{said}\n\n{question}")))


def split_into_chunks(lines: Sequence[NumberedLine], tokens: Sequence[int], budget: int) -> list[list[NumberedLine]]:
    """Divide lines into chunks that each fit `budget` tokens; every line is in exactly one chunk.

    `tokens[i]` is the cost of `lines[i]` with its line break. A single line over the budget
    becomes a chunk of its own: the caller must cut it or report that it does not fit.
    """
    chunks: list[list[NumberedLine]] = []
    used = 0
    for line, cost in zip(lines, tokens, strict=True):
        if not chunks or used + cost > budget:
            chunks.append([])
            used = 0
        chunks[-1].append(line)
        used += cost
    return chunks


def plain_answer(message: Message) -> str:
    """A reply as copied text: what the model wrote without its citations, with claims not confirmed marked in words."""
    return without_marks(message.text, message.marks, "(not confirmed)")
