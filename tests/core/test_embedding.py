"""What the header of a file says of an embedding model, and the key by which its vectors are compared."""

from pathlib import Path

import pytest

from app.core.embedding import Prefixes, is_embedding, prefixes_of, vectors_key


@pytest.mark.parametrize(
    ("architecture", "pooling", "expected"),
    [
        ("bert", 1, True), ("bert", None, True), ("bert", 4, False), ("qwen3", 3, True), ("qwen3", None, False),
        ("llama", 0, False), ("llama", None, False), ("gemma-embedding", None, True), ("qwen3", "?", False),
    ],
)  # fmt: skip
def test_a_model_that_pools_its_tokens_is_for_embeddings(architecture: str, pooling: object, expected: bool) -> None:
    metadata = {"general.architecture": architecture} | (
        {} if pooling is None else {f"{architecture}.pooling_type": pooling}
    )
    assert is_embedding(metadata) is expected


@pytest.mark.parametrize(
    ("metadata", "question", "passage"),
    [
        ({"general.architecture": "bert", "general.name": "all-MiniLM-L6-v2"}, "", ""),
        ({"general.architecture": "bert", "general.name": "Multilingual E5 Small"}, "query: ", "passage: "),
        ({"general.architecture": "bert", "general.basename": "multilingual-e5-small"}, "query: ", "passage: "),
        ({"general.architecture": "nomic-bert"}, "search_query: ", "search_document: "),
        ({"general.architecture": "qwen3", "qwen3.pooling_type": 3}, "Instruct: Given", ""),
        ({"general.architecture": "qwen3"}, "", ""),
        ({"general.architecture": "gemma-embedding"}, "task: search result | query: ", "title: none | text: "),
    ],
)
def test_questions_and_passages_are_marked_as_the_model_was_trained(
    metadata: dict[str, object], question: str, passage: str
) -> None:
    found = prefixes_of(metadata)
    assert (found.question[: len("Instruct: Given")] if question[:8] == "Instruct" else found.question) == question
    assert found.passage == passage


def test_another_file_or_another_prefix_has_another_key(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    content = bytearray(b"GGUF" + bytes(range(256)) * 40_000)  # ten megabytes
    path.write_bytes(content)
    key = vectors_key(path, None)
    assert len(key) == 16
    assert vectors_key(path, None) == key
    assert vectors_key(path, Prefixes("query: ")) != key
    (other := tmp_path / "other.gguf").write_bytes(content)
    assert vectors_key(other, None) == key  # its name counts for nothing
    other.write_bytes(content + b"\0")
    assert vectors_key(other, None) != key
    other.write_bytes(bytes(byte ^ 1 for byte in content))
    assert vectors_key(other, None) != key
    (short := tmp_path / "short.gguf").write_bytes(b"GGUF")
    assert vectors_key(short, None) != key
