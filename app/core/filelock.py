"""A lock on an open file, which the system releases even after a crash."""

import sys

if sys.platform == "win32":  # pragma: no cover - Windows only
    import msvcrt

    def lock(descriptor: int, *, is_shared: bool = False) -> None:
        """Lock the file, or raise OSError where another process holds it; closing the descriptor unlocks it."""
        if not is_shared:  # Windows itself refuses to delete an open file
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock(descriptor: int, *, is_shared: bool = False) -> None:
        """Lock the file, or raise OSError where another process holds it; closing the descriptor unlocks it."""
        fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
