"""Keys kept out of swap: their pages of memory are locked where the system allows it."""

import ctypes
import sys


def stays_in_memory(key: bytes) -> bool:
    """Lock the page that holds a key which lives as long as the vault is open; False if the system refuses.

    Best effort: copies that Python or a library makes for a moment lie elsewhere. SQLCipher locks those of its own.
    """
    # CPython's bytes object ends in its content and a zero byte; nothing else in Python gives the address.
    address, length = ctypes.c_void_p(id(key) + bytes.__basicsize__ - 1), ctypes.c_size_t(len(key))
    if sys.platform == "win32":
        return bool(ctypes.windll.kernel32.VirtualLock(address, length))
    return bool(ctypes.CDLL(None).mlock(address, length) == 0)
