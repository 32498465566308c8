"""Keeping keys out of swap, by locking their pages in memory where the system allows it."""

import ctypes
import sys


def lock_in_memory(key: bytes) -> bool:
    """Lock the memory page of a key that lives as long as the vault is open; return False if the system refuses.

    Best effort: short-lived copies made by Python or a library lie elsewhere. SQLCipher locks its own.
    """
    # A CPython bytes object ends with its content and a zero byte; Python offers no other way to the address.
    address, length = ctypes.c_void_p(id(key) + bytes.__basicsize__ - 1), ctypes.c_size_t(len(key))
    if sys.platform == "win32":  # pragma: no cover - Windows only
        return bool(ctypes.windll.kernel32.VirtualLock(address, length))
    return bool(ctypes.CDLL(None).mlock(address, length) == 0)
