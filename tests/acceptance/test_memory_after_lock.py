"""After a lock no process holds a key, the passphrase or a word of the person's: their memory is read from outside."""

import os
import re
import sys
from pathlib import Path

import pytest

from app.core.conversation import Message, Role
from app.core.ids import CallId
from app.core.summary import Point
from app.services.calls.library import renamed
from app.services.chats.drafts import Drafts
from app.storage.files.layout import HEADER_NAME
from app.storage.keys import vault_header
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.acceptance.memory import can_read, found_in
from tests.acceptance.on_screen import command_of, display, running, until
from tests.call_summaries import call_summary
from tests.running import CHEAP, PASSPHRASE, Home
from tests.storage.calls import add

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

TITLE, LINE, NAME, MESSAGE, SUMMARY, DRAFT, TYPED = (
    "zqtitleknob", "zqlinegourd", "zqnamefjord", "zqmessagelynx", "zqsummaryplum", "zqdraftmoss", "zqtypedwren",
)  # fmt: skip
MARKERS = (TITLE, LINE, NAME, MESSAGE, SUMMARY, DRAFT, TYPED)


def encoded(text: str) -> list[bytes]:
    """As Python, SQLite and the pipes hold it, and as Qt does."""
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-32-le")]


def planted(home: Home) -> tuple[CallId, set[bytes]]:
    """A vault with marker words in every kind of content; the call to open, and every byte string that is a secret.

    The second call still lacks its summary, so that a worker gets its words to read.
    """
    vault = Vault.create(home.vault, PASSPHRASE, CHEAP)
    store, conversations = CallStore(vault), ConversationStore(vault)
    made = add(store, *(f"{LINE} number {n}" for n in range(40)), title=TITLE)
    store.finish_transcript(made)
    store.save_summary(made, call_summary(TITLE, f"About {SUMMARY}.", (Point(SUMMARY),), (), (), "double"))
    known = store.get(made).speakers
    store.set_speakers(made, renamed(known, (NAME, "Priya")))
    chat = conversations.start(made)
    conversations.append(chat.id, Message(Role.USER, f"What of {MESSAGE}?"))
    conversations.append(chat.id, Message(Role.ASSISTANT, f"{MESSAGE} is so."))
    Drafts(vault).keep({made: f"And {DRAFT}?"})
    store.finish_transcript(add(store, *(f"We move the {LINE} to Friday." for _ in range(60)), title="Second"))
    recording_keys = {bytes(row[0]) for row in vault.rows("SELECT media_key FROM recordings")}
    vault.close()
    master = vault_header.unwrap_master_key(vault_header.read_header(home.vault / HEADER_NAME), PASSPHRASE)
    subkeys = {vault_header.subkey(master, f"tacit {of} v1") for of in ("database", "backup", "header")}
    raw = {master, *subkeys, *recording_keys}
    written = {form for key in raw for form in (key.hex().encode(), key.hex().upper().encode())}
    return made, raw | written | set(encoded(PASSPHRASE))


def test_after_a_lock_no_process_remembers_anything(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    call, secrets = planted(home)
    words = {form for marker in MARKERS for form in encoded(marker)}
    database_key = vault_header.subkey(
        vault_header.unwrap_master_key(vault_header.read_header(home.vault / HEADER_NAME), PASSPHRASE),
        "tacit database v1",
    )
    with display(tmp_path) as number, running(home, number) as product:
        window = product.wait_for_window()
        if not can_read(window):
            pytest.skip("the memory of other processes can't be read here: that takes root, and the right to trace")
        product.unlock(PASSPHRASE)
        until(lambda: found_in(window, [TITLE.encode(), TITLE.encode("utf-16-le")]), 20, "the calls")
        product.keys("ctrl+n")
        product.type(TYPED)
        product.keys("ctrl+k")
        product.type(TITLE)
        until(lambda: any("language" in command_of(pid) for pid in product.processes), 30, "the worker that reads")
        product.keys("Return")

        def is_all_there() -> bool:
            found = found_in(window, words)
            return all(found.intersection(encoded(marker)) for marker in MARKERS)

        until(is_all_there, 20, "every marker in the window's memory")
        assert database_key in found_in(window, [database_key])
        workers = [pid for pid in product.processes if "--worker" in command_of(pid)]
        for pid in product.processes:
            limits, status = (Path(f"/proc/{pid}/{of}").read_text() for of in ("limits", "status"))
            assert re.search(r"(?m)^Max core file size +0 +0 ", limits), command_of(pid)
            assert "\nUmask:\t0077\n" in status, command_of(pid)
        before = {window, *workers}
        assert any(found_in(worker, encoded(LINE)) for worker in workers), "no worker has read the words"

        said = " ".join([*product.shown, *(part for pid in product.processes for part in command_of(pid))])
        assert not any(marker in said for marker in MARKERS), "a title or a command line that others can read"
        product.keys("ctrl+l")
        fresh = product.wait_for_window(window)
        assert not before.intersection(product.processes)
        remaining = product.processes
        assert {product.launcher.pid, fresh} <= set(remaining)
        for pid in remaining:
            found = found_in(pid, secrets | words)
            assert not found, f"{len(found)} of them in {command_of(pid)[-1:]}"
        print(f"{len(remaining)} processes, {len(secrets)} secrets, {len(words)} forms of words: none found")

        product.unlock(PASSPHRASE)
        until(lambda: found_in(fresh, encoded(TYPED)), 20, "what was typed, restored")
        until(lambda: found_in(fresh, encoded(MESSAGE)), 20, "the call that was open, opened again")
        assert not any(os.path.exists(f"/proc/{pid}") for pid in before)  # noqa: PTH110 - no file, a process
    vault = Vault.open(home.vault, PASSPHRASE)
    try:
        drafts, _ = Drafts(vault).load()
        assert drafts == {"new": TYPED, call: f"And {DRAFT}?"}
    finally:
        vault.close()
