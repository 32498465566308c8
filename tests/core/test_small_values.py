"""Identifiers, progress, remaining time, settings and places."""

import secrets
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import resources
from app.core.ids import made_at, new_call_id, new_conversation_id
from app.core.job import Cancelled, Job, Lane, Progress
from app.core.settings import Settings


def test_ids_are_short_and_never_twice() -> None:
    made = [new_call_id() for _ in range(2000)] + [str(new_conversation_id()) for _ in range(100)]
    assert len(set(made)) == len(made)
    assert all(len(one) == 12 and one.isalnum() and one == one.lower() for one in made)
    assert not set("".join(made)) & set("ilou")


def test_an_id_is_never_given_twice_even_if_chance_has_it_so(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr(secrets, "randbits", lambda _: next(drawn))
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    assert new_call_id() != new_call_id()


def test_ids_sort_by_the_second_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for second in (1_600_000_000, 1_600_000_001, 1_700_000_000, 1_790_000_000, 4_000_000_000):
        monkeypatch.setattr(time, "time", lambda second=second: second + 0.5)
        made.append(new_call_id())
    assert made == sorted(made)


def test_an_id_tells_the_second_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.75)
    assert made_at(new_call_id()) == datetime.fromtimestamp(1_800_000_000, UTC)


@given(st.floats(-10, 1000), st.floats(0, 100) | st.none())
def test_a_fraction_lies_between_0_and_1_if_the_total_is_known(done: float, total: float | None) -> None:
    fraction = Progress("Reading", done, total, "s").fraction
    assert (fraction is None) == (not total)
    assert fraction is None or 0 <= fraction <= 1


def test_a_job_ends_at_its_next_checkpoint_after_cancel() -> None:
    job = Job("Importing", lambda _: None, Lane.DISK)
    job.checkpoint()
    thread = threading.Thread(target=job.cancel)
    thread.start()
    thread.join()
    assert job.is_stopping
    with pytest.raises(Cancelled):
        job.checkpoint()


def test_settings_have_defaults_and_survive_a_round_trip() -> None:
    chosen = Settings(theme="dark", speech_model="small", threads=4)
    assert msgspec.json.decode(msgspec.json.encode(chosen), type=Settings) == chosen
    assert msgspec.json.decode(b"{}", type=Settings) == Settings()
    assert msgspec.json.decode(b'{"later": 1, "theme": "light"}', type=Settings).theme == "light"
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"theme": "pink"}', type=Settings)
    with pytest.raises(AttributeError):
        chosen.theme = "light"  # type: ignore[misc]


def test_the_products_own_files_are_where_it_looks() -> None:
    assert resources.demo_call().is_file()
    assert (resources.demo_models() / "language.gguf").is_file()
    assert (resources.assets() / "fonts").is_dir()
    assert resources.catalogue().is_file()
    assert (resources.summary_templates() / "call.toml").is_file()


def test_a_frozen_build_has_its_files_where_it_was_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources.assets() == tmp_path / "assets"
    assert resources.demo_models() == tmp_path / "models" / "demo"
