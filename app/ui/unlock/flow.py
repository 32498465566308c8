"""The pages from a locked or missing vault to an open one, and the order they come in."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from app.core import recovery_key as recovery
from app.ui.key_entry.passphrase_form import UnlockPageBase
from app.ui.runtime.bridge import Bridge
from app.ui.settings.page import PAGE as SETTINGS
from app.ui.shell.commands import LOCK
from app.ui.shell.first_work import BringFiles, FirstWork, ImportDemo, PullModels, Reminder
from app.ui.style.theme import Theme
from app.ui.unlock.pages import CreatePage, FreshPassphrasePage, UnlockPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.application import Application
    from app.services.models.listing import Offer
    from app.services.session import Session

_DOWNLOAD_POLL = 500  # milliseconds between checks for a download that is still running
_DEMO = "This is the demo."
_DEMO_ENDS = "Its vault, with all that you add to it, is deleted when you close or lock Tacit."
_NO_KEY = "No recovery key is on paper."
_MAKE_ONE = "If you forget the passphrase, everything in the vault is lost; the settings make a new recovery key."


class UnlockFlow(QObject):
    """Shows the pages before the workspace, one after another.

    `opened` carries the session as soon as the vault is open; `entered` carries it once the pages that must come before
    the workspace are done: a new vault's recovery key and first models, or a new passphrase after a recovery.
    `restart_wanted` asks for a fresh window, with True for one that restores a backup and opens no vault.
    """

    opened = Signal(object)
    entered = Signal(object)
    restart_wanted = Signal(bool)

    def __init__(self, tacit: "Application", theme: Theme, bridge: Bridge, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._tacit, self._theme, self._bridge, self._stack = tacit, theme, bridge, stack
        self._pages: list[UnlockPageBase] = []
        self.unlock_page: UnlockPage | None = None
        self.create_page: CreatePage | None = None
        self.reminder: Reminder | None = None  # shown when the workspace opens
        self.first_work: FirstWork | None = None  # done when the workspace opens

    def begin(self) -> None:
        """Show the lock screen, or the page that creates a vault."""
        self.end()
        if not self._tacit.vault_exists():
            create = self.create_page = CreatePage(self._theme, self._stack)
            create.submitted.connect(self.create)
            create.restore_wanted.connect(self._restore)
            create.demo_wanted.connect(self._start_demo)
            self._show(create)
            return
        page = self.unlock_page = UnlockPage(self._theme, self._stack)
        page.submitted.connect(self.unlock)
        page.keychain_wanted.connect(self._ask_keychain)
        page.restore_wanted.connect(self._restore)
        self._show(page)

        def offer(opens: bool) -> None:
            if opens and self.unlock_page is page:
                page.offer_keychain()

        self._bridge.run_in_thread(self._tacit.keychain_opens, offer)
        poll = QTimer(page)
        poll.setInterval(_DOWNLOAD_POLL)
        poll.timeout.connect(
            lambda: page.download.setVisible(bool(self._tacit.models.download_client.active_downloads()))
        )
        poll.start()

    def _show(self, page: UnlockPageBase) -> None:
        self._pages.append(page)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)

    def _remove(self, page: UnlockPageBase) -> None:
        page.clear_secrets()
        self._pages.remove(page)
        self._stack.removeWidget(page)
        page.deleteLater()

    def end(self) -> None:
        """Remove every page, and clear what was typed."""
        self.unlock_page = self.create_page = None
        for page in list(self._pages):
            self._remove(page)

    @property
    def is_busy(self) -> bool:
        """Whether something is running that must not be interrupted."""
        return any(page.is_busy for page in self._pages)

    def unlock(self, secret: str) -> None:
        """Open the vault with the typed secret, or with the keychain's."""
        page = self.unlock_page
        if page is None:
            return
        page.show_busy(True)

        def fail(error: Exception) -> None:
            page.show_busy(False)
            page.notice.show_error(error)

        def take(session: "Session") -> None:
            self.opened.emit(session)
            if recovery.parse_key(secret) is not None:
                self._ask_new_passphrase(session, secret)
            else:
                self.entered.emit(session)

        self._bridge.run_in_thread(lambda: self._tacit.unlock(secret), take, fail)

    def _ask_keychain(self) -> None:
        page = self.unlock_page
        if page is None:
            return
        page.show_asking(True)

        def is_waited_for() -> bool:  # if not, the passphrase was faster
            return self.unlock_page is page and page.is_asking_keychain and not page.is_busy

        def take(secret: str) -> None:
            if is_waited_for():
                self.unlock(secret)

        def fail(error: Exception) -> None:
            if is_waited_for():
                page.show_asking(False)
                page.notice.show_error(error)

        self._bridge.run_in_thread(lambda: self._tacit.key_slots.keychain_secret(), take, fail)

    def create(self, passphrase: str) -> None:
        """Create a vault and show its recovery key."""
        self._create_vault(lambda: self._tacit.create(passphrase), self._show_recovery_key)

    def create_for_demo(self, passphrase: str) -> None:
        """Create a vault for the demo, which imports the demo call."""
        self.first_work = ImportDemo()
        self._create_vault(lambda: self._tacit.create(passphrase, is_demo=True), self.entered.emit)

    def _create_vault(self, work: "Callable[[], Session]", then: "Callable[[Session], None]") -> None:
        page = self.create_page
        if page is None:
            return
        page.show_busy(True)

        def fail(error: Exception) -> None:
            page.show_busy(False)
            page.notice.show_error(error)

        def take(session: "Session") -> None:
            self.opened.emit(session)
            then(session)

        self._bridge.run_in_thread(work, take, fail)

    def _start_demo(self) -> None:
        """Open a temporary vault with the demo call; it is deleted afterwards."""

        def enter(session: "Session") -> None:
            self.reminder = Reminder(_DEMO, _DEMO_ENDS, "Make my own vault", LOCK.id)
            self.first_work = ImportDemo()
            self.entered.emit(session)

        self._create_vault(self._tacit.try_out, enter)

    def _show_recovery_key(self, session: "Session") -> None:
        from app.ui.key_entry.recovery_key_page import RecoveryKeyPage

        key, session.recovery_key = session.recovery_key, None
        if key is None:
            self.entered.emit(session)
            return
        page = RecoveryKeyPage(self._theme, self._stack, key, self._tacit.outputs)

        def later() -> None:
            self.reminder = Reminder(_NO_KEY, _MAKE_ONE, "Settings", SETTINGS.command.id)
            self._propose_models(session)

        page.kept.connect(lambda: self._propose_models(session))
        page.skipped.connect(later)
        self._show(page)

    def _propose_models(self, session: "Session") -> None:
        """If only the demo models are installed, propose models that suit this computer."""

        def show(uses_demo: bool) -> None:
            if uses_demo:
                self._show_proposal(session)
            else:
                self.entered.emit(session)

        self._bridge.run_in_thread(self._tacit.models.uses_demo, show, lambda _: self.entered.emit(session))

    def _show_proposal(self, session: "Session") -> None:
        from app.ui.unlock.first_models_page import FirstModelsPage

        page = FirstModelsPage(self._theme, self._stack)

        def end(work: FirstWork | None = None) -> None:
            self.first_work = work
            self.entered.emit(session)

        def fill(offers: "list[Offer]") -> None:
            if page in self._pages:
                page.show_offers(offers)

        page.download_wanted.connect(lambda ids: end(PullModels(ids)))
        page.install_wanted.connect(lambda paths: end(BringFiles(paths)))
        page.skipped.connect(end)
        self._show(page)
        self._bridge.run_in_thread(self._tacit.first_offers, fill, page.notice.show_error)

    def _ask_new_passphrase(self, session: "Session", recovery_key: str) -> None:
        page = FreshPassphrasePage(self._theme, self._stack)

        def change(passphrase: str) -> None:
            page.show_busy(True)
            work = session.key_slots.change_passphrase
            self._bridge.run_in_thread(
                lambda: work(recovery_key, passphrase), lambda _: self.entered.emit(session), fail
            )

        def fail(error: Exception) -> None:
            page.show_busy(False)
            page.notice.show_error(error)

        page.submitted.connect(change)
        page.skipped.connect(lambda: self.entered.emit(session))
        self._show(page)

    def _restore(self) -> None:
        from app.services.vault.maintenance import can_restore_beside

        if can_restore_beside(self._tacit.vault_folder):
            self._show_restore_page(is_alone=False)
        else:
            self.restart_wanted.emit(True)

    def begin_restore(self) -> None:
        """Show the page that restores a backup, and nothing else: this window may write beside the vault."""
        self._show_restore_page(is_alone=True)

    def _show_restore_page(self, *, is_alone: bool) -> None:
        from app.ui.unlock.restore_page import RestorePage

        page = RestorePage(self._theme, self._stack, self._bridge, self._tacit)

        def leave() -> None:
            if is_alone:
                self.restart_wanted.emit(False)
            else:
                self._remove(page)

        def lock(said: str) -> None:
            if is_alone:
                if page in self._pages:
                    page.show_restored(said)
                else:
                    self.restart_wanted.emit(False)
                return
            self.begin()
            if self.unlock_page is not None:
                self.unlock_page.notice.show_until_closed("The backup was restored.", said)

        def restored(said: str, recovery_key: str) -> None:
            if not recovery_key:
                lock(said)
                return
            from app.ui.key_entry.recovery_key_page import RecoveryKeyPage

            shown = RecoveryKeyPage(self._theme, self._stack, recovery_key, self._tacit.outputs, is_new_vault=False)
            shown.kept.connect(lambda: lock(said))
            shown.skipped.connect(lambda: lock(said))
            self._remove(page)
            self._show(shown)

        page.left.connect(leave)
        page.restored.connect(restored)
        self._show(page)
