"""Where the links of notes lead, which notes lead to one, and what can be linked to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.core.change import Change
from app.core.durations import format_time
from app.core.ids import CallId, NoteId
from app.core.note import title_of
from app.core.note_links import NoteLink, call_link, link_key, links_of, note_link, titled_moment
from app.core.note_markup import lines_of
from app.storage.tables.calls import CallStore
from app.storage.tables.notes import NoteStore

_MOST_COMPLETIONS = 8


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """A note, or a call with the moment in seconds; `title` is how it is called now."""

    title: str
    note: NoteId | None = None
    call: CallId | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """All that links can lead to: titles in the form of `link_key`, and the ids of calls."""

    titles: frozenset[str] = frozenset()
    calls: frozenset[CallId] = frozenset()

    def has(self, link: NoteLink) -> bool:
        """Whether a link leads to one of them."""
        if link.call is not None:
            return link.call in self.calls
        moment = titled_moment(link.target)
        return link_key(link.target) in self.titles or (moment is not None and link_key(moment[0]) in self.titles)


@dataclass(frozen=True, slots=True)
class Backlink:
    """A note that leads to another one: its title, and the words of the line that does."""

    note: NoteId
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that can be linked to: what it is called, what it is ("Note", "Call"), and the link."""

    title: str
    kind: str
    link: str


class NoteLinks:
    """Follows links. Each method touches the disk: not for the GUI thread."""

    def __init__(self, notes: NoteStore, calls: CallStore, publish: Callable[[Change], None]) -> None:
        self._notes, self._calls, self._publish = notes, calls, publish

    def targets(self) -> Targets:
        """All that links can lead to."""
        calls = self._calls.all()
        names = [name for _, title, known in self._notes.names() for name in (title, known)]
        return Targets(
            frozenset(link_key(name) for name in [*names, *(call.title for call in calls)] if name),
            frozenset(call.id for call in calls),
        )

    def target(self, link: NoteLink) -> LinkTarget | None:
        """Where a link leads; None if there is nothing of that name or id.

        Of notes and calls of one title a note is meant, the one that was edited last.
        """
        if link.call is not None:
            found = next((call for call in self._calls.all() if call.id == link.call), None)
            return None if found is None else LinkTarget(found.title, call=found.id, seconds=link.seconds)
        key, names = link_key(link.target), self._notes.names()
        for place in (1, 2):  # by its title, or by the one that it had
            for name in names:
                if key and link_key(name[place]) == key:
                    return LinkTarget(name[1], note=name[0])
        return self._titled_call(link.target)

    def _titled_call(self, target: str) -> LinkTarget | None:
        wanted: list[tuple[str, float | None]] = [(target, None)]
        if (moment := titled_moment(target)) is not None:
            wanted.append(moment)
        for title, seconds in wanted:
            for call in self._calls.all():
                if link_key(call.title) == link_key(title):
                    return LinkTarget(call.title, call=call.id, seconds=seconds)
        return None

    def backlinks(self, note: NoteId) -> list[Backlink]:
        """The notes with a link to this one, the newest first."""
        found = next(((title, known) for uid, title, known in self._notes.names() if uid == note), None)
        keys = {link_key(name) for name in found or () if name}
        if not keys:
            return []
        others = {uid: text for name in found or () if name for uid, text in self._notes.with_link_to(name)}
        linking = []
        for other, text in others.items():
            links = (link for link in links_of(text) if link.call is None and link_key(link.target) in keys)
            if other != note and (link := next(links, None)) is not None:
                line = list(lines_of(text))[text.count("\n", 0, link.start)]
                linking.append(Backlink(other, title_of(text), line.words))
        return linking

    def completions(self, typed: str, note: NoteId | None = None) -> list[Completion]:
        """What can be linked to whose title has these words: first what begins with them, then what came up last.

        Words that end with a time offer that moment of a call. `note` is the one in which is written.
        """
        moment = titled_moment(typed)
        found = [*self._notes_with(typed, note), *self._calls_with(typed, None)]
        found.sort(key=lambda one: not link_key(one.title).startswith(link_key(typed)))
        if moment is not None:
            found = [*self._calls_with(*moment), *found]
        return found[:_MOST_COMPLETIONS]

    def _notes_with(self, typed: str, note: NoteId | None) -> Iterator[Completion]:
        for uid, title, _ in self._notes.names():
            if title and uid != note and _has(title, typed):
                yield Completion(title, "Note", note_link(title))

    def _calls_with(self, typed: str, seconds: float | None) -> Iterator[Completion]:
        for call in self._calls.all():
            if _has(call.title, typed):
                place = "" if seconds is None else f" {format_time(seconds)}"
                yield Completion(call.title + place, "Call", call_link(call.id, call.title, seconds))

    def follow_title(self, note: NoteId) -> list[NoteId]:
        """Let the links to a note follow its title once that is another; returns the notes that were changed by it.

        Raises:
            NotFound: there is no such note any more.
        """
        changed = self._notes.rename(note)
        for other in changed:
            self._publish(Change("note", other))
        return changed


def _has(title: str, typed: str) -> bool:
    words = link_key(title).split()
    return all(any(known.startswith(word) for known in words) for word in link_key(typed).split())
