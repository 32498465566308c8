"""What a model thinks is not shown, wherever it stands, and nothing else of a reply is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engines.worker.language import ReplyText
from app.engines.worker.thinking import PAIRS, ThinkingFilter, with_thinking_closed


def shown(text: str, size: int = 1) -> str:
    """A reply as displayed, when it comes in pieces of so many characters."""
    thinking = ThinkingFilter()
    return "".join(thinking.add(text[at : at + size]) for at in range(0, len(text), size)) + thinking.finish()


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("begin", "end"), PAIRS)
def test_thinking_is_hidden_wherever_it_stands(begin: str, end: str, size: int) -> None:
    assert shown(f"{begin}\nThe user asks.\n{end}\n\nOn Friday.", size) == "On Friday."
    assert shown(f"Let me see.\n{begin}Is it {begin[:-1]} ?{end}\nOn Friday.", size) == "Let me see.\nOn Friday."
    assert shown(f"On{begin}which day{end} Friday. {begin}Done.{end}Yes.", size) == "On Friday. Yes."
    assert shown(f"On Friday. {begin}It goes on without an end", size) == "On Friday. "


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "reply",
    [
        "The mark is `<think>`, and `</think>` ends it.",
        "```xml\n<think>a</think>\n```\nThat is it.",
        "~~~~\n```\n<thinking>\n~~~\n</thinking>\n~~~~",
        "If a <th and b <| then a[TH",
        "Generics: List<thing>, Map<reason>",
        "Ends with <think",
    ],
)
def test_what_is_no_thinking_stays_as_it_is(reply: str, size: int) -> None:
    assert shown(reply, size) == reply


@given(st.lists(st.sampled_from(["a ", "\n", "<think>", "</think>", "<", "`", "```\n", "◁think▷", " b"]), max_size=12),
       st.integers(1, 9))  # fmt: skip
def test_it_does_not_matter_in_which_pieces_a_reply_comes(parts: list[str], size: int) -> None:
    text = "".join(parts)
    assert shown(text, size) == shown(text, 1000)


def test_an_answer_after_thinking_in_channels_is_shown_alone() -> None:
    text = (
        "<|channel|>analysis<|message|>The user asks.<|end|><|start|>assistant"
        "<|channel|>final<|message|>On Friday.<|channel|>analysis<|message|>Done."
    )
    assert shown(text) == "On Friday."


def test_a_mark_whose_other_half_is_missing_is_not_shown() -> None:
    assert shown("The user asks.\n</think>\n\nOn Friday.") == "The user asks.\nOn Friday."


def test_marks_that_are_control_tokens_are_followed_and_others_are_not_shown() -> None:
    text = ReplyText(is_thinking_hidden=True)
    for raw, control in [
        (b"", "[THINK]"), (b"Hm.", ""), (b"", "[/THINK]"), (b"On Fri", ""), (b"", "<|im_start|>"), (b"day", ""),
    ]:  # fmt: skip
        text.add(raw, control)
    assert text.rest() == "On Friday"


@pytest.mark.parametrize(("begin", "end"), PAIRS)
def test_thinking_that_a_template_begins_is_ended(begin: str, end: str) -> None:
    assert with_thinking_closed(f"user: Hello\nassistant: {begin}\n") == f"user: Hello\nassistant: {begin}\n\n{end}\n\n"
    for prompt in ("user: Hello\nassistant: ", f"user: What is {begin}?\nassistant: "):
        assert with_thinking_closed(prompt) == prompt
