"""What a vault must hold after work on it was cut off: kept from what was told, held against what is there."""

import copy
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.call import CallState
from app.core.deletion import REMOVED_ANSWER
from app.core.errors import WrongPassphrase
from app.services.session import Session
from app.services.vault.maintenance import check_vault
from app.storage.offline_vault import open_offline
from app.storage.safety import backups
from app.storage.vault import Vault
from tests.services.killed import VERSION_1_PASSPHRASE, product, restored_from
from tests.storage.database.test_migration import is_whole
from tests.version_texts import version_texts


@dataclass
class Call:
    """What is known of a call."""

    title: str
    sound: str
    lines: list[str] = field(default_factory=list)
    is_whole: bool = False


@dataclass
class Chat:
    """What is known of a chat; `cites` are the calls that the message at a place cites."""

    about: str | None
    texts: list[str] = field(default_factory=list)
    cites: dict[int, list[str]] = field(default_factory=dict)


@dataclass
class Note:
    """What is known of a note; of `versions` nothing while it is written to."""

    text: str
    place: str = "list"
    versions: list[str] | None = None


@dataclass
class Truth:
    """What a vault holds."""

    passphrase: str
    calls: dict[str, Call] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    copy: str = ""

    def forget(self, call: str) -> None:
        """A call was deleted."""
        del self.calls[call]
        self.chats = {id_: chat for id_, chat in self.chats.items() if chat.about != call}
        for chat in self.chats.values():
            for place in [n for n, cited in chat.cites.items() if call in cited]:
                chat.texts[place] = REMOVED_ANSWER
                del chat.cites[place]

    def write(self, note: str, text: str, versions: list[str] | None) -> None:
        """A note got another text."""
        place = self.notes[note].place if note in self.notes else "list"
        self.notes[note] = Note(text, place, versions)

    def place(self, note: str, place: str) -> None:
        """A note came into the list or the trash, or was forgotten."""
        if place:
            self.notes[note].place = place
        else:
            del self.notes[note]


@dataclass
class Told:
    """What a worker was doing when it was killed."""

    doing: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


class Ledger:
    """The truth about the vault of a home, from what is told of the work on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.truth = Truth("passphrase of the first days")
        self.is_restored = self.has_backup = False
        self.backups: list[Truth] = []  # what the backup may hold
        self.confirmed: Counter[str] = Counter()
        product(home).create(self.truth.passphrase).close()

    def take(self, told: Told, what: str, doing: str, facts: dict[str, Any]) -> None:
        """Something was begun, saved or done."""
        if what == "BEGIN":
            told.doing, told.facts = doing, facts
            if doing == "backing up":
                self.backups = [*self.backups, copy.deepcopy(self.truth)]
            return
        self.confirmed[doing] += 1
        self._apply(doing, {**told.facts, **facts})
        if what == "DONE":
            told.doing = ""

    def _apply(self, doing: str, facts: dict[str, Any]) -> None:
        truth = self.truth
        if doing == "importing":
            truth.calls[facts["id"]] = Call(facts["title"], facts["sound"])
        elif doing == "transcribing":
            truth.calls[facts["id"]].lines = facts["lines"]
        elif doing == "chatting" and "about" in facts:
            truth.chats[facts["chat"]] = Chat(facts["about"])
        elif doing == "chatting":
            chat = truth.chats[facts["chat"]]
            before = chat.texts[:-1] if chat.texts and chat.texts[-1] == facts["question"] else chat.texts
            chat.texts = before + facts["texts"]
            if facts.get("cites"):
                chat.cites[len(chat.texts) - 1] = facts["cites"]
        elif doing == "renaming":
            truth.calls[facts["id"]].title = facts["title"]
        elif doing == "deleting":
            truth.forget(facts["id"])
        elif doing == "forgetting a chat":
            del truth.chats[facts["chat"]]
        elif doing == "writing a note":
            truth.write(facts["note"], facts["text"], facts["versions"])
        elif doing == "changing a note":
            truth.place(facts["note"], facts["place"])
        elif doing == "keeping a copy":
            truth.copy = facts["copy"]
        elif doing == "changing the passphrase":
            truth.passphrase = facts["new"]
        elif doing == "backing up":
            self.backups, self.has_backup = self.backups[-1:], True
        elif doing == "restoring":
            self.is_restored = True

    def look(self, told: Told, *, looks_twice: bool = True) -> None:
        """Open the vault after the work was cut off, and compare; what is found is the truth from then on."""
        tacit = product(self.home)
        assert tacit.vault_exists()
        truths = [*self.backups] if self.is_restored else [self.truth]
        if told.doing == "restoring":
            truths += self.backups
        truths = [other for truth in truths for other in outcomes(truth, told)]
        passphrase = opening(self.home, [truth.passphrase for truth in truths])
        if looks_twice:  # as it was left: only what the next start removes may be too much
            assert bad(self.home, passphrase) <= {f"file {path.stem}" for path in self._sounds()}
        session = tacit.unlock(passphrase)
        found = state(session, passphrase)
        session.close()
        assert bad(self.home, passphrase) == set()
        reasons = [misfit(truth, told, found) for truth in truths]
        assert "" in reasons, (told, reasons)
        newest = next((path.name for _, path in backups.list_copies(self.home / "vault")), "")
        if not self.is_restored and told.doing != "restoring":
            assert newest >= self.truth.copy
        self.truth, self.is_restored = found, False
        self.truth.copy = newest
        if told.doing == "migrating":
            vault = Vault.open(self.home / "version-1", VERSION_1_PASSPHRASE)
            assert is_whole(vault)
            vault.close()
            assert all(finding.is_good for finding in check_vault(self.home / "version-1", VERSION_1_PASSPHRASE))
        if told.doing == "backing up" and self.has_backup:
            restored_from(self.home, self.home / "other", [truth.passphrase for truth in self.backups]).give_up()

    def _sounds(self) -> list[Path]:
        return list((self.home / "vault" / "media").glob("*.sealed"))


def opening(home: Path, passphrases: list[str]) -> str:
    """The one of these that opens the vault."""
    for passphrase in dict.fromkeys(passphrases):
        try:
            with open_offline(home / "vault", passphrase):
                return passphrase
        except WrongPassphrase:
            continue
    raise AssertionError("the vault does not open")


def bad(home: Path, passphrase: str) -> set[str]:
    """What `tacit vault check` finds fault with."""
    return {finding.name for finding in check_vault(home / "vault", passphrase) if not finding.is_good}


def state(session: Session, passphrase: str) -> Truth:
    """Everything that an open vault holds."""
    found = Truth(passphrase)
    for call in session.library.calls():
        with session.importing._calls.sound(call.id) as sound:
            hashed = hashlib.sha256(sound.read(0, sound.size)).hexdigest()
        lines = [utterance.text for utterance in session.library.transcript(call.id).utterances]
        found.calls[call.id] = Call(call.title, hashed, lines, call.state is CallState.TRANSCRIBED)
    for known in session.answering.conversations():
        messages = session.answering.conversation(known.id).messages
        cites: dict[int, list[str]] = {
            n: [c.id for c in message.citations] for n, message in enumerate(messages) if message.citations
        }
        found.chats[known.id] = Chat(known.call, [message.text for message in messages], cites)
    for in_trash in (False, True):
        for entry in session.notes.entries(in_trash=in_trash):
            versions = version_texts(session.notes, entry.id)
            place = "trash" if in_trash else "list"
            found.notes[entry.id] = Note(session.notes.note(entry.id).text, place, versions)
    return found


def outcomes(truth: Truth, told: Told) -> list[Truth]:
    """What may be there: what was begun is done, or was not begun; nothing between."""
    done = copy.deepcopy(truth)
    try:
        if told.doing == "renaming":
            done.calls[told.facts["id"]].title = told.facts["title"]
        elif told.doing == "deleting":
            done.forget(told.facts["id"])
        elif told.doing == "forgetting a chat":
            del done.chats[told.facts["chat"]]
        elif told.doing == "writing a note":
            done.write(told.facts["note"], told.facts["text"], None)
        elif told.doing == "changing a note":
            done.place(told.facts["note"], told.facts["place"])
        elif told.doing == "changing the passphrase":
            done.passphrase = told.facts["new"]
    except KeyError:  # a restored vault does not know it
        return [truth]
    return [truth, done]


def misfit(truth: Truth, told: Told, found: Truth) -> str:
    """How what was found differs from what it should be, or ""; of what was under way there may be more."""
    if truth.passphrase != found.passphrase:
        return "another passphrase opens it"
    if not truth.calls.keys() <= found.calls.keys() or not truth.chats.keys() <= found.chats.keys():
        return "a call or a chat is gone"
    more = [found.calls[id_].sound for id_ in found.calls.keys() - truth.calls.keys()]
    if more != ([told.facts["sound"]] if more and told.doing == "importing" else []):
        return "a call is there that nobody brought in"
    if len(found.chats) > len(truth.chats) + (told.doing == "chatting" and "start" in told.facts):
        return "a chat is there that nobody began"
    for id_, call in truth.calls.items():
        there = found.calls[id_]
        is_heard = told.doing == "transcribing" and told.facts["id"] == id_
        if (call.title, call.sound) != (there.title, there.sound):
            return f"title or sound of {id_}"
        if call.lines != there.lines and not (is_heard and _goes_on(call.lines, there.lines)):
            return f"lines of {id_}"
    for id_, chat in truth.chats.items():
        texts = found.chats[id_].texts
        most = len(chat.texts) + 2 * (told.doing == "chatting" and told.facts.get("chat") == id_)
        if texts[: len(chat.texts)] != chat.texts or len(texts) > most:
            return f"messages of {id_}"
    return misfit_of_notes(truth.notes, found.notes)


def misfit_of_notes(truth: dict[str, Note], found: dict[str, Note]) -> str:
    """How the notes differ, or ""."""
    if truth.keys() != found.keys():
        return "a note is gone, or there is one that nobody wrote"
    for id_, note in truth.items():
        there = found[id_]
        if (note.text, note.place) != (there.text, there.place):
            return f"the text or the place of the note {id_}"
        if note.versions is not None and note.versions != there.versions:
            return f"versions of the note {id_}"
    return ""


def _goes_on(lines: list[str], found: list[str]) -> bool:
    """Whether what was found goes on from these lines; the last of them may have got more words."""
    before, last = lines[:-1], len(lines) - 1
    return not lines or (len(found) > last and found[:last] == before and found[last].startswith(lines[last]))
