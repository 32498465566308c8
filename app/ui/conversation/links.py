"""Where a link of a reply leads: what may be opened after a yes, and in which words that is asked."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.core.errors import AssistantError
from app.core.plain_text import plain_line
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.dialogs import ConfirmDialog
from app.ui.widgets.long_text import one_line

_SCHEMES = frozenset({"http", "https", "mailto"})  # all else, as javascript:, file: and data:, is words
_LONGEST = 2_000  # characters of an address that is opened
_LONGEST_HOST = 40  # that are shown in the text
_BARE = re.compile(
    r"(?<![\w/@.])(?:https?://|www\.)[^\s<\u0000-\u0020\u007f-\u00a0]+|(?<![\w/@.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?<![-_])(?![\w-])",
    re.IGNORECASE,
)
_LAST = re.compile(r"(?:[?!.,:*_~'\"]|&\w+;)+\Z")
_DOMAIN = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*[^\W_](?:[^\W_]|-)*(?:\.[^\W_](?:[^\W_]|-)*)+(?=[/?#:]|\Z)", re.IGNORECASE
)
_PORTAL, _PORTAL_PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_LONGEST_WAIT = 10_000  # milliseconds in which the portal answers; the system may have to start it
_NO_OPENER = ("No program was found that opens addresses.", "The address was copied; paste it where it can be opened.")


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """An address that may be opened after a yes."""

    address: str

    @property
    def host(self) -> str:
        """Who is asked: the host in ASCII, so that no letter passes for another; of a mail the address."""
        url = QUrl(self.address)
        encoded = QUrl.ComponentFormattingOption.FullyEncoded
        named = url.path(encoded) if url.scheme() == "mailto" else url.host(encoded)
        return plain_line(named)

    @property
    def label(self) -> str:
        """The host as the text shows it; of a long one the end, which says whose it is."""
        host = self.host
        return f"{host if len(host) <= _LONGEST_HOST else '…' + host[-_LONGEST_HOST:]} ↗"


def link_target(address: str) -> LinkTarget | None:
    """What an address leads to; None for one that is never opened."""
    if len(address) > _LONGEST or not address.isprintable():
        return None
    url = QUrl(address)
    if not url.isValid() or url.scheme() not in _SCHEMES:
        return None
    target = LinkTarget(address)
    return target if target.host else None


def bare_addresses(text: str) -> list[tuple[int, int, LinkTarget]]:
    """The addresses that stand in a text without any mark, with their places, as GitHub finds them."""
    found = []
    for match in _BARE.finditer(text):
        words = _trimmed(match[0])
        is_mail = "@" in words and not words.lower().startswith(("http", "www."))
        if not is_mail and not _DOMAIN.match(words):
            continue
        before = "mailto:" if is_mail else "" if words.lower().startswith("http") else "http://"
        target = link_target(before + words)
        if target is not None:
            found.append((match.start(), match.start() + len(words), target))
    return found


def _trimmed(words: str) -> str:
    """An address without what belongs to the sentence around it."""
    while True:
        shorter = _LAST.sub("", words)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == words:
            return words
        words = shorter


class LinkDialog(ConfirmDialog):
    """Asks whether to open an address, which it shows whole; it can be copied instead."""

    def __init__(self, theme: Theme, parent: QWidget, target: LinkTarget) -> None:
        is_mail = target.address.lower().startswith("mailto:")
        title = "Write to this address?" if is_mail else f"Open a page of {one_line(target.host)}?"
        advice = f"{target.address}\n\nTacit itself connects to nothing. " + (
            "Your mail program opens." if is_mail else "Your browser opens it, and its server learns that you did."
        )
        super().__init__(theme, parent, title, advice, "Write" if is_mail else "Open in the browser", "main")
        self.target = target
        self.copy_button = button("Copy address", self, "plain", self._copy)
        self.fields.addWidget(self.copy_button)

    def _copy(self) -> None:
        clipboard.copy_text(self.target.address)
        self.reject()

    def accept(self) -> None:
        """Qt: open the address; the dialog stays until the system has taken it, to say so where it does not."""
        self.yes_button.setEnabled(False)
        open_address(self.target, self, self._end)

    def _end(self, error: AssistantError | None) -> None:
        if error is None:
            super().accept()
            return
        clipboard.copy_text(self.target.address)
        self.setAccessibleName(error.title)
        self.words.set_text(f"{error.title} {error.advice}\n\n{self.target.address}")
        self.yes_button.hide()
        self.copy_button.hide()
        self.no_button.setText("Close")
        self.no_button.setAccessibleName("Close")
        self.no_button.setFocus(Qt.FocusReason.OtherFocusReason)


def open_address(target: LinkTarget, parent: QObject, end: Callable[[AssistantError | None], object]) -> None:
    """Hand an address to the system, which opens it in a program of its own; after a yes only.

    On Linux the desktop's portal is asked, since this process may start no other program; the window does not wait for
    its answer. `end` is called with None once the address was taken, or with why it was not, while `parent` is there.
    """
    url = QUrl(target.address)
    if sys.platform != "linux":
        end(None if QDesktopServices.openUrl(url) else AssistantError(*_NO_OPENER))
        return
    message = QDBusMessage.createMethodCall(_PORTAL, _PORTAL_PATH, "org.freedesktop.portal.OpenURI", "OpenURI")
    encoded = bytes(url.toEncoded().data()).decode("ascii")
    message.setArguments(["", encoded, {}])
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        end(AssistantError(*_NO_OPENER))
        return
    watcher = QDBusPendingCallWatcher(bus.asyncCall(message, _LONGEST_WAIT), parent)
    watcher.finished.connect(lambda: end(AssistantError(*_NO_OPENER) if watcher.isError() else None))
