"""macOS's sandbox for a worker, by `sandbox_init`; written from its documents and not yet run on a Mac."""

import ctypes

# sandbox_init is marked as old since 10.7, has no successor for a program that confines itself, and is
# what browsers use. Later rules win over earlier ones. Metadata of files stays readable: paths are resolved by it.
_PROFILE = """(version 1)
(allow default)
(deny network*)
(deny mach-lookup (global-name "com.apple.dnssd.service"))
(deny process-exec*)
(deny file-write*)
(allow file-write* (literal "/dev/null"))
(deny file-read-data (subpath "/Users") (subpath "/Volumes") (subpath "/private/tmp") (subpath "/private/var/folders"))
(allow file-read-data {reads})
{writes}
"""


def confine(engine: tuple[str, ...], reads: tuple[str, ...], writes: tuple[str, ...]) -> bool:
    """Take the network, other programs and files from this process; returns whether the system took the profile."""
    try:
        library = ctypes.CDLL("/usr/lib/libSystem.B.dylib")
        start = library.sandbox_init
    except (OSError, AttributeError):
        return False
    allowed = f"(allow file-read* file-write* {_places(writes)})" if writes else ""
    profile = _PROFILE.format(reads=_places((*engine, *reads, *writes)), writes=allowed)
    start.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p)]
    start.restype = ctypes.c_int
    problem = ctypes.c_char_p()
    return bool(start(profile.encode(), 0, ctypes.byref(problem)) == 0)


def _places(paths: tuple[str, ...]) -> str:
    return " ".join(f'(subpath "{_quoted(path)}")' for path in paths)


def _quoted(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"')
