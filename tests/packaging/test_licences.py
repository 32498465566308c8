"""Texts of licences that a package can't have, and what `tacit doctor --licences` says where the list is missing."""

import sys
from pathlib import Path

import pytest

from tests.packaging.package import module
from tests.running import Home


def test_a_package_without_a_list_does_not_say_that_nothing_of_others_is_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    said = Home(tmp_path).run_here("doctor", "--licences")
    assert "The list of what others made is missing from this package." in said.out
    assert "no package" not in said.out


def test_a_text_that_is_not_on_this_computer_is_named_before_anything_is_built(tmp_path: Path) -> None:
    licences = module("licences")
    with pytest.raises(licences.UnknownPartError, match="is not on this computer; Debian 12 has all of them"):
        licences.require_texts(tmp_path)
