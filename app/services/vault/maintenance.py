"""The maintenance of a vault: checking, repairing, backing up and restoring it, and its automatic copies."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.errors import AssistantError, VaultDamaged
from app.core.job import JobContext, Progress
from app.core.output import Output
from app.storage.database.integrity import Finding
from app.storage.offline_vault import open_offline
from app.storage.safety import backups, folder_swap
from app.storage.safety.backups import write_backup
from app.storage.safety.copy_failure import copy_failure, forget_failure, note_failure, noted_failure
from app.storage.safety.integrity import inspect_open_vault, inspect_vault
from app.storage.safety.put_back import database_put_back, header_put_back, schema_warnings
from app.storage.safety.repair import RepairReport, repair
from app.storage.safety.restore import StagedRestore
from app.storage.tables.stray_sound import newly_unclaimed_sound
from app.storage.vault import Vault

__all__ = [
    "Finding",
    "Maintenance",
    "RepairReport",
    "StagedRestore",
    "back_up",
    "can_restore_beside",
    "check_vault",
    "noted_failure",
    "repair_vault",
    "watch_for",
]


def check_vault(folder: Path, passphrase: str) -> Iterator[Finding]:
    """Check every file of a closed vault, yielding each finding as it is made.

    Raises:
        VaultMissing, VaultInUse, WrongPassphrase, VaultTooNew, VaultUnwritable: it can't be checked.
    """
    with ExitStack() as stack:
        try:
            vault = stack.enter_context(open_offline(folder, passphrase))
        except VaultDamaged as error:
            yield Finding("header", False, f"{error.title} Nothing else can be opened without it.")
            return
        if vault.uses_earlier_header:
            yield Finding("header", False, "It is damaged; the one from before the last change opens instead.")
        else:
            yield Finding("header", True, "opens with this passphrase")
        yield from inspect_vault(vault)


def can_restore_beside(folder: Path) -> bool:
    """Whether this process may write beside the vault, where a backup is unpacked before it takes the vault's place."""
    return folder_swap.can_be_prepared(folder)


def repair_vault(folder: Path, passphrase: str, new: Path) -> RepairReport:
    """Save what can be read of a closed vault into a new one at `new`, with the same passphrase.

    Raises:
        VaultError: `new` is in use, or nothing can be read; the damaged vault is never written to.
    """
    with open_offline(folder, passphrase) as vault:
        return repair(vault, new)


def back_up(folder: Path, passphrase: str, place: Output | Path) -> list[str]:
    """Write a closed vault to one encrypted file, as `write_backup`; returns what was missing from it, in sentences.

    Raises:
        VaultError, NotEnoughSpace: nothing was written.
    """
    vault = Vault.open(folder, passphrase)
    try:
        return write_backup(vault, place)
    finally:
        vault.close()


class Maintenance:
    """The maintenance of an open vault: above all the copies of its database, made once a day.

    `copy_problem` says why the last copy was not made; None if it was. `warnings` says what must be known of this
    start: that an earlier header or database was put back, or that the database has parts of somebody else's.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._mutex = threading.Lock()
        self.copy_problem = noted_failure(vault.folder)
        self.warnings = [header_put_back()] if vault.has_replaced_header else []
        self.warnings += schema_warnings(vault)
        unclaimed = newly_unclaimed_sound(vault)
        if unclaimed:
            self.warnings.append(database_put_back(unclaimed))
        backups.remove_leftovers(vault.folder)

    def copy_if_due(self, context: JobContext | None = None) -> bool:
        """Make a copy if the last is older than a day; one that can't be made is `copy_problem` until one is."""
        now = datetime.now(UTC)
        self._vault.erase_traces()  # of a deletion that was followed by a kill
        with self._mutex:
            try:
                if not backups.is_copy_due(self._vault.folder, now):
                    return False
                backups.make_copy(self._vault, now, checkpoint=_checkpoint_of(context))
            except AssistantError as error:  # the session goes on, and the next hour or start tries again
                self.copy_problem = copy_failure(error)
                note_failure(self._vault.folder, self.copy_problem)
                return False
            self._copy_was_made()
        return True

    def _copy_was_made(self) -> None:
        self.copy_problem = None
        forget_failure(self._vault.folder)

    def held_until(self, since: datetime) -> datetime | None:
        """Until when copies may hold something that was created at `since` and is deleted now; None if none does."""
        now, copies = datetime.now(UTC), backups.list_copies(self._vault.folder)
        if not copies:
            return None
        made, path = copies[0]
        with suppress(OSError):
            ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if max(made, ended) < since <= now:  # a `since` in the future is from a wrong clock and says nothing
                return None
        return min(made, now) + timedelta(weeks=backups.WEEKS)

    def replace_copies(self, context: JobContext | None = None) -> None:
        """Replace every copy by a fresh one, so that none holds what was deleted.

        Raises:
            VaultError, NotEnoughSpace: the older copies are still there.
        """
        with self._mutex:
            backups.make_copy(self._vault, datetime.now(UTC), alone=True, checkpoint=_checkpoint_of(context))
            self._copy_was_made()

    def newest_copy(self) -> tuple[datetime, datetime] | None:
        """When the newest copy was made, and until when copies may hold what is deleted now; None without a copy."""
        newest = next((made for made, _ in backups.list_copies(self._vault.folder)), None)
        return None if newest is None else (newest, newest + timedelta(weeks=backups.WEEKS))

    def back_up(self, place: Output | Path, context: JobContext | None = None) -> list[str]:
        """Write the open vault to one encrypted file; returns what was missing from the vault, in sentences."""
        return write_backup(self._vault, place, watch_for(context) if context is not None else backups.ignore_progress)

    def check(self, context: JobContext) -> bool:
        """Check the open vault, reporting each `Finding` as it is made; True if all are good."""
        is_good = True
        for finding in inspect_open_vault(self._vault):
            context.checkpoint()
            context.report(finding)
            is_good = is_good and finding.is_good
        return is_good


def watch_for(context: JobContext) -> backups.Watch:
    """A callback that reports the progress of a backup or a restore, and ends it once the person has cancelled."""

    def watch(step: str, done: int, total: int) -> None:
        context.checkpoint()
        context.report(Progress(step, done, total, "bytes"))

    return watch


def _checkpoint_of(context: JobContext | None) -> Callable[[], None]:
    return context.checkpoint if context is not None else lambda: None
