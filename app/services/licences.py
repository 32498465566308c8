"""What a package has inside of others' work, and under which licences."""

import msgspec

from app.core import resources


class BundledPart(msgspec.Struct, frozen=True):
    """A part of others in a package; `licence` is an SPDX expression, `texts` paths in `resources.licences()`."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


def bundled_parts() -> tuple[BundledPart, ...]:
    """The parts of this package; none in a checkout, which has nothing of others inside."""
    try:
        listed = (resources.licences() / "licences.json").read_bytes()
    except OSError:
        return ()
    return msgspec.json.decode(listed, type=tuple[BundledPart, ...])
