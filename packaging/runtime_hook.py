"""Runs first in each process of a package: what the environment must not decide, and processors that are too old."""

import os
import sys

# What a person sets for the screen and the keyboard; all else of Qt's variables can name code to be loaded. The other
# prefixes are of the loader, the freezer, OpenSSL, the C library's character sets, and what draws: GL, EGL, GBM.
_QT_MAY_READ = frozenset(
    "QT_QPA_PLATFORM QT_SCALE_FACTOR QT_SCREEN_SCALE_FACTORS QT_SCALE_FACTOR_ROUNDING_POLICY QT_FONT_DPI "
    "QT_AUTO_SCREEN_SCALE_FACTOR QT_ENABLE_HIGHDPI_SCALING QT_IM_MODULE QT_IM_MODULES QT_ACCESSIBILITY "
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON QT_WAYLAND_DISABLE_WINDOWDECORATION".split()
)
_NAME_CODE = (
    "QT_", "QML", "QSG_", "PYSIDE", "LLAMA_", "GGML_", "CT2_", "_PYI_", "LD_", "DYLD_", "OPENSSL_", "GCONV_", "LIBGL_",
    "EGL_", "__EGL_", "__GLX_", "GBM_", "MESA_LOADER_",
)  # fmt: skip
# Read before the first line here: by the loader, by the freezer's start, and as Python begins.
_READ_BEFORE = ("LD_", "_PYI_", "GCONV_")
_FREEZERS_OWN = {"LD_LIBRARY_PATH", "_PYI_ARCHIVE_FILE", "_PYI_PARENT_PROCESS_LEVEL", "_PYI_LINUX_PROCESS_NAME"}
_TOO_OLD = (
    "tacit: This computer's processor is too old for Tacit: it lacks SSE4.2 or POPCNT, which others have since 2009.\n"
    "Nothing was changed; use Tacit on another computer.\n"
)


def named_code(names: "list[str]") -> "list[str]":
    """Those of these variables by which an environment could have code loaded into a process."""
    return [name for name in names if name.startswith(_NAME_CODE) and name not in _QT_MAY_READ]


def is_foreign_start(environment: "dict[str, str]", inside: str) -> bool:
    """Whether somebody else than the start of the package, whose libraries lie `inside`, told it what to load.

    The start leaves out its own folder of libraries if variables say that it was there already.
    """
    told = {name for name in environment if name.startswith(_READ_BEFORE)}
    return environment.get("LD_LIBRARY_PATH") != inside or not told <= _FREEZERS_OWN


def is_processor_too_old(processors: str) -> bool:
    """Whether what /proc/cpuinfo says lacks what numpy and the other libraries are compiled for (x86-64-v2)."""
    for line in processors.splitlines():
        if line.startswith("flags"):
            return not {"sse4_2", "popcnt"} <= set(line.split())
    return False


def _limit_environment() -> None:
    begins_again = sys.platform == "linux" and is_foreign_start(dict(os.environ), sys._MEIPASS)
    for name in named_code(list(os.environ)):
        del os.environ[name]
    if begins_again:  # others' libraries could have been loaded
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # noqa: S606 - our own executable
    os.environ["QT_PLUGIN_PATH"] = os.path.join(sys._MEIPASS, "PySide6", *_QT, "plugins")  # noqa: PTH118 - quick to load


def _refuse_old_processor() -> None:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            said = file.read(4096)
    except OSError:
        return
    if is_processor_too_old(said):
        sys.stderr.write(_TOO_OLD)
        sys.exit(1)


if hasattr(sys, "_MEIPASS"):
    _QT = ("Qt",) if sys.platform == "linux" else ()
    _limit_environment()
    if sys.platform == "linux" and sys.argv[1:2] != ["--worker"]:  # whoever starts a worker has looked
        _refuse_old_processor()
