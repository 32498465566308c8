"""What is looked at on a walk through the window: a view by its name, dialogs and menus among them."""

from collections.abc import Iterator

from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from tests.ui.stage import settle, until

View = tuple[str, QWidget]


def dialogs(window: QWidget, name: str) -> Iterator[View]:
    """The dialog that was just asked for; it is closed after it was looked at."""
    until(lambda: any(isinstance(d, QDialog) and d.isVisible() for d in QApplication.topLevelWidgets()), 10, name)
    settle(0.2)
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog) and dialog.isVisible():
            yield f"dialog: {name}", dialog
            dialog.reject()
    settle(0.1)


def menu_of(menu: QMenu, button: QWidget) -> Iterator[View]:
    """A menu, popped up where its button opens it."""
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    settle(0.1)
    yield f"menu: {button.accessibleName()}", menu
    menu.close()
