"""A model without a chat template is kept, said to be one, and never asked to answer."""

from pathlib import Path
from typing import NoReturn

import pytest

from app.assembly import build
from app.core.errors import ModelError, ModelTooLarge
from app.core.model import Model, ModelKind
from app.engines.parent.engines import LocalEngines, RemoteLanguage
from app.services.engine_pool import EnginePool
from app.services.hardware.computer import this_computer
from app.services.models.base_models import BaseModels
from app.services.models.installing import Installing
from app.services.models.listing import ModelListing
from tests.hostile.damage import rebuilt, whole_metadata
from tests.services.stage import GGUF, Watching, provisioning


def base_model() -> bytes:
    """The demo model without its chat template."""
    metadata = whole_metadata()
    del metadata["tokenizer.chat_template"]
    return rebuilt(metadata)


def test_one_that_is_brought_is_kept_and_not_used(tmp_path: Path) -> None:
    models, said = provisioning(tmp_path), list[str]()
    models.crash_count.observe(said.append)
    (tmp_path / "story.gguf").write_bytes(base_model())
    (added,) = Installing(models, lambda: LocalEngines(1, 512)).add(tmp_path / "story.gguf", Watching())
    assert said == [
        "story is of no use for calls and chats: it has no chat template, so it continues texts and can't answer. "
        "It was added, and other models do the work."
    ]
    assert added in models.here()
    assert (used := models.in_use(ModelKind.LANGUAGE)) is not None
    assert used.is_demo
    with pytest.raises(ModelError, match="no chat template"):
        models.use("story")
    offer = next(offer for offer in ModelListing(models).offers(this_computer(tmp_path)) if offer.id == "story")
    assert (offer.is_base, offer.is_in_use) == (True, False)
    assert "no chat template" in offer.good_for


@pytest.mark.parametrize("is_chosen", [False, True])
def test_one_that_was_put_in_the_folder_by_hand_gives_way_at_its_first_use(tmp_path: Path, is_chosen: bool) -> None:
    models, said = provisioning(tmp_path), list[str]()
    models.crash_count.observe(said.append)
    models.folder.mkdir()
    (models.folder / "story.gguf").write_bytes(base_model())
    if is_chosen:
        models.use("story")
    pool = EnginePool(LocalEngines(1, 512), models)
    try:
        model, engine = pool.language()
        assert model.is_demo
        assert engine.facts().has_chat_template
        assert pool.language()[0] == model
    finally:
        pool.close()
    assert said == [
        "story can't be used: it has no chat template, so it continues texts and can't answer. "
        "Instead, the work is done with demo-language."
    ]


def test_another_own_model_is_used_instead(tmp_path: Path) -> None:
    models = provisioning(tmp_path)
    models.folder.mkdir()
    (models.folder / "a-story.gguf").write_bytes(base_model())
    (models.folder / "b-chat.gguf").write_bytes(GGUF.read_bytes())
    pool = EnginePool(LocalEngines(1, 512), models)
    try:
        assert pool.language()[0].name == "b-chat"
    finally:
        pool.close()


def test_it_is_remembered_by_name_and_size_and_survives_a_broken_file(tmp_path: Path) -> None:
    models = provisioning(tmp_path)
    models.folder.mkdir()
    (models.folder / "story.gguf").write_bytes(base_model())
    story = next(model for model in models.here() if model.name == "story")
    path = tmp_path / "base_models.json"
    BaseModels(path).add(story)
    assert story in BaseModels(path)
    (models.folder / "story.gguf").write_bytes(GGUF.read_bytes())
    assert next(model for model in models.here() if model.name == "story") not in BaseModels(path)
    path.write_bytes(b'{"not": "a list"}')
    assert story not in BaseModels(path)


def test_the_program_keeps_it_beside_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    models = build(tmp_path / "vault", tmp_path / "models", is_offline_enforced=False).models
    models.folder.mkdir(exist_ok=True)
    (models.folder / "story.gguf").write_bytes(base_model())
    models.base_models.add(models.named("story"))
    assert [file.name for file in tmp_path.rglob("base_models.json")] == ["base_models.json"]
    again = build(tmp_path / "vault", tmp_path / "models", is_offline_enforced=False).models
    assert again.named("story") in again.base_models


class TooLarge(LocalEngines):
    """Real engines, on which every model but the smallest is too large."""

    def language(self, model: Model) -> RemoteLanguage:
        engine = super().language(model)
        if model.name == "heavy":
            engine.facts = self.refuse  # type: ignore[method-assign]
        return engine

    def refuse(self) -> NoReturn:
        """Raise what a model raises that does not fit."""
        raise ModelTooLarge


def test_one_that_stands_in_for_a_larger_model_is_asked_once(tmp_path: Path) -> None:
    models, said = provisioning(tmp_path), list[str]()
    models.crash_count.observe(said.append)
    models.folder.mkdir()
    (models.folder / "story.gguf").write_bytes(base_model())
    (models.folder / "heavy.gguf").write_bytes(GGUF.read_bytes() + bytes(1_000_000))
    models.use("heavy")
    pool = EnginePool(TooLarge(1, 512), models)
    try:
        with pytest.raises(ModelTooLarge):
            pool.language()
    finally:
        pool.close()
    assert [sentence.partition(" ")[0] for sentence in said] == ["heavy", "story"]
    assert "Instead" not in said[1]
