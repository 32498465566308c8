"""What is typed in the composers and not sent: each place has its own, and it is saved as it is typed."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextCursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.change import Change
    from app.services.chats.drafts import UnderWay
    from app.services.session import Session
    from app.ui.conversation.composer import Composer
    from app.ui.runtime.bridge import Bridge

_PAUSE = 2_000  # milliseconds from the first unsaved key to the save: what a crash may lose


class Drafts(QObject):
    """Follows composers; a draft is shown again wherever its place is."""

    def __init__(self, session: "Session", bridge: "Bridge", composers: "Sequence[Composer]", parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge, self._composers = session, bridge, composers
        self._texts: dict[str, str] = {}
        self._unsaved: set[str] = set()
        self._last = {composer: composer.place for composer in composers}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._save)
        for composer in composers:
            composer.field.textChanged.connect(partial(self._typed, composer))
            composer.moved.connect(partial(self._moved, composer))
        bridge.vault_changed.connect(self._forget)

    def read(self, then: "Callable[[UnderWay], None]") -> None:
        """Read what was kept, and hand on what was under way at the lock."""

        def show(kept: "tuple[dict[str, str], UnderWay]") -> None:
            drafts, under_way = kept
            self._texts = drafts | self._texts  # what was typed since is newer
            for composer in self._composers:
                if not composer.field.toPlainText():
                    self._show(composer)
            then(under_way)

        self._bridge.ask(lambda _: self._session.drafting.kept(), show, lambda _: None)

    def unsaved(self) -> dict[str, str]:
        """What has changed since the last save."""
        return {place: self._texts.get(place, "") for place in self._unsaved}

    def _show(self, composer: "Composer") -> None:
        composer.field.setPlainText(self._texts.get(composer.place, ""))
        composer.field.moveCursor(QTextCursor.MoveOperation.End)

    def _typed(self, composer: "Composer") -> None:
        self._note(composer.place, composer.field.toPlainText())

    def _note(self, place: str, text: str) -> None:
        if place and text != self._texts.get(place, ""):
            self._texts[place] = text
            self._unsaved.add(place)
            if not self._timer.isActive():
                self._timer.start()

    def _moved(self, composer: "Composer", is_same: bool) -> None:
        before, self._last[composer] = self._last[composer], composer.place
        if is_same:
            self._note(before, "")
            self._typed(composer)
        else:
            self._show(composer)

    def _save(self) -> None:
        drafts = self.unsaved()

        def kept(_: None) -> None:
            self._unsaved -= {place for place, text in drafts.items() if text == self._texts.get(place, "")}

        # What fails or is cancelled stays unsaved: it goes with the next key, or at the lock.
        keep = self._session.drafting.keep
        self._bridge.ask(lambda _: keep(drafts), kept, lambda _: None, lane="typing", title="Saving")

    def _forget(self, changes: "list[Change]") -> None:
        for change in changes:
            if change.is_gone:
                self._texts.pop(change.subject, None)
                self._unsaved.discard(change.subject)
