"""Whether a failure of an engine's library means that memory was short: each says it in its own words."""

import errno

_SIGNS = (
    "out of memory", "failed to allocate", "unable to allocate", "cannot allocate", "bad_alloc", "memoryerror",
    "memory allocation still failed",  # OpenBLAS, while numpy is imported
    "could not create a memory object", "could not execute a primitive",  # oneDNN, in CTranslate2
    "mem_buffer != null",  # ggml, which aborts when a small allocation fails
    "failed to map segment", "cannot map zero-fill pages",  # the dynamic loader
    "thread creation failed", "can't start new thread",  # a thread's stack is memory
)  # fmt: skip


def shows_shortage(text: str) -> bool:
    """Whether a line that a library wrote says so."""
    folded = text.casefold()
    return any(sign in folded for sign in _SIGNS)


def is_of_shortage(error: BaseException) -> bool:
    """Whether an exception, or one that it was raised from, says so."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        is_refused = isinstance(cause, OSError) and cause.errno == errno.ENOMEM
        if isinstance(cause, MemoryError) or is_refused or shows_shortage(str(cause)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
