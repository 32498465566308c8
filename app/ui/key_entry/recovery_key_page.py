"""The page that shows a recovery key once, and checks that it was written down."""

import random
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QWidget

from app.core.errors import AssistantError
from app.services.outputs import Outputs
from app.ui.key_entry.passphrase_form import FIRST_STEP, UnlockPageBase
from app.ui.key_entry.recovery_key_card import RecoveryKeyCard
from app.ui.key_entry.recovery_key_print import ask_to_print, save_key
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.dialogs import ConfirmDialog
from app.ui.widgets.file_dialogs import ask_where_to_save
from app.ui.widgets.rich_text import RichText

_WIDTH = 480
_LOOKALIKES = str.maketrans("OIL", "011")
_PLAIN_FILE = (
    "Whoever finds it can open your vault. Put it on a stick or a disk that you keep away from this computer, and let "
    "no copy of it stay here."
)


class RecoveryKeyPage(UnlockPageBase):
    """`kept` is emitted once two groups of the key were typed back, `skipped` when that is left for later."""

    kept = Signal()
    skipped = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget, recovery_key: str, outputs: Outputs, *, is_new_vault: bool = True
    ) -> None:
        before = "" if is_new_vault else " The recovery key from before opens this vault no longer."
        super().__init__(
            theme, parent, "Your recovery key",
            "It opens this vault if the passphrase is ever forgotten. It is shown this once: write it down or print "
            f"it, and keep it away from this computer.{before}",
            _WIDTH, FIRST_STEP if is_new_vault else "",
        )  # fmt: skip
        self._key, self._outputs, px = recovery_key, outputs, theme.px
        self.shown = RecoveryKeyCard(theme, recovery_key, self._middle)
        self.column.addWidget(self.shown)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.copy_button = button("Copy", self._middle, "plain", self._copy, "Copy the recovery key")
        self.print_button = button("Print…", self._middle, "plain", self._print, "Print the recovery key")
        self.save_button = button("Save as a file…", self._middle, "plain", self._ask_to_save)
        for made in (self.copy_button, self.print_button, self.save_button):
            row.addWidget(made)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addSpacing(px(8))
        groups = recovery_key.split("-")
        self.asked = sorted(random.sample(range(len(groups)), 2))
        first, second = (index + 1 for index in self.asked)
        check = RichText(theme, self._middle, size=13, line=19, role="second")
        check.set_text(f"Read it back from your paper: type group {first} and group {second}.")
        self.column.addWidget(check)
        grid = QGridLayout()
        grid.setSpacing(px(8))
        self.fields: list[QLineEdit] = []
        for n, index in enumerate(self.asked):
            field = QLineEdit(self._middle)
            field.setProperty("kind", "unlock")
            field.setPlaceholderText(f"Group {index + 1}")
            field.setAccessibleName(f"Group {index + 1} of the recovery key")
            field.setMaxLength(8)
            field.textChanged.connect(self._judge)
            field.returnPressed.connect(self._done)
            grid.addWidget(field, 0, n)
            self.fields.append(field)
        self.column.addLayout(grid)
        self.done_button = button("I have written it down", self._middle, "main", self._done)
        self.done_button.setMinimumHeight(px(43))
        self.done_button.setEnabled(False)
        self.column.addWidget(self.done_button)
        self.reason = RichText(theme, self._middle, size=13, line=19, role="second")
        self.column.addWidget(self.reason)
        self.later_button = button("Later, without a recovery key", self._middle, "link", self.skipped.emit)
        self.column.addWidget(self.later_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.notice)
        self._judge()
        self.fields[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _judge(self) -> None:
        groups = self._key.split("-")
        right = [
            field.text().strip(" -").upper().translate(_LOOKALIKES) == groups[index]
            for field, index in zip(self.fields, self.asked, strict=True)
        ]
        self.done_button.setEnabled(all(right))
        self._say_what_is_missing(right)

    def _say_what_is_missing(self, right: list[bool]) -> None:
        """Say why the button is grey."""
        missing = [index + 1 for index, is_right in zip(self.asked, right, strict=True) if not is_right]
        wrong = [
            index + 1
            for field, index, is_right in zip(self.fields, self.asked, right, strict=True)
            if not is_right and len(field.text().strip(" -")) >= len(self._key.split("-")[index])
        ]
        if wrong:
            text = f"Group {wrong[0]} is not as it is shown above."
        elif missing:
            text = f"Type {' and '.join(f'group {number}' for number in missing)} to go on."
        else:
            text = ""
        self.reason.set_text(text)
        self.reason.setVisible(bool(text))
        self.done_button.setToolTip(text)

    def _done(self) -> None:
        if self.done_button.isEnabled():
            self.kept.emit()

    def _copy(self) -> None:
        clipboard.copy_text(self._key)
        self.notice.show_note("Copied.", "Paste it where it is safe, and copy something else after it.")

    def _print(self) -> None:
        ask_to_print(self, self._key, self.notice.show_error)

    def _ask_to_save(self) -> None:
        question = ConfirmDialog(self._theme, self, "This file is not encrypted", _PLAIN_FILE, "Save anyway…", "plain")
        question.accepted.connect(
            lambda: ask_where_to_save(self, "Tacit recovery key", "txt", self.save_to, "Save the recovery key")
        )
        question.open()

    def save_to(self, path: Path) -> None:
        """Write the key to a file, unencrypted."""
        try:
            save_key(self._key, self._outputs.named(path, replaces=True))
        except AssistantError as error:
            advice = "The key is still shown here; choose another place, or write it down."
            self.notice.show_error(AssistantError(error.title, advice))
            return
        self.notice.show_note("Saved, in the clear.", "Move the file to a place away from this computer.")

    def clear_secrets(self) -> None:
        """Clear the key, and what was typed."""
        super().clear_secrets()
        self._key = ""
        self.shown.clear()
