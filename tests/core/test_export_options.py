"""What a person leaves out of an export is in none of its formats that can do without it, wherever it stood."""

import pytest

from app.core.exports import PARTS, ExportedCall, ExportOptions, Part, draw_nothing, export_format
from tests.core.test_exports import FORMATS, RECORDING, SUMMARY, TRANSCRIPT

WHOLE = ExportedCall(TRANSCRIPT, RECORDING, SUMMARY)
OF_PART: dict[Part, list[str]] = {
    "times": ["1:01", "61.0", "01:01"],
    "speakers": ["Elena", "Nina", "Leo & <co>", "Leo &amp; &lt;co", "Them"],
    "summary": ["They move it.", "Send the results", "Nina"],
}
"""What stands in the call of it; the name Leo is called in a line too."""


def content(fmt: str, options: ExportOptions) -> str:
    found = export_format(fmt).content(WHOLE, options, draw_nothing)
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fmt", FORMATS)
def test_what_is_left_out_stands_nowhere(fmt: str, part: Part) -> None:
    whole, less = content(fmt, ExportOptions()), content(fmt, ExportOptions(**{f"has_{part}": False}))
    if part not in export_format(fmt).optional:
        assert less == whole
        return
    assert any(word in whole for word in OF_PART[part])
    assert [word for word in OF_PART[part] if word in less] == []
    assert "Hello Leo." in less


def test_what_is_said_stays_when_everything_else_goes() -> None:
    least = content("txt", ExportOptions(has_times=False, has_speakers=False, has_summary=False))
    assert [line for line in least.splitlines() if line][-3:] == ["Hello Leo.", "a < b && c > d --> e", "Bye."]
