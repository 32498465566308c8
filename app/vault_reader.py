"""The process without rights that reads the database of a backup, which may be a stranger's."""

import os
import signal
import sys
from pathlib import Path

from app.engines.sandbox import confine, resource_limits, seccomp
from app.storage.database import row_stream

_MEMORY = 1 << 30  # bytes that a damaged or hostile file can make it use


def main() -> int:
    """Read the file that the parent names, and send its rows; the file is all of the person's that it can reach."""
    resource_limits.prefer_as_oom_victim()
    seccomp.harden()
    seccomp.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which stops us in its own way
    sys.dont_write_bytecode = True
    with os.fdopen(os.dup(0), "rb") as incoming, os.fdopen(os.dup(1), "wb") as outgoing:
        os.dup2(2, 1)  # a library's output must not end up among the rows
        try:
            order = row_stream.receive_order(incoming)
            resource_limits.limit_memory(_MEMORY)
            confine.confine_worker("vault", [order.path])
            from app.storage.database import foreign_rows  # late: it loads SQLCipher

            for message in foreign_rows.read_rows(Path(order.path), order.key):
                row_stream.send(outgoing, message)
        except (row_stream.BrokenStream, BrokenPipeError):  # the parent has gone
            return 1
    return 0
