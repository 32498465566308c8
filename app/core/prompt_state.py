"""What an engine has evaluated of a prompt, in pieces that can be kept and given back."""

from typing import Annotated, Protocol

import msgspec

from app.core.ranges import Tokens

LARGEST_PIECE = 8 * 1024 * 1024
"""Bytes of one piece: half of the longest message between a worker and its parent."""

MOST_PIECES = 4096


class StateHead(msgspec.Struct, frozen=True):
    """A piece's place: it reaches up to so many `tokens` of the prompt, and has `size` bytes.

    `digest` is that of all tokens up to there, of the model, of the engine's version and of how it stores what it has
    evaluated: a piece fits a prompt where the engine comes to the same.
    """

    digest: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    tokens: Tokens
    size: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PIECE)]


class StatePiece(msgspec.Struct, frozen=True, tag=True):
    """A piece with its bytes, which only the engine understands that made them."""

    head: StateHead
    data: Annotated[bytes, msgspec.Meta(max_length=LARGEST_PIECE)]


class StoredState(Protocol):
    """The pieces of one prompt, in order."""

    @property
    def heads(self) -> tuple[StateHead, ...]:
        """Their places."""

    def data(self, index: int) -> bytes:
        """The bytes of the piece with this index.

        Raises:
            VaultDamaged: they are not as they were stored.
        """
