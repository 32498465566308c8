"""The fields of a message as Protocol Buffers writes it, one after the other; nothing is copied."""

from collections.abc import Iterator

NUMBER, MESSAGE = 0, 2  # its kinds of value: a number, and what has a length (a message, a text or bytes)
_FIXED = {1: 8, 5: 4}  # bytes of its kinds of a fixed size

_MOST_FIELDS = 1 << 29  # its own code reads 32 bits of a field's number and kind, and drops what is above

Field = tuple[int, int, int, memoryview]
"""The number and kind of a field, its value if that is a number, and its bytes if not."""


def fields(message: memoryview) -> Iterator[Field]:
    """Each field of a message.

    Raises:
        ValueError, IndexError: they are no fields.
    """
    place = 0
    while place < len(message):
        tag, place = varint(message, place)
        number, kind = tag >> 3, tag & 7
        if not 0 < number < _MOST_FIELDS:
            raise ValueError("no field")
        value, size = 0, _FIXED.get(kind, 0)
        if kind == MESSAGE:
            size, place = varint(message, place)
        elif kind == NUMBER:
            value, place = varint(message, place)
        elif not size:
            raise ValueError("a kind that is not in use")
        if size > len(message) - place:
            raise ValueError("cut off")
        yield number, kind, value, message[place : place + size]
        place += size


def varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number of up to 64 bits, seven of them in each byte, and the place behind it.

    Raises:
        ValueError, IndexError: there is none.
    """
    value = 0
    for shift in range(0, 70, 7):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number too long")
