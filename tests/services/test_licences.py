"""What a package has inside is read from its list; a checkout has none."""

from pathlib import Path

import pytest

from app.core import resources
from app.services.licences import BundledPart, bundled_parts
from tests.running import Home


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "licences.json").write_text(
        '[{"name": "FFmpeg", "version": "8.1.2", "licence": "LGPL-2.1-or-later", "texts": ["FFmpeg/COPYING"]}]'
    )
    monkeypatch.setattr(resources, "licences", lambda: tmp_path)
    return tmp_path


def test_the_parts_of_a_package_are_read(listed: Path) -> None:
    assert bundled_parts() == (BundledPart("FFmpeg", "8.1.2", "LGPL-2.1-or-later", ("FFmpeg/COPYING",)),)


def test_a_checkout_has_nothing_of_others_inside() -> None:
    assert bundled_parts() == ()


def test_doctor_lists_them_and_says_where_the_texts_lie(listed: Path, tmp_path: Path) -> None:
    said = Home(tmp_path / "home").run_here("doctor", "--licences")
    assert said.status == 0
    assert said.out.splitlines()[0] == "FFmpeg 8.1.2: LGPL-2.1-or-later"
    assert str(listed) in said.out


def test_doctor_of_a_checkout_says_that_it_is_no_package(tmp_path: Path) -> None:
    said = Home(tmp_path / "home").run_here("doctor", "--licences")
    assert "this is no package" in said.out
