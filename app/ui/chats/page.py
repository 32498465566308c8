"""The registration of the page of chats."""

from typing import TYPE_CHECKING

from app.core.conversation import Citation
from app.ui.navigation.call_moment import CallMoment
from app.ui.navigation.page import Group, Page

if TYPE_CHECKING:
    from app.ui.chats.chat_page import ChatPage
    from app.ui.navigation.page_frame import PageFrame


def _make(frame: "PageFrame") -> "ChatPage":
    from app.ui.chats.chat_page import ChatPage
    from app.ui.chats.commands import MENU
    from app.ui.navigation.command_menu import command_menu

    page = ChatPage(frame.theme, frame.session, frame.bridge, frame)
    page.header.set_menu(command_menu(page, "Chat", MENU, frame))
    page.chats_read.connect(lambda chats: frame.badge_changed.emit(PAGE.key, str(len(chats)) if chats else ""))
    page.citation_clicked.connect(lambda cited: frame.moment_wanted.emit(_moment(cited)))
    return page


def _moment(cited: Citation) -> CallMoment:
    return CallMoment(cited.id, cited.utterance, cited.start)


PAGE: "Page[ChatPage]" = Page("chats", "Chats", Group.MAIN, 10, _make, is_made_at_start=True)
