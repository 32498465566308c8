"""The tokens of a reply: those that masking the whole vocabulary at each step gives, in fewer steps.

With TACIT_REAL, a folder whose `models` holds them, also with real models.
"""

import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest

from app.core.errors import ModelDamaged
from app.core.grammar import cited_text_grammar, heading_grammar, summary_grammar
from app.core.model import Model, ModelKind
from app.core.resources import demo_models
from app.core.sampling import GREEDY, Sampling
from app.engines.parent.engines import RemoteLanguage
from app.engines.worker.grammar_filter import CANDIDATE, Forced, GrammarFilter, as_array
from app.engines.worker.sampling import reply_tokens
from app.engines.worker.vocabulary import Vocabulary
from tests.call_summaries import CALL_TEMPLATE
from tests.hostile import damage, trying
from tests.real.folder import LANGUAGE_MODELS

MODELS = [pytest.param(demo_models() / "language.gguf", id="language"), *LANGUAGE_MODELS]
PROMPTS = (
    "[1] Anna: We move the launch to Friday.\n[2] Ben: Good, I write to the customer.\n\nSummarise it.",
    "Ça va? Grüße aus Köln: 12 € — „ja“.\n\n",
)
GRAMMARS = {
    "none": "",
    "cited text": cited_text_grammar(range(1, 3)),
    "summary": summary_grammar(CALL_TEMPLATE, range(1, 3)),
    "summary of many lines": summary_grammar(CALL_TEMPLATE, range(1, 900)),
    "heading": heading_grammar(CALL_TEMPLATE),
    "one text": 'root ::= "{\\"answer\\": \\"yes\\", \\"lines\\": [1, 2]}"\n',
    "one word": 'root ::= "a"\n',
    "nothing": 'root ::= ""\n',
    "not of ASCII": 'root ::= "Grüße" (" é" | " è") [ä-ü]{3} "€"\n',
    "part of a character": 'root ::= [\\U00013000-\\U00013002]{2} "."\n',
    "a choice that ends alike": 'root ::= ("yes" | "no") " and so on" ("." | "!")?\n',
    "spaces and line breaks": 'root ::= "a\\n\\n    b" "  \\t" "c"{4}\n',
    "may end anywhere": "root ::= [a-z ]*\n",
    "control tokens as text": 'root ::= "<|im_end|>" "x"\n',
}
ROOM = 40


@pytest.fixture(scope="module", params=MODELS)
def llama(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = llama_cpp.Llama(str(request.param), n_ctx=1024, n_threads=1, n_threads_batch=1, verbose=False)
    yield made
    made.close()


@pytest.fixture(scope="module")
def vocabulary(llama: Any) -> Vocabulary:
    return Vocabulary(llama)


def reply(
    llama: Any,
    vocabulary: Vocabulary,
    prompt: str,
    grammar: str,
    sampling: Sampling = GREEDY,
    kind: type[GrammarFilter] = GrammarFilter,
) -> list[int]:
    tokens = llama.tokenize(prompt.encode())
    llama.reset()
    if tokens[:-1]:
        llama.eval(tokens[:-1])
    its = kind(vocabulary, grammar) if grammar else None
    try:
        return list(reply_tokens(llama, vocabulary, tokens[-1], ROOM, its, sampling))
    finally:
        if its is not None:
            its.close()


class Judged(GrammarFilter):
    """A grammar whose answers are compared with masking the whole vocabulary."""

    def likeliest(self, logits: Any) -> int:
        """See `GrammarFilter.likeliest`."""
        token = super().likeliest(logits)
        assert token == int(masked(self._sampler, logits).argmax())
        return token

    def accept(self, token: int) -> None:
        """See `GrammarFilter.accept`."""
        assert masked(self._sampler, np.zeros(self._vocabulary.size, np.single))[token] == 0
        super().accept(token)

    def forced(self) -> Forced:
        """See `GrammarFilter.forced`."""
        found = super().forced()
        rest = b"".join(map(self._vocabulary.piece, found.tokens))
        with self._clone() as sampler:
            for token in found.tokens:
                logits = masked(sampler, np.zeros(self._vocabulary.size, np.single))
                for other in np.flatnonzero(logits == 0).tolist():
                    piece = self._vocabulary.piece(other)
                    assert piece
                    assert rest.startswith(piece) or piece.startswith(rest)
                rest = rest.removeprefix(self._vocabulary.piece(token))
                llama_cpp.llama_sampler_accept(sampler, token)
            if found.is_end:
                allowed = np.flatnonzero(masked(sampler, np.zeros(self._vocabulary.size, np.single)) == 0).tolist()
                assert all(map(self._vocabulary.is_end, allowed))
        return found


def masked(sampler: Any, logits: Any) -> Any:
    data = np.zeros(len(logits), CANDIDATE)
    data["id"], data["logit"] = np.arange(len(logits)), logits
    llama_cpp.llama_sampler_apply(sampler, ctypes.byref(as_array(data)))
    return data["logit"]


@pytest.mark.parametrize("grammar", list(GRAMMARS.values())[1:], ids=list(GRAMMARS)[1:])
@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_token_is_the_likeliest_allowed_one_or_the_only_text_there_is(
    llama: Any, vocabulary: Vocabulary, prompt: str, grammar: str
) -> None:
    written = reply(llama, vocabulary, prompt, grammar, kind=Judged)
    assert len(written) == ROOM or vocabulary.is_end(written[-1])
    assert not any(map(vocabulary.is_end, written[:-1]))
    reply(llama, vocabulary, prompt, grammar, Sampling(5.0), kind=Judged)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_without_a_grammar_the_reply_is_that_of_llama_cpp(llama: Any, vocabulary: Vocabulary, prompt: str) -> None:
    expected = []
    for token in llama.generate(llama.tokenize(prompt.encode()), temp=0.0, repeat_penalty=1.0):
        expected.append(token)
        if vocabulary.is_end(token) or len(expected) == ROOM:
            break
    assert reply(llama, vocabulary, prompt, "") == expected


def test_what_the_grammar_leaves_no_choice_about_is_evaluated_at_once(
    llama: Any, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    evaluate = llama.eval

    def counted(tokens: Sequence[int]) -> None:
        batches.append(len(tokens))
        evaluate(tokens)

    monkeypatch.setattr(llama, "eval", counted)
    written = reply(llama, vocabulary, "Go:", GRAMMARS["one text"])
    assert b"".join(map(vocabulary.piece, written)) == b'{"answer": "yes", "lines": [1, 2]}'
    assert len(written) > 8
    assert batches == [len(llama.tokenize(b"Go:")) - 1]  # the reply needs no model
    batches.clear()
    written = reply(llama, vocabulary, "Go:", 'root ::= "{\\"speaker\\": \\"" ("A" | "B") "\\"}"\n')
    assert len(batches) <= 3
    assert len(written) > len(batches)


@pytest.mark.parametrize(("follows", "is_end"), [("[a-z ]+", False), ('("" | "b")', False), ("", True)])
def test_the_last_forced_token_is_left_to_the_model_unless_the_reply_ends(
    vocabulary: Vocabulary, follows: str, *, is_end: bool
) -> None:
    tokens = vocabulary.tokens_of(b'{"speaker": ["a')
    grammar = GrammarFilter(vocabulary, 'root ::= "{\\"speaker\\": [\\"a" ' + follows)
    try:
        assert grammar.forced() == Forced(tokens if is_end else tokens[:-1], is_end)
    finally:
        grammar.close()


@pytest.mark.parametrize("grammar", GRAMMARS.values(), ids=GRAMMARS)
def test_a_drawn_reply_follows_the_grammar_and_its_seed(llama: Any, vocabulary: Vocabulary, grammar: str) -> None:
    one, other = Sampling(1.2, 40, 0.95, 0.01, seed=1), Sampling(5.0, seed=2)
    first = reply(llama, vocabulary, PROMPTS[0], grammar, one)
    assert reply(llama, vocabulary, PROMPTS[0], grammar, one) == first
    assert reply(llama, vocabulary, PROMPTS[0], grammar, Sampling(1.2, top_k=1)) == reply(
        llama, vocabulary, PROMPTS[0], grammar
    )
    if grammar in ("", GRAMMARS["cited text"], GRAMMARS["summary"]):
        assert reply(llama, vocabulary, PROMPTS[0], grammar, other) != first


@pytest.mark.parametrize("kind", ["weights of noise", "weights that are no numbers"])
@pytest.mark.parametrize("grammar", ["", GRAMMARS["may end anywhere"]], ids=["none", "grammar"])
def test_a_model_that_computes_no_numbers_is_damaged(kind: str, grammar: str, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(damage.ggufs()[kind]())
    broken = llama_cpp.Llama(str(path), n_ctx=256, n_threads=1, verbose=False)
    try:
        with pytest.raises(ModelDamaged):
            reply(broken, Vocabulary(broken), "What?", grammar)
    finally:
        broken.close()
    assert trying.language(path).kind == "ModelDamaged"


@pytest.mark.parametrize("text", ["this is no grammar", 'root ::= root "a"', 'root ::= "a" x', 'x ::= "a"'])
def test_what_is_no_grammar_is_refused(llama: Any, vocabulary: Vocabulary, text: str) -> None:
    with pytest.raises(ValueError, match="grammar"):
        GrammarFilter(vocabulary, text)


def test_a_piece_of_any_length_is_read_whole(llama: Any, vocabulary: Vocabulary) -> None:
    text = b"=" * 300 + b" " * 300 + b"\n" * 20 + b"-" * 300
    assert b"".join(map(vocabulary.piece, llama.tokenize(text, add_bos=False))).lstrip(b" ") == text


def test_the_catalogues_sampling_goes_before_the_files_own(tmp_path: Path) -> None:
    path = tmp_path / "sampled.gguf"
    path.write_bytes(damage._with(general__sampling__temp=0.5, general__sampling__top_k=7))
    for of_catalogue, expected in ((None, Sampling(0.5, 7)), (Sampling(0.25), Sampling(0.25))):
        model = Model("sampled", ModelKind.LANGUAGE, path, path.stat().st_size, sampling=of_catalogue)
        engine = RemoteLanguage(model, 1, 256)
        try:
            assert engine.facts().sampling == expected
        finally:
            engine.close()
