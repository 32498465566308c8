"""Reading the list of all chats, which the side bar shows."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from app.core.conversation import Conversation
    from app.ui.chats.chat_services import Chats
    from app.ui.runtime.bridge import Bridge

_PAUSE = 200  # milliseconds: several requests in a row cause one read


class ChatList(QObject):
    """Reads it when it is asked to, a little later."""

    was_read = Signal(object)  # all chats that are not about one call
    failed = Signal(object)  # the error

    def __init__(self, answering: "Chats", bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._answering, self._bridge = answering, bridge
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._read)

    def read_again(self) -> None:
        """Read it soon."""
        if not self._timer.isActive():
            self._timer.start()

    def _read(self) -> None:
        self._bridge.run_job(lambda _: self._answering.conversations(), self._take, self.failed.emit)

    def _take(self, conversations: "list[Conversation]") -> None:
        self.was_read.emit([known for known in conversations if known.call is None])
