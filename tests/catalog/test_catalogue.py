"""The catalogue that is shipped, checked whole; and what a catalogue may not say."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from app.catalog import catalogue
from app.catalog.catalogue import RAM_TIERS_GB, CatalogModel
from app.catalog.download.http import url_path
from app.core.errors import ModelMissing
from app.core.model import NEEDED_KINDS, ModelKind
from tests.catalog.download.model_server import HOSTS, entry_of

CATALOG = catalogue.catalog()
READ_FROM = Path(__file__).parents[3] / "shared/field/catalogue.toml"  # beside a checkout where the field was studied


@pytest.mark.parametrize("entry", CATALOG.model, ids=lambda entry: str(entry.id))
def test_an_entry_is_whole(entry: CatalogModel) -> None:
    assert entry.host in CATALOG.hosts
    assert all(url_path(entry, file).startswith(f"/{entry.repository}/") for file in entry.files)
    assert entry.release_tag or all(f"/{entry.revision}/" in url_path(entry, file) for file in entry.files)
    assert entry.size < 30e9
    names = {file.name for file in entry.files}
    if entry.kind is ModelKind.SPEECH:
        assert {"model.bin", "config.json", "tokenizer.json"} <= names
        assert names & {"vocabulary.json", "vocabulary.txt"}
    else:
        assert len(names) == 1
        assert names.pop().endswith(".onnx" if entry.kind is ModelKind.DIARIZATION else ".gguf")
    if entry.kind is ModelKind.LANGUAGE:
        assert entry.attention
        assert entry.context_tokens >= 8192
        assert entry.size < entry.ram_tier_gb * 1e9 * 0.8
    if entry.facts:
        assert entry.facts.heads % entry.facts.kv_heads == 0


def test_the_catalogue_serves_every_computer() -> None:
    assert 20 <= len(CATALOG.model) <= 30
    for kind in ModelKind:
        for tier in RAM_TIERS_GB:
            proposed = CATALOG.defaults(kind, tier)
            assert len(proposed) == 1, (kind, tier)
            assert all(entry.is_confirmed and entry.has_use and entry.ram_tier_gb <= tier for entry in proposed)
    languages = [entry for entry in CATALOG.model if entry.kind is ModelKind.LANGUAGE]
    assert {entry.ram_tier_gb for entry in languages} == set(RAM_TIERS_GB)
    for shape in ("full", "hybrid"):
        assert {4, 8, 16} <= {entry.ram_tier_gb for entry in languages if entry.attention == shape}
    free = {"Apache-2.0", "MIT"}
    assert {entry.licence for entry in CATALOG.model if entry.default_for_gb and entry.kind in NEEDED_KINDS} <= free
    assert CATALOG.defaults(ModelKind.LANGUAGE, 2) == CATALOG.defaults(ModelKind.LANGUAGE, 4)


@pytest.mark.parametrize("entry", CATALOG.model, ids=lambda entry: str(entry.id))
def test_what_it_is_good_for_is_said_in_plain_words(entry: CatalogModel) -> None:
    words = entry.good_for
    assert 15 <= len(words) <= 80
    assert words[-1] not in ".;,"
    named = re.findall(r"\d+(?= (?:or \d+ )?GB)", words)
    assert {int(gb) for gb in named} <= set(entry.default_for_gb)
    assert bool(re.search(r"\bsuits\b", words)) == bool(entry.default_for_gb and entry.kind in NEEDED_KINDS)
    assert ("does not use it yet" in words) == (not entry.has_use)
    assert not re.search(r"default|recommend|best|chat|tool|balanced|reasoning|all-round|current|prose", words), words


@pytest.mark.skipif(not READ_FROM.exists(), reason="what was read of the field does not lie beside this checkout")
def test_each_file_is_as_it_was_read() -> None:
    known = {entry["id"]: entry for entry in tomllib.loads(READ_FROM.read_text(encoding="utf-8"))["model"]}
    for entry in CATALOG.model:
        read = known[entry.id]
        files = {file["name"]: file for file in read["files"]}
        for file in entry.files:
            assert (file.bytes, file.sha256) == (files[file.name]["bytes"], files[file.name]["sha256"])
        sources = min(int(files[file.name]["confirmed"].split()[0]) for file in entry.files)
        same = (entry.repository, entry.revision, entry.release_tag, entry.licence, entry.kind.value)
        assert same == tuple(read.get(k, "") for k in ("repository", "revision", "release_tag", "licence", "kind"))
        assert (entry.confirmed, entry.context_tokens) == (sources, read.get("context", 0))


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(ModelMissing, match="no model of that name"):
        CATALOG.find("no-such")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../up"}, {"id": "UPPER"}, {"id": "con"}, {"revision": ""}, {"revision": "main"}, {"kind": "program"},
        {"release_tag": "v1"}, {"repository": "a/../b"}, {"repository": "https://x/y"}, {"ram_tier_gb": 5},
        {"confirmed": 1, "default_for_gb": (4,)}, {"has_use": False, "default_for_gb": (4,)}, {"files": ()}, {"url": "https://elsewhere"},
        {"files": [{"name": "../x.gguf", "bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"name": "/x.gguf", "bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"name": "x.pt", "bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"name": "x.pkl", "bytes": 1, "sha256": "0" * 64}]},
        {"files": [{"name": "x.gguf", "bytes": 0, "sha256": "0" * 64}]},
        {"files": [{"name": "x.gguf", "bytes": 1, "sha256": "0" * 63}]},
        {"files": [{"name": name, "bytes": 1, "sha256": "0" * 64} for name in ("x.gguf", "X.GGUF")]},
    ],
    ids=str,
)  # fmt: skip
def test_an_entry_that_is_not_sound_is_refused(change: dict[str, object]) -> None:
    good = {k: v for k, v in msgspec.to_builtins(entry_of({"tiny.gguf": b"GGUFGGUF"})).items() if v is not None}
    rest = {"format": 1, "hosts": {host: list(others) for host, others in HOSTS.items()}}
    assert catalogue.parse_catalog(rest | {"model": [good]}).model[0].id == "tiny-1b"
    with pytest.raises(ValueError, match=r"tiny|Expected|Object|Invalid|UPPER|up|con"):
        catalogue.parse_catalog(rest | {"model": [good | change]})
    with pytest.raises(ValueError, match="tiny-1b"):
        catalogue.parse_catalog(rest | {"model": [good, good]})


def test_a_model_is_found_by_its_id() -> None:
    assert [CATALOG.find(entry.id) for entry in CATALOG.model] == list(CATALOG.model)


def test_only_a_segmentation_model_has_no_use_yet() -> None:
    assert [entry.id for entry in CATALOG.model if not entry.has_use] == ["pyannote-segmentation-3.0"]
    assert [entry.id for entry in CATALOG.defaults(ModelKind.DIARIZATION, 8)] == ["3dspeaker-campplus-en"]
