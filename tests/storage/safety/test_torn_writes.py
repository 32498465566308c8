"""Every file of a vault, cut or overwritten at random places: a clear error or a correct read, never a wrong one."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.errors import AssistantError
from app.storage.files.layout import DATABASE_NAME, HEADER_NAME
from app.storage.keys.vault_header import (
    FORMAT,
    KEY_BYTES,
    Header,
    read_header,
    unwrap_master_key,
    with_passphrase,
    write_header,
)
from app.storage.offline_vault import OfflineVault
from app.storage.safety import backups
from app.storage.safety.integrity import inspect_vault
from app.storage.safety.repair import repair
from app.storage.safety.restore import StagedRestore
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.running import CHEAP
from tests.storage.calls import add

MASTER = b"m" * KEY_BYTES
PASSPHRASE = "correct horse battery staple"
CALLS, LINES = 12, 12
FILES = ("vault.db", "vault.db-wal", "vault.hdr", "media", "copy", "backup")
ERRORS = {"error at opening", "error at reading"}
Truth = dict[str, tuple[str, list[str], bytes]]  # id: title, lines, sound


def state(vault: Vault) -> Truth:
    """Everything in a vault, or the error that the first damaged place raises."""
    store = CallStore(vault)
    found: Truth = {}
    for call in store.all():
        with store.sound(call.id) as reader:
            sound = reader.read(0, reader.size)
            if not reader.is_finished:
                raise AssistantError("cut off")
        lines = [utterance.text for utterance in store.transcript(call.id).utterances]
        found[call.id] = (call.title, lines, sound)
    return found


def kept(folder: Path, target: Path) -> None:
    """The folder as a killed process leaves it: the log is not folded in."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("*.lock", "*-shm"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Truth]]:
    """A vault with half of its calls in the log alone, and its state after each step that the log holds."""
    folder = tmp_path_factory.mktemp("made")
    vault = opened_vault(folder / "live", MASTER)
    header = with_passphrase(Header(FORMAT, b"i" * 16, ()), MASTER, PASSPHRASE, CHEAP)
    write_header(folder / "live" / HEADER_NAME, header)
    chance = random.Random(3)
    store, states = CallStore(vault), []
    for n in range(CALLS):
        if n == CALLS // 2:
            vault.read().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        known = add(store, *(f"line {m} of {n} {chance.randbytes(60).hex()}" for m in range(LINES)), title=f"Call {n}")
        path = store.media_path(known)
        path.unlink()
        _sound(path, vault, known, chance.randbytes(150_000))
        states.append(state(vault))
    kept(folder / "live", folder / "torn")
    backups.make_copy(vault, datetime.now(UTC))
    ((_, copy),) = backups.list_copies(vault.folder)
    copy.rename(folder / "copy")
    backups.write_backup(vault, folder / "backup")
    vault.close()
    return folder / "torn", states


def _sound(path: Path, vault: Vault, known: str, plain: bytes) -> None:
    from app.storage.files.sealed_file import SealedWriter

    key = vault.rows("SELECT media_key FROM recordings WHERE id = ?", [known])[0][0]
    writer = SealedWriter(path, key)
    writer.write(plain)
    writer.close()


def tear(path: Path, chance: random.Random) -> None:
    """Cut a file, or overwrite some of it with noise, zeros or another part of itself."""
    content = bytearray(path.read_bytes())
    at, length = chance.randrange(len(content)), chance.choice((1, 16, 512, 4096))
    kind = chance.choice(("cut", "noise", "zeros", "moved"))
    if kind == "cut":
        del content[at:]
    else:
        length = min(length, len(content) - at)
        start = chance.randrange(len(content) - length + 1)
        piece = {"noise": chance.randbytes(length), "zeros": bytes(length), "moved": content[start : start + length]}
        content[at : at + length] = piece[kind]
    path.write_bytes(content)


def is_earlier(found: Truth, states: list[Truth]) -> bool:
    """Whether this is the whole truth as of some moment: each call is as it was written, up to a whole piece.

    A log that was cut is one whose end was never written; that end is gone, and what is before it is whole.
    """
    last = states[-1]
    ids = list(last)
    by_age = sorted(ids, key=lambda id_: int(last[id_][0].removeprefix("Call ")))
    there = [id_ for id_ in by_age if id_ in found]
    if there != by_age[: len(there)]:
        return False
    for id_ in there:
        title, lines, sound = found[id_]
        is_newest = id_ == there[-1]
        if title != last[id_][0] or sound != last[id_][2]:
            return False
        if lines != (last[id_][1][: len(lines)] if is_newest else last[id_][1]):
            return False
    return len(there) >= CALLS // 2


def outcome(folder: Path, states: list[Truth]) -> str:
    try:
        vault = opened_vault(folder, MASTER)
    except AssistantError:
        return "error at opening"
    try:
        found = state(vault)
    except AssistantError:
        return "error at reading"
    finally:
        vault.close()
    if found == states[-1]:
        return "correct"
    return "correct, earlier" if is_earlier(found, states) else "WRONG"


def repaired(folder: Path, new: Path, states: list[Truth]) -> int:
    """Lines saved of a torn vault, each as it was written; the new vault is clean."""
    try:
        repair(OfflineVault(folder, MASTER), new)
    except AssistantError:
        return 0
    assert [f for f in inspect_vault(OfflineVault(new, MASTER)) if not f.is_good] == []
    vault = opened_vault(new, MASTER)
    try:
        texts = {text for _, lines, _ in states[-1].values() for text in lines}
        saved = [row[0] for row in vault.rows("SELECT text FROM utterances")]
    finally:
        vault.close()
    assert set(saved) <= texts
    assert len(saved) == len(set(saved))
    return len(saved)


def header_outcome(path: Path) -> str:
    try:
        return "correct" if unwrap_master_key(read_header(path), PASSPHRASE) == MASTER else "WRONG"
    except AssistantError:
        return "error at opening"


def copy_outcome(path: Path, folder: Path, states: list[Truth]) -> str:
    """What a copy holds once it stands in the database's place."""
    (folder / (DATABASE_NAME + "-wal")).unlink()
    shutil.copyfile(path, folder / DATABASE_NAME)
    return outcome(folder, states)


def backup_outcome(path: Path, folder: Path, states: list[Truth]) -> str:
    """What a backup restores."""
    try:
        StagedRestore(path, folder, PASSPHRASE).finish()
    except AssistantError:
        return "error at opening"
    return outcome(folder, states)


def torn(
    made: tuple[Path, list[Truth]], tmp_path: Path, places: int, tell: Callable[[str], None] = print
) -> Counter[tuple[str, str]]:
    source, states = made
    chance = random.Random(20261121)
    seen: Counter[tuple[str, str]] = Counter()
    shares = []
    for place in range(places):
        name = FILES[place % len(FILES)]
        folder, new, beside = tmp_path / "torn", tmp_path / "new", tmp_path / "beside"
        shutil.copytree(source, folder)
        if name in ("copy", "backup"):
            shutil.copyfile(source.parent / name, beside)
            tear(beside, chance)
            result = (copy_outcome if name == "copy" else backup_outcome)(
                beside, folder if name == "copy" else new, states
            )
        elif name == HEADER_NAME:
            tear(folder / name, chance)
            result = header_outcome(folder / name)
        else:
            tear(chance.choice(sorted((folder / "media").iterdir())) if name == "media" else folder / name, chance)
            kept(folder, tmp_path / "as it is")
            result = outcome(tmp_path / "as it is", states)
            if result.startswith("error"):
                saved = repaired(folder, new, states)
                if name == DATABASE_NAME:
                    shares.append(saved / (CALLS * LINES))
                if name == "media":
                    assert saved == CALLS * LINES
        seen[name, result] += 1
        for left in (folder, new, tmp_path / "as it is"):
            shutil.rmtree(left, ignore_errors=True)
    tell(f"{places} places: " + ", ".join(f"{name} {what} {count}" for (name, what), count in sorted(seen.items())))
    shares.sort()
    tell(f"repair of {len(shares)} torn databases: median share of lines saved {shares[len(shares) // 2]:.3f}")
    assert {what for (name, what) in seen if name in ("copy", "backup")} <= {"correct", *ERRORS}, "no older state"
    return seen


def test_a_hundred_places(made: tuple[Path, list[Truth]], tmp_path: Path) -> None:
    seen = torn(made, tmp_path, 102)
    assert [key for key in seen if key[1] == "WRONG"] == []
    assert sum(seen.values()) == 102


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_thousand_places(made: tuple[Path, list[Truth]], tmp_path: Path) -> None:
    seen = torn(made, tmp_path, 2000)
    assert [key for key in seen if key[1] == "WRONG"] == []
    assert sum(seen.values()) == 2000
