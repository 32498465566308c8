"""Power cuts: nothing that was confirmed is lost, whatever of the unsynced writes reached the disk."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.core.errors import AssistantError, WrongPassphrase
from app.core.ids import CallId
from app.services.vault.maintenance import check_vault
from app.storage.files.layout import EARLIER_HEADER_NAME
from app.storage.files.sealed_file import SealedReader
from app.storage.offline_vault import OfflineVault
from app.storage.safety import folder_swap
from app.storage.safety.integrity import inspect_vault
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.storage.database.test_migration import VERSION_1, is_whole
from tests.storage.power_cuts import STYLES, Disk, Step, traced

MASTER = b"m" * 32
SOUND = 5_000
SECOND, FRAME = 32_000, 4_096
PASSPHRASE = "correct horse battery staple"
BEFORE = f"""
import os, sys
from pathlib import Path
from app.storage.keys import slots
from app.storage.safety.backups import write_backup
from app.storage.safety.restore import StagedRestore
from app.core.files import sync_folder
from app.storage.files.layout import LOCK_NAME, MEDIA_NAME
from app.storage.files.lock_file import LockFile
from app.storage.files.sealed_file import SealedWriter
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import CHEAP
from tests.storage.calls import add, line, new
folder = Path(sys.argv[1])
def tell(what, id_="-", number=0):
    os.write(1, f"{{what}} {{id_}} {{number}}\\n".encode())
def opened():
    (folder / MEDIA_NAME).mkdir(exist_ok=True)
    return Vault(folder, {MASTER!r}, LockFile(folder / LOCK_NAME))
"""
IMPORTS = f"""
vault = opened()
vault.read().execute("PRAGMA wal_autocheckpoint=20")
store, made = CallStore(vault), []
tell("BEGUN")
for n in range(1, 41):
    call = new(f"Call {{n}}")
    writer = SealedWriter(store.partial_media_path(call.id), call.media_key, 1024)
    writer.write(bytes([n]) * {SOUND})
    writer.close()
    store.store(call)
    tell("ADDED", call.id, n)
    store.begin_transcript(call.id, "small")
    for piece in range(3):
        store.save_utterances(call.id, 0, 10.0 * piece + 10, [line(f"line {{piece}} of {{n}}", 10.0 * piece)], "en")
        tell("SAID", call.id, piece + 1)
    made.append(call.id)
    if n % 5 == 0:
        gone = made.pop(0)
        store.delete(gone)
        tell("GONE", gone)
os._exit(0)
"""
GROWS = f"""
vault = opened()
store, call = CallStore(vault), new("A growing call")
store.add(call)
tell("BEGUN")
writer = SealedWriter(store.media_path(call.id), call.media_key, {FRAME})
for second in range(60):
    for quarter in range(4):
        writer.write(bytes([second]) * {SECOND // 4})
    tell("HEARD", call.id, writer.sync())
    store.begin_transcript(call.id, f"second {{second}}")
os._exit(0)
"""
MIGRATES = f"""
for path in [path for path in Path({str(VERSION_1)!r}).rglob("*") if path.is_file()]:
    target = folder / path.relative_to({str(VERSION_1)!r})
    target.parent.mkdir(exist_ok=True)
    with target.open("wb") as file:
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
sync_folder(folder / MEDIA_NAME)
sync_folder(folder)
tell("BEGUN")
for start in range(3):
    vault = Vault.open(folder, {PASSPHRASE!r})
    tell("OPENED")
    for n in range(3):
        tell("ADDED", add(CallStore(vault), "We agree.", title="Added"))
    vault.close()
os._exit(0)
"""
CHANGES = """
Vault.create(folder, "passphrase 0", CHEAP).close()
tell("BEGUN")
for n in range(1, 25):
    with slots.hold_vault_lock(folder):
        slots.change_passphrase(folder, f"passphrase {n - 1}", f"passphrase {n}", CHEAP)
    tell("CHANGED", "-", n)
    if n % 3 == 0:
        Vault.open(folder, f"passphrase {n}").close()
os._exit(0)
"""
RESTORES = f"""
home, folder = folder, folder / "vault"
vault = Vault.create(folder, {PASSPHRASE!r}, CHEAP)
old = add(CallStore(vault), "We agree.", title="Old")
write_backup(vault, home / "b.tacit")
tell("BACKED", old)
tell("BEGUN")
for n in range(3):
    tell("ADDED", add(CallStore(vault), "And more.", title="New"))
    vault.close()
    restoring = StagedRestore(home / "b.tacit", folder, {PASSPHRASE!r})
    tell("RESTORING")
    restoring.finish()
    tell("RESTORED")
    vault = Vault.open(folder, {PASSPHRASE!r})
os._exit(0)
"""


def told(steps: list[Step]) -> list[tuple[str, str, int]]:
    """What a process had confirmed, in order."""
    found = [step.content.decode().split() for step in steps if step.kind == "told"]
    return [(what, id_, int(number)) for what, id_, number in found]


def imports_stay(folder: Path, done: list[Step], coming: str) -> str:
    """Calls, lines and sound that were confirmed are there, deleted ones are not, and all is clean."""
    added = {id_: number for what, id_, number in told(done) if what == "ADDED"}
    said = {id_: number for what, id_, number in told(done) if what == "SAID"}
    gone = {id_ for what, id_, _ in told(done) if what == "GONE"}
    vault = opened_vault(folder, MASTER)
    store = CallStore(vault)
    store.remove_unwanted_sound()
    there = {call.id for call in store.all()}
    for id_, number in added.items():
        if id_ in gone:
            if id_ in there:
                return "deleted, and there again"
            continue
        if id_ == coming and id_ not in there:  # its deletion was under way
            continue
        known = CallId(id_)
        with store.sound(known) as reader:
            if reader.read(0, reader.size) != bytes([number]) * SOUND:
                return "sound lost"
        lines = [utterance.text for utterance in store.transcript(known).utterances]
        if lines[: said.get(id_, 0)] != [f"line {n} of {number}" for n in range(said.get(id_, 0))]:
            return "lines lost"
    vault.close()
    return "ok" if all(finding.is_good for finding in inspect_vault(OfflineVault(folder, MASTER))) else "not clean"


def seconds_stay(folder: Path, done: list[Step], _: str) -> str:
    """Every second of a growing recording that was confirmed can be heard."""
    heard = max((number for what, _, number in told(done) if what == "HEARD"), default=0)
    vault = opened_vault(folder, MASTER)
    ((id_, key, seconds),) = vault.rows("SELECT id, media_key, speech_model FROM recordings")
    path = CallStore(vault).media_path(id_)
    vault.close()
    if not heard and not path.exists():
        return "ok"
    if heard and heard // SECOND > int((seconds.split() or ["0"])[-1]) + 2:
        return "the vault is behind"
    with suppress(AssistantError), SealedReader(path, key) as reader:
        plain = reader.read(0, min(reader.size, heard))
        is_right = all(plain[at : at + 1] == bytes([at // SECOND]) for at in range(0, len(plain), 500))
        if len(plain) == heard and is_right and not reader.is_finished:
            return "ok"
        return f"{heard - len(plain)} bytes of sound lost"
    return "ok" if not heard else "the sound does not open"


def migrations_stay(folder: Path, done: list[Step], coming: str) -> str:
    """The vault of the first version, or that of this one, with everything that was in it and was added."""
    for _again in range(2):
        vault = Vault.open(folder, PASSPHRASE)
        store = CallStore(vault)
        added = {call.id for call in store.all() if call.title == "Added"}
        if not {id_ for what, id_, _ in told(done) if what == "ADDED"} <= added:
            return "a call was lost"
        if len(added) > 9:
            return "a call came twice"
        with vault.write() as db:  # what is compared is the old vault alone
            db.execute("DELETE FROM recordings WHERE title = 'Added'")
        assert is_whole(vault)
        vault.close()
        done = []
    return "ok"


def changes_stay(folder: Path, done: list[Step], _: str) -> str:
    """The last passphrase that was confirmed opens the vault, or the one under way; no other does."""
    last = max((number for what, _, number in told(done) if what == "CHANGED"), default=0)
    opening = []
    for number in range(max(0, last - 1), last + 2):
        with suppress(WrongPassphrase):
            Vault.open(folder, f"passphrase {number}").close()
            opening.append(number)
    if (folder / EARLIER_HEADER_NAME).exists():
        return "the earlier header is there after a good start"
    return "ok" if opening in ([last], [last + 1]) else f"{opening} open it after {last}"


def restores_stay(home: Path, done: list[Step], _: str) -> str:
    """The vault as it was, or the backup; whole, and which of them was confirmed."""
    folder, events = home / "vault", [what for what, _, _ in told(done)]
    folder_swap.undo_interrupted_swap(folder)
    if not all(finding.is_good or finding.name.startswith("file ") for finding in check_vault(folder, PASSPHRASE)):
        return "not clean"
    vault = Vault.open(folder, PASSPHRASE)
    titles = sorted(call.title for call in CallStore(vault).all())
    vault.close()
    old = {
        "BEGUN": [["Old"], ["New", "Old"]], "ADDED": [["New", "Old"]], "RESTORING": [["New", "Old"], ["Old"]],
        "RESTORED": [["Old"], ["New", "Old"]],
    }  # fmt: skip
    return "ok" if titles in old[events[-1]] else f"{titles} after {events[-1]}"


Look = Callable[[Path, list[Step], str], str]
LIVES: dict[str, tuple[str, Look]] = {
    "imports": (IMPORTS, imports_stay),
    "growing sound": (GROWS, seconds_stay),
    "migrations": (MIGRATES, migrations_stay),
    "passphrases": (CHANGES, changes_stay),
    "restores": (RESTORES, restores_stay),
}


def cut(folder: Path, life: str, cuts: int, *, has_syncs: bool = True) -> Counter[str]:
    """Cut the power at so many random moments, and count what became of it."""
    script, look = LIVES[life]
    folder.mkdir()
    steps = traced(folder, BEFORE + script)
    first = next(n for n, step in enumerate(steps) if step.content.startswith(b"BEGUN"))
    if not has_syncs:
        steps = steps[:first] + [step for step in steps[first:] if step.kind != "sync"]
    announcing = [(n, told([step])[0][1]) for n, step in enumerate(steps) if step.kind == "told"]
    chance = random.Random(20261121)
    seen: Counter[str] = Counter()
    for _ in range(cuts):
        at, style = chance.randrange(first + 1, len(steps)), chance.choice(STYLES)
        disk = Disk()
        for step in steps[:at]:
            disk.take(step)
        disk.lose_power(chance, style)
        disk.write(str(folder / "live"), folder / "after")
        coming = next((id_ for n, id_ in announcing if n >= at), "")
        try:
            seen[look(folder / "after", steps[:at], coming)] += 1
        except AssistantError as error:
            seen[f"not opened: {error.title}"] += 1
        shutil.rmtree(folder / "after")
    kinds = Counter(step.kind for step in steps[first:])
    print(f"{life}: {cuts} cuts in a trace of {kinds['write']} writes and {kinds['sync']} syncs: {dict(seen)}")
    return seen


pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace here to make a trace with")


@pytest.mark.parametrize("life", LIVES)
def test_a_few_cuts_lose_nothing_confirmed(life: str, tmp_path: Path) -> None:
    cuts = 40 if life == "imports" else 15
    assert cut(tmp_path / "cuts", life, cuts) == {"ok": cuts}


@pytest.mark.parametrize("life", ["imports", "growing sound", "migrations"])
def test_without_syncs_the_same_cuts_do_lose(life: str, tmp_path: Path) -> None:
    """Else the simulation would prove nothing."""
    assert cut(tmp_path / "cuts", life, 20, has_syncs=False)["ok"] < 18


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("life", "cuts"), [
    ("imports", 1400), ("growing sound", 400), ("migrations", 400), ("passphrases", 400), ("restores", 400),
])  # fmt: skip
def test_three_thousand_cuts_lose_nothing_confirmed(life: str, cuts: int, tmp_path: Path) -> None:
    assert cut(tmp_path / "cuts", life, cuts) == {"ok": cuts}
