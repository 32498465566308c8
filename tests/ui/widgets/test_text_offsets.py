"""Places in a text are the same for Python and Qt, also behind signs that Qt counts twice."""

import pytest
from PySide6.QtGui import QTextDocument

from app.ui.widgets.text_offsets import in_python, in_qt


@pytest.mark.parametrize("text", ["plain words", "grüße", "👍 done 🎉", "𠮷野家 and 👩‍⚕️ too", ""])
def test_every_place_leads_to_the_same_sign_and_back(text: str) -> None:
    document = QTextDocument(text)
    for at in range(len(text) + 1):
        assert in_python(text, in_qt(text, at)) == at
        if at < len(text):
            assert ord(document.characterAt(in_qt(text, at))) == int.from_bytes(
                text[at].encode("utf-16-le")[:2], "little"
            )
