"""The messages of one conversation in a column, with the reply that is being written."""

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.conversation import Conversation, Message, MessageVersion, ReplyMeasure, Role
from app.ui.conversation.message_widgets import QuestionWidget, ReplyWidget
from app.ui.conversation.source_cards import Source
from app.ui.style.theme import Theme
from app.ui.widgets.basics import centred
from app.ui.widgets.cached_column import CachedColumn
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane

_TURN = 0.010  # seconds for which messages are made before the window turns to its other events
_AT_A_TIME = 16  # messages that are made when a conversation is opened, and when its beginning comes near
_AHEAD = 2  # heights of the pane: how near
_NEAR_END = 40  # design pixels
_SETTLES = 300  # milliseconds in which what came is laid out; what grows later was opened by the person

Place = tuple[int, int]
"""Where a conversation is scrolled to: the number of a message, from 0, and the pixels from its top."""


class ConversationView(QWidget):
    """Shows the messages of a conversation in a scrolling column.

    Widgets are made for the newest messages first, a few at a time, and for earlier ones as they are scrolled to. A
    conversation that is shown again is where it was left.
    """

    citation_clicked = Signal(object)  # the citation of the clicked chip or card
    edit_wanted = Signal(int)  # the number of the question, from 0
    again_wanted = Signal(int)  # the number of the reply in whose place another one is wanted
    going_on_wanted = Signal(int)  # the number of the reply of which more is wanted
    turned = Signal(int, int)  # the number of a message, and -1 for the version before or 1 for the one after

    def __init__(
        self, theme: Theme, parent: QWidget, *, shows_times: bool, widest: int, empty: str, has_actions: bool = False
    ) -> None:
        super().__init__(parent)
        self._versions: tuple[MessageVersion, ...] = ()  # of the messages
        self.setAccessibleName("Conversation")
        self._theme, self._shows_times, self._has_actions = theme, shows_times, has_actions
        content = self._content = QWidget(self)
        content.setAccessibleName("Messages")
        self.pane = ScrollPane(self, content, "Messages")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pane)
        centre = QVBoxLayout(content)
        centre.setContentsMargins(0, 0, 0, 0)
        self._column = QWidget(content)
        self._column.setAccessibleName("Messages")
        self._column.setMaximumWidth(widest)
        centre.addLayout(centred(self._column))
        centre.addStretch(1)
        self._stack = QVBoxLayout(self._column)
        edge = 0 if shows_times else theme.px(22)
        self._stack.setContentsMargins(edge, theme.px(12 if shows_times else 20), edge, theme.px(12))
        self._stack.setSpacing(theme.px(14))
        self._empty = RichText(theme, self._column, size=13, line=19, role="second")
        self._empty.set_text(empty)
        self._stack.addWidget(self._empty)
        self._id = ""
        self._messages: tuple[Message, ...] = ()
        self._sources: dict[int, Sequence[Source]] = {}  # by the number of the message
        self._first = self._goal = 0  # the number of the first message that has a widget, and that is to have one
        self._widgets: list[QWidget] = []  # of the messages from there on, then of what is being asked
        self._batches: list[QWidget] = []  # that hold those that were made together
        self._made: list[QWidget] = []  # in the last of them, which is not shown yet
        self._streaming: ReplyWidget | None = None
        self._follows = True
        self._places: dict[str, Place] = {}
        self._wanted: Place | None = None  # what is looked at instead of the end
        self._seen: Place | None = None  # it stays where it is while what is above it grows
        self._is_holding = False
        self._bar = self.pane.verticalScrollBar()
        self._bar.rangeChanged.connect(self._hold)
        self._bar.valueChanged.connect(self._note_what_is_seen)
        self._bar.valueChanged.connect(self._look_ahead)
        self._bar.actionTriggered.connect(self._scrolled_by_hand)
        self._scroll_timer = self._timer(15, self._scroll)
        self._settle_timer = self._timer(_SETTLES, lambda: None)
        self._make_timer = self._timer(0, self._make_more)

    def _timer(self, milliseconds: int, does: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        made.timeout.connect(does)
        return made

    @property
    def replies(self) -> list[ReplyWidget]:
        """The replies that have a widget, in order."""
        return [part for part in self._widgets if isinstance(part, ReplyWidget)]

    def show_conversation(self, conversation: Conversation | None) -> None:
        """Show a conversation as stored; of one that is shown already, only what is new or has changed."""
        messages: tuple[Message, ...] = conversation.messages if conversation else ()
        id_ = conversation.id if conversation else ""
        if id_ and self._goes_on(id_, messages):
            self._take(messages[len(self._messages) :])
            self._messages = messages
        else:
            asked = self._wanted if id_ and (id_ == self._id or not self._widgets) else None
            self._leave_place()
            self._clear()
            self._messages, self._first = messages, len(messages)
            self._goal = max(0, len(messages) - _AT_A_TIME)
            self._wanted = asked or self._places.get(id_)
            if messages:
                self._make()
                self._make_more()
        self._id, self._streaming = id_, None
        self._versions = conversation.versions if conversation else ()
        self._show_versions()
        self._empty.setVisible(not messages)
        self._follow()

    def rewind(self, count: int, *, keeps_reply: bool = False) -> None:
        """Show the first `count` messages alone; with `keeps_reply` the next one stays, to be gone on with."""
        self._messages, self._versions = self._messages[:count], self._versions[:count]
        self._sources = {number: cards for number, cards in self._sources.items() if number < count}
        self._first = self._goal = min(self._first, count)
        kept = self._widgets[count - self._first] if keeps_reply else None
        for old in [one for one in self._widgets[count - self._first :] if one is not kept]:
            self._drop(old)
        if isinstance(kept, ReplyWidget):
            self._streaming = kept
            kept.begin_going_on()
            self._wanted, self._follows = None, True
            self._scroll_timer.start()

    def begin_reply(self) -> None:
        """Show an empty reply below the last message."""
        self._wanted, self._follows = None, True
        self._streaming = self._make_reply(self._column)
        self._add(self._streaming)
        self._scroll_timer.start()

    def _show_versions(self) -> None:
        shown = zip(self._widgets, self._versions[self._first :], strict=False)
        for number, (widget, version) in enumerate(shown, self._first):
            if isinstance(widget, QuestionWidget | ReplyWidget):
                widget.show_version(version, is_last=number + 1 == len(self._versions))

    def focus_version(self, number: int, step: int) -> None:
        """Focus the arrow with which somebody turned to this version of a message: its widget was made anew."""
        for widget in self._widgets[max(0, number - self._first) :][:1]:
            if isinstance(widget, QuestionWidget | ReplyWidget) and widget.versions is not None:
                widget.versions.focus_arrow(step)

    def show_measure(self, measure: ReplyMeasure) -> None:
        """Show how fast the reply was written that is being written."""
        if self._streaming is not None:
            self._streaming.show_measure(measure)

    def _goes_on(self, id_: str, messages: Sequence[Message]) -> bool:
        """Whether what is shown is the beginning of these messages."""
        known = len(self._messages)
        if id_ != self._id:  # the first question of a new conversation makes it
            begun = self._widgets[0] if self._widgets and not self._id else None
            return isinstance(begun, QuestionWidget) and bool(messages) and begun.text == messages[0].text
        return tuple(messages[:known]) == self._messages

    def _take(self, new: Sequence[Message]) -> None:
        """Show stored messages in the widgets that were made as they were written."""
        begun = self._widgets[len(self._messages) - self._first :]
        kept = 0
        for widget, message in zip(begun, new, strict=False):
            if isinstance(widget, ReplyWidget) and message.role is Role.ASSISTANT:
                widget.show_message(message)
            elif not (isinstance(widget, QuestionWidget) and widget.text == message.text):
                break
            kept += 1
        for old in begun[kept:]:
            self._drop(old)
        for message in new[kept:]:
            self._add(self._widget_of(message, self._column))

    def _clear(self) -> None:
        self._make_timer.stop()
        for old in (*self._widgets, *self._batches):
            old.hide()
            old.deleteLater()
        self._batches, self._made = [], []
        self._widgets, self._sources, self._follows, self._seen = [], {}, True, None

    def _leave_place(self) -> None:
        """Remember where the conversation that is shown is scrolled to."""
        if not self._id:
            return
        self._places.pop(self._id, None)
        if self._wanted is not None:
            self._places[self._id] = self._wanted
        elif not self._is_at_end() and (place := self._in_sight()) is not None:
            self._places[self._id] = place

    def _in_sight(self) -> Place | None:
        """The first message that is seen, and how far it is scrolled out."""
        top = self._bar.value()
        place = bisect_right(self._widgets, top, key=self._top_of) - 1
        return None if place < 0 else (self._first + place, top - self._top_of(self._widgets[place]))

    def reveal(self, number: int) -> None:
        """Scroll to a message by its number, from 0, and stay there until the next question."""
        self._wanted = (number, 0)
        self._scroll_timer.start()

    def begin(self, question: str) -> None:
        """Show a question at once, with an empty reply below it."""
        self._empty.hide()
        self._add(self._make_question(question, self._column))
        self.begin_reply()

    def append(self, text: str) -> None:
        """Append text to the reply that is being written."""
        if self._streaming is not None:
            self._streaming.append(text)

    def show_cited(self, message: Message) -> None:
        """Show where the reply that is being written cites so far."""
        if self._streaming is not None:
            self._streaming.show_cited(message)

    def show_waiting(self, text: str) -> None:
        """Say in the reply that is being written what is waited for."""
        if self._streaming is not None:
            self._streaming.show_waiting(text)

    def remove_streaming_reply(self) -> None:
        """Remove the reply that was being written: it has failed."""
        if self._streaming is not None:
            self._drop(self._streaming)
            self._streaming = None

    def show_sources(self, number: int, sources: Sequence[Source]) -> None:
        """Show the source cards of the reply that is the message of this number, from 0."""
        if number >= len(self._messages) or self._sources.get(number) == sources:
            return
        self._sources[number] = sources
        place = number - self._first
        if 0 <= place < len(self._widgets) and isinstance(reply := self._widgets[place], ReplyWidget):
            reply.show_sources(sources)
            self._follow()

    # The widgets of messages

    def _make_more(self) -> None:
        """Make some widgets above those that are there, as far as they are wanted; or show those that were made."""
        if self._made:
            self._show_made()
        elif self._first > self._goal:
            self._make()
        if self._made or self._first > self._goal:
            self._make_timer.start()

    def _make(self) -> None:
        end = time.thread_time() + _TURN
        batch = CachedColumn(self._column, "Messages", self._stack.spacing())
        batch.hide()
        self._batches.append(batch)
        for number in range(self._first - 1, self._goal - 1, -1):
            widget = self._widget_of(self._messages[number], batch)
            self._made.insert(0, widget)
            batch.column.insertWidget(0, widget)
            if time.thread_time() > end:
                break

    def _show_made(self) -> None:
        self._first -= len(self._made)
        for number, widget in enumerate(self._made, self._first):
            if isinstance(widget, ReplyWidget) and number in self._sources:
                widget.show_sources(self._sources[number])
        self._widgets[:0] = self._made
        self._made = []
        self._show_versions()
        self._stack.insertWidget(1, self._batches[-1])  # below the words of an empty conversation
        self._batches[-1].show()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # what is seen is where it says
        self._follow()

    def _look_ahead(self) -> None:
        """Have more made where the first message that is there comes near."""
        is_near = self._bar.value() < _AHEAD * self.pane.viewport().height()
        if is_near and self._first and not self._make_timer.isActive():
            if self._first <= self._goal:
                self._goal = max(0, self._first - _AT_A_TIME)
            self._make_timer.start()

    def _widget_of(self, message: Message, parent: QWidget) -> QWidget:
        """Its widget, complete before it is shown: what is shown piece by piece is laid out with each piece."""
        if message.role is Role.USER:
            return self._make_question(message.text, parent)
        reply = self._make_reply(parent)
        reply.show_message(message)
        return reply

    def _make_question(self, text: str, parent: QWidget) -> QuestionWidget:
        question = QuestionWidget(self._theme, text, parent, has_actions=self._has_actions)
        question.edit_wanted.connect(self._want_edit)
        question.turned.connect(self._want_turn)
        return question

    # What is wanted of a message comes with its widget: a closure over it would be a cycle, on which shiboken crashed.
    def _want_edit(self, question: QWidget) -> None:
        self.edit_wanted.emit(self._number_of(question))

    def _want_again(self, reply: QWidget) -> None:
        self.again_wanted.emit(self._number_of(reply))

    def _want_more(self, reply: QWidget) -> None:
        self.going_on_wanted.emit(self._number_of(reply))

    def _want_turn(self, message: QWidget, step: int) -> None:
        self.turned.emit(self._number_of(message), step)

    def _number_of(self, widget: QWidget) -> int:
        return self._first + self._widgets.index(widget)

    def _make_reply(self, parent: QWidget) -> ReplyWidget:
        reply = ReplyWidget(self._theme, parent, shows_times=self._shows_times, has_actions=self._has_actions)
        reply.again_wanted.connect(self._want_again)
        reply.going_on_wanted.connect(self._want_more)
        reply.turned.connect(self._want_turn)
        reply.citation_clicked.connect(self.citation_clicked)
        reply.grown.connect(self._follow)
        return reply

    def _add(self, widget: QWidget) -> None:
        self._stack.addWidget(widget)
        self._widgets.append(widget)
        widget.show()

    def _drop(self, widget: QWidget) -> None:
        self._widgets.remove(widget)
        widget.hide()
        widget.deleteLater()

    # Scrolling

    def _is_at_end(self) -> bool:
        return self._bar.value() >= self._bar.maximum() - self._theme.px(_NEAR_END)

    def _scrolled_by_hand(self, _: int) -> None:
        self._wanted = None
        self._follows = False
        self._scroll_timer.stop()
        QTimer.singleShot(0, self, self._follow_from_here)

    def _follow_from_here(self) -> None:
        """Follow what is written from now on, if the person has scrolled to the end."""
        self._follows = self._is_at_end()

    def _note_what_is_seen(self) -> None:
        if not self._is_holding:
            self._seen = self._in_sight()

    def _hold(self, _: int, most: int) -> None:
        """Stay at what is wanted, at the end, or where what is seen was."""
        if self._wanted is not None:
            self._scroll()
        elif self._follows and self._settle_timer.isActive():
            self._bar.setValue(most)
        elif self._seen is not None:
            self._is_holding = True
            self._go_to(self._seen)
            self._is_holding = False
        self._look_ahead()

    def _follow(self) -> None:
        if self._follows or self._wanted is not None:
            self._scroll_timer.start()
            self._settle_timer.start()

    def _scroll(self) -> None:
        """Go to what is wanted, or to the end."""
        if self._wanted is None:
            self._bar.setValue(self._bar.maximum())
            return
        if 0 <= self._wanted[0] < self._first:
            self._goal = min(self._goal, self._wanted[0])
            self._make_timer.start()
            self._scroll_timer.start()
        else:
            self._go_to(self._wanted)

    def _go_to(self, place: Place) -> None:
        number, offset = place
        if 0 <= number - self._first < len(self._widgets):
            self._bar.setValue(self._top_of(self._widgets[number - self._first]) + offset)

    def _top_of(self, widget: QWidget) -> int:
        return widget.mapTo(self._content, QPoint(0, 0)).y()
