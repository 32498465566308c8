"""A page: its row in the side bar, its keys, and how its widget is made."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from app.ui.navigation.command import Command

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame


class Group(Enum):
    """The groups of the side bar, in their order; the value is the heading, empty for none."""

    MAIN = ""
    SETTINGS = "Settings"


class PageWidget(Protocol):
    """What every page's widget, a QWidget, can do."""

    def begin(self) -> None:
        """The page was asked for: read again what may have changed since, and take the focus if it wants it."""

    def leave(self) -> bool:
        """Close what is open inside, as Escape does.

        Returns:
            Whether there was something to close, or the page is one that Escape does not leave. If not, the page shown
            before it is shown.
        """


W = TypeVar("W", bound=PageWidget)


@dataclass(frozen=True)
class Page(Generic[W]):
    """One page. A room's file `page.py` registers it by the name `PAGE`; nothing else needs to know of it.

    Attributes:
        key: what it is called in code and in what is kept over a lock, such as `privacy`; never shown.
        title: the text of its row in the side bar.
        group: the group of its row.
        order: its place in that group; smaller comes first.
        make: makes its widget, at the first visit. Import the widget's module only in there: an unlocked window must
            not wait for pages that nobody looks at.
        keys: its shortcut in Qt's portable form, such as `Ctrl+M`; empty if it has none.
        is_made_at_start: make the widget with the frame, because it follows jobs or changes also while it is hidden.
    """

    key: str
    title: str
    group: Group
    order: int
    make: Callable[["PageFrame"], W]
    keys: str = ""
    is_made_at_start: bool = False

    @property
    def command(self) -> Command:
        """The command that shows it."""
        return Command(f"show.{self.key}", self.title, lambda frame: frame.show_page(self), self.keys)
