"""Language by llama.cpp, inside the language worker."""

import codecs
import ctypes
import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.core.conversation import StopReason
from app.core.engines import Delta, Generated, Prompt
from app.core.errors import ContextOverflow, EngineError, EngineOutOfMemory, ModelDamaged, ModelTooLarge
from app.core.fit import Profile
from app.core.model import LanguageFacts
from app.engines import protocol
from app.engines.model_files import gguf, memory_plan
from app.engines.sandbox import resource_limits
from app.engines.worker.channel import Channel
from app.engines.worker.chat_template import Template

_BATCH_SECONDS = 0.025  # deltas are gathered this long: a frame of the window, not a message a token
_PATIENCE = 6.0  # seconds for a small model to load in, and for a template to render in
_SLOWEST_DISK = 30e6  # bytes a second; what loads no faster is not loading
_LEAST_REPLY = 16  # tokens that must fit after the prompt
_THINK_OPEN, _THINK_CLOSE = "<think>", "</think>"


class Language:
    """The language worker's engine; it keeps the evaluated prompt, so that a shared prefix is not read again."""

    def __init__(self) -> None:
        self._llama: Any = None
        self._template: Template | None = None
        self._facts: LanguageFacts | None = None
        self._channel: Channel | None = None
        self._abort: Any = None
        self._adds_bos = False
        self._sayings: memory_plan.Sayings | None = None

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Load, count or generate."""
        self._channel = channel
        if isinstance(request, protocol.LoadModel):
            yield self._load(request)
        elif self._facts is None:
            raise EngineError("No language model is loaded.", "Nothing was changed; start it again.")
        elif isinstance(request, protocol.CountTexts):
            yield protocol.Counts(tuple(len(self._tokens(text, special=False)) for text in request.texts))
        elif isinstance(request, protocol.CountPrompt):
            yield protocol.Counts((len(self._rendered(request.prompt)),))
        elif isinstance(request, protocol.Generate):
            yield from self._generate(request, channel)
        else:
            raise protocol.WireError("not for this worker")

    def _load(self, request: protocol.LoadModel) -> LanguageFacts:
        import llama_cpp

        self._sayings = self._sayings or memory_plan.Sayings()
        memory_plan.remember_fresh()
        try:
            size = sum(piece.stat().st_size for piece in gguf.pieces(Path(request.path)))
            with resource_limits.deadline(_PATIENCE + size / _SLOWEST_DISK):
                resource_limits.stay_within(request.free)
                profile, trained = self._loaded(request, self._sayings)
        except (ValueError, RuntimeError, OSError, KeyError, UnicodeDecodeError) as error:
            is_memory = isinstance(error, OSError) and error.errno == errno.ENOMEM
            raise (EngineOutOfMemory if is_memory else ModelDamaged) from error
        self._adds_bos = bool(llama_cpp.llama_vocab_get_add_bos(llama_cpp.llama_model_get_vocab(self._llama.model)))
        self._watch_for_cancel(llama_cpp)
        metadata: dict[str, str] = self._llama._model.metadata()
        with resource_limits.deadline(_PATIENCE):
            ends, begins = self._piece(self._llama.token_eos()), self._piece(self._llama.token_bos())
            self._template = Template(metadata.get("tokenizer.chat_template", ""), begins, ends)
        self._facts = LanguageFacts(
            metadata.get("general.name") or Path(request.path).stem, metadata.get("general.architecture", ""),
            int(self._llama.n_ctx()), trained, profile.cache,
        )  # fmt: skip
        return self._facts

    def _loaded(self, request: protocol.LoadModel, sayings: memory_plan.Sayings) -> tuple[Profile, int]:
        """Load by the first profile that fits into what is free; the context that the model was trained for.

        Raises:
            ModelTooLarge: none fits.
        """
        from llama_cpp import Llama

        for profile in request.profiles:
            need, trained = memory_plan.of_file(request.path, profile, sayings)
            if request.free and need.total > request.free:
                continue
            taken = Profile(need.context_tokens, profile.cache)
            sayings.forget()
            try:
                with _without_metadata():
                    self._llama = Llama(
                        request.path, n_threads=request.threads, n_threads_batch=request.threads, verbose=False,
                        **memory_plan.context_arguments(taken),
                    )  # fmt: skip
                return taken, trained
            except MemoryError:
                continue
            except ValueError:
                if not sayings.means_no_memory():
                    raise
        raise ModelTooLarge

    def _watch_for_cancel(self, llama_cpp: Any) -> None:
        """Let a cancel end the evaluation of a long prompt at once, not only between tokens."""

        def is_cancelled(_: Any) -> bool:
            return self._channel is not None and self._channel.is_cancelled

        self._abort = llama_cpp.ggml_abort_callback(is_cancelled)  # kept: the library holds only a pointer
        llama_cpp.llama_set_abort_callback(self._llama.ctx, self._abort, ctypes.c_void_p(None))

    def _piece(self, token: int) -> str:
        if token < 0:
            return ""
        raw: bytes = self._llama.detokenize([token], special=True)
        return raw.decode("utf-8", errors="replace")

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        found: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=special)
        return found

    def _rendered(self, prompt: Prompt) -> list[int]:
        """The prompt's tokens by the model's own template, rendered in Jinja's sandbox.

        Raises:
            ModelDamaged: the template fails, or wants more memory than a prompt can need.
        """
        with resource_limits.deadline(_PATIENCE):
            messages = [{"role": role, "content": self._defused(text)} for role, text in prompt.messages]
            assert self._template is not None
            text = self._template.rendered(messages)
        tokens = self._tokens(with_thinking_ended(text), special=True)
        bos = self._llama.token_bos()
        return [bos, *tokens] if self._adds_bos and bos >= 0 and tokens[:1] != [bos] else tokens

    def _defused(self, text: str) -> str:
        """The text with nothing in it that the model would take for the end of a turn or the begin of another.

        Whoever speaks in a call, or names a file, could otherwise write a system's turn of their own.
        """
        import llama_cpp

        vocab = llama_cpp.llama_model_get_vocab(self._llama.model)
        while True:
            before = text
            for token in set(self._tokens(text, special=True)):
                piece = self._piece(token) if llama_cpp.llama_vocab_is_control(vocab, token) else ""
                if len(piece) > 1:
                    text = text.replace(piece, f"{piece[0]} {piece[1:]}")
            if text == before:
                return text

    def _grammar(self, text: str) -> Any:
        """A grammar, tried before it is used: llama-cpp-python dies of one that is none."""
        import llama_cpp
        from llama_cpp.llama_grammar import LlamaGrammar

        vocab = llama_cpp.llama_model_get_vocab(self._llama.model)
        tried = llama_cpp.llama_sampler_init_grammar(vocab, text.encode(), b"root")
        if not tried:
            raise EngineError("The language engine could not read this.", "What was saved is safe.")
        llama_cpp.llama_sampler_free(tried)
        return LlamaGrammar.from_string(text, verbose=False)

    def _generate(self, request: protocol.Generate, channel: Channel) -> Iterator[Delta | Generated]:
        import llama_cpp

        assert self._facts is not None
        tokens = self._rendered(request.prompt)
        room = self._facts.context_tokens - len(tokens)
        if room < min(_LEAST_REPLY, request.reply_tokens):
            raise ContextOverflow
        limit = min(request.reply_tokens, room)
        grammar = self._grammar(request.grammar) if request.grammar else None
        reused = _shared(self._llama._input_ids[: self._llama.n_tokens].tolist(), tokens)
        began = time.monotonic()
        first = 0.0
        vocab = llama_cpp.llama_model_get_vocab(self._llama.model)
        visible = Visible(is_thinking_hidden=not request.grammar)
        reply: list[int] = []
        reason = StopReason.LENGTH
        try:
            for token in self._llama.generate(tokens, temp=0.0, repeat_penalty=1.0, grammar=grammar):
                first = first or time.monotonic() - began
                if llama_cpp.llama_vocab_is_eog(vocab, token):
                    reason = StopReason.FINISHED
                    break
                reply.append(token)
                visible.add(self._llama.detokenize([token], prev_tokens=tokens + reply[:-1]))
                text = visible.due(time.monotonic())
                if text:
                    yield Delta(text)
                if channel.is_cancelled or len(reply) >= limit:
                    break
        except (RuntimeError, ValueError) as error:  # a decode that fails, a grammar that is none
            self._llama.reset()
            if not channel.is_cancelled:
                raise EngineError(
                    "The language engine could not read this.", "What was saved is safe; start it again."
                ) from error
        rest = visible.rest()
        if rest:
            yield Delta(rest)
        yield Generated(reason, len(tokens), reused, len(reply), first, time.monotonic() - began)


@contextmanager
def _without_metadata() -> Iterator[None]:
    """Keep llama-cpp-python from compiling the model's chat templates while it loads.

    Jinja computes what is constant in a template when it compiles it, and that can be three
    gigabytes; we compile the one that we need in limits (`Template`).
    """
    import llama_cpp._internals

    its_model: Any = llama_cpp._internals.LlamaModel
    kept = its_model.metadata
    its_model.metadata = lambda _: {}
    try:
        yield
    finally:
        its_model.metadata = kept


class Visible:
    """A reply's characters that may be shown: whole ones, gathered for a moment, without hidden thinking."""

    def __init__(self, *, is_thinking_hidden: bool) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self._last = 0.0
        self._is_undecided = is_thinking_hidden
        self._is_thinking = False

    def add(self, raw: bytes) -> None:
        """Take a token's bytes."""
        self._held += self._decoder.decode(raw)

    def due(self, now: float) -> str:
        """What is to be sent now, or nothing."""
        if now - self._last < _BATCH_SECONDS:
            return ""
        self._last = now
        return self._shown()

    def rest(self) -> str:
        """What is left at the end."""
        self._held += self._decoder.decode(b"", final=True)
        text = self._shown()
        return text if self._is_thinking else text + self._take()

    def _take(self) -> str:
        text, self._held = self._held, ""
        return text

    def _shown(self) -> str:
        if self._is_undecided:
            start = self._held.lstrip()
            if _THINK_OPEN.startswith(start[: len(_THINK_OPEN)]) and len(start) < len(_THINK_OPEN):
                return ""
            self._is_undecided = False
            self._is_thinking = start.startswith(_THINK_OPEN)
        if self._is_thinking:
            _, found, after = self._held.partition(_THINK_CLOSE)
            if not found:
                return ""
            self._is_thinking = False
            self._held = after.lstrip()
        return self._take()


def with_thinking_ended(prompt: str) -> str:
    """The prompt of a template that opens the thinking itself, with that thinking ended before it begins."""
    begun = prompt.rstrip()
    return f"{begun}\n\n{_THINK_CLOSE}\n\n" if begun.endswith(_THINK_OPEN) else prompt


def _shared(one: list[int], other: list[int]) -> int:
    """How many leading tokens two lists share."""
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
