"""A fresh process that unlocks a vault and tells how long it took: until the key was known, after that, to list."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from app.assembly import build
from tests.doubles.keychains import Memory, keychain_on


def main() -> int:
    """Unlock the vault in a folder and print the seconds.

    `typed`: with what is read from standard input. `keychain`: with what a keychain holds, which is read from there;
    and as the window does, which has loaded what it needs while its lock screen was looked at.
    """
    folder, given, by_keychain = Path(sys.argv[1]), sys.stdin.readline().rstrip("\n"), sys.argv[2] == "keychain"
    kept = {(service, name): secret for service, name, secret in json.loads(given)} if by_keychain else {}
    tacit = build(folder, folder.parent / "models", is_offline_enforced=True, keychain=keychain_on(Memory(kept)))
    if by_keychain:
        tacit.prepare()
    began = time.perf_counter()
    # The first unlocking of a process loads what it needs, below, and waits for it.
    from app.storage import vault

    known_at = 0.0
    opening = vault.Vault.__init__

    def watched(*arguments: Any, **named: Any) -> None:
        nonlocal known_at
        known_at = time.perf_counter()
        opening(*arguments, **named)

    vault.Vault.__init__ = watched  # type: ignore[method-assign]
    session = tacit.unlock(tacit.key_slots.keychain_secret() if by_keychain else given)
    ended = time.perf_counter()
    calls = len(session.library.calls())
    listed = time.perf_counter()
    session.close()
    print(known_at - began, ended - known_at, listed - ended, calls)
    return 0


if __name__ == "__main__":
    sys.exit(main())
