"""The file dialogs: which file to import, restore or install, and where to save an export or a backup."""

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from app.core.file_names import proposed_name
from app.core.media_kinds import SUFFIXES, TEXT_SUFFIXES
from app.ui.widgets.screen_fit import ScreenFit, room_for

_SIZE = (860, 540)

_SPARED = ("backButton", "forwardButton", "listModeButton", "detailModeButton")  # as Qt names them
_LEAST_ROOM = 48  # characters across the screen, for the dialog's first row with all of its six buttons


def leave_no_history() -> None:
    """Keep Qt's own file dialog from recording the folders that were visited.

    Qt writes them unencrypted to QtProject.conf when such a dialog is destroyed, and has no option against it; a path
    that can't be written to has the same effect.
    """
    for fmt in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(fmt, QSettings.Scope.UserScope, os.devnull)


def _dialog(parent: QWidget, title: str) -> QFileDialog:
    leave_no_history()
    made = QFileDialog(parent, title)
    # The native dialogs of Windows and GTK add the chosen file to the system's list of recent files.
    made.setOption(QFileDialog.Option.DontUseNativeDialog)
    made.setOption(QFileDialog.Option.HideNameFilterDetails)
    made.resize(*_SIZE)
    ScreenFit(made, QSize(1, 1))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    made.setAccessibleName(title)
    made.setHistory([])
    _spare_room(made)
    return made


def _spare_room(dialog: QFileDialog) -> None:
    """On a narrow screen leave out what the list and the field of the folder do too: the buttons would overlap."""
    if room_for(dialog).width() < _LEAST_ROOM * dialog.fontMetrics().averageCharWidth():
        for name in _SPARED:
            found = dialog.findChild(QToolButton, name)
            if found is not None:
                found.hide()


def ask_what_to_import(parent: QWidget, chosen: Callable[[list[Path]], None]) -> None:
    """Ask which recordings to import."""
    dialog = _dialog(parent, "Import recordings")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    endings = " ".join(f"*.{e} *.{e.upper()}" for e in (*SUFFIXES, *TEXT_SUFFIXES))
    dialog.setNameFilters([f"Recordings ({endings})", "All files (*)"])
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.open()


def ask_for_text(parent: QWidget, chosen: Callable[[Path], None]) -> None:
    """Ask which text to open."""
    dialog = _dialog(parent, "Open a text")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    endings = " ".join(f"*.{e} *.{e.upper()}" for e in TEXT_SUFFIXES)
    dialog.setNameFilters([f"Texts ({endings})", "All files (*)"])
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()


def ask_what_to_restore(parent: QWidget, chosen: Callable[[Path], None]) -> None:
    """Ask which backup to restore."""
    dialog = _dialog(parent, "Restore a backup")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(["Backups (*.tacit)", "All files (*)"])
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()


def ask_for_model(parent: QWidget, chosen: Callable[[Path], None], *, is_folder: bool) -> None:
    """Ask for a GGUF or ONNX file or a zipped model pack, or for the folder of a Whisper model or of a pack."""
    dialog = _dialog(parent, "Add a model folder" if is_folder else "Add a model file")
    if is_folder:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Models and model packs (*.gguf *.GGUF *.onnx *.ONNX *.zip *.ZIP)", "All files (*)"])
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()


def ask_where_to_save(
    parent: QWidget, title: str, ending: str, chosen: Callable[[Path], None], what: str = "Export"
) -> None:
    """Ask where to save a file; `title` is the proposed name, `ending` the suffix without a dot."""
    dialog = _dialog(parent, what)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(ending)
    dialog.setNameFilters([f"{ending.upper()} (*.{ending})"])
    dialog.selectFile(proposed_name(title, ending))
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()
