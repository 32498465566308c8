"""Which failures mean that memory was short, in the words of the libraries that were starved to see them."""

import errno

import pytest

from app.engines.memory_shortage import is_of_shortage, shows_shortage


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        ImportError("libavcodec-5e6b81c2.so.62.28.102: failed to map segment from shared object"),
        ImportError("libavcodec-5e6b81c2.so.62.28.102: cannot map zero-fill pages"),
        RuntimeError("mkl_malloc: failed to allocate memory"),
        Exception("[ONNXRuntimeError] : 1 : FAIL : std::bad_alloc"),
        RuntimeError("can't start new thread"),
    ],
)
def test_a_shortage_is_known_by_any_library_s_words(error: Exception) -> None:
    assert is_of_shortage(error)
    wrapped = ValueError("the model")
    wrapped.__cause__ = error
    assert is_of_shortage(wrapped)


def test_other_failures_are_none() -> None:
    assert not is_of_shortage(RuntimeError("invalid vocabulary"))
    assert not is_of_shortage(OSError(errno.ENOENT, "No such file"))
    assert not shows_shortage("libgomp: warning")
    assert shows_shortage("libgomp: Thread creation failed: Resource temporarily unavailable")


def test_errors_that_were_raised_from_each_other_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert not is_of_shortage(one)
