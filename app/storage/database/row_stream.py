"""The rows of a database as they pass from the process that reads it to the one that writes another."""

import struct
from collections.abc import Sequence
from typing import IO, Annotated, Literal

import msgspec

from app.storage.database.known_schema import Strange

_LENGTH = struct.Struct(">I")
_LARGEST = 256 << 20  # bytes of a message; most have about a million, and one row can't be parted
_MOST = 1 << 40

Value = int | float | str | bytes | None
"""What SQLite keeps in a column."""

Row = list[Value]

_MOST_ROWS, _MOST_COLUMNS = 1000, 64
_BLOB = 1  # the mark of bytes: the decoder tells them from text only so, and takes nothing else, however it is nested
_Packed = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | float | str | msgspec.msgpack.Ext | None
_PackedRow = Annotated[list[_Packed], msgspec.Meta(max_length=_MOST_COLUMNS)]
_LEAST_OF_A_ROW = 4  # a place in the page's list (2), the lengths of the content and of its header (1 each)
_Number = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]


class BrokenStream(Exception):
    """What was received is no message, or is cut off."""


class Read(msgspec.Struct, frozen=True):
    """Which file to read, and its 32-byte raw key."""

    path: str
    key: bytes


class Begun(msgspec.Struct, frozen=True, tag=True):
    """The database is whole and consists of what its version of the program makes; its rows follow."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1 << 31)]


class Rows(msgspec.Struct, frozen=True, tag=True):
    """Some rows of a table, each with a value for every column, in the table's order."""

    table: str
    packed: Annotated[list[_PackedRow], msgspec.Meta(min_length=1, max_length=_MOST_ROWS)]

    @property
    def rows(self) -> list[Row]:
        """The rows as SQLite has them."""
        return [
            [bytes(value.data) if isinstance(value, msgspec.msgpack.Ext) else value for value in row]
            for row in self.packed
        ]


def packed(table: str, rows: Sequence[Sequence[Value]]) -> Rows:
    """At most a thousand rows of a table, to be sent."""
    return Rows(table, [[msgspec.msgpack.Ext(_BLOB, v) if isinstance(v, bytes) else v for v in row] for row in rows])


class Ended(msgspec.Struct, frozen=True, tag=True):
    """Every row was sent."""


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The database is not read, because it is not as its version of the program makes it."""

    strange: Strange
    parts: _Number


class TooLarge(msgspec.Struct, frozen=True, tag=True):
    """The database is not read, because a value of this table is larger than any that the program writes."""

    table: str


class Unreadable(msgspec.Struct, frozen=True, tag=True):
    """The database is not read, because it is damaged or of a later version of the program."""

    why: Literal["damaged", "too new"]


Message = Begun | Rows | Ended | Refused | TooLarge | Unreadable
_message: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def least_bytes(row: Row) -> int:
    """The number of bytes that a row takes up at least in a file of SQLite's."""
    return _LEAST_OF_A_ROW + sum(len(value) for value in row if isinstance(value, str | bytes))


def send(pipe: IO[bytes], message: Message | Read) -> None:
    """Write a message with its length in front.

    Raises:
        OSError: the other side has gone.
    """
    body = msgspec.msgpack.encode(message)
    pipe.write(_LENGTH.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Message:
    """Wait for the next message of the process that reads.

    Raises:
        BrokenStream: it sent something else, or nothing more.
    """
    try:
        return _message.decode(_body(pipe))
    except (OSError, ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
        raise BrokenStream from error


def receive_order(pipe: IO[bytes]) -> Read:
    """Wait for what is to be read.

    Raises:
        BrokenStream: something else came, or nothing.
    """
    try:
        return msgspec.msgpack.decode(_body(pipe), type=Read)
    except (OSError, ValueError) as error:
        raise BrokenStream from error


def _body(pipe: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    if length > _LARGEST:
        raise BrokenStream
    return _exactly(pipe, length)


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    found = pipe.read(size)
    if len(found) < size:
        raise BrokenStream
    return found
