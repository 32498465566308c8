"""Text generation by llama.cpp, inside the language worker."""

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
from app.engines.worker.chat_template import ChatTemplate

_BATCH_SECONDS = 0.025  # text is sent in steps of a frame of the window, not one message per token
_BASE_TIMEOUT = 6.0  # seconds in which a small model must load, or a chat template render
_SLOWEST_DISK = 30e6  # bytes per second; a slower load counts as hung
_LEAST_REPLY = 16  # tokens that must fit after the prompt
_THINK_OPEN, _THINK_CLOSE = "<think>", "</think>"


class LlamaEngine:
    """The language worker's engine; it keeps the evaluated prompt, so that a shared prefix is not evaluated again."""

    def __init__(self) -> None:
        self._llama: Any = None
        self._template: ChatTemplate | None = None
        self._facts: LanguageFacts | None = None
        self._channel: Channel | None = None
        self._abort: Any = None
        self._adds_bos = False
        self._log: memory_plan.LlamaLog | None = None

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
            yield protocol.Counts((len(self._prompt_tokens(request.prompt)),))
        elif isinstance(request, protocol.Generate):
            yield from self._generate(request, channel)
        else:
            raise protocol.WireError("not for this worker")

    def _load(self, request: protocol.LoadModel) -> LanguageFacts:
        import llama_cpp

        self._log = self._log or memory_plan.LlamaLog()
        memory_plan.record_baseline()
        try:
            size = sum(shard.stat().st_size for shard in gguf.shard_paths(Path(request.path)))
            with resource_limits.deadline(_BASE_TIMEOUT + size / _SLOWEST_DISK):
                resource_limits.limit_memory(request.free)
                profile, trained_tokens = self._load_with_fitting_profile(request, self._log)
        except (ValueError, RuntimeError, OSError, KeyError, UnicodeDecodeError) as error:
            is_memory = isinstance(error, OSError) and error.errno == errno.ENOMEM
            raise (EngineOutOfMemory if is_memory else ModelDamaged) from error
        self._adds_bos = bool(llama_cpp.llama_vocab_get_add_bos(llama_cpp.llama_model_get_vocab(self._llama.model)))
        self._watch_for_cancel(llama_cpp)
        metadata: dict[str, str] = self._llama._model.metadata()
        with resource_limits.deadline(_BASE_TIMEOUT):
            ends, begins = self._token_text(self._llama.token_eos()), self._token_text(self._llama.token_bos())
            self._template = ChatTemplate(metadata.get("tokenizer.chat_template", ""), begins, ends)
        self._facts = LanguageFacts(
            metadata.get("general.name") or Path(request.path).stem, metadata.get("general.architecture", ""),
            int(self._llama.n_ctx()), trained_tokens, profile.cache,
        )  # fmt: skip
        return self._facts

    def _load_with_fitting_profile(self, request: protocol.LoadModel, log: memory_plan.LlamaLog) -> tuple[Profile, int]:
        """Load with the first profile that fits into free memory; returns it and the context the model was trained for.

        Raises:
            ModelTooLarge: no profile fits.
        """
        from llama_cpp import Llama

        for profile in request.profiles:
            need, trained_tokens = memory_plan.need_of_file(request.path, profile, log)
            if request.free and need.total > request.free:
                continue
            fitted = Profile(need.context_tokens, profile.cache)
            log.clear()
            try:
                with _without_metadata():
                    self._llama = Llama(
                        request.path, n_threads=request.threads, n_threads_batch=request.threads, verbose=False,
                        **memory_plan.context_arguments(fitted),
                    )  # fmt: skip
                return fitted, trained_tokens
            except MemoryError:
                continue
            except ValueError:
                if not log.shows_out_of_memory():
                    raise
        raise ModelTooLarge

    def _watch_for_cancel(self, llama_cpp: Any) -> None:
        """Make cancelling interrupt the evaluation of a long prompt, not only take effect between tokens."""

        def is_cancelled(_: Any) -> bool:
            return self._channel is not None and self._channel.is_cancelled

        self._abort = llama_cpp.ggml_abort_callback(is_cancelled)  # keep a reference: the library holds only a pointer
        llama_cpp.llama_set_abort_callback(self._llama.ctx, self._abort, ctypes.c_void_p(None))

    def _token_text(self, token: int) -> str:
        if token < 0:
            return ""
        raw: bytes = self._llama.detokenize([token], special=True)
        return raw.decode("utf-8", errors="replace")

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        found: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=special)
        return found

    def _prompt_tokens(self, prompt: Prompt) -> list[int]:
        """The prompt's tokens, as the model's own chat template renders it in Jinja's sandbox.

        Raises:
            ModelDamaged: the template fails, or needs more memory than any prompt can.
        """
        with resource_limits.deadline(_BASE_TIMEOUT):
            messages = [{"role": role, "content": self._without_control_tokens(text)} for role, text in prompt.messages]
            assert self._template is not None
            text = self._template.render(messages)
        tokens = self._tokens(with_thinking_closed(text), special=True)
        bos = self._llama.token_bos()
        return [bos, *tokens] if self._adds_bos and bos >= 0 and tokens[:1] != [bos] else tokens

    def _without_control_tokens(self, text: str) -> str:
        """The text without anything that the model would read as a control token.

        Otherwise anyone who speaks in a call, or names a file, could write a system turn of their own.
        """
        import llama_cpp

        vocab = llama_cpp.llama_model_get_vocab(self._llama.model)
        while True:
            before = text
            for token in set(self._tokens(text, special=True)):
                control_text = self._token_text(token) if llama_cpp.llama_vocab_is_control(vocab, token) else ""
                if len(control_text) > 1:
                    text = text.replace(control_text, f"{control_text[0]} {control_text[1:]}")
            if text == before:
                return text

    def _checked_grammar(self, text: str) -> Any:
        """Parse a grammar, checking it first: an invalid one crashes llama-cpp-python."""
        import llama_cpp
        from llama_cpp.llama_grammar import LlamaGrammar

        vocab = llama_cpp.llama_model_get_vocab(self._llama.model)
        sampler = llama_cpp.llama_sampler_init_grammar(vocab, text.encode(), b"root")
        if not sampler:
            raise EngineError("The language engine could not read this.", "What was saved is safe.")
        llama_cpp.llama_sampler_free(sampler)
        return LlamaGrammar.from_string(text, verbose=False)

    def _generate(self, request: protocol.Generate, channel: Channel) -> Iterator[Delta | Generated]:
        import llama_cpp

        assert self._facts is not None
        tokens = self._prompt_tokens(request.prompt)
        room = self._facts.context_tokens - len(tokens)
        if room < min(_LEAST_REPLY, request.reply_tokens):
            raise ContextOverflow
        limit = min(request.reply_tokens, room)
        grammar = self._checked_grammar(request.grammar) if request.grammar else None
        reused = _shared_prefix(self._llama._input_ids[: self._llama.n_tokens].tolist(), tokens)
        began = time.monotonic()
        first = 0.0
        vocab = llama_cpp.llama_model_get_vocab(self._llama.model)
        visible = ReplyText(is_thinking_hidden=not request.grammar)
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
        except (RuntimeError, ValueError) as error:  # a failed decode, or a grammar that can't continue
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

    Jinja evaluates a template's constant expressions when compiling it, which can take three
    gigabytes; we compile the one that we need within limits (`Template`).
    """
    import llama_cpp._internals

    llama_model: Any = llama_cpp._internals.LlamaModel
    original = llama_model.metadata
    llama_model.metadata = lambda _: {}
    try:
        yield
    finally:
        llama_model.metadata = original


class ReplyText:
    """The displayable text of a reply: whole characters, sent in batches, without hidden thinking."""

    def __init__(self, *, is_thinking_hidden: bool) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = ""
        self._last_sent = 0.0
        self._is_undecided = is_thinking_hidden
        self._is_thinking = False

    def add(self, raw: bytes) -> None:
        """Add the bytes of a token."""
        self._pending += self._decoder.decode(raw)

    def due(self, now: float) -> str:
        """The text to send at `now` (seconds), or an empty string."""
        if now - self._last_sent < _BATCH_SECONDS:
            return ""
        self._last_sent = now
        return self._take_visible()

    def rest(self) -> str:
        """The remaining text at the end of the reply."""
        self._pending += self._decoder.decode(b"", final=True)
        text = self._take_visible()
        return text if self._is_thinking else text + self._take()

    def _take(self) -> str:
        text, self._pending = self._pending, ""
        return text

    def _take_visible(self) -> str:
        if self._is_undecided:
            start = self._pending.lstrip()
            if _THINK_OPEN.startswith(start[: len(_THINK_OPEN)]) and len(start) < len(_THINK_OPEN):
                return ""
            self._is_undecided = False
            self._is_thinking = start.startswith(_THINK_OPEN)
        if self._is_thinking:
            _, found, after = self._pending.partition(_THINK_CLOSE)
            if not found:
                return ""
            self._is_thinking = False
            self._pending = after.lstrip()
        return self._take()


def with_thinking_closed(prompt: str) -> str:
    """The prompt; if its template opens a thinking block, with that block closed at once."""
    stripped = prompt.rstrip()
    return f"{stripped}\n\n{_THINK_CLOSE}\n\n" if stripped.endswith(_THINK_OPEN) else prompt


def _shared_prefix(one: list[int], other: list[int]) -> int:
    """The number of leading tokens that two lists share."""
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))
