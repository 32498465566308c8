"""Holding a reply to a grammar at nearly the cost of having none.

A grammar is asked about the token that was chosen. Only if it refuses that one, it is asked about the next likely
ones, and about the whole vocabulary at the last (some 20 ms for 150,000 tokens, half of what computing a token takes).
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from app.engines.worker.vocabulary import Vocabulary

_MOST_FORCED = 400  # bytes put in at once
_NEXT_LIKELY = 64  # tokens that are asked about before all are
_FREE_TEXT = frozenset(b"e ")  # where both may follow, more than one text can

CANDIDATE = np.dtype([("id", np.intc), ("logit", np.single), ("p", np.single)], align=True)
"""What llama.cpp calls `llama_token_data`."""


class Forced(NamedTuple):
    """Tokens about which a grammar leaves no choice, and whether the reply ends behind them."""

    tokens: list[int]
    is_end: bool


_NOTHING_FORCED = Forced([], is_end=False)


class GrammarFilter:
    """A grammar in GBNF, and how far a reply has come in it.

    Raises:
        ValueError: the text is no grammar; llama.cpp would end the process on using it.
    """

    def __init__(self, vocabulary: Vocabulary, text: str) -> None:
        import llama_cpp

        self._library = llama_cpp
        self._vocabulary = vocabulary
        self._sampler = llama_cpp.llama_sampler_init_grammar(vocabulary.handle, text.encode(), b"root")
        if not self._sampler:
            raise ValueError("no grammar")
        ends = [] if vocabulary.end is None else [vocabulary.end]
        self._next = _candidates([*vocabulary.beginnings, *ends])
        self._free = _candidates([token for token, byte in vocabulary.single_bytes.items() if byte in _FREE_TEXT])
        self._one = _candidates([0])

    def close(self) -> None:
        """Free what llama.cpp holds."""
        sampler, self._sampler = self._sampler, None
        if sampler:
            self._library.llama_sampler_free(sampler)

    def allows(self, token: int) -> bool:
        """Whether this token may follow."""
        self._one["id"] = token
        return bool(self._allowed(self._sampler, self._one))

    def accept(self, token: int) -> None:
        """Go on behind this token, which must be an allowed one and not the end."""
        self._library.llama_sampler_accept(self._sampler, token)

    def likeliest(self, logits: Any) -> int:
        """The allowed token with the highest of the `logits` (float32, one for each token).

        Raises:
            ValueError: the grammar takes no token any more.
        """
        token = int(logits.argmax())
        if self.allows(token):
            return token
        if len(logits) > _NEXT_LIKELY:
            likely = np.sort(np.argpartition(logits, -_NEXT_LIKELY)[-_NEXT_LIKELY:])
            token, logit = self._best(_candidates(likely, logits[likely]))
            if logit > logits[likely].min():  # at the boundary another may be as likely
                return token
        token, logit = self._best(_candidates(np.arange(len(logits)), logits))
        if logit == -np.inf:
            raise ValueError("the grammar can't go on")
        return token

    def mask(self, candidates: Any) -> None:
        """Set the logit of each of the `CANDIDATE`s that may not follow to minus infinity."""
        self._mask(self._sampler, candidates)

    def forced(self) -> Forced:
        """What must follow, whatever the model finds likely.

        It is cut into tokens as the model would have. The last of them is left out, unless the reply ends with it,
        because what the model writes next may belong into the same token.
        """
        if len(self._allowed(self._sampler, self._free)) > 1:
            return _NOTHING_FORCED
        text, is_end = self._forced_text()
        if not text:
            return Forced([], is_end)
        tokens = self._vocabulary.tokens_of(text)
        return Forced(tokens, is_end=True) if is_end and tokens else Forced(tokens[:-1], is_end=False)

    def _forced_text(self) -> tuple[bytes, bool]:
        """The bytes that must follow, one after the other, and whether nothing but the end can come behind them."""
        singles, text = self._vocabulary.single_bytes, bytearray()
        with self._clone() as sampler:
            while len(text) < _MOST_FORCED:
                allowed = self._allowed(sampler, self._next)
                if allowed == [self._vocabulary.end]:
                    return bytes(text), True
                if len(allowed) != 1 or allowed[0] not in singles:
                    break
                text.append(singles[allowed[0]])
                self._library.llama_sampler_accept(sampler, allowed[0])
        return bytes(text).decode(errors="ignore").encode(), False  # without a character of which only part is sure

    @contextmanager
    def _clone(self) -> Iterator[Any]:
        sampler = self._library.llama_sampler_clone(self._sampler)
        try:
            yield sampler
        finally:
            self._library.llama_sampler_free(sampler)

    def _allowed(self, sampler: Any, candidates: Any) -> list[int]:
        candidates["logit"] = 0
        self._mask(sampler, candidates)
        found: list[int] = candidates["id"][candidates["logit"] == 0].tolist()
        return found

    def _best(self, candidates: Any) -> tuple[int, float]:
        self.mask(candidates)
        best = candidates[int(candidates["logit"].argmax())]
        return int(best["id"]), float(best["logit"])

    def _mask(self, sampler: Any, candidates: Any) -> None:
        self._library.llama_sampler_apply(sampler, ctypes.byref(as_array(candidates)))


def as_array(candidates: Any) -> Any:
    """The `llama_token_data_array` of some `CANDIDATE`s, which it does not copy."""
    import llama_cpp

    pointer = candidates.ctypes.data_as(ctypes.POINTER(llama_cpp.llama_token_data))
    return llama_cpp.llama_token_data_array(pointer, len(candidates), -1, False)


def _candidates(tokens: Sequence[int] | Any, logits: Any = 0.0) -> Any:
    made = np.zeros(len(tokens), CANDIDATE)
    made["id"] = tokens
    made["logit"] = logits
    return made
