"""Where a link of a reply leads: what may be opened after a yes, and in which words that is asked."""

import re
import sys
from dataclasses import dataclass

from PySide6.QtCore import QUrl
from PySide6.QtDBus import QDBusConnection, QDBusMessage
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
_NO_OPENER = ("No program was found that opens addresses.", "The address was copied; paste it into your browser.")


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """An address that may be opened after a yes."""

    address: str

    @property
    def host(self) -> str:
        """Who is asked: the host in ASCII, so that no letter passes for another; of a mail the address."""
        url = QUrl(self.address)
        named = url.path() if url.scheme() == "mailto" else url.host(QUrl.ComponentFormattingOption.FullyEncoded)
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
        advice = f"{one_line(target.address)}\n\nTacit itself connects to nothing. " + (
            "Your mail program opens." if is_mail else "Your browser opens it, and its server learns that you did."
        )
        super().__init__(theme, parent, title, advice, "Write" if is_mail else "Open in the browser", "main")
        self.target = target
        self.copy_button = button("Copy address", self, "plain", self._copy)
        self.fields.addWidget(self.copy_button)
        self.accepted.connect(self._open)

    def _copy(self) -> None:
        clipboard.copy_text(self.target.address)
        self.reject()

    def _open(self) -> None:
        try:
            open_address(self.target)
        except AssistantError:
            clipboard.copy_text(self.target.address)


def open_address(target: LinkTarget) -> None:
    """Hand an address to the system, which opens it in a program of its own; after a yes only.

    On Linux the desktop's portal is asked, since this process may start no other program.

    Raises:
        AssistantError: nothing on this system takes addresses.
    """
    url = QUrl(target.address)
    if sys.platform != "linux":
        if not QDesktopServices.openUrl(url):
            raise AssistantError(*_NO_OPENER)
        return
    message = QDBusMessage.createMethodCall(_PORTAL, _PORTAL_PATH, "org.freedesktop.portal.OpenURI", "OpenURI")
    encoded = bytes(url.toEncoded().data()).decode("ascii")
    message.setArguments(["", encoded, {}])
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected() or not bus.send(message):
        raise AssistantError(*_NO_OPENER)
