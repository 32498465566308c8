"""Text generation by llama.cpp, inside the language worker."""

import codecs
import ctypes
import hashlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.core import sampling
from app.core.conversation import StopReason
from app.core.engines import Delta, Generated, Likelihood, Prompt
from app.core.errors import (
    ContextOverflow,
    EngineOutOfMemory,
    ModelDamaged,
    ModelTooLarge,
    NoModelLoaded,
    PromptUnreadable,
)
from app.core.fit import Profile
from app.core.job import Progress
from app.core.model import LanguageFacts
from app.core.prompt_state import StatePiece
from app.engines import protocol
from app.engines.memory_shortage import is_of_shortage
from app.engines.model_files import gguf, memory_plan
from app.engines.sandbox import resource_limits
from app.engines.worker import prompt_state
from app.engines.worker.channel import Channel
from app.engines.worker.chat_template import ChatTemplate
from app.engines.worker.grammar_filter import GrammarFilter
from app.engines.worker.llama_loading import without_metadata
from app.engines.worker.prompt_memory import PromptMemory, shared_prefix
from app.engines.worker.sampling import likelihood, reply_tokens
from app.engines.worker.thinking import ThinkingFilter, control_text, with_thinking_closed
from app.engines.worker.vocabulary import Vocabulary

_BATCH_SECONDS = 0.025  # text is sent in steps of a frame of the window, not one message per token
_BASE_TIMEOUT = 6.0  # seconds in which a small model must load, or a chat template render
_SLOWEST_DISK = 30e6  # bytes per second; a slower load counts as hung
_LEAST_REPLY = 16  # tokens that must fit after the prompt
_CONTINUATIONS = ("\n[1", "\n\nI")  # of a text: the tokens at its end depend on what follows


class LlamaEngine:
    """The language worker's engine; what prompts share is evaluated once, and kept beside the others."""

    def __init__(self) -> None:
        self._llama: Any = None
        self._memory: PromptMemory | None = None
        self._vocabulary: Vocabulary | None = None
        self._template: ChatTemplate | None = None
        self._facts: LanguageFacts | None = None
        self._channel: Channel | None = None
        self._abort: Any = None
        self._adds_bos = False
        self._log: memory_plan.LlamaLog | None = None
        self._path = Path()
        self._identity = b""  # of the model and of how what it evaluates is stored, once it is needed

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Load, count, read or generate."""
        self._channel = channel
        if isinstance(request, protocol.LoadModel):
            yield self._load(request)
        elif self._facts is None:
            raise NoModelLoaded
        elif isinstance(request, protocol.CountTexts):
            yield protocol.Counts(tuple(len(self._tokens(text, special=False)) for text in request.texts))
        elif isinstance(request, protocol.CountPrompt):
            yield protocol.Counts((len(self._prompt_tokens(request.prompt)),))
        elif isinstance(request, protocol.Generate):
            yield from self._generate(request, channel)
        elif isinstance(request, protocol.ReadPrompt):
            yield from self._read(request.prompt, channel)
        elif isinstance(request, protocol.CompareWords):
            yield from self._compare(request, channel)
        elif isinstance(request, protocol.SaveState | protocol.LoadState):
            yield from self._move_state(request, channel)
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
            raise (EngineOutOfMemory if is_of_shortage(error) else ModelDamaged) from error
        self._path, self._identity = Path(request.path), b""
        self._vocabulary = Vocabulary(self._llama)
        self._memory = PromptMemory(self._llama)
        self._adds_bos = bool(llama_cpp.llama_vocab_get_add_bos(self._vocabulary.handle))
        self._watch_for_cancel(llama_cpp)
        metadata: dict[str, str] = self._llama._model.metadata()
        with resource_limits.deadline(_BASE_TIMEOUT):
            ends, begins = self._token_text(self._llama.token_eos()), self._token_text(self._llama.token_bos())
            template = metadata.get("tokenizer.chat_template", "")
            self._template = ChatTemplate(template, begins, ends)
        self._facts = LanguageFacts(
            metadata.get("general.name") or Path(request.path).stem, metadata.get("general.architecture", ""),
            int(self._llama.n_ctx()), trained_tokens, profile.cache, has_chat_template=bool(template.strip()),
            sampling=sampling.of_metadata(metadata),
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
                with without_metadata(), memory_plan.contexts_with_sequences():
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
        assert self._vocabulary is not None
        return self._vocabulary.piece(token, special=True).decode("utf-8", errors="replace")

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
            begun = messages.pop()["content"] if prompt.messages[-1][0] == "assistant" else ""
            assert self._template is not None
            text = self._template.render(messages)
        tokens = self._tokens(with_thinking_closed(text) + begun, special=True)
        bos = self._llama.token_bos()
        return [bos, *tokens] if self._adds_bos and bos >= 0 and tokens[:1] != [bos] else tokens

    def _without_control_tokens(self, text: str) -> str:
        """The text without anything that the model would read as a control token.

        Otherwise anyone who speaks in a call, or names a file, could write a system turn of their own.
        """
        assert self._vocabulary is not None
        while True:
            before = text
            for token in set(self._tokens(text, special=True)):
                control_text = self._token_text(token) if self._vocabulary.is_control(token) else ""
                if len(control_text) > 1:
                    text = text.replace(control_text, f"{control_text[0]} {control_text[1:]}")
            if text == before:
                return text

    def _grammar(self, text: str) -> GrammarFilter:
        assert self._vocabulary is not None
        try:
            return GrammarFilter(self._vocabulary, text)
        except ValueError as error:
            raise PromptUnreadable from error

    def _shared_tokens(self, prompt: Prompt, tokens: Sequence[int]) -> int:
        """How many of the prompt's leading tokens any prompt has that goes on otherwise behind what is shared."""
        if not prompt.shared:
            return 0
        place = next((n for n, (role, _) in enumerate(prompt.messages) if role != "system"), 0)
        role, text = prompt.messages[place]
        others = (
            self._prompt_tokens(Prompt((*prompt.messages[:place], (role, text[: prompt.shared] + continuation))))
            for continuation in _CONTINUATIONS
        )
        return min(shared_prefix(tokens, other) for other in others)

    def _read(self, prompt: Prompt, channel: Channel) -> Iterator[Progress]:
        assert self._facts is not None
        assert self._memory is not None
        tokens = self._prompt_tokens(prompt)
        tokens = tokens[: self._shared_tokens(prompt, tokens) + 1]  # the last token is never evaluated
        if len(tokens) > self._facts.context_tokens:
            raise ContextOverflow
        try:
            reused = self._memory.begin(tokens)
            for progress in self._memory.read(tokens, reused, len(tokens) - 1):
                yield progress
                if channel.is_cancelled:
                    return
        except (RuntimeError, ValueError) as error:
            self._memory.reset()
            if not channel.is_cancelled:
                raise PromptUnreadable from error
            return
        yield Progress("Reading", len(tokens), len(tokens), "tokens")

    def _generate(self, request: protocol.Generate, channel: Channel) -> Iterator[Progress | Delta | Generated]:
        assert self._facts is not None
        assert self._vocabulary is not None
        assert self._memory is not None
        vocabulary, memory = self._vocabulary, self._memory
        tokens = self._prompt_tokens(request.prompt)
        room = self._facts.context_tokens - len(tokens)
        if room < min(_LEAST_REPLY, request.reply_tokens):
            raise ContextOverflow
        limit = min(request.reply_tokens, room)
        grammar = self._grammar(request.grammar) if request.grammar else None
        shared = self._shared_tokens(request.prompt, tokens)
        reused = memory.begin(tokens, limit)
        began = time.monotonic()
        first = 0.0
        visible = ReplyText(is_thinking_hidden=not request.grammar)
        written = 0
        reason = StopReason.LENGTH
        try:
            for progress in memory.read(tokens, reused, shared):
                yield progress
                if channel.is_cancelled:  # what was read is kept, for the same question asked again
                    yield Generated(StopReason.LENGTH, len(tokens), reused, 0, 0.0, time.monotonic() - began)
                    return
            for token in reply_tokens(self._llama, vocabulary, tokens[-1], limit, grammar, request.sampling):
                first = first or time.monotonic() - began
                if vocabulary.is_end(token):
                    reason = StopReason.FINISHED
                    break
                written += 1
                control = self._token_text(token) if vocabulary.is_control(token) else ""
                visible.add(vocabulary.piece(token), control)
                text = visible.due(time.monotonic())
                if text:
                    yield Delta(text)
                if channel.is_cancelled:
                    break
        except (RuntimeError, ValueError) as error:  # a failed decode, or a grammar that can't continue
            memory.reset()
            if not channel.is_cancelled:
                raise PromptUnreadable from error
        finally:
            if grammar is not None:
                grammar.close()
        rest = visible.rest()
        if rest:
            yield Delta(rest)
        yield Generated(reason, len(tokens), reused, written, first, time.monotonic() - began)

    def _move_state(
        self, request: protocol.SaveState | protocol.LoadState, channel: Channel
    ) -> Iterator[StatePiece | Progress]:
        import llama_cpp

        assert self._facts is not None
        assert self._memory is not None
        if not self._identity:
            form = f"llama-cpp-python {llama_cpp.__version__}, {sys.byteorder}, {self._facts.cache.value}"
            self._identity = hashlib.sha256(prompt_state.model_identity(self._path) + form.encode()).digest()
        tokens = self._prompt_tokens(request.prompt)
        if isinstance(request, protocol.SaveState):
            yield from prompt_state.taken_out(self._memory, tokens, self._identity, request.known)
        else:
            yield from prompt_state.put_back(self._memory, tokens, self._identity, request.heads, channel)

    def _compare(self, request: protocol.CompareWords, channel: Channel) -> Iterator[Progress | Likelihood]:
        assert self._facts is not None
        assert self._vocabulary is not None
        assert self._memory is not None
        tokens = self._prompt_tokens(request.prompt)
        if len(tokens) >= self._facts.context_tokens:
            raise ContextOverflow
        reused = self._memory.begin(tokens)
        try:
            for progress in self._memory.read(tokens, reused):
                yield progress
                if channel.is_cancelled:  # nobody looks at the value
                    yield Likelihood(0.0)
                    return
            self._llama.eval(tokens[-1:])
        except (RuntimeError, ValueError) as error:
            self._memory.reset()
            if not channel.is_cancelled:
                raise PromptUnreadable from error
            yield Likelihood(0.0)
            return
        yield Likelihood(likelihood(self._llama, self._vocabulary, request.one, request.other))


class ReplyText:
    """The displayable text of a reply: whole characters, sent in batches, without hidden thinking."""

    def __init__(self, *, is_thinking_hidden: bool) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._thinking = ThinkingFilter() if is_thinking_hidden else None
        self._pending = ""
        self._last_sent = 0.0

    def add(self, raw: bytes, control: str = "") -> None:
        """Add the bytes of a token; of a control token, which has none, what it is called."""
        text = self._decoder.decode(raw)
        if self._thinking is None:
            self._pending += text
        else:
            self._pending += self._thinking.add(text + control_text(control))

    def due(self, now: float) -> str:
        """The text to send at `now` (seconds), or an empty string."""
        if now - self._last_sent < _BATCH_SECONDS:
            return ""
        self._last_sent = now
        return self._take()

    def rest(self) -> str:
        """The remaining text at the end of the reply."""
        text = self._decoder.decode(b"", final=True)
        self._pending += text if self._thinking is None else self._thinking.add(text) + self._thinking.finish()
        return self._take()

    def _take(self) -> str:
        text, self._pending = self._pending, ""
        return text
