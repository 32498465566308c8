"""The catalogue of models that can be downloaded, parsed and checked."""

import re
import tomllib
from collections import Counter
from functools import cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.catalog import file_policy
from app.core import resources
from app.core.embedding import Prefixes
from app.core.errors import ModelMissing
from app.core.model import ModelKind
from app.core.sampling import Sampling

RAM_TIERS_GB = (4, 8, 16, 32)
ENOUGH_SOURCES = 2  # independent sources that must agree on a model's hashes before it may be a default

_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}\Z")

_Count = Annotated[int, Meta(ge=0)]
_Size = Annotated[int, Meta(gt=0)]
_Text = Annotated[str, Meta(min_length=1, max_length=200)]
_Tier = Literal[4, 8, 16, 32]


class CatalogFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a model: its size in bytes, and the SHA-256 it must have."""

    name: _Text
    bytes: _Size
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The architecture of a language model as its makers published it; the file's own header takes precedence."""

    architecture: str
    layers: _Size
    width: _Size
    feed_forward: _Size
    heads: _Size
    kv_heads: _Size
    head_width: _Size
    vocabulary: _Size
    experts: _Count = 0
    experts_used: _Count = 0


class CatalogModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that can be downloaded; models/catalog.toml says what each field means."""

    id: str
    kind: ModelKind
    name: _Text
    repository: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$")]
    licence: _Text
    languages: _Text
    parameters: _Text
    good_for: _Text
    ram_tier_gb: _Tier
    confirmed: _Size
    files: Annotated[tuple[CatalogFile, ...], Meta(min_length=1, max_length=32)]
    context_tokens: _Count = 0
    revision: Annotated[str, Meta(pattern=r"^([0-9a-f]{40})?$")] = ""
    release_tag: Annotated[str, Meta(pattern=r"^[\w.-]*$")] = ""
    attention: Literal["", "full", "sliding", "hybrid"] = ""
    read_share: Annotated[float, Meta(gt=0, le=1)] = 1.0
    default_for_gb: tuple[_Tier, ...] = ()
    note: str = ""
    facts: Facts | None = None
    sampling: Sampling | None = None
    prefixes: Prefixes | None = None
    has_use: bool = True

    @property
    def size(self) -> int:
        """Total bytes of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def is_confirmed(self) -> bool:
        """Whether enough independent sources agree on each hash."""
        return self.confirmed >= ENOUGH_SOURCES

    @property
    def host(self) -> str:
        """The host where a download starts."""
        return "github.com" if self.release_tag else "huggingface.co"


class Catalog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every model that can be downloaded, and the hosts they may come from.

    `hosts` maps each host where a download may start to those it may redirect to; "*.example.org"
    stands for every name below it.
    """

    format: Literal[1]
    hosts: dict[str, tuple[str, ...]]
    model: tuple[CatalogModel, ...]

    def find(self, model: str) -> CatalogModel:
        """The model with this id.

        Raises:
            ModelMissing: the catalogue has no such model.
        """
        found = next((entry for entry in self.model if entry.id == model), None)
        if found is None:
            advice = "Nothing was changed; «tacit models list» shows what can be fetched."
            raise ModelMissing("The catalogue has no model of that name.", advice)
        return found

    def defaults(self, kind: ModelKind, ram_gb: float) -> tuple[CatalogModel, ...]:
        """The default for a computer with this much memory."""
        tier = tier_of(ram_gb)
        return tuple(entry for entry in self.model if entry.kind is kind and tier in entry.default_for_gb)


def tier_of(ram_gb: float) -> int:
    """The memory tier of a computer: the largest it reaches, or else the smallest."""
    return max((tier for tier in RAM_TIERS_GB if tier <= ram_gb), default=RAM_TIERS_GB[0])


def is_allowed(host: str, patterns: tuple[str, ...]) -> bool:
    """Whether a host matches one of the patterns."""
    host = host.casefold()
    if _HOST.match(host) is None:
        return False
    return any(host.endswith(p[1:]) and len(host) > len(p) - 1 if p.startswith("*.") else host == p for p in patterns)


def parse_catalog(raw: object) -> Catalog:
    """Turn parsed TOML into a catalogue, fully checked.

    Raises:
        ValueError: it is malformed; the installation is at fault, and tests guard against it.
    """
    catalog = msgspec.convert(raw, Catalog)
    repeated = [name for name, count in Counter(entry.id for entry in catalog.model).items() if count > 1]
    wrong = [entry.id for entry in catalog.model if not _is_sound(entry, catalog.hosts)]
    if repeated or wrong:
        raise ValueError(f"the catalogue's entries {repeated + wrong} are not sound")
    return catalog


@cache
def catalog() -> Catalog:
    """The catalogue that comes with the product."""
    return parse_catalog(tomllib.loads(resources.catalogue().read_text(encoding="utf-8")))


def _is_sound(entry: CatalogModel, hosts: dict[str, tuple[str, ...]]) -> bool:
    names = [file.name.casefold() for file in entry.files]
    return (
        file_policy.is_model_id(entry.id)
        and all(file_policy.is_safe_file_name(file.name) for file in entry.files)
        and len(set(names)) == len(names)
        and bool(entry.revision) != bool(entry.release_tag)
        and entry.host in hosts
        and ((entry.is_confirmed and entry.has_use) or not entry.default_for_gb)
    )
