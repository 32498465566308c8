"""What a Whisper folder's settings name is looked for in the model before the engine reads there."""

from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ModelDamaged
from app.engines.model_files import whisper_settings
from tests.hostile.damage import changed_settings, folder_of

LAYERS, HEADS, WORDS, WIDTH = 2, 3, 2534, 192  # of the demo's model


@pytest.mark.parametrize(
    "changed",
    [
        {"alignment_heads": [[LAYERS, 0]]},
        {"alignment_heads": [[0, 0], [0, HEADS]]},
        {"alignment_heads": [[-1, 0]]},
        {"alignment_heads": [[0, -1]]},
        {"alignment_heads": [["0", 0]]},
        {"alignment_heads": [[0]]},
        {"alignment_heads": {"0": 0}},
        {"suppress_ids": [WORDS]},
        {"suppress_ids": [-1]},
        {"suppress_ids_begin": [WORDS]},
        {"lang_ids": [1 << 40]},
        {"lang_ids": [{}]},
    ],
)
def test_a_place_that_is_not_in_the_model_is_refused(changed: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged):
        whisper_settings.checked_width(folder_of(tmp_path / "model", changed_settings("config.json", **changed)))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"alignment_heads": [[LAYERS - 1, HEADS - 1]]},
        {"alignment_heads": [], "suppress_ids": None, "suppress_ids_begin": None, "lang_ids": []},
        {"suppress_ids": [0, WORDS - 1]},
    ],
)
def test_what_is_there_or_not_named_is_accepted(changed: dict[str, Any], tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "model", changed_settings("config.json", **changed))
    assert whisper_settings.checked_width(folder) == WIDTH


@pytest.mark.parametrize("changed", [{"hop_length": 0}, {"n_fft": 1 << 31}, {"chunk_length": "30"}])
def test_a_size_that_is_none_for_sound_is_refused(changed: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged):
        whisper_settings.checked_width(
            folder_of(tmp_path / "model", changed_settings("preprocessor_config.json", **changed))
        )


@pytest.mark.parametrize("name", ["model.bin", "config.json", "preprocessor_config.json"])
@pytest.mark.parametrize("content", [b"", b"[1, 2", b"[]"])
def test_a_file_that_cannot_be_read_is_left_to_the_engine(name: str, content: bytes, tmp_path: Path) -> None:
    whisper_settings.checked_width(folder_of(tmp_path / "model", {name: content}))
