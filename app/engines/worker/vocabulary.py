"""The tokens that a loaded model reads and writes, and the bytes that they stand for."""

import ctypes
from functools import cached_property
from typing import Any

_USUAL_PIECE = 64  # bytes; most tokens are shorter, a run of spaces or dashes can be longer
_EVERY_BYTE = 256


class Vocabulary:
    """The vocabulary of a `llama_cpp.Llama`."""

    def __init__(self, llama: Any) -> None:
        import llama_cpp

        self._library = llama_cpp
        self._llama = llama
        self.handle = llama_cpp.llama_model_get_vocab(llama.model)
        self.size = int(llama.n_vocab())
        self._buffer = ctypes.create_string_buffer(_USUAL_PIECE)

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes that a token stands for; a control token stands for none, unless its name is asked for."""
        library, buffer = self._library, self._buffer
        length = library.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, special)
        if length < 0:
            self._buffer = buffer = ctypes.create_string_buffer(-length)
            length = library.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, special)
        return ctypes.string_at(buffer, length)

    def is_control(self, token: int) -> bool:
        """Whether a token steers the conversation and is no text."""
        return bool(self._library.llama_vocab_is_control(self.handle, token))

    def is_end(self, token: int) -> bool:
        """Whether a reply ends with this token."""
        return bool(self._library.llama_vocab_is_eog(self.handle, token))

    @cached_property
    def end(self) -> int | None:
        """A token that ends a reply."""
        token = int(self._library.llama_vocab_eos(self.handle))
        return token if 0 <= token < self.size and self.is_end(token) else None

    @cached_property
    def single_bytes(self) -> dict[int, int]:
        """The tokens that stand for a single byte, and that byte: one token for each byte that has any."""
        found: dict[bytes, int] = {}
        for token in range(self.size):
            piece = self.piece(token)
            if len(piece) == 1 and piece not in found:
                found[piece] = token
                if len(found) == _EVERY_BYTE:  # in most vocabularies these come first
                    break
        return {token: piece[0] for piece, token in found.items()}

    @cached_property
    def beginnings(self) -> list[int]:
        """Tokens with one of which any text begins: single bytes, and all whose first byte has no token of its own."""
        singles = self.single_bytes
        if len(singles) == _EVERY_BYTE:
            return list(singles)
        covered = set(singles.values())
        pieces = ((token, self.piece(token)) for token in range(self.size))
        return [*singles, *(token for token, piece in pieces if piece and piece[0] not in covered)]

    def tokens_of(self, text: bytes) -> list[int]:
        """The tokens of a text in the middle of a reply; none if the vocabulary can't write it as it is."""
        for before in (b"", b"\n"):  # some vocabularies put a space before what begins a text
            tokens: list[int] = self._llama.tokenize(before + text, add_bos=False, special=False)
            pieces = [self.piece(token) for token in tokens]
            if before and pieces[:1] != [before]:
                tokens, pieces = tokens[1:], pieces[1:]  # the space
            if b"".join(pieces) == before + text and (not before or pieces[0] == before):
                return tokens[1:] if before else tokens
        return []
