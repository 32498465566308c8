"""The header of a model that is not downloaded yet, built from the catalogue's facts.

Keys and tensors have the names that llama.cpp reads for each architecture (its src/models).
"""

from app.core.fit import HeaderFacts
from app.engines.model_files.gguf import Tensor, Value

KNOWN_ARCHITECTURES = frozenset(
    "llama qwen2 qwen3 qwen3moe gemma2 gemma3 phi3 smollm3 granite mistral3 lfm2 granitehybrid qwen35".split()
)
_EPSILON = 1e-6
_WITH_QK_NORM = frozenset(("qwen3", "qwen3moe", "gemma3", "lfm2", "qwen35"))
_WITH_POST_NORMS = frozenset(("gemma2", "gemma3"))
_RECURRENT = frozenset(("lfm2", "granitehybrid", "qwen35"))


def header(facts: HeaderFacts) -> tuple[dict[str, Value], list[Tensor]]:
    """The metadata and tensors of a model with these facts.

    Raises:
        KeyError: the architecture is unknown.
    """
    if facts.architecture not in KNOWN_ARCHITECTURES:
        raise KeyError(facts.architecture)
    return _metadata(facts) | _vocabulary(facts.vocabulary), _tensors(facts)


def is_attention_block(facts: HeaderFacts, block: int) -> bool:
    """Whether a block attends to the whole context; other blocks keep a recurrent state of fixed size."""
    return facts.architecture not in _RECURRENT or block in facts.attention_blocks


def _metadata(facts: HeaderFacts) -> dict[str, Value]:
    kv_heads: list[Value] = [facts.kv_heads if is_attention_block(facts, block) else 0 for block in range(facts.blocks)]
    is_mixed = facts.architecture in ("lfm2", "granitehybrid")
    own: dict[str, Value] = {
        "context_length": facts.context, "embedding_length": facts.embedding, "block_count": facts.blocks,
        "feed_forward_length": facts.feed_forward, "attention.head_count": facts.heads,
        "attention.head_count_kv": kv_heads if is_mixed else facts.kv_heads,
        "attention.layer_norm_rms_epsilon": _EPSILON, "rope.freq_base": 1e6, "vocab_size": facts.vocabulary,
    }  # fmt: skip
    if facts.architecture != "phi3":
        own |= {"attention.key_length": facts.head_size, "attention.value_length": facts.head_size}
    else:
        own |= {"rope.dimension_count": facts.head_size, "rope.scaling.original_context_length": facts.context}
    if facts.sliding_window:
        own |= {"attention.sliding_window": facts.sliding_window}
    if facts.experts:
        own |= {
            "expert_count": facts.experts, "expert_used_count": facts.experts_used,
            "expert_feed_forward_length": facts.expert_feed_forward,
        }  # fmt: skip
    if facts.architecture == "gemma2":
        own |= {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}
    if facts.architecture.startswith("granite"):
        own |= {"attention.scale": 0.02, "embedding_scale": 12.0, "residual_scale": 0.22, "logit_scale": 10.0}
    if facts.architecture == "lfm2":
        own |= {"shortconv.l_cache": facts.conv_kernel}
    if facts.architecture == "granitehybrid":
        own |= _state_metadata(facts) | {"rope.dimension_count": facts.head_size, "rope.scaling.finetuned": False}
    if facts.architecture == "qwen35":
        every = facts.attention_blocks[0] + 1 if facts.attention_blocks else 4
        part = facts.head_size // 16
        sections: list[Value] = [part, part, part, 0]
        own |= _state_metadata(facts) | {"full_attention_interval": every, "rope.dimension_sections": sections}
        own |= {"rope.dimension_count": facts.head_size // 4}
    named: dict[str, Value] = {"general.architecture": facts.architecture}
    return named | {f"{facts.architecture}.{key}": value for key, value in own.items()}


def _state_metadata(facts: HeaderFacts) -> dict[str, Value]:
    return {
        "ssm.conv_kernel": facts.conv_kernel, "ssm.state_size": facts.state_size, "ssm.group_count": facts.state_groups,
        "ssm.time_step_rank": facts.state_heads, "ssm.inner_size": _inner_width(facts),
    }  # fmt: skip


def _inner_width(facts: HeaderFacts) -> int:
    """The inner width of a recurrent block: Mamba-2 has heads of 64, a delta net heads as wide as its state."""
    return facts.state_heads * (64 if facts.architecture == "granitehybrid" else facts.state_size)


def _vocabulary(count: int) -> dict[str, Value]:
    """A vocabulary of `count` tokens, about as long as real ones, since it takes memory too."""
    words: list[Value] = [f"token{number:06d}" for number in range(count)]
    words[:4] = ["<|begin|>", "<|end|>", "a", "b"]
    # Real vocabularies of this kind have about as many merges as tokens.
    merges: list[Value] = [f"token {number:06d}" for number in range(count)]
    kinds: list[Value] = [3, 3, *[1] * (count - 2)]
    return {
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2", "tokenizer.ggml.tokens": words,
        "tokenizer.ggml.token_type": kinds, "tokenizer.ggml.merges": merges, "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": 1, "tokenizer.ggml.add_bos_token": False,
    }  # fmt: skip


class _TensorList:
    """Collects tensors: matrices in the file's weight type, everything else as F32."""

    def __init__(self, weight_type: str) -> None:
        self._weight_type = weight_type
        self.found: list[Tensor] = []

    def matrix(self, name: str, *shape: int) -> None:
        kind = self._weight_type
        if kind.endswith("_K") and shape[0] % 256:
            kind = "Q8_0"  # rows that are no multiple of 256 need a type with smaller blocks
        self.found.append(Tensor(f"{name}.weight", shape, kind if shape[0] % 32 == 0 else "F16"))

    def plain(self, name: str, *shape: int) -> None:
        self.found.append(Tensor(name, shape, "F32"))


def _tensors(facts: HeaderFacts) -> list[Tensor]:
    tensors = _TensorList(facts.weight_type)
    tensors.matrix("token_embd", facts.embedding, facts.vocabulary)
    tensors.plain("token_embd_norm.weight" if facts.architecture == "lfm2" else "output_norm.weight", facts.embedding)
    if not facts.is_output_tied:
        tensors.matrix("output", facts.embedding, facts.vocabulary)
    for block in range(facts.blocks):
        name = f"blk.{block}"
        tensors.plain(f"{name}.attn_norm.weight", facts.embedding)
        if is_attention_block(facts, block):
            _attention(tensors, name, facts)
        else:
            _recurrence(tensors, name, facts)
        _feed_forward(tensors, name, facts)
    return tensors.found


def _attention(tensors: _TensorList, name: str, facts: HeaderFacts) -> None:
    wide, narrow = facts.heads * facts.head_size, facts.kv_heads * facts.head_size
    if facts.architecture == "phi3":
        tensors.matrix(f"{name}.attn_qkv", facts.embedding, wide + 2 * narrow)
    else:
        tensors.matrix(f"{name}.attn_q", facts.embedding, wide * (2 if facts.architecture == "qwen35" else 1))
        tensors.matrix(f"{name}.attn_k", facts.embedding, narrow)
        tensors.matrix(f"{name}.attn_v", facts.embedding, narrow)
    if facts.architecture == "qwen2":
        for part, size in (("q", wide), ("k", narrow), ("v", narrow)):
            tensors.plain(f"{name}.attn_{part}.bias", size)
    if facts.architecture in _WITH_QK_NORM:
        for part in ("q", "k"):
            tensors.plain(f"{name}.attn_{part}_norm.weight", facts.head_size)
    tensors.matrix(f"{name}.attn_output", wide, facts.embedding)


def _recurrence(tensors: _TensorList, name: str, facts: HeaderFacts) -> None:
    if facts.architecture == "lfm2":
        tensors.plain(f"{name}.shortconv.conv.weight", facts.conv_kernel, facts.embedding)
        tensors.matrix(f"{name}.shortconv.in_proj", facts.embedding, 3 * facts.embedding)
        tensors.matrix(f"{name}.shortconv.out_proj", facts.embedding, facts.embedding)
        return
    inner, keys = _inner_width(facts), facts.state_groups * facts.state_size
    tensors.plain(f"{name}.ssm_conv1d.weight", facts.conv_kernel, inner + 2 * keys)
    tensors.plain(f"{name}.ssm_dt.bias", facts.state_heads)
    tensors.matrix(f"{name}.ssm_out", inner, facts.embedding)
    if facts.architecture == "granitehybrid":
        tensors.matrix(f"{name}.ssm_in", facts.embedding, 2 * inner + 2 * keys + facts.state_heads)
        tensors.plain(f"{name}.ssm_conv1d.bias", inner + 2 * keys)
        tensors.plain(f"{name}.ssm_a", 1, facts.state_heads)
        tensors.plain(f"{name}.ssm_d", 1, facts.state_heads)
        tensors.plain(f"{name}.ssm_norm.weight", inner // facts.state_groups, facts.state_groups)
        return
    tensors.matrix(f"{name}.attn_qkv", facts.embedding, inner + 2 * keys)
    tensors.matrix(f"{name}.attn_gate", facts.embedding, inner)
    tensors.plain(f"{name}.ssm_a", facts.state_heads)
    tensors.matrix(f"{name}.ssm_beta", facts.embedding, facts.state_heads)
    tensors.matrix(f"{name}.ssm_alpha", facts.embedding, facts.state_heads)
    tensors.plain(f"{name}.ssm_norm.weight", facts.state_size)


def _feed_forward(tensors: _TensorList, name: str, facts: HeaderFacts) -> None:
    norm = "post_attention_norm" if facts.architecture == "qwen35" else "ffn_norm"
    tensors.plain(f"{name}.{norm}.weight", facts.embedding)
    if facts.architecture in _WITH_POST_NORMS:
        tensors.plain(f"{name}.post_attention_norm.weight", facts.embedding)
        tensors.plain(f"{name}.post_ffw_norm.weight", facts.embedding)
    if facts.experts:
        tensors.plain(f"{name}.ffn_gate_inp.weight", facts.embedding, facts.experts)
        tensors.matrix(f"{name}.ffn_gate_exps", facts.embedding, facts.expert_feed_forward, facts.experts)
        tensors.matrix(f"{name}.ffn_up_exps", facts.embedding, facts.expert_feed_forward, facts.experts)
        tensors.matrix(f"{name}.ffn_down_exps", facts.expert_feed_forward, facts.embedding, facts.experts)
        return
    if facts.architecture == "phi3":
        tensors.matrix(f"{name}.ffn_up", facts.embedding, 2 * facts.feed_forward)
    else:
        tensors.matrix(f"{name}.ffn_gate", facts.embedding, facts.feed_forward)
        tensors.matrix(f"{name}.ffn_up", facts.embedding, facts.feed_forward)
    tensors.matrix(f"{name}.ffn_down", facts.feed_forward, facts.embedding)
