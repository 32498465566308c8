"""The settings page: keys, locking, backups and appearance."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.settings.appearance_and_lock import AppearanceSettings, LockSettings, PlayingSettings
from app.ui.settings.backups import BackupSettings
from app.ui.settings.keys import KeySettings
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_page import ScrollPage

if TYPE_CHECKING:
    from app.services.application import Application
    from app.services.vault.key_slots import KeySlots
    from app.services.vault.maintenance import Maintenance
    from app.ui.runtime.bridge import Bridge

_WIDTH = 740
_LAYOUT_DELAY = 50  # milliseconds until an added widget has its position


class SettingsPage(QWidget):
    """One column of sections; a new recovery key takes over the page until it is written down."""

    theme_chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        tacit: "Application",
        key_slots: "KeySlots",
        maintenance: "Maintenance",
        bridge: "Bridge",
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Settings")
        self._theme, self._tacit, self._bridge = theme, tacit, bridge
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Settings")
        whole.addWidget(self.stack)
        page = ScrollPage(theme, self.stack, "Settings", _WIDTH)
        self.notice, self.pane, inner, column = page.notice, page.pane, page.inner, page.column
        column.addWidget(label("General", "title", inner))
        words = RichText(theme, inner, role="second")
        words.set_text("These settings hold on this computer. None of them is sent anywhere.")
        column.addWidget(words)
        self.keys = KeySettings(theme, inner, key_slots, bridge, self.notice)
        self.locking = LockSettings(theme, inner, tacit.settings.current, self._save)
        self.backups = BackupSettings(theme, inner, maintenance, bridge, self.notice)
        self.playing = PlayingSettings(theme, inner, tacit.settings.current, self._save)
        self.appearance = AppearanceSettings(theme, inner)
        for section in (self.keys, self.locking, self.backups, self.playing, self.appearance):
            column.addWidget(section)
        column.addStretch(1)
        self.stack.addWidget(page)
        self.appearance.theme_chosen.connect(self.theme_chosen)
        self.backups.finding_added.connect(
            lambda made: QTimer.singleShot(_LAYOUT_DELAY, made, lambda: self.pane.ensureWidgetVisible(made))
        )
        self.keys.recovery_key_made.connect(self._show_key)

    def begin(self) -> None:
        """Read again what may have changed since the page was last shown."""
        self.keys.read_again()
        self.backups.read_again()
        if not self.keys.is_asking:
            self.keys.change_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> bool:
        """Close an open form; False if there was none, so the page itself can be left."""
        if self.stack.count() > 1:
            return True  # a key that is shown only once is not closed by accident
        if self.keys.is_asking:
            self.keys.leave()
            return True
        return False

    def _save(self, **choices: int | bool) -> None:
        self._bridge.run_in_thread(
            lambda: self._tacit.settings.change(**choices), lambda _: None, self.notice.show_error
        )

    def _show_key(self, recovery_key: str) -> None:
        page = RecoveryKeyPage(self._theme, self.stack, recovery_key, self._tacit.outputs, is_new_vault=False)

        def end(title: str, advice: str) -> None:
            page.clear_secrets()
            self.stack.removeWidget(page)
            page.deleteLater()
            self.notice.show_note(title, advice)
            self.keys.recovery_button.setFocus(Qt.FocusReason.OtherFocusReason)

        page.kept.connect(lambda: end("The new recovery key opens this vault.", "The one before does no longer."))
        page.skipped.connect(lambda: end("No recovery key is on paper.", "You can make another one here at any time."))
        self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
