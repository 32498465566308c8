"""Keeping a vault safe: checking and repairing it, backing it up, restoring it, and the copies it keeps by itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.errors import AssistantError, VaultDamaged
from app.core.job import Context, Progress
from app.storage.database.integrity import Finding
from app.storage.offline_vault import held
from app.storage.safety import backups
from app.storage.safety.backups import Restoring, write_backup
from app.storage.safety.integrity import inspect, inspect_open
from app.storage.safety.repair import Repaired, repair
from app.storage.vault import Vault

__all__ = ["Finding", "Keeping", "Repaired", "Restoring", "back_up", "check_vault", "repair_vault", "watching"]


def check_vault(folder: Path, passphrase: str) -> Iterator[Finding]:
    """Check every file of a closed vault; each finding comes when it is there.

    Raises:
        VaultMissing, VaultInUse, WrongPassphrase, VaultTooNew, VaultUnwritable: it can't be looked into.
    """
    with ExitStack() as stack:
        try:
            vault = stack.enter_context(held(folder, passphrase))
        except VaultDamaged as error:
            yield Finding("header", False, f"{error.title} Nothing else can be opened without it.")
            return
        if vault.is_by_earlier_header:
            yield Finding("header", False, "It is damaged; the one from before the last change opens instead.")
        else:
            yield Finding("header", True, "opens with this passphrase")
        yield from inspect(vault)


def repair_vault(folder: Path, passphrase: str, new: Path) -> Repaired:
    """Save what can be read of a closed vault into a new one at `new`, with the same passphrase.

    Raises:
        VaultError: `new` is in use, or nothing can be read; the damaged vault is never written to.
    """
    with held(folder, passphrase) as vault:
        return repair(vault, new)


def back_up(folder: Path, passphrase: str, file: Path) -> list[str]:
    """Write a closed vault to one encrypted file; what was missing from it, in sentences.

    Raises:
        VaultError, NotEnoughSpace: nothing was written.
    """
    vault = Vault.open(folder, passphrase)
    try:
        return write_backup(vault, file)
    finally:
        vault.close()


class Keeping:
    """What an open vault keeps by itself: copies of its database, made once a day."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._mutex = threading.Lock()
        backups.sweep(vault.folder)

    def keep_if_due(self, context: Context | None = None) -> bool:
        """Make a copy if the last is older than a day; a disk that refuses does not stop the session."""
        now = datetime.now(UTC)
        self._vault.erase_traces()  # of a deletion after which the process was killed
        with self._mutex:
            try:
                if not backups.is_due(self._vault.folder, now):
                    return False
                backups.keep(self._vault, now, checkpoint=_checkpoint(context))
            except AssistantError:
                return False  # the next start tries again, and `tacit vault check` says what is wrong
        return True

    def held_until(self, since: datetime) -> datetime | None:
        """Until when copies may hold what is there since then and is deleted now; None if none does."""
        now, copies = datetime.now(UTC), backups.kept(self._vault.folder)
        if not copies:
            return None
        made, path = copies[0]
        with suppress(OSError):
            ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if max(made, ended) < since <= now:  # what is of tomorrow came with a wrong clock, nobody knows when
                return None
        return min(made, now) + timedelta(weeks=backups.WEEKS)

    def rewrite_now(self, context: Context | None = None) -> None:
        """Replace every copy by one of now, so that none holds what was deleted.

        Raises:
            VaultError, NotEnoughSpace: the older copies are still there.
        """
        with self._mutex:
            backups.keep(self._vault, datetime.now(UTC), alone=True, checkpoint=_checkpoint(context))

    def copied(self) -> tuple[datetime, datetime] | None:
        """When the newest copy was made, and until when what is deleted now may be in copies; or None."""
        newest = next((made for made, _ in backups.kept(self._vault.folder)), None)
        return None if newest is None else (newest, newest + timedelta(weeks=backups.WEEKS))

    def back_up(self, file: Path, context: Context | None = None) -> list[str]:
        """Write the open vault to one encrypted file; what was missing from it, in sentences."""
        return write_backup(self._vault, file, watching(context) if context is not None else backups.unwatched)

    def check(self, context: Context) -> bool:
        """Check the open vault, and report each `Finding` when it is there; whether all are good."""
        is_good = True
        for finding in inspect_open(self._vault):
            context.checkpoint()
            context.report(finding)
            is_good = is_good and finding.is_good
        return is_good


def watching(context: Context) -> backups.Watch:
    """Report the progress of a backup or a restore, and end it when the person has stopped it."""

    def watch(step: str, done: int, total: int) -> None:
        context.checkpoint()
        context.report(Progress(step, done, total, "bytes"))

    return watch


def _checkpoint(context: Context | None) -> Callable[[], None]:
    return context.checkpoint if context is not None else lambda: None
