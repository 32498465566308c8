"""What llama.cpp has evaluated: the prompt it works on, and beside it the beginning that other prompts share.

Both are sequences of one unified cache, in which a copy only marks the cells of another sequence: what two sequences
share lies in memory once, and costs nothing. All evaluating is done in the first, as llama-cpp-python does it.
"""

import ctypes
import time
from collections.abc import Iterator, Sequence
from typing import Any

from app.core.job import Progress
from app.engines.model_files.memory_plan import SEQUENCES

PROMPT, KEPT, SPARE = range(SEQUENCES)
"""The sequences: the prompt worked on, the beginning kept for the next ones, and one for moving parts of it."""

_PIECE_SECONDS = 0.7  # that reading one piece should take; smaller ones are slower, larger ones say too little
_FIRST_PIECE, _SMALLEST = 32, 16  # tokens
_LARGEST = 512  # tokens; llama.cpp takes no more at once


def shared_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    """The number of leading tokens that two lists share."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))


class PromptMemory:
    """The evaluated tokens of one loaded model.

    A model whose memory can't be cut back, such as a recurrent or a hybrid one, goes on only from the whole of what
    it has evaluated, or from the whole of what is kept.
    """

    def __init__(self, llama: Any) -> None:
        import llama_cpp

        self._library: Any = llama_cpp
        self._llama = llama
        self._memory = llama_cpp.llama_get_memory(llama.ctx)
        model = llama_cpp.llama_get_model(llama.ctx)
        self.can_cut = not (llama_cpp.llama_model_is_recurrent(model) or llama_cpp.llama_model_is_hybrid(model))
        self._kept: list[int] = []

    @property
    def size(self) -> int:
        """The tokens that it holds at most."""
        return int(self._llama.n_ctx())

    @property
    def kept(self) -> Sequence[int]:
        """The tokens of the beginning that is kept."""
        return self._kept

    def begin(self, tokens: Sequence[int], room: int = 0) -> int:
        """Go back to the longest evaluated prefix of these tokens, which have a last one; the prefix's length.

        The last token is always evaluated anew, because the reply is sampled from what it gives. What is kept is cut
        where prompt and `room` (tokens of a reply) need its place.
        """
        most = len(tokens) - 1
        known = self._llama._input_ids[: self._llama.n_tokens].tolist()
        going_on, of_kept = shared_prefix(known, tokens), shared_prefix(self._kept, tokens)
        from_kept = min(of_kept, most) if self.can_cut or of_kept == len(self._kept) <= most else 0
        reused = min(going_on, most)
        if from_kept > reused or (reused != len(known) and not self.can_cut):
            self.reset()
            if from_kept:
                self._copy(KEPT, PROMPT, from_kept)
            reused = self._llama.n_tokens = from_kept
            self._llama._input_ids[:reused] = tokens[:reused]
        elif reused < len(known):
            self._remove(PROMPT, reused)
            self._llama.n_tokens = reused
        self._cut_kept(self.size - len(tokens) - room + of_kept)
        return reused

    def read(self, tokens: Sequence[int], reused: int, shared: int = 0) -> Iterator[Progress]:
        """Evaluate the tokens but the last one, after the `reused` first; yields how far it is.

        The first `shared` tokens are kept for the prompts that follow.

        Raises:
            RuntimeError: a piece could not be evaluated, or the evaluation was aborted.
        """
        done, piece, end = reused, _FIRST_PIECE, len(tokens) - 1
        self._keep(tokens, min(done, shared))
        while done < end:
            if done > reused or end - done > _LARGEST:
                yield Progress("Reading", done, len(tokens), "tokens")
            part = tokens[done : min(shared if done < shared else end, end, done + piece)]
            began = time.monotonic()
            self._llama.eval(part)
            done += len(part)
            self._keep(tokens, min(done, shared))
            seconds = time.monotonic() - began
            piece = int(min(_LARGEST, max(_SMALLEST, min(4 * piece, _PIECE_SECONDS * len(part) / max(seconds, 1e-6)))))

    def reset(self) -> None:
        """Forget the prompt, not what is kept."""
        self._remove(PROMPT, 0)
        self._llama.n_tokens = 0

    def reused(self, tokens: Sequence[int]) -> int:
        """How many of these tokens' beginning are evaluated already."""
        known = self._llama._input_ids[: self._llama.n_tokens].tolist()
        return max(shared_prefix(known, tokens), shared_prefix(self._kept, tokens))

    def state_size(self, first: int, end: int) -> int:
        """The bytes of what is kept from position `first` up to `end`."""
        self._remove(SPARE, 0)
        self._library.llama_memory_seq_cp(self._memory, KEPT, SPARE, first, end)
        return int(self._library.llama_state_seq_get_size(self._llama.ctx, SPARE))

    def state(self, first: int, end: int, size: int) -> bytes:
        """What is kept from position `first` up to `end`, as so many bytes (`state_size`)."""
        self._remove(SPARE, 0)
        self._library.llama_memory_seq_cp(self._memory, KEPT, SPARE, first, end)
        data = (ctypes.c_uint8 * size)()
        written = self._library.llama_state_seq_get_data(self._llama.ctx, data, size, SPARE)
        self._remove(SPARE, 0)
        return ctypes.string_at(data, written)

    def clear(self) -> None:
        """Forget everything."""
        self._library.llama_memory_clear(self._memory, False)
        self._llama.n_tokens = 0
        self._kept = []

    def add_state(self, data: bytes, tokens: Sequence[int]) -> bool:
        """Put the state of the tokens back that follow what is kept; False if llama.cpp refuses it.

        What it takes must reach just from there to the last of them; else everything is forgotten.
        """
        first, end = len(self._kept), len(self._kept) + len(tokens)
        buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        self._remove(SPARE, 0)
        taken = self._library.llama_state_seq_set_data(self._llama.ctx, buffer, len(data), SPARE)
        place = tuple(
            int(edge(self._memory, SPARE))
            for edge in (self._library.llama_memory_seq_pos_min, self._library.llama_memory_seq_pos_max)
        )
        if taken != len(data) or place != (first, end - 1):
            self.clear()
            return False
        self._library.llama_memory_seq_cp(self._memory, SPARE, KEPT, -1, -1)
        self._remove(SPARE, 0)
        self._kept += tokens
        return True

    def _keep(self, tokens: Sequence[int], count: int) -> None:
        """Keep the first tokens of the prompt instead of what is kept, unless that begins with them."""
        if not count or self._kept[:count] == list(tokens[:count]):
            return
        if not self.can_cut and count != self._llama.n_tokens:
            return
        self._remove(KEPT, 0)
        self._copy(PROMPT, KEPT, count)
        self._kept = list(tokens[:count])

    def _cut_kept(self, most: int) -> None:
        if len(self._kept) <= most:
            return
        most = max(0, most) if self.can_cut else 0
        self._remove(KEPT, most)
        del self._kept[most:]

    def _remove(self, sequence: int, first: int) -> None:
        self._library.llama_memory_seq_rm(self._memory, sequence, first if first else -1, -1)

    def _copy(self, source: int, target: int, count: int) -> None:
        """Let the target share the source's first `count` positions; it must hold none of them yet."""
        end = count if self.can_cut else -1
        self._library.llama_memory_seq_cp(self._memory, source, target, -1, end)
