"""Choosing the tokens of a reply one after the other, while the model evaluates them."""

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np

from app.core.errors import ModelDamaged
from app.core.sampling import Sampling
from app.engines.worker.grammar_filter import CANDIDATE, Forced, GrammarFilter, as_array
from app.engines.worker.vocabulary import Vocabulary

_MOST_ODDS = 500.0  # beyond which the exponential of a difference of logits overflows
_NO_GRAMMAR = Forced([], is_end=False)


def reply_tokens(
    llama: Any, vocabulary: Vocabulary, last: int, limit: int, grammar: GrammarFilter | None, sampling: Sampling
) -> Iterator[int]:
    """At most `limit` tokens of the reply behind the `last` token of a prompt whose others are evaluated.

    The last one yielded is one that ends replies, if the reply ends before the limit or the grammar can't go on.
    What a grammar leaves no choice about is evaluated in one batch with the token before it, which takes half the
    time of one token after the other; behind the end nothing is evaluated.

    Raises:
        ValueError: the grammar takes no token any more.
        RuntimeError: llama.cpp can't evaluate a token, or was told to stop.
        ModelDamaged: what the model computes are no numbers.
    """
    draw = _Draw(vocabulary, sampling) if sampling.temperature > 0 else None
    pending, room = [last], limit
    try:
        while room > 0:
            forced, is_end = grammar.forced() if grammar is not None else _NO_GRAMMAR
            forced = forced[:room]
            for token in forced:
                assert grammar is not None
                grammar.accept(token)
            room -= len(forced)
            if room and not is_end:
                llama.eval([*pending, *forced])
            yield from forced
            if room and is_end:
                assert vocabulary.end is not None
                yield vocabulary.end
            if not room or is_end:
                return
            token = _chosen(llama, vocabulary, grammar, draw)
            yield token
            if vocabulary.is_end(token):
                return
            if grammar is not None:
                grammar.accept(token)
            pending, room = [token], room - 1
    finally:
        if draw is not None:
            draw.close()


def likelihood(llama: Any, vocabulary: Vocabulary, one: str, other: str) -> float:
    """How likely what `llama` has read goes on with the word `one` rather than with `other`, from 0 to 1.

    Of a word of several tokens the first counts.

    Raises:
        ModelDamaged: what the model computes are no numbers.
    """
    logits = _logits(llama, vocabulary)
    forms = [
        [tokens[0] for form in (word, word.capitalize()) if (tokens := vocabulary.tokens_of(form.encode()))]
        for word in (one, other)
    ]
    if not all(forms):
        return 0.5  # a vocabulary without these words
    weights = [float(logits[tokens].max()) for tokens in forms]
    difference = weights[1] - weights[0]
    if not np.isfinite(difference):
        raise ModelDamaged
    return float(1 / (1 + np.exp(np.clip(difference, -_MOST_ODDS, _MOST_ODDS))))


def _logits(llama: Any, vocabulary: Vocabulary) -> Any:
    import llama_cpp

    row = llama_cpp.llama_get_logits_ith(llama.ctx, -1)
    return np.ctypeslib.as_array(row, shape=(vocabulary.size,))


def _chosen(llama: Any, vocabulary: Vocabulary, grammar: GrammarFilter | None, draw: "_Draw | None") -> int:
    logits = _logits(llama, vocabulary)
    likeliest = int(logits.argmax())  # of logits with one that is no number, the first such
    if np.isnan(logits[likeliest]):
        raise ModelDamaged
    if draw is not None:
        return draw.token(logits, grammar)
    return likeliest if grammar is None else grammar.likeliest(logits)


class _Draw:
    """Draws tokens at random, in a sequence that its seed determines."""

    def __init__(self, vocabulary: Vocabulary, sampling: Sampling) -> None:
        import llama_cpp as library

        self._library = library
        self._ids = np.arange(vocabulary.size, dtype=np.intc)
        self._candidates = np.zeros(vocabulary.size, CANDIDATE)
        self._chain = library.llama_sampler_chain_init(library.llama_sampler_chain_default_params())
        steps = (
            [library.llama_sampler_init_top_k(sampling.top_k)] if sampling.top_k else [],
            [library.llama_sampler_init_top_p(sampling.top_p, 1)] if sampling.top_p < 1 else [],
            [library.llama_sampler_init_min_p(sampling.min_p, 1)] if sampling.min_p else [],
            [library.llama_sampler_init_temp(sampling.temperature)],
            [library.llama_sampler_init_dist(sampling.seed)],
        )
        for step in (step for made in steps for step in made):
            library.llama_sampler_chain_add(self._chain, step)  # which owns it from now on

    def token(self, logits: Any, grammar: GrammarFilter | None) -> int:
        """A token by these logits; if the grammar refuses it, one of those that it takes.

        Raises:
            ValueError: the grammar takes no token any more.
        """
        token = self._drawn(logits, None)
        return token if grammar is None or grammar.allows(token) else self._drawn(logits, grammar)

    def _drawn(self, logits: Any, grammar: GrammarFilter | None) -> int:
        candidates = self._candidates
        candidates["id"], candidates["logit"] = self._ids, logits
        if grammar is not None:
            grammar.mask(candidates)
            if candidates["logit"].max() == -np.inf:
                raise ValueError("the grammar can't go on")
        array = as_array(candidates)
        self._library.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def close(self) -> None:
        """Free what llama.cpp holds."""
        self._library.llama_sampler_free(self._chain)
