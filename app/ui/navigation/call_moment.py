"""A moment of a call that another page speaks of."""

from dataclasses import dataclass

from app.core.ids import CallId, UtteranceId


@dataclass(frozen=True, slots=True)
class CallMoment:
    """A call, and in it an utterance or a time in seconds; with neither its beginning."""

    call: CallId
    utterance: UtteranceId | None = None
    start: float | None = None
