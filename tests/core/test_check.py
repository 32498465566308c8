"""The report of a check names its lines as the call does: by their times, or by their numbers."""

import pytest

from app.core.check import CheckedStatement, report_text
from app.core.ids import new_utterance_id
from app.core.transcript import Layout, Transcript, Utterance, default_speakers

SAID = ("The price went up.", "We renew for two years.")


def report(layout: Layout, speaker: str, *, has_times: bool, is_markdown: bool = False) -> str:
    """The report of a statement that both lines of a call bear."""
    speakers = default_speakers(layout, speaker)
    lines = tuple(
        Utterance(
            new_utterance_id(), 0, speakers[0].id, 10.0 * n if has_times else 0.0, 10.0 * n + 5 if has_times else 0.0,
            text, line=n + 1,
        )
        for n, text in enumerate(SAID)
    )  # fmt: skip
    transcript = Transcript("en", 20.0 if has_times else 0.0, "", lines, speakers)
    found = (CheckedStatement("The price went up.", 0, 18, "confirmed", 1.0, (1, 2)),)
    return report_text(found, transcript, "A call", is_markdown)


@pytest.mark.parametrize("is_markdown", [False, True])
@pytest.mark.parametrize("speaker", ["Ann", ""])
def test_lines_without_times_have_their_numbers(speaker: str, is_markdown: bool) -> None:
    made = report(Layout.MONO, speaker, has_times=False, is_markdown=is_markdown)
    assert "0:00" not in made
    assert "[line 1] " in made
    assert "[line 2] " in made


@pytest.mark.parametrize(
    ("layout", "speaker", "name"),
    [(Layout.MONO, "", ""), (Layout.MONO, "Ann", "Ann: "), (Layout.TWO_SIDED, "", "You: ")],
)
def test_only_a_name_that_tells_something_stands_before_a_line(layout: Layout, speaker: str, name: str) -> None:
    made = report(layout, speaker, has_times=True)
    assert f"[0:00] {name}{SAID[0]}\n" in made
    assert f"[0:10] {name}{SAID[1]}\n" in made
