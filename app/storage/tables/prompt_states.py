"""What was evaluated of calls, one sealed file each: a store that may lose any of them at any time."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from app.core.errors import AssistantError, NotEnoughSpace, NotFound, VaultDamaged
from app.core.files import sync_folder
from app.core.ids import CallId
from app.core.prompt_state import StateHead, StatePiece
from app.storage.files.layout import (
    PART_SUFFIX,
    STATE_SUFFIX,
    STATES_NAME,
    partial_state_path,
    sound_ids,
    state_path,
)
from app.storage.files.state_file import StateFile, write_state
from app.storage.keys.vault_header import subkey
from app.storage.vault import Vault

MOST_BYTES = 2_000_000_000
"""Bytes of all states together: some five hours of calls with a model of 1.5 billion weights."""

_FREE_SHARE = 10  # a tenth of what is free on the disk, at most, so that a call can always be imported


class PromptStateStore:
    """Writes, opens and removes the states. Each lies under a key made of its call's, and is removed with it."""

    def __init__(self, vault: Vault, most_bytes: int = MOST_BYTES) -> None:
        self._vault = vault
        self._most_bytes = most_bytes

    @property
    def _folder(self) -> Path:
        return self._vault.folder / STATES_NAME

    def write(self, call: CallId, pieces: Iterable[StatePiece]) -> bool:
        """Store the state of a call in place of an earlier one; the oldest go until it fits. Without pieces, nothing.

        False if it has no place at all, or the disk refuses; an earlier state of this call is then gone too.

        Raises:
            NotFound: there is no such call.
        """
        key = self._key(call)
        found = iter(pieces)
        first = next(found, None)
        if first is None:
            return True
        part = partial_state_path(self._folder, call)
        self.remove(call)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            part.unlink(missing_ok=True)
            budget = self._budget()
            size = write_state(part, key, _all_of(first, found), budget)
            self._make_room(budget - size)
            self._key(call)  # deleted meanwhile: nothing may come to lie there any more
            part.replace(state_path(self._folder, call))
            sync_folder(self._folder)
        except NotFound:
            part.unlink(missing_ok=True)
            raise
        except (OSError, AssistantError):
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return False
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return True

    def open(self, call: CallId) -> StateFile | None:
        """The state of a call, to be closed; None if there is none. A damaged one is removed."""
        try:
            path, key = state_path(self._folder, call), self._key(call)
            if not path.exists():
                return None
            return StateFile(path, key)
        except (VaultDamaged, NotFound):
            self.remove(call)
            return None

    def last_head(self, call: CallId) -> StateHead | None:
        """The last piece's place of a call's state, if there is one."""
        found = self.open(call)
        if found is None:
            return None
        with found:
            return found.heads[-1] if found.heads else None

    def remove(self, call: CallId) -> None:
        """Remove the state of a call."""
        with suppress(OSError, VaultDamaged):
            state_path(self._folder, call).unlink(missing_ok=True)

    def remove_all(self) -> None:
        """Remove every state."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def sweep(self) -> None:
        """Remove, at a start, what a kill left half written, and the states of calls that are not there.

        A state is made anew from its call, so nothing is lost with it, whatever the database does not know.
        """
        with suppress(OSError, AssistantError):
            known = {row[0] for row in self._vault.rows("SELECT id FROM recordings")}
            for id_ in sound_ids(self._folder, PART_SUFFIX):
                partial_state_path(self._folder, id_).unlink(missing_ok=True)
            for id_ in sound_ids(self._folder, STATE_SUFFIX) - known:
                self.remove(CallId(id_))

    def size(self) -> int:
        """Bytes of all states on disk."""
        return sum(size for _, size, _ in self._files())

    def _key(self, call: CallId) -> bytes:
        row = self._vault.row("SELECT media_key FROM recordings WHERE id = ?", [call])
        if row is None:
            raise NotFound
        return subkey(row[0], "tacit state v1")

    def _budget(self) -> int:
        return min(self._most_bytes, (shutil.disk_usage(self._folder).free + self.size()) // _FREE_SHARE)

    def _make_room(self, most: int) -> None:
        """Remove the oldest until the others have at most so many bytes."""
        if most < 0:
            raise NotEnoughSpace
        files = sorted(self._files())
        size = sum(each for _, each, _ in files)
        for _, each, path in files:
            if size <= most:
                return
            path.unlink(missing_ok=True)
            size -= each

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each state was written, its size, and its path."""
        found = []
        with suppress(OSError):
            for entry in os.scandir(self._folder):
                if entry.name.endswith(STATE_SUFFIX) and entry.is_file(follow_symlinks=False):
                    facts = entry.stat(follow_symlinks=False)
                    found.append((facts.st_mtime, facts.st_size, Path(entry.path)))
        return found


def _all_of(first: StatePiece, rest: Iterable[StatePiece]) -> Iterable[StatePiece]:
    yield first
    yield from rest
