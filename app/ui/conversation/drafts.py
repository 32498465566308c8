"""The unsent text of the composers: one draft for each call or chat, saved while it is typed."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QTextCursor

from app.core.job import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.change import Change
    from app.services.chats.drafts import Drafts as SavedDrafts
    from app.services.chats.drafts import UnderWay
    from app.ui.conversation.composer import Composer
    from app.ui.runtime.bridge import Bridge

_PAUSE = 2_000  # milliseconds from the first unsaved keystroke to the save: what a crash may lose


class Drafts(QObject):
    """Follows the composers, and shows each draft again with its call or chat."""

    def __init__(
        self, drafts: "SavedDrafts", bridge: "Bridge", composers: "Sequence[Composer]", parent: QObject
    ) -> None:
        super().__init__(parent)
        self._saved, self._bridge, self._composers = drafts, bridge, composers
        self._texts: dict[str, str] = {}
        self._unsaved: set[str] = set()
        self._last_keys = {composer: composer.draft_key for composer in composers}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._save)
        for composer in composers:
            composer.field.textChanged.connect(partial(self._on_typed, composer))
            composer.draft_key_changed.connect(partial(self._switch_draft, composer))
        bridge.vault_changed.connect(self._forget_deleted)

    def read(self, then: "Callable[[UnderWay], None]") -> None:
        """Load the saved drafts, and pass on what was unfinished when the vault was locked."""

        def show(stored: "tuple[dict[str, str], UnderWay]") -> None:
            drafts, under_way = stored
            self._texts = drafts | self._texts  # what has been typed since is newer
            for composer in self._composers:
                if not composer.field.toPlainText():
                    self._show(composer)
            then(under_way)

        self._bridge.run_job(lambda _: self._saved.load(), show, lambda _: None)

    def unsaved(self) -> dict[str, str]:
        """The drafts changed since the last save, by key."""
        return {key: self._texts.get(key, "") for key in self._unsaved}

    def _show(self, composer: "Composer") -> None:
        composer.field.setPlainText(self._texts.get(composer.draft_key, ""))
        composer.field.moveCursor(QTextCursor.MoveOperation.End)

    def _on_typed(self, composer: "Composer") -> None:
        self._set_text(composer.draft_key, composer.field.toPlainText())

    def _set_text(self, key: str, text: str) -> None:
        if key and text != self._texts.get(key, ""):
            self._texts[key] = text
            self._unsaved.add(key)
            if not self._timer.isActive():
                self._timer.start()

    def _switch_draft(self, composer: "Composer", is_same: bool) -> None:
        old_key, self._last_keys[composer] = self._last_keys[composer], composer.draft_key
        if is_same:
            self._set_text(old_key, "")
            self._on_typed(composer)
        else:
            self._show(composer)

    def _save(self) -> None:
        drafts = self.unsaved()

        def saved(_: None) -> None:
            self._unsaved -= {key for key, text in drafts.items() if text == self._texts.get(key, "")}

        # What fails or is cancelled stays unsaved: it is saved with the next keystroke, or at the lock.
        keep = self._saved.keep
        self._bridge.run_job(lambda _: keep(drafts), saved, lambda _: None, lane=Lane.DRAFTS, title="Saving")

    def _forget_deleted(self, changes: "list[Change]") -> None:
        for change in changes:
            if change.is_gone:
                self._texts.pop(change.subject, None)
                self._unsaved.discard(change.subject)
