"""What is asked of the launcher and refused stands in the ledger."""

from pathlib import Path

from app.catalog.download import network_log
from app.download_broker import DownloadBroker
from app.services.privacy import network_ledger
from app.services.privacy.network_ledger import Ledger
from app.storage.tables.network_ledger import LedgerStore
from app.storage.vault import Vault
from tests.catalog.download.asking import ENTRIES, asking, said, wait_until_it_comes
from tests.catalog.download.model_server import Server, trickling


def endings(models: Path) -> list[tuple[str, str]]:
    """Of each entry of the log, whose it is and how it ended."""
    found = [(notes.entry.model, notes.entry.ending) for notes in network_log.log_files(models) if notes.entry]
    return sorted(found)


def test_what_is_asked_for_and_refused_is_in_the_ledger(
    keeper: DownloadBroker, models: Path, vault: Vault, server: Server
) -> None:
    server.answer = trickling(0.01, 4000)
    child = asking(keeper, ENTRIES[0].id)
    wait_until_it_comes(child)
    assert said(asking(keeper, ENTRIES[1].id)).startswith("DownloadError Another download is on.")
    for line in (b"what was said on monday", b'{"pull": "../x"}', b'{"pull": "what-was-said"}'):
        keeper._handle_request(line)
    assert said(asking(keeper, ENTRIES[0].id)) == "here"  # joins in: the last child that asked is told
    child.kill()
    child.communicate()
    assert said(asking(keeper, "what-was-said")).startswith("ModelMissing ")
    refused = [(ENTRIES[1].id, "refused"), *[("unlisted", "refused")] * 4]
    assert endings(models) == sorted([(ENTRIES[0].id, "arrived"), *refused])
    ledger = Ledger(LedgerStore(vault), models)
    sentences = sorted(network_ledger.entry_sentence(entry) for entry in ledger.entries())
    assert sum("Nothing was sent." in sentence for sentence in sentences) == 5
    assert not any("monday" in sentence or "what-was-said" in sentence for sentence in sentences)


def test_whoever_asks_on_and_on_fills_no_disk(keeper: DownloadBroker, models: Path) -> None:
    for _ in range(300):
        keeper._handle_request(b"no request")
    assert said(asking(keeper, "no-such-model")).startswith("ModelMissing ")
    assert len(network_log.log_files(models)) == 100
