"""Summary templates: which sections a summary has, read from TOML."""

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from app.core.summary import ActionItem, Point, SectionKind, Summary, SummarySection

LARGEST_FILE = 64 * 1024  # bytes
_RESERVED = frozenset(
    {"title", "model", "template", "sections", "sentences"}
)  # what else stands beside the sections in JSON
_KEY = r"^[a-z][a-z0-9_]{0,31}\Z"  # goes into a grammar and JSON as it is
_FIELD = re.compile(r"field `(\w+)`")
_PLACE = re.compile(r"at `\$(?:\.sections\[(\d+)\])?(?:\.(\w+))?`")
_MOST_SECTIONS = 12

_Title = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^\S[^\n\r]*\Z")]


class InvalidTemplate(ValueError):
    """A template that can't be used; the message is the reason, as the end of a sentence."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section that a summary should have.

    `key` names it in the model's reply and in JSON, `title` is the heading that a person reads, and `instruction` tells
    the model what belongs here. A detail is shown after the other sections, without the points that another section
    has too.
    """

    key: Annotated[str, Meta(pattern=_KEY)]
    title: _Title
    kind: SectionKind
    instruction: Annotated[str, Meta(max_length=400, pattern=r"^[^\n\r]*\Z")] = ""
    is_detail: bool = False


class SummaryTemplate(msgspec.Struct, frozen=True):
    """What a kind of summary consists of; `sections` are in the order in which they are shown, but for details."""

    key: str
    title: str
    sections: tuple[Section, ...]

    @property
    def sections_as_written(self) -> tuple[Section, ...]:
        """The sections in the order in which a model writes them: prose comes last, so that it can sum up the rest."""
        return tuple(sorted(self.sections, key=lambda section: section.kind == "prose"))

    @property
    def prose(self) -> tuple[Section, ...]:
        """The sections of prose."""
        return tuple(section for section in self.sections if section.kind == "prose")

    def summary(
        self,
        title: str,
        model: str,
        text: Mapping[str, str],
        points: Mapping[str, tuple[Point, ...]],
        tasks: Mapping[str, tuple[ActionItem, ...]],
        sentences: Mapping[str, tuple[Point, ...]] = {},
    ) -> Summary:
        """A summary by this template; what its sections hold is given by their keys, and may be nothing."""
        sections = [
            SummarySection(
                s.key, s.title, s.kind, text.get(s.key, ""), points.get(s.key, ()), tasks.get(s.key, ()), s.is_detail,
                sentences.get(s.key, ()),
            )
            for s in self.sections
        ]  # fmt: skip
        return Summary(title, tuple(sections), model, self.key)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    title: _Title
    sections: tuple[Section, ...]


def parse_template(key: str, toml: str) -> SummaryTemplate:
    """Read a template from the text of its file; `key` is the file's name without its ending.

    Raises:
        InvalidTemplate: it is no TOML, or has other fields or values than a template may have.
    """
    try:
        found = msgspec.convert(tomllib.loads(toml), _File)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter by brackets in brackets
        raise InvalidTemplate("it is not written as TOML") from error
    except msgspec.ValidationError as error:
        raise InvalidTemplate(_reason(str(error))) from error
    keys = [section.key for section in found.sections]
    if not 1 <= len(keys) <= _MOST_SECTIONS:
        raise InvalidTemplate(f"it needs 1 to {_MOST_SECTIONS} sections")
    for number, name in enumerate(keys, 1):
        if name in _RESERVED or name in keys[: number - 1]:
            raise InvalidTemplate(f"the key of section {number} is taken")
    return SummaryTemplate(key, found.title, found.sections)


def _reason(message: str) -> str:
    """What msgspec refused, in words: `Object missing required field `title` - at `$.sections[0]``, for example."""
    place, named = _PLACE.search(message), _FIELD.search(message)
    index, last = place.groups() if place else (None, None)
    field = named[1] if named else last or "sections"
    fault = "is missing" if "missing" in message else "is unknown" if "unknown" in message else "is not as it must be"
    return f"the field «{field}»{'' if index is None else f' of section {int(index) + 1}'} {fault}"
