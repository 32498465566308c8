"""A process that works on a vault until it is killed, and tells what it begins and what is confirmed.

`python -m tests.services.killed` imports the product once and forks a child for each line on its standard input.
"""

import hashlib
import json
import os
import random
import shutil
import sys
import wave
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.core.call import CallState
from app.core.errors import WrongPassphrase
from app.core.ids import CallId, ConversationId, NoteId, new_note_id
from app.core.import_options import ImportOptions
from app.core.transcript import Word
from app.engines.audio_output.loudspeaker import open_loudspeaker
from app.services.application import Application
from app.services.models.selection import ModelSelection
from app.services.session import Session
from app.services.settings import SettingsFile
from app.services.vault.maintenance import StagedRestore
from app.storage.safety import backups
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage, ScriptedSpeech
from tests.running import CHEAP
from tests.version_texts import version_texts

WAYS = (
    "importing", "transcribing", "chatting", "renaming", "deleting", "forgetting a chat", "migrating", "keeping a copy",
    "backing up", "restoring", "changing the passphrase", "writing a note", "changing a note",
)  # fmt: skip
VERSION_1 = Path(__file__).parents[1] / "fixtures" / "vaults" / "version-1"
VERSION_1_PASSPHRASE = "correct horse battery staple"
SECONDS, RATE, PIECE = 8, 1000, 2.0
_MOST = 6  # calls and chats; what is more is deleted


class Quiet:
    """Nobody watches."""

    def checkpoint(self) -> None:
        """Go on."""

    def report(self, event: object) -> None:
        """Nobody listens."""


def product(home: Path) -> Application:
    """The product on the vault of a home, with engines that follow a script."""
    settings = SettingsFile(home / "settings.json")
    speech = ScriptedSpeech({0: [Word(f" word{n}", n + 0.1, n + 0.9, 0.9) for n in range(SECONDS)]}, PIECE)
    language = ScriptedLanguage(lambda _: "That is all that was said.", 4096)

    def engines() -> ScriptedEngines:
        return ScriptedEngines(speech, language)

    models = ModelSelection(home / "models", settings)
    return Application(
        home / "vault", settings, models, engines, open_loudspeaker, lambda: True, is_offline_enforced=True, cost=CHEAP
    )


class Worker:
    """Does one kind of work again and again."""

    def __init__(self, home: Path, seed: int, passphrase: str, backup_passphrases: list[str]) -> None:
        self._home, self._tacit = home, product(home)
        self._passphrase, self._backup_passphrases = passphrase, backup_passphrases
        self._seed, self._count = seed, 0
        self._chance = random.Random(seed)
        self._session: Session | None = None
        self._doing = ""

    def work(self, way: str) -> None:
        """Until the end, which comes from outside."""
        work = getattr(self, "_" + way.replace(" ", "_"))
        if way not in ("migrating", "restoring", "changing the passphrase"):
            self._make_ready()
        self._tell("READY", process=os.getpid())
        while True:
            work()
            self._doing = ""
            if self._session is not None:
                self._make_room()

    def _make_ready(self) -> None:
        session = self._open()
        if not session.library.calls():
            self._importing()
        if not session.answering.conversations():
            self._chatting()

    def _make_room(self) -> None:
        session = self._open()
        for extra in session.library.calls()[_MOST:]:
            self._delete(extra.id)
        for chat in session.answering.conversations()[_MOST:]:
            self._forget(chat.id)

    def _tell(self, what: str, **facts: Any) -> None:
        os.write(1, json.dumps([what, self._doing, facts]).encode() + b"\n")

    def _begin(self, doing: str, **facts: Any) -> None:
        self._doing = doing
        self._tell("BEGIN", **facts)

    def _open(self) -> Session:
        if self._session is None:
            self._session = self._tacit.unlock(self._passphrase)
        return self._session

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _next(self) -> str:
        self._count += 1
        return f"{self._seed}-{self._count}"

    def _importing(self) -> None:
        session, name = self._open(), self._next()
        path = self._home / f"{name}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(random.Random(name).randbytes(2 * SECONDS * RATE))
        content = path.read_bytes()
        self._begin("importing", sound=hashlib.sha256(content).hexdigest())
        made = session.importing.import_file(path, ImportOptions(wants_summary=False), Quiet())
        self._tell("DONE", id=made.id, title=made.title)
        path.unlink()

    def _transcribing(self) -> None:
        session = self._open()
        waiting = [r for r in session.library.calls() if r.state in (CallState.IMPORTED, CallState.TRANSCRIBING)]
        if not waiting:
            self._importing()
            return
        known = waiting[0].id

        def tell(what: str = "SAVED") -> None:
            self._tell(what, id=known, lines=[u.text for u in session.library.transcript(known).utterances])

        session._listeners[:] = [lambda change: tell() if change.kind == "transcript" else None]
        self._begin("transcribing", id=known)
        session.transcribing.run(known, Quiet())
        tell("DONE")
        session._listeners.clear()

    def _chatting(self) -> None:
        session = self._open()
        known = session.answering.conversations()
        if not known or self._chance.random() < 0.3:
            about = self._chance.choice([None, *(r.id for r in session.library.calls())])
            self._begin("chatting", start=True)
            chat = session.answering.start(about)
            self._tell("DONE", chat=chat.id, about=about)
        else:
            chat = self._chance.choice(known)
        question = f"What of {self._next()}?"
        session._listeners[:] = [lambda change: self._tell("SAVED", chat=chat.id, texts=[question])]
        self._begin("chatting", chat=chat.id, question=question)
        answer = session.answering.reply(chat.id, question, Quiet())
        session._listeners.clear()
        self._tell("DONE", chat=chat.id, texts=[question, answer.text], cites=[c.id for c in answer.citations])

    def _renaming(self) -> None:
        session = self._open()
        known, title = self._chance.choice(session.library.calls()).id, f"Call {self._next()}"
        self._begin("renaming", id=known, title=title)
        session.library.rename(known, title)
        self._tell("DONE")

    def _deleting(self) -> None:
        known = self._open().library.calls()
        if known:
            self._delete(self._chance.choice(known).id)
        else:
            self._importing()

    def _delete(self, known: CallId) -> None:
        self._begin("deleting", id=known)
        self._open().library.delete(known)
        self._tell("DONE")

    def _forgetting_a_chat(self) -> None:
        known = self._open().answering.conversations()
        if known:
            self._forget(self._chance.choice(known).id)
        else:
            self._chatting()

    def _forget(self, chat: ConversationId) -> None:
        self._begin("forgetting a chat", chat=chat)
        self._open().answering.delete(chat)
        self._tell("DONE")

    def _notes(self) -> list[NoteId]:
        session = self._open()
        return [entry.id for in_trash in (False, True) for entry in session.notes.entries(in_trash=in_trash)]

    def _writing_a_note(self) -> None:
        session, known = self._open(), self._notes()
        if not known or (len(known) < _MOST and self._chance.random() < 0.3):
            made, text = new_note_id(), f"# Note {self._next()}\n\n"
            self._begin("writing a note", note=made, text=text)
            session.notes.add(text, made)
            self._tell("DONE", versions=[])
            return
        note = self._chance.choice(known)
        before = session.notes.note(note).text
        less = before[: self._chance.randrange(len(before) + 1)] if self._chance.random() < 0.1 else before
        text = f"{less} and {self._next()}"
        self._begin("writing a note", note=note, text=text)
        session.notes.save(note, text)
        self._tell("DONE", versions=version_texts(session.notes, note))

    def _changing_a_note(self) -> None:
        session, known = self._open(), self._notes()
        if not known:
            self._writing_a_note()
            return
        note = self._chance.choice(known)
        versions = session.notes.versions(note)
        match self._chance.choice(["delete", "restore", "forget", "put back"]):
            case "put back" if versions:
                version = self._chance.choice(versions)
                self._begin("writing a note", note=note, text=session.notes.version(note, version.number))
                session.notes.put_back(note, version.number)
                self._tell("DONE", versions=version_texts(session.notes, note))
            case "forget" if len(known) >= _MOST:
                self._begin("changing a note", note=note, place="")
                session.notes.forget(note)
                self._tell("DONE")
            case "delete":
                self._begin("changing a note", note=note, place="trash")
                session.notes.delete(note)
                self._tell("DONE")
            case _:
                self._begin("changing a note", note=note, place="list")
                session.notes.restore(note)
                self._tell("DONE")

    def _migrating(self) -> None:
        folder = self._home / "version-1"
        self._doing = ""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(VERSION_1, folder)
        self._begin("migrating")
        Vault.open(folder, VERSION_1_PASSPHRASE).close()
        self._tell("DONE")

    def _keeping_a_copy(self) -> None:
        session = self._open()
        self._begin("keeping a copy")
        if self._chance.random() < 0.7:
            with patch.object(backups, "is_copy_due", lambda *_: True):
                session.maintenance.copy_if_due()
        else:
            session.maintenance.replace_copies()
        self._tell("DONE", copy=next((path.name for _, path in backups.list_copies(self._home / "vault")), ""))

    def _backing_up(self) -> None:
        session = self._open()
        self._begin("backing up")
        session.maintenance.back_up(self._home / "b.tacit")
        self._tell("DONE")

    def _restoring(self) -> None:
        if not (self._home / "b.tacit").exists():
            self._backing_up()
            self._backup_passphrases.append(self._passphrase)
            self._close()
        self._begin("restoring")
        restored_from(self._home, self._home / "vault", self._backup_passphrases).finish()
        self._tell("DONE")

    def _changing_the_passphrase(self) -> None:
        new = f"passphrase of {self._next()}"
        self._begin("changing the passphrase", new=new)
        self._tacit.key_slots.change_passphrase(self._passphrase, new)
        self._passphrase = new
        self._tell("DONE")


def restored_from(home: Path, folder: Path, passphrases: list[str]) -> StagedRestore:
    """The backup of a home, unpacked and checked; it opens with one of these."""
    for passphrase in passphrases:
        try:
            return StagedRestore(home / "b.tacit", folder, passphrase)
        except WrongPassphrase:
            continue
    raise WrongPassphrase


def main() -> None:
    """Fork a child for each request, and tell when it has ended."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            os.umask(0o077)
            worker = Worker(
                Path(request["home"]), request["seed"], request["passphrase"], request["backup_passphrases"]
            )
            worker.work(request["way"])
        _, status = os.waitpid(child, 0)
        os.write(1, b"\n" + json.dumps(["ENDED", "", {"signal": os.WTERMSIG(status)}]).encode() + b"\n")


if __name__ == "__main__":
    main()
