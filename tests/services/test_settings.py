"""The settings file: choices made at the same time, by two windows, or over a file that can't be understood."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import SettingsError
from app.services.settings import SettingsFile


@pytest.fixture
def quick_switching() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("quick_switching")
def test_two_choices_made_at_once_are_both_kept(tmp_path: Path) -> None:
    for number in range(200):
        path = tmp_path / str(number) / "settings.json"
        settings, both, failed = SettingsFile(path), threading.Barrier(2), list[SettingsError]()

        def change(**choices: str | int) -> None:
            both.wait()  # noqa: B023 - the threads end within the turn of the loop
            try:
                settings.change(**choices)  # noqa: B023
            except SettingsError as error:
                failed.append(error)  # noqa: B023

        threads = [
            threading.Thread(target=change, kwargs=choices)
            for choices in ({"theme": "dark"}, {"lock_after_minutes": 1})
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        saved = SettingsFile(path).current
        assert (saved.theme, saved.lock_after_minutes, failed) == ("dark", 1, [])
        assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_a_choice_of_another_window_is_kept(tmp_path: Path) -> None:
    one, other = SettingsFile(tmp_path / "settings.json"), SettingsFile(tmp_path / "settings.json")
    one.change(theme="dark")
    other.change(lock_after_minutes=1)
    assert SettingsFile(tmp_path / "settings.json").current.theme == "dark"
    assert other.current.theme == "dark"


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b'{"theme": 7}', b"[" * 100_000])
def test_a_file_that_can_t_be_understood_is_moved_aside_and_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    settings = SettingsFile(path)
    assert settings.problem is not None
    assert "settings.json.unreadable" in settings.problem.advice
    settings.change(theme="dark")
    assert (tmp_path / "settings.json.unreadable").read_bytes() == content
    assert SettingsFile(path).current.theme == "dark"


def test_a_choice_that_the_disk_refused_holds_and_is_saved_with_the_next(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("a file, not a folder")
    settings = SettingsFile(tmp_path / "here" / "settings.json")
    with pytest.raises(SettingsError):
        settings.change(theme="dark")
    (tmp_path / "here").unlink()
    settings.change(lock_after_minutes=1)
    saved = SettingsFile(tmp_path / "here" / "settings.json").current
    assert (saved.theme, saved.lock_after_minutes) == ("dark", 1)
