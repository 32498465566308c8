"""Runs first in each process of a package: what the environment must not decide, and processors that are too old."""

import os
import sys

# What a person sets for the screen and the keyboard; all else of Qt's variables can name code to be loaded.
_QT_MAY_READ = frozenset(
    "QT_QPA_PLATFORM QT_SCALE_FACTOR QT_SCREEN_SCALE_FACTORS QT_SCALE_FACTOR_ROUNDING_POLICY QT_FONT_DPI "
    "QT_AUTO_SCREEN_SCALE_FACTOR QT_ENABLE_HIGHDPI_SCALING QT_IM_MODULE QT_IM_MODULES QT_ACCESSIBILITY "
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON QT_XCB_GL_INTEGRATION QT_WAYLAND_DISABLE_WINDOWDECORATION".split()
)
_NAME_CODE = ("QT_", "QML", "QSG_", "PYSIDE", "LLAMA_", "GGML_", "CT2_", "_PYI_")
_TOO_OLD = (
    "tacit: This computer's processor is too old for Tacit: it lacks SSE4.2 or POPCNT, which others have since 2009.\n"
    "Nothing was changed; use Tacit on another computer.\n"
)


def named_code(names: "list[str]") -> "list[str]":
    """Those of these variables by which an environment could have code loaded into a process."""
    return [name for name in names if name.startswith(_NAME_CODE) and name not in _QT_MAY_READ]


def is_processor_too_old(processors: str) -> bool:
    """Whether what /proc/cpuinfo says lacks what numpy and the other libraries are compiled for (x86-64-v2)."""
    for line in processors.splitlines():
        if line.startswith("flags"):
            return not {"sse4_2", "popcnt"} <= set(line.split())
    return False


def _limit_environment() -> None:
    foreign = os.environ.pop("LD_LIBRARY_PATH_ORIG", "")
    os.environ.pop("LD_LIBRARY_PATH", None)  # the start of the package has set it; what we start has no use for it
    for name in named_code(list(os.environ)):
        del os.environ[name]
    if foreign:  # libraries of that folder could have been loaded: begin again without it
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
    if sys.platform == "linux":
        _refuse_old_processor()
