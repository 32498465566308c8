"""What lies on disk: nothing in the clear, and of deleted words nothing at all."""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.core.conversation import Message, Role
from app.core.summary import Point
from app.services.calls.library import renamed
from app.storage.files.layout import DATABASE_NAME
from app.storage.keys import vault_header
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.conftest import opened_vault
from tests.storage.calls import add

PAGE, RESERVED = 4096, 80  # SQLCipher 4: at a page's end 16 bytes of IV, then 64 of HMAC-SHA512
MASTER = b"k" * 32


def decrypted(path: Path) -> bytes:
    """Every page of a SQLCipher 4 database under its raw key, used or free."""
    key, content = vault_header.subkey(MASTER, "tacit database v1"), path.read_bytes()
    pages = []
    for at in range(0, len(content), PAGE):
        page = content[at : at + PAGE]
        iv = page[PAGE - RESERVED : PAGE - RESERVED + 16]
        plain = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        pages.append(plain.update(page[16 if at == 0 else 0 : PAGE - RESERVED]))
    return b"".join(pages)


def filled(folder: Path) -> tuple[Vault, CallStore]:
    vault = opened_vault(folder, MASTER)
    return vault, CallStore(vault)


def test_no_word_title_name_or_question_is_in_any_file(tmp_path: Path) -> None:
    words = ["Zanzibarword", "Titleword", "Nameword", "Questionword", "Overviewword", "sound of"]
    vault, store = filled(tmp_path)
    known = add(store, "We said Zanzibarword.", title="Titleword")
    store.set_speakers(known, renamed(store.get(known).speakers, ("Nameword",)))
    store.save_summary(known, call_summary("", "Overviewword", (Point("Zanzibarword"),), (), (), "qwen"))
    chats = ConversationStore(vault)
    chats.append(chats.start(known).id, Message(Role.USER, "Questionword?"))
    for _ in range(2):  # with the log beside it, then folded in
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert len(files) >= 3
        for path in files:
            content = path.read_bytes() + str(path.relative_to(tmp_path)).encode()
            for word in words:
                assert word.encode() not in content
                assert word.casefold().encode() not in content.lower()
                assert word.encode("utf-16-le") not in content
        vault.close()
    plain = decrypted(tmp_path / DATABASE_NAME)  # the search itself would find them
    assert all(word.encode() in plain for word in words[:-1])
    assert b"zanzibarword" in plain  # the index's own copy


def test_deleted_words_are_gone_from_every_page(tmp_path: Path) -> None:
    vault, store = filled(tmp_path)
    lines = [f"more Zanzibarword{n:03}" for n in range(200)]
    marked = add(store, "Only here: Zanzibarword.", *lines, title="Titleword")
    chats = ConversationStore(vault)
    chats.append(chats.start(marked).id, Message(Role.USER, "Zanzibarword?"))
    kept = add(store, "This stays: Madagascarword.")
    store.delete(marked)
    blocks = [row[0] for row in vault.read().execute("SELECT block FROM utterances_fts_data").fetchall()]
    assert not any(b"zanzibar" in bytes(block).lower() for block in blocks)
    assert any(b"adagascar" in bytes(block).lower() for block in blocks)
    assert [h.id for h in store.search('"madagascarword"', 5)] == [kept]
    vault.close()
    assert {p.name for p in tmp_path.iterdir()} <= {DATABASE_NAME, "vault.lock", "media"}
    plain = decrypted(tmp_path / DATABASE_NAME).lower()
    assert b"madagascarword" in plain
    assert b"anzibar" not in plain
    assert b"titleword" not in plain


def test_a_word_in_a_kept_call_stays_found_when_another_call_with_it_goes(tmp_path: Path) -> None:
    vault, store = filled(tmp_path)
    gone, kept = add(store, "The shared word."), add(store, "The shared word.")
    store.delete(gone)
    assert [h.id for h in store.search('"shared"', 5)] == [kept]
    vault.read().execute("INSERT INTO utterances_fts (utterances_fts) VALUES ('integrity-check')")
    vault.close()
