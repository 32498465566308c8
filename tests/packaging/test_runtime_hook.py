"""What a package does first in each process: the environment names no code, and a processor that is too old is told."""

import pytest

from tests.packaging.package import module

hook = module("runtime_hook")


def test_variables_that_name_code_are_taken_out_and_those_for_the_screen_are_left() -> None:
    named = [
        "QT_PLUGIN_PATH",
        "QT_QPA_PLATFORM_PLUGIN_PATH",
        "QML2_IMPORT_PATH",
        "LLAMA_CPP_LIB_PATH",
        "GGML_BACKEND_PATH",
    ]
    left = ["QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "QT_IM_MODULE", "HOME", "LANG", "DISPLAY", "TACIT_VAULT"]
    assert hook.named_code([*left, *named]) == named


@pytest.mark.parametrize(
    ("flags", "is_too_old"),
    [("fpu sse2 ssse3", True), ("fpu sse2 sse4_2", True), ("fpu sse4_2 popcnt", False), ("sse4_2 popcnt avx2", False)],
)
def test_a_processor_without_what_numpy_is_compiled_for_is_too_old(flags: str, is_too_old: bool) -> None:
    said = f"processor\t: 0\nmodel name\t: A processor\nflags\t\t: {flags}\nbugs\t\t:\n"
    assert hook.is_processor_too_old(said) is is_too_old


def test_what_says_nothing_of_its_processor_is_tried() -> None:
    assert not hook.is_processor_too_old("Processor\t: AArch64\n")
