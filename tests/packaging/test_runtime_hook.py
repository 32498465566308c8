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
        "QT_XCB_GL_INTEGRATION",
        *"LD_LIBRARY_PATH LD_PRELOAD LD_AUDIT _PYI_PARENT_PROCESS_LEVEL OPENSSL_CONF".split(),
        *"OPENSSL_MODULES GCONV_PATH LIBGL_DRIVERS_PATH __EGL_VENDOR_LIBRARY_DIRS GBM_BACKENDS_PATH".split(),
    ]
    left = ["QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "QT_IM_MODULE", "HOME", "LANG", "DISPLAY", "TACIT_VAULT"]
    assert hook.named_code([*left, *named]) == named


OWN = {"LD_LIBRARY_PATH": "/opt/tacit/_internal", "_PYI_ARCHIVE_FILE": "/opt/tacit/tacit", "HOME": "/home/person"}


@pytest.mark.parametrize(
    ("foreign", "is_foreign"),
    [
        ({}, False),
        ({"_PYI_PARENT_PROCESS_LEVEL": "-1", "_PYI_LINUX_PROCESS_NAME": "tacit"}, False),
        ({"LD_LIBRARY_PATH": "/opt/tacit/_internal:/opt/other", "LD_LIBRARY_PATH_ORIG": "/opt/other"}, True),
        ({"LD_LIBRARY_PATH": "/opt/other"}, True),
        ({"LD_PRELOAD": "/opt/other/code.so"}, True),
        ({"LD_AUDIT": "/opt/other/code.so"}, True),
        ({"GCONV_PATH": "/opt/other"}, True),
        ({"_PYI_APPLICATION_HOME_DIR": "/opt/other"}, True),
    ],
)
def test_a_start_that_somebody_else_told_the_loader_about_is_foreign(foreign: dict[str, str], is_foreign: bool) -> None:
    assert hook.is_foreign_start(OWN | foreign, "/opt/tacit/_internal") is is_foreign


def test_a_start_without_the_folder_of_the_package_is_foreign() -> None:
    assert hook.is_foreign_start({"HOME": "/home/person"}, "/opt/tacit/_internal")


@pytest.mark.parametrize(
    ("flags", "is_too_old"),
    [("fpu sse2 ssse3", True), ("fpu sse2 sse4_2", True), ("fpu sse4_2 popcnt", False), ("sse4_2 popcnt avx2", False)],
)
def test_a_processor_without_what_numpy_is_compiled_for_is_too_old(flags: str, is_too_old: bool) -> None:
    said = f"processor\t: 0\nmodel name\t: A processor\nflags\t\t: {flags}\nbugs\t\t:\n"
    assert hook.is_processor_too_old(said) is is_too_old


def test_what_says_nothing_of_its_processor_is_tried() -> None:
    assert not hook.is_processor_too_old("Processor\t: AArch64\n")
