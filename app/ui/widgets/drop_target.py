"""Accepting drags of local files and folders."""

from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDropEvent


def accept_drag(event: QDragEnterEvent) -> None:
    """Accept a drag that holds a local file or folder."""
    if any(url.isLocalFile() for url in event.mimeData().urls()):
        event.acceptProposedAction()


def accept_drop(event: QDropEvent) -> list[Path]:
    """Accept the drop, and return its local paths; empty if it holds none."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    if paths:
        event.acceptProposedAction()
    return paths
