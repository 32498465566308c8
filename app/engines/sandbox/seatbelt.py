"""macOS's sandbox for a worker, by `sandbox_init`; written from its documentation and not yet run on a Mac."""

import ctypes

# sandbox_init has been deprecated since 10.7, but has no successor for a program that confines itself, and browsers
# use it. Later rules override earlier ones. File metadata stays readable: resolving paths needs it.
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
    """Deny this process the network, other programs and files; returns whether the system accepted the profile."""
    try:
        library = ctypes.CDLL("/usr/lib/libSystem.B.dylib")
        sandbox_init = library.sandbox_init
    except (OSError, AttributeError):
        return False
    allowed = f"(allow file-read* file-write* {_subpaths(writes)})" if writes else ""
    profile = _PROFILE.format(reads=_subpaths((*engine, *reads, *writes)), writes=allowed)
    sandbox_init.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p)]
    sandbox_init.restype = ctypes.c_int
    problem = ctypes.c_char_p()
    return bool(sandbox_init(profile.encode(), 0, ctypes.byref(problem)) == 0)


def _subpaths(paths: tuple[str, ...]) -> str:
    return " ".join(f'(subpath "{_quoted(path)}")' for path in paths)


def _quoted(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"')
