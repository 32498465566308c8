"""A document that is damaged, or made to harm, ends in text or in words, in time, and never takes the parent down."""

import time
from collections.abc import Iterator

import pytest

from app.core.document import Document, DocumentDamaged, DocumentError, DocumentLocked, DocumentTooLarge
from app.core.errors import AssistantError
from app.engines.parent.documents import RemoteDocuments
from tests.conftest import Bytes
from tests.services.documents.damage import hostile, mutations

MOST_SECONDS = 30.0
HOSTILE = hostile()
WORDS: dict[str, type[DocumentError]] = {
    "zip bomb in Word": DocumentTooLarge,
    "zip bomb in OpenDocument": DocumentTooLarge,
    "archive with a password": DocumentLocked,
    "OpenDocument with a password": DocumentLocked,
    "Office file with a password": DocumentLocked,
    "deep Word": DocumentDamaged,
    "deep OpenDocument": DocumentDamaged,
    "laughs": DocumentDamaged,
    "entity of a file": DocumentDamaged,
}
_SHORT = 40
_LONG = 200


@pytest.fixture(scope="module")
def reader() -> Iterator[RemoteDocuments]:
    made = RemoteDocuments()
    yield made
    made.close()


def ending(reader: RemoteDocuments, suffix: str, data: bytes) -> Document | AssistantError:
    """What a document ends in; anything but text and words fails, and so does taking too long."""
    began = time.monotonic()
    found: Document | AssistantError
    try:
        *_, found = reader.read(Bytes(data), suffix)  # type: ignore[assignment]
    except AssistantError as error:
        found = error
    assert time.monotonic() - began < MOST_SECONDS
    if isinstance(found, Document):
        assert any(line.text.strip() for line in found.lines)
        assert not any(set("\u202e\u2028\x07\n") & set(line.text) for line in found.lines)
    else:
        assert isinstance(found, DocumentError), found
        assert found.title.endswith(".")
        assert found.advice.endswith(".")
    return found


STALLING = {"half tags", "half instructions"}  # until the deadline, which is for the long run; another stays


def _marked(name: str) -> object:
    return pytest.param(name, marks=pytest.mark.long) if name in STALLING else name


@pytest.mark.parametrize("name", [_marked(name) for name in HOSTILE])
def test_a_document_made_to_harm(reader: RemoteDocuments, name: str) -> None:
    found = ending(reader, *HOSTILE[name])
    if name in WORDS:
        assert type(found) is WORDS[name], found


def test_some_damaged_ones(reader: RemoteDocuments) -> None:
    for suffix, data in mutations(_SHORT).values():
        ending(reader, suffix, data)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_damaged_ones(reader: RemoteDocuments) -> None:
    for suffix, data in mutations(_LONG).values():
        ending(reader, suffix, data)


def test_damage_is_of_every_kind() -> None:
    kinds = {suffix for suffix, _ in mutations(_SHORT).values()}
    assert len(kinds) >= 10
    assert len(set(mutations(_LONG).values()) | set(HOSTILE.values())) >= _LONG
