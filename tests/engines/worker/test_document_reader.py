"""The documents worker's engine: what it reads of a file is looked at once."""

import io
import zipfile
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.core.document import DocumentKind, DocumentUnknown
from app.core.imports.document import decoded
from app.engines.worker.documents import reader
from app.engines.worker.documents.draft import Draft
from tests.services.documents import making

if TYPE_CHECKING:
    from app.engines.worker.served_file import ServedFile


class Served(io.BytesIO):
    """Bytes as a file that is served."""

    @property
    def size(self) -> int:
        return len(self.getvalue())


def read(data: bytes, suffix: str) -> Draft:
    return reader._read_at_once(cast("ServedFile", Served(data)), data[: reader._HEAD], suffix)


@pytest.mark.parametrize(
    ("data", "kind"), [(making.word(), DocumentKind.WORD), (making.open_document(), DocumentKind.ODT)]
)
def test_an_archive_is_opened_once(monkeypatch: pytest.MonkeyPatch, data: bytes, kind: DocumentKind) -> None:
    opened: list[object] = []
    real: Any = zipfile.ZipFile.__init__

    def noted(archive: zipfile.ZipFile, *given: object) -> None:
        opened.append(archive)
        real(archive, *given)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", noted)
    draft = read(data, "")
    assert (draft.kind, draft.has_text) == (kind, True)
    assert len(opened) == 1


@pytest.mark.parametrize("suffix", ["eml", "txt"])
def test_of_an_email_only_the_head_is_decoded_to_tell_its_kind(monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    sizes: list[int] = []

    def noted(data: bytes) -> tuple[str, bool]:
        sizes.append(len(data))
        return decoded(data)

    monkeypatch.setattr(reader, "decoded", noted)
    data = making.mail() + b"\nand so on" * 10_000
    assert read(data, suffix).kind is DocumentKind.MAIL
    assert all(size < len(data) / 4 for size in sizes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32", "cp1252"])
def test_a_control_character_among_the_first_ones_tells_that_it_is_no_text(encoding: str) -> None:
    text = "Grüße " * 600
    assert read(text.encode(encoding), "txt").has_text
    with pytest.raises(DocumentUnknown):
        read((text + "\x01").encode(encoding), "txt")
    assert read((" " * reader._HEAD + text + "\x01").encode(encoding), "txt").has_text


def test_what_is_not_seen_is_in_no_line_wherever_it_came_from() -> None:
    page = "<p>a&#x202e;b&#8203;c</p><p>d\u202ee</p><pre>g\u200b\th&#x2060;</pre>"
    assert [line.text for part in read(page.encode(), "html").documents() for line in part.lines] == [
        "abc", "de", "g\th",
    ]  # fmt: skip
