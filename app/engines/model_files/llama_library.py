"""llama.cpp's library, with the one that computes on this processor."""

from typing import Any


def begun_library() -> Any:
    """The module `llama_cpp`, begun and able to load models.

    A package has a library for each generation of processors, of which llama.cpp takes the best that runs here. It is
    told their folder, since else it would look in the current one too. A checkout has one, which is linked.
    """
    import llama_cpp

    own: Any = llama_cpp.llama_cpp
    if not own._lib.ggml_backend_reg_count():
        own._lib.ggml_backend_load_all_from_path(str(own._base_path).encode())
    llama_cpp.llama_backend_init()
    return llama_cpp
