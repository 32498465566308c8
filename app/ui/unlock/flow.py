"""The way to the desk: from a vault that is locked, or not there yet, to one that is open."""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from app.core import recovery_key as recovery
from app.core import resources
from app.ui.key_entry.passphrase_form import GatePage
from app.ui.runtime.bridge import Bridge
from app.ui.style.theme import Theme
from app.ui.unlock.pages import CreatePage, FreshPassphrasePage, UnlockPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.services.application import Tacit
    from app.services.models.listing import Offer
    from app.services.session import Session
    from app.ui.shell.workspace import Desk

_LOOK = 500  # milliseconds between two looks at the door
_DEMO = "This is the demo."
_DEMO_ENDS = "Its vault, with all that you add to it, is deleted when you close or lock Tacit."
_NO_KEY = "No recovery key is on paper."
_MAKE_ONE = "If you forget the passphrase, everything in the vault is lost; the settings make a new recovery key."


class Reminder(NamedTuple):
    """What the desk says first, and what it offers to do."""

    title: str
    advice: str
    action: str
    does: "Callable[[Desk], None]"


class Entering(QObject):
    """Shows the pages before the desk, one after the other.

    `opened` brings the session as soon as the vault is open, `entered` when the person has seen what must be seen
    before the desk: the recovery key of a new vault and the models to begin with, or the choice of a new passphrase.
    """

    opened = Signal(object)
    entered = Signal(object)

    def __init__(self, tacit: "Tacit", theme: Theme, bridge: Bridge, stack: QStackedWidget) -> None:
        super().__init__(stack)
        self._tacit, self._theme, self._bridge, self._stack = tacit, theme, bridge, stack
        self._pages: list[GatePage] = []
        self.unlock_page: UnlockPage | None = None
        self.create_page: CreatePage | None = None
        self.reminder: Reminder | None = None  # what the desk says first
        self.first_work: Callable[[Desk], None] | None = None  # what it does first

    def begin(self) -> None:
        """Show the lock screen, or the page that makes a vault."""
        self.end()
        if not self._tacit.vault_exists():
            create = self.create_page = CreatePage(self._theme, self._stack)
            create.submitted.connect(self.create)
            create.restore_wanted.connect(self._restore)
            create.demo_wanted.connect(self._try_out)
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

        self._bridge.apart(self._tacit.keychain_opens, offer)
        look = QTimer(page)
        look.setInterval(_LOOK)
        look.timeout.connect(lambda: page.download.setVisible(bool(self._tacit.models.door.under_way())))
        look.start()

    def _show(self, page: GatePage) -> None:
        self._pages.append(page)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)

    def _drop(self, page: GatePage) -> None:
        page.forget()
        self._pages.remove(page)
        self._stack.removeWidget(page)
        page.deleteLater()

    def end(self) -> None:
        """Put every page away, with what was typed."""
        self.unlock_page = self.create_page = None
        for page in list(self._pages):
            self._drop(page)

    @property
    def is_busy(self) -> bool:
        """Whether something runs that must not be cut off."""
        return any(page.is_busy for page in self._pages)

    def unlock(self, secret: str) -> None:
        """Open the vault with what was typed, or with what the keychain gave."""
        page = self.unlock_page
        if page is None:
            return
        page.show_busy(True)

        def fail(error: Exception) -> None:
            page.show_busy(False)
            page.notice.fail(error)

        def take(session: "Session") -> None:
            self.opened.emit(session)
            if recovery.read(secret) is not None:
                self._ask_passphrase(session, secret)
            else:
                self.entered.emit(session)

        self._bridge.apart(lambda: self._tacit.unlock(secret), take, fail)

    def _ask_keychain(self) -> None:
        page = self.unlock_page
        if page is None:
            return
        page.show_asking(True)

        def is_waited_for() -> bool:  # else the passphrase was quicker
            return self.unlock_page is page and page.is_asking_keychain and not page.is_busy

        def take(secret: str) -> None:
            if is_waited_for():
                self.unlock(secret)

        def fail(error: Exception) -> None:
            if is_waited_for():
                page.show_asking(False)
                page.notice.fail(error)

        self._bridge.apart(lambda: self._tacit.rekeying.keychain_secret(), take, fail)

    def create(self, passphrase: str, then: "Callable[[Session], None] | None" = None) -> None:
        """Make a vault, and show its recovery key; `then` comes instead of that, for a demo."""
        self._make(lambda: self._tacit.create(passphrase, is_demo=then is not None), then or self._show_recovery_key)

    def _make(self, work: "Callable[[], Session]", then: "Callable[[Session], None]") -> None:
        page = self.create_page
        if page is None:
            return
        page.show_busy(True)

        def fail(error: Exception) -> None:
            page.show_busy(False)
            page.notice.fail(error)

        def take(session: "Session") -> None:
            self.opened.emit(session)
            then(session)

        self._bridge.apart(work, take, fail)

    def _try_out(self) -> None:
        """A look around, with the demo call, in a vault that is deleted afterwards."""

        def enter(session: "Session") -> None:
            self.reminder = Reminder(_DEMO, _DEMO_ENDS, "Make my own vault", lambda desk: desk.lock_wanted.emit())
            self.first_work = lambda desk: desk.calls.take_in([resources.demo_call()])
            self.entered.emit(session)

        self._make(self._tacit.try_out, enter)

    def _show_recovery_key(self, session: "Session") -> None:
        from app.ui.key_entry.recovery_key_page import RecoveryKeyPage

        key, session.recovery_key = session.recovery_key, None
        if key is None:
            self.entered.emit(session)
            return
        page = RecoveryKeyPage(self._theme, self._stack, key)

        def later() -> None:
            self.reminder = Reminder(_NO_KEY, _MAKE_ONE, "Settings", lambda desk: desk.show_settings())
            self._propose_models(session)

        page.kept.connect(lambda: self._propose_models(session))
        page.skipped.connect(later)
        self._show(page)

    def _propose_models(self, session: "Session") -> None:
        """Where only the demo models are: propose what suits this computer."""

        def show(uses_demo: bool) -> None:
            if uses_demo:
                self._show_proposal(session)
            else:
                self.entered.emit(session)

        self._bridge.apart(self._tacit.models.uses_demo, show, lambda _: self.entered.emit(session))

    def _show_proposal(self, session: "Session") -> None:
        from app.ui.unlock.first_models_page import FirstModelsPage

        page = FirstModelsPage(self._theme, self._stack)

        def end(work: "Callable[[Desk], None] | None" = None) -> None:
            self.first_work = work
            self.entered.emit(session)

        def fill(offers: "list[Offer]") -> None:
            if page in self._pages:
                page.show_offers(offers)

        page.pulled.connect(lambda ids: end(lambda desk: desk.show_models().pull(ids)))
        page.brought.connect(lambda paths: end(lambda desk: desk.take_in(paths, is_for_models=True)))
        page.skipped.connect(end)
        self._show(page)
        self._bridge.apart(self._tacit.first_offers, fill, page.notice.fail)

    def _ask_passphrase(self, session: "Session", recovery_key: str) -> None:
        page = FreshPassphrasePage(self._theme, self._stack)

        def change(passphrase: str) -> None:
            page.show_busy(True)
            work = session.rekeying.change_passphrase
            self._bridge.apart(lambda: work(recovery_key, passphrase), lambda _: self.entered.emit(session), fail)

        def fail(error: Exception) -> None:
            page.show_busy(False)
            page.notice.fail(error)

        page.submitted.connect(change)
        page.skipped.connect(lambda: self.entered.emit(session))
        self._show(page)

    def _restore(self) -> None:
        from app.ui.unlock.restore_page import RestorePage

        page = RestorePage(self._theme, self._stack, self._bridge, self._tacit.vault_folder)

        def leave() -> None:
            self._drop(page)

        def restored(said: str) -> None:
            self.begin()
            if self.unlock_page is not None:
                self.unlock_page.notice.keep("The backup was restored.", said)

        page.left.connect(leave)
        page.restored.connect(restored)
        self._show(page)
