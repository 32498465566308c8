"""Every error speaks in two sentences and is of a kind that the tree names."""

import re

import pytest

from app.core import errors
from app.core.errors import AssistantError

TREE = {
    "AssistantError", "VaultError", "WrongPassphrase", "VaultInUse", "VaultTooNew", "VaultDamaged", "MediaError",
    "UnsupportedMedia", "SilentRecording", "MediaDamaged", "SoundUnavailable", "ModelError", "ModelMissing",
    "ModelDamaged", "ModelTooLarge", "ContextOverflow", "EngineError", "EngineCrashed", "EngineOutOfMemory",
    "DownloadError", "Offline", "ChecksumMismatch", "NotEnoughSpace", "ServerRefused", "NotReady", "SettingsError",
}  # fmt: skip
CLASSES = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, AssistantError)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: str(kind.__name__))
def test_two_sentences_say_what_happened_and_what_to_do(kind: type[AssistantError]) -> None:
    error = kind()
    assert re.fullmatch(r"[A-Z][^.?!]*[.]", error.title)
    assert re.fullmatch(r"[A-Z].*[.]", error.advice)
    assert str(error) == f"{error.title} {error.advice}"
    assert len(error.title) < 90


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: str(kind.__name__))
def test_the_kind_is_one_of_the_tree(kind: type[AssistantError]) -> None:
    assert kind().kind in TREE
    assert kind.__name__ == kind().kind or kind().kind in {c.__name__ for c in kind.__mro__}


def test_finer_errors_go_by_their_parents_kind() -> None:
    assert errors.NotFound().kind == errors.VaultMissing().kind == errors.VaultUnwritable().kind == "VaultError"
    assert errors.MediaMissing().kind == "MediaError"
    assert errors.NotEnoughSpace().kind == "NotEnoughSpace"


def test_words_of_the_moment_replace_the_default() -> None:
    error = errors.VaultDamaged("The vault's header was changed.")
    assert error.title == "The vault's header was changed."
    assert error.advice == errors.VaultDamaged.default_advice


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = set(re.findall(r"\b[A-Z]\w+", errors.__doc__ or ""))
    assert {c.__name__ for c in CLASSES} <= drawn


def test_an_error_of_another_process_is_told_in_its_words() -> None:
    error = errors.error_of_kind("NotEnoughSpace", "The disk of the models is full.")
    assert type(error) is errors.NotEnoughSpace
    assert error.title == "The disk of the models is full."
    assert error.advice == errors.NotEnoughSpace.default_advice


@pytest.mark.parametrize("name", ["", "KeyError", "error_of_kind", "__builtins__", "__doc__"])
def test_what_is_no_error_of_ours_has_no_kind(name: str) -> None:
    assert errors.error_of_kind(name) is None
