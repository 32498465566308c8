"""Links of a reply: where they go is seen, and they are opened after a yes, by another program."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import AssistantError
from app.ui.conversation import links
from app.ui.conversation.links import LinkDialog, LinkTarget, bare_addresses, link_target
from app.ui.conversation.reply_text import ReplyText
from app.ui.style.theme import Theme
from tests.ui.stage import settle


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
    monkeypatch.setattr(links, "open_address", found.append)
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


def test_where_no_program_takes_it_the_address_is_copied(
    theme: Theme, parent: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: LinkTarget) -> None:
        raise AssistantError

    monkeypatch.setattr(links, "open_address", refuse)
    shown(theme, parent, "[a](https://example.org/y)").chips()[0].click()
    dialogs(parent)[0].yes_button.click()
    assert QGuiApplication.clipboard().text() == "https://example.org/y"


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
