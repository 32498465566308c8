"""Links of a reply: where they go is seen, and they are opened after a yes, by another program."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import ClassInfo, QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtDBus import QDBusConnection, QDBusObjectPath
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.ui.conversation import links
from app.ui.conversation.links import LinkDialog, LinkTarget, bare_addresses, link_target
from app.ui.conversation.reply_text import ReplyText
from app.ui.style.theme import Theme
from tests.doubles.buses import bus
from tests.ui.stage import settle, until


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """A window for the text."""
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[LinkTarget]:
    """What was handed to the system: here to nobody."""
    found: list[LinkTarget] = []
    monkeypatch.setattr(links, "open_address", lambda target, *_: found.append(target))
    return found


def shown(theme: Theme, parent: QWidget, text: str) -> ReplyText:
    made = ReplyText(theme, parent)
    made.setGeometry(0, 0, 600, 400)
    made.show_reply(text, (), "")
    made.show()
    settle(0.05)
    return made


def dialogs(parent: QWidget) -> list[LinkDialog]:
    return [one for one in parent.findChildren(LinkDialog) if one.isVisible()]


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://example.org/a?b=c", "example.org"),
        ("HTTP://Example.ORG", "example.org"),
        ("https://user:word@evil.example/example.org", "evil.example"),
        ("https://раypal.example/", "xn--ypal-43d9g.example"),  # its first two letters are Cyrillic
        ("mailto:anna@example.org", "anna@example.org"),
        ("mailto:%3Cimg%20src=%22//host/a.png%22%3E", "%3Cimg%20src=%22//host/a.png%22%3E"),
    ],
)
def test_the_host_is_said_as_it_is(address: str, host: str) -> None:
    target = link_target(address)
    assert target is not None
    assert target.host == host


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,a",
        "/a",
        "a.html",
        "#a",
        "",
        "http:",
        "ftp://h",
        "qrc:/a",
    ],
)
def test_all_else_is_words(address: str) -> None:
    assert link_target(address) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.org/a_b(c).", ["https://example.org/a_b(c)"]),
        ("(https://example.org/a)", ["https://example.org/a"]),
        ("www.example.org, and so", ["www.example.org"]),
        ("a@example.org.", ["a@example.org"]),
        ("https://localhost and x.www.a", []),
        ("http://example.org/&amp;", ["http://example.org/"]),
    ],
)
def test_bare_addresses(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end, _ in bare_addresses(text)] == found


def test_a_link_is_opened_after_a_yes(theme: Theme, parent: QWidget, opened: list[LinkTarget]) -> None:
    text = shown(theme, parent, "Read [this page](https://example.org/a?b) now.")
    (chip,) = text.chips()
    assert chip.text() == "example.org ↗"
    assert chip.accessibleName() == "Opens example.org, after asking"
    chip.click()
    (dialog,) = dialogs(parent)
    assert dialog.windowTitle() == "Open a page of example.org?"
    assert dialog.words.plain_text().startswith("https://example.org/a?b\n\nTacit itself connects to nothing.")
    assert dialog.focusWidget() is dialog.no_button
    assert opened == []
    dialog.yes_button.click()
    assert opened == [LinkTarget("https://example.org/a?b")]


def test_the_address_is_shown_whole(theme: Theme, parent: QWidget) -> None:
    address = "https://example.org/" + "a" * 1_900 + "/the-end"
    shown(theme, parent, f"[a]({address})").chips()[0].click()
    assert dialogs(parent)[0].words.plain_text().startswith(f"{address}\n\nTacit itself")


def test_no_opens_nothing_and_the_address_can_be_copied(
    theme: Theme, parent: QWidget, opened: list[LinkTarget]
) -> None:
    text = shown(theme, parent, "[a](https://example.org/x)")
    text.chips()[0].click()
    dialogs(parent)[0].no_button.click()
    text.chips()[0].click()
    dialogs(parent)[0].copy_button.click()
    assert QGuiApplication.clipboard().text() == "https://example.org/x"
    assert (opened, dialogs(parent)) == ([], [])


@ClassInfo({"D-Bus Interface": "org.freedesktop.portal.OpenURI"})  # type: ignore[call-arg]
class Portal(QObject):  # type: ignore[operator]
    """Takes addresses as a desktop's portal does."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    @Slot(str, str, "QVariantMap", result=QDBusObjectPath)
    def OpenURI(self, _: str, address: str, __: object) -> QDBusObjectPath:  # noqa: N802 - its name on the bus
        self.asked.append(address)
        return QDBusObjectPath("/a")


@pytest.fixture
def address_of_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A session bus on which nobody opens addresses."""
    with bus(tmp_path) as address:
        made = QDBusConnection.connectToBus(address, "links")
        assert made.isConnected()
        monkeypatch.setattr(QDBusConnection, "sessionBus", lambda: made)
        yield address
        QDBusConnection.disconnectFromBus("links")


def assert_told(dialog: LinkDialog, address: str) -> None:
    """That nothing opened is told where the yes was given, and the address can be pasted."""
    assert dialog.isVisible()
    assert dialog.words.plain_text().startswith("No program was found that opens addresses. The address was copied;")
    assert dialog.words.plain_text().endswith(f"\n\n{address}")
    assert QGuiApplication.clipboard().text() == address
    assert [one.text() for one in dialog.findChildren(QPushButton) if one.isVisible()] == ["Close"]
    assert dialog.focusWidget() is dialog.no_button
    dialog.no_button.click()
    assert not dialog.isVisible()


@pytest.mark.skipif(sys.platform != "linux", reason="portals are of Linux")
def test_where_no_program_takes_it_that_is_told(theme: Theme, parent: QWidget, address_of_bus: str) -> None:
    shown(theme, parent, "[a](https://example.org/y)").chips()[0].click()
    (dialog,) = dialogs(parent)
    dialog.yes_button.click()
    assert not dialog.yes_button.isEnabled()
    until(lambda: not dialog.yes_button.isVisible(), what="the answer of the bus")
    assert_told(dialog, "https://example.org/y")


@pytest.mark.skipif(sys.platform != "linux", reason="portals are of Linux")
def test_where_there_is_no_bus_that_is_told(theme: Theme, parent: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QDBusConnection, "sessionBus", lambda: QDBusConnection("none"))
    shown(theme, parent, "[a](https://example.org/y)").chips()[0].click()
    (dialog,) = dialogs(parent)
    dialog.yes_button.click()
    assert_told(dialog, "https://example.org/y")


@pytest.mark.skipif(sys.platform != "linux", reason="portals are of Linux")
def test_a_portal_that_takes_it_ends_the_dialog(theme: Theme, parent: QWidget, address_of_bus: str) -> None:
    portal, desktop = Portal(), QDBusConnection.connectToBus(address_of_bus, "desktop")
    every_slot = QDBusConnection.RegisterOption.ExportAllSlots
    assert desktop.registerObject("/org/freedesktop/portal/desktop", portal, every_slot)
    assert desktop.registerService("org.freedesktop.portal.Desktop")
    QGuiApplication.clipboard().clear()
    shown(theme, parent, "[a](<https://example.org/ä b>)").chips()[0].click()
    dialogs(parent)[0].yes_button.click()
    until(lambda: not dialogs(parent), what="the end of the dialog")
    assert portal.asked == ["https://example.org/%C3%A4%20b"]
    assert QGuiApplication.clipboard().text() == ""
    QDBusConnection.disconnectFromBus("desktop")


@pytest.mark.parametrize("is_taken", [True, False])
def test_elsewhere_the_system_is_asked(
    theme: Theme, parent: QWidget, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    asked: list[str] = []

    def take(url: QUrl) -> bool:
        asked.append(url.toString())
        return is_taken

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(QDesktopServices, "openUrl", take)
    shown(theme, parent, "[a](https://example.org/y)").chips()[0].click()
    (dialog,) = dialogs(parent)
    dialog.yes_button.click()
    assert asked == ["https://example.org/y"]
    if is_taken:
        assert dialogs(parent) == []
    else:
        assert_told(dialog, "https://example.org/y")


def test_a_click_on_the_words_asks_too(theme: Theme, parent: QWidget, opened: list[LinkTarget]) -> None:
    text = shown(theme, parent, "[this page](https://example.org/) and words")
    words = text.blocks[0].content
    QTest.mouseClick(words, Qt.MouseButton.LeftButton, pos=QPoint(theme.px(20), theme.px(10)))
    (dialog,) = dialogs(parent)
    dialog.reject()
    QTest.mouseClick(words, Qt.MouseButton.LeftButton, pos=QPoint(theme.px(300), theme.px(10)))
    assert (dialogs(parent), opened) == ([], [])


def test_what_is_copied_of_a_reply_has_the_address(theme: Theme, parent: QWidget) -> None:
    assert shown(theme, parent, "[a](https://example.org/z) b").plain_text() == "a (https://example.org/z) b"
