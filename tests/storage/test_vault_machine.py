"""A vault in the hands of chance: whatever is done to it in whatever order, it holds what a plain model holds.

The short form repeats the same runs each time, so that the suite fails for a reason. The long one is drawn anew:
its task is to find what nobody has thought of, and Hypothesis prints the steps to be repeated.
"""

import copy
import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from app.core.call import CallState
from app.core.errors import KeychainRefused, VaultError, VaultInUse, WrongPassphrase
from app.core.ids import CallId, ConversationId, new_utterance_id
from app.core.transcript import Utterance
from app.services.vault.maintenance import StagedRestore, back_up, check_vault, repair_vault
from app.storage.database.integrity import call_ids_in
from app.storage.database.ownership import await_call
from app.storage.safety import backups
from app.storage.vault import Vault
from tests.storage import random_content
from tests.storage.calls import new
from tests.storage.plain_model import Call, Content, spelled
from tests.storage.random_content import which
from tests.storage.vault_day import Day


class Deceived(Exception):
    """Breaks a transaction off."""


class VaultMachine(Day):
    """A person's day, with locks, backups and misfortunes."""

    # --- Locks and keys

    @rule()
    def lock(self) -> None:
        """A person locks it."""
        self.close()

    @rule(kind=random_content.ways)
    def unlock(self, kind: str) -> None:
        """What opens it does; a recovery key also in small letters without its hyphens."""
        self.close()
        secret = self.secret(kind)
        self.session = self.tacit.unlock(secret if kind == "passphrase" else secret.lower().replace("-", " "))
        assert self.session.recovery_key is None

    @rule(secret=random_content.typed | random_content.passphrases, number=which, is_former=st.booleans())
    def try_another(self, secret: str, number: int, is_former: bool) -> None:
        """Nothing else opens it, and what opened it once does no longer."""
        self.close()
        if is_former and self.former:
            secret = sorted(self.former)[number % len(self.former)]
        if spelled(secret) in (spelled(self.now.passphrase), self.now.recovery_key):
            return
        with pytest.raises(WrongPassphrase):
            self.tacit.unlock(secret)

    @rule()
    def open_twice(self) -> None:
        """A second owner is refused."""
        self.opened()
        with pytest.raises(VaultInUse):
            Vault.open(self.folder, self.now.passphrase)
        with pytest.raises(VaultInUse):
            list(check_vault(self.folder, self.now.passphrase))

    @rule(kind=random_content.ways, passphrase=random_content.passphrases)
    def change_passphrase(self, kind: str, passphrase: str) -> None:
        """Another passphrase from now on; one that is too short changes nothing."""
        self.close()
        if not self.tacit.strength(passphrase).is_enough:
            with pytest.raises(VaultError):
                self.tacit.key_slots.change_passphrase(self.secret(kind), passphrase)
            return
        self.tacit.key_slots.change_passphrase(self.secret(kind), passphrase)
        self.former.add(self.now.passphrase)
        self.now.passphrase = passphrase

    @rule(kind=random_content.ways)
    def renew_recovery_key(self, kind: str) -> None:
        """Another recovery key from now on."""
        self.close()
        self.former.add(self.now.recovery_key)
        self.now.recovery_key = self.tacit.key_slots.renew_recovery_key(self.secret(kind))

    @rule(kind=random_content.ways, is_open=st.booleans())
    def add_keychain_slot(self, kind: str, is_open: bool) -> None:
        """The keychain is one more way to open it."""
        if is_open:
            self.opened().key_slots.turn_keychain_on(self.secret(kind))
        else:
            self.close()
            self.tacit.key_slots.turn_keychain_on(self.secret(kind))
        self.now.keychain = True

    @rule()
    def remove_keychain_slot(self) -> None:
        """It is one no longer."""
        assert self.opened().key_slots.turn_keychain_off()
        self.now.keychain = False

    @rule()
    def unlock_by_keychain(self) -> None:
        """What the keychain holds opens it while it may, and only then."""
        self.close()
        try:
            secret = self.tacit.key_slots.keychain_secret()
        except KeychainRefused:
            assert not self.now.keychain
            return
        assert self.now.keychain is not False
        self.session = self.tacit.unlock(secret)

    # --- Backups

    @rule(is_locked=st.booleans())
    def back_up(self, is_locked: bool) -> None:
        """One file, made of the open vault or of the closed one."""
        file = self.fresh("backup")
        if not is_locked:
            assert self.opened().maintenance.back_up(file) == []
        else:
            self.close()
            assert back_up(self.folder, self.now.passphrase, file) == []
        self.saved.append((file, copy.deepcopy(self.now)))

    def some_backup(self, number: int) -> tuple[Path, Content]:
        """One of the backups; one is made where there is none. The vault is locked."""
        if not self.saved:
            self.back_up(is_locked=False)
        self.close()
        return self.saved[number % len(self.saved)]

    @rule(number=which, kind=random_content.ways, is_left=st.booleans())
    def restore(self, number: int, kind: str, is_left: bool) -> None:
        """A backup comes back with the keys of its time; one that is given up changes nothing."""
        file, content = self.some_backup(number)
        restoring = StagedRestore(
            file, self.folder, content.passphrase if kind == "passphrase" else content.recovery_key
        )
        assert restoring.findings == []
        assert restoring.calls == len(content.calls)
        if is_left:
            restoring.give_up()
            return
        restoring.finish()
        self.former |= {self.now.passphrase, self.now.recovery_key}
        self.now = copy.deepcopy(content)
        self.now.keychain = None if content.keychain is not False else False

    @rule(number=which, secret=random_content.typed)
    def restore_with_a_wrong_passphrase(self, number: int, secret: str) -> None:
        """It is refused, and nothing has changed."""
        file, content = self.some_backup(number)
        if spelled(secret) != spelled(content.passphrase):
            with pytest.raises(WrongPassphrase):
                StagedRestore(file, self.folder, secret)

    @rule(hours=st.integers(1, 400), is_alone=st.booleans())
    def keep(self, hours: int, is_alone: bool) -> None:
        """The copies that the vault makes by itself hold what it held, also those of before."""
        self.clock += timedelta(hours=hours)
        backups.make_copy(self.vault, self.clock, alone=is_alone)
        kept = backups.list_copies(self.folder)
        assert kept[0][0] == self.clock
        assert not is_alone or len(kept) == 1
        assert call_ids_in(kept[0][1], self.vault.database_key) == sorted(self.now.calls)

    # --- Misfortunes

    @rule()
    def crash(self) -> None:
        """The process dies; what lies on the disk at this moment is all there is."""
        self.die()

    @rule(number=which, found=random_content.lines)
    def crash_while_writing(self, number: int, found: list[Utterance]) -> None:
        """The process dies inside a transaction: nothing of it is there."""
        id_, _ = self.some_begun_call(number)

        def write() -> None:
            with self.vault.write() as db:
                db.execute("PRAGMA cache_spill = 1")  # so that half of it lies in the log already
                track = self.now.calls[id_].layout.channels[0]
                many = [msgspec.structs.replace(one, id=new_utterance_id(), track=track) for one in found * 50]
                self.store.save_utterances(id_, track, 1e6, many, "xx")
                db.execute("DELETE FROM conversations")
                left.append(self.copied())
                raise Deceived

        left: list[Path] = []
        with pytest.raises(Deceived):
            write()
        self.move_to(left[0])

    @rule(sound=st.binary(max_size=100), is_in_place=st.booleans())
    def crash_while_importing(self, sound: bytes, is_in_place: bool) -> None:
        """The process dies before a recording is stored: the next start removes its sound."""
        made = new("Nobody will see this")
        with self.vault.write() as db:
            await_call(db, made.id)
        path = self.store.media_path(made.id) if is_in_place else self.store.partial_media_path(made.id)
        self.seal(path, made.media_key, sound)
        self.die()

    @rule(number=which, title=random_content.shown)
    def fail_while_writing(self, number: int, title: str) -> None:
        """A transaction that fails is undone, and the next one works."""
        id_, _ = self.some_call(number)

        def write() -> None:
            with self.vault.write():
                self.store.rename(id_, title)
                self.talks.start(id_)
                raise Deceived

        with pytest.raises(Deceived):
            write()

    def copied(self) -> Path:
        """The folder as it lies on the disk now."""
        left = self.fresh("left")
        shutil.copytree(self.folder, left)
        return left

    def die(self) -> None:
        """Go on with what is on the disk, as after a kill."""
        self.opened()
        self.move_to(self.copied())

    def move_to(self, left: Path) -> None:
        """Let the vault be the copy; it is locked."""
        self.close()
        shutil.rmtree(self.folder)
        left.rename(self.folder)

    # --- What must always hold

    @rule()
    def check(self) -> None:
        """Every check is passed, also right after a kill: what the next start removes by itself is no fault."""
        self.close()
        for finding in check_vault(self.folder, self.now.passphrase):
            assert finding.is_good, finding

    @rule(kind=random_content.ways)
    def repair(self, kind: str) -> None:
        """Of a whole vault repair loses nothing."""
        self.close()
        fresh = self.fresh("repaired")
        found = repair_vault(self.folder, self.secret(kind), fresh)
        assert found.lost == []
        assert found.saved["recordings"] == len(self.now.calls)
        shutil.rmtree(self.folder)
        fresh.rename(self.folder)
        for call in self.now.calls.values():
            if call.anew is not None:
                call.anew.model = ""  # it begins again

    @precondition(lambda self: self.session is not None)
    @invariant()
    def contents_are_those_of_the_model(self) -> None:
        """Every value of every call and conversation."""
        known = self.now
        order = sorted(known.calls, key=lambda id_: (known.calls[id_].date, id_), reverse=True)
        assert [one.id for one in self.library.calls()] == order
        for one in self.library.calls():
            self.compare(one.id, known.calls[one.id])
        assert {one.id for one in self.talks.all()} == set(known.talks)
        for id_, talk in known.talks.items():
            found = self.talks.get(ConversationId(id_))
            assert (found.title, found.call, found.messages) == (talk.title, talk.call, tuple(talk.messages))

    def compare(self, id_: CallId, call: Call) -> None:
        """One call."""
        one = self.library.call(id_)
        assert (one.title, one.speakers, one.state, one.language, one.preview, one.date, one.layout) == (
            call.title, call.speakers, call.state, call.language, call.preview, call.date, call.layout
        )  # fmt: skip
        assert one.has_automatic_title is not call.is_titled
        assert one.awaits_new_transcript is (call.anew is not None)
        is_earlier = call.summary is not None and call.state is not CallState.SUMMARIZED
        assert one.has_earlier_summary is is_earlier
        heard = call.heard if call.anew is None else call.anew.heard
        assert self.store.progress(id_) == {track: heard.get(track, 0.0) for track in call.layout.channels}
        transcript = self.library.transcript(id_)
        assert (transcript.model, transcript.speakers) == (call.model, call.speakers)
        wanted = [msgspec.structs.replace(line, line=n) for n, line in enumerate(call.lines, 1)]
        assert list(transcript.utterances) == wanted
        assert self.library.summary(id_) == call.summary
        with self.store.sound(id_) as sound:
            assert sound.read(0, sound.size + 1) == call.sound

    def teardown(self) -> None:
        """The end of a run: lock it, check it, open it, compare."""
        try:
            if self.now.passphrase:
                self.close()
                self.session = self.tacit.unlock(self.now.passphrase)
                self.contents_are_those_of_the_model()
                self.close()
                assert all(finding.is_good for finding in check_vault(self.folder, self.now.passphrase))
        finally:
            self.close()
            shutil.rmtree(self.home, ignore_errors=True)


def run(examples: int, steps: int, *, is_repeatable: bool) -> None:
    """Drive the vault through so many runs."""
    run_state_machine_as_test(
        VaultMachine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=is_repeatable, database=None,
            print_blob=True, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_twenty_runs_hold_what_the_model_holds() -> None:
    run(20, 25, is_repeatable=True)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_five_hundred_runs_hold_what_the_model_holds() -> None:
    run(500, 50, is_repeatable=False)
