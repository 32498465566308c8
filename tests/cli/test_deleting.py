"""`tacit delete` says what goes along and until when copies hold it, and rewrites them if asked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.core.conversation import Citation, Message, Role
from app.services.vault.maintenance import Maintenance
from app.storage.safety import backups
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.running import CHEAP, PASSPHRASE, Home
from tests.storage.calls import add, uid


def test_a_deletion_names_the_day_and_the_copies_forget_at_once_if_asked(tmp_path: Path) -> None:
    home = Home(tmp_path)
    vault = Vault.create(home.vault, PASSPHRASE, CHEAP)
    first, second = add(CallStore(vault), "We agree."), add(CallStore(vault), "We leave.")
    chat = ConversationStore(vault).start(None)
    cited = Citation(first, uid(CallStore(vault), first), 0.0, 1.0, 1)
    ConversationStore(vault).append(chat.id, Message(Role.ASSISTANT, "Yes. [1]", (cited,)))
    assert Maintenance(vault).copy_if_due()
    vault.close()
    refused = home.run("delete", first)
    assert (refused.status, "Nothing was deleted." in refused.err) == (1, True)
    shape = home.run("delete", first, "--yes", "--json").json
    assert (shape["deleted"], shape["answers_removed"]) == (first, 1)
    until = datetime.fromisoformat(shape["copies_until"])
    assert abs(until - datetime.now(UTC) - timedelta(weeks=backups.WEEKS)) < timedelta(minutes=5)
    (before,) = [path.read_bytes() for _, path in backups.list_copies(home.vault)]
    told = home.run("delete", second, "--yes", "--rewrite-copies")
    assert (told.status, told.err.strip()) == (0, "Deleted.")
    (after,) = [path.read_bytes() for _, path in backups.list_copies(home.vault)]
    assert after != before
