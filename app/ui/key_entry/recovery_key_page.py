"""The page that shows a recovery key once, and checks that it was written down."""

import random
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.errors import AssistantError
from app.ui.key_entry.passphrase_form import FIRST_STEP, UnlockPageBase
from app.ui.key_entry.recovery_key_print import ask_to_print, lines_of, save_key
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.dialogs import ConfirmDialog
from app.ui.widgets.file_dialogs import ask_where_to_save
from app.ui.widgets.rich_text import RichText

_WIDTH = 480
_LOOKALIKES = str.maketrans("OIL", "011")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "last")
_PLAIN_FILE = (
    "Whoever finds it can open your vault. Put it on a stick or a disk that you keep away from this computer, and let "
    "no copy of it stay here."
)


class RecoveryKeyPage(UnlockPageBase):
    """`kept` is emitted once two groups of the key were typed back, `skipped` when that is left for later."""

    kept = Signal()
    skipped = Signal()

    def __init__(self, theme: Theme, parent: QWidget, recovery_key: str, *, is_new_vault: bool = True) -> None:
        before = "" if is_new_vault else " The recovery key from before opens this vault no longer."
        super().__init__(
            theme, parent, "Your recovery key",
            "It opens this vault if the passphrase is ever forgotten. It is shown this once: write it down or print "
            f"it, and keep it away from this computer.{before}",
            _WIDTH, FIRST_STEP if is_new_vault else "",
        )  # fmt: skip
        self._key, px = recovery_key, theme.px
        card = QFrame(self._middle)
        card.setProperty("part", "card")
        card.setAccessibleName("Recovery key")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(px(18), px(16), px(18), px(16))
        self.shown = label("\n".join(lines_of(recovery_key)), "key", card)
        self.shown.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.shown.setAccessibleName(f"Recovery key: {recovery_key}")
        inside.addWidget(self.shown)
        self.column.addWidget(card)
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
        first, second = (_ORDINALS[index] for index in self.asked)
        check = RichText(theme, self._middle, size=13, line=19, role="second")
        check.set_text(f"Read it back from your paper: type its {first} and its {second} group.")
        self.column.addWidget(check)
        grid = QGridLayout()
        grid.setSpacing(px(8))
        self.fields: list[QLineEdit] = []
        for n, index in enumerate(self.asked):
            field = QLineEdit(self._middle)
            field.setProperty("kind", "unlock")
            field.setPlaceholderText(f"{_ORDINALS[index].capitalize()} group")
            field.setAccessibleName(f"{_ORDINALS[index].capitalize()} group of the recovery key")
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
        self.later_button = button("Later, without a recovery key", self._middle, "link", self.skipped.emit)
        self.column.addWidget(self.later_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.notice)
        self.fields[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _judge(self) -> None:
        groups = self._key.split("-")
        right = [
            field.text().strip(" -").upper().translate(_LOOKALIKES) == groups[index]
            for field, index in zip(self.fields, self.asked, strict=True)
        ]
        self.done_button.setEnabled(all(right))

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
            save_key(self._key, path)
        except AssistantError as error:
            self.notice.show_error(error)
            return
        self.notice.show_note("Saved, in the clear.", "Move the file to a place away from this computer.")

    def clear_secrets(self) -> None:
        """Clear the key, and what was typed."""
        super().clear_secrets()
        self._key = ""
        self.shown.setText("")
        self.shown.setAccessibleName("Recovery key")
