"""A call that is to be stored."""

from datetime import datetime

import msgspec

from app.core.call import Survey
from app.core.ids import CallId
from app.core.import_options import StepOptions
from app.core.transcript import Layout, Speaker, Utterance


class NewCall(msgspec.Struct, frozen=True):
    """What is stored about a call once its sound is in the vault."""

    id: CallId
    title: str
    is_titled: bool
    date: datetime | None
    survey: Survey
    layout: Layout
    speakers: tuple[Speaker, ...]
    asked_language: str
    wants_summary: bool
    content_hash: bytes = b""
    media_key: bytes = b""
    written: tuple[Utterance, ...] = ()  # of a call that came as text: all of its lines
    language: str = ""  # in which it is written, if that is known
    asked_model: str = ""
    steps: StepOptions = StepOptions()
