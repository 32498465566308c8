"""What a person wants of the calls that come in: facts about a file, and what the steps of its call then do."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from app.core.call import Call
from app.core.file_names import proposed_name
from app.core.plain_text import one_line
from app.core.voices import MOST_SPEAKERS

DEFAULT_NAME = "{date} {title}"
_PART = re.compile(r"\{(\w*)\}")
_PARTS = ("date", "time", "title", "id", "file")
_Short = Annotated[str, Meta(max_length=200)]


class ExportPlan(msgspec.Struct, frozen=True):
    """To write each finished call to `folder`, an absolute path, as a file in a format.

    Its name is made from the pattern `name`, in which {date}, {time}, {title}, {id} and {file} are replaced.
    """

    folder: Annotated[str, Meta(min_length=1, max_length=4096)]
    format: Annotated[str, Meta(max_length=20)] = "md"
    name: _Short = DEFAULT_NAME

    @property
    def has_known_name(self) -> bool:
        """Whether the pattern has no other parts than those."""
        return bool(self.name.strip()) and all(part in _PARTS for part in _PART.findall(self.name))

    def of_file(self, path: Path) -> "ExportPlan":
        """The plan for the call that comes from this file, whose name is not kept."""
        stem = one_line(path.stem.encode(errors="ignore").decode())
        return msgspec.structs.replace(self, name=self.name.replace("{file}", stem)[:200])

    def file_name(self, call: Call, ending: str) -> str:
        """The name of a call's file: one that every system takes, and that leads to no other folder."""
        at = call.date.astimezone()
        values = {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H.%M}", "title": call.title, "id": call.id}
        return proposed_name(_PART.sub(lambda part: values.get(part[1], ""), self.name), ending)


class StepOptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the steps of a call do with it; kept with the call, so that they go on with the same after a restart.

    `speaker_count` is how many people speak in it, 0 if nobody knows. Without a `template` the summary has the usual
    sections; without a `summary_language`, a code, it is written in the call's.
    """

    speaker_count: Annotated[int, Meta(ge=0, le=MOST_SPEAKERS)] = 0
    template: _Short = ""
    summary_language: Annotated[str, Meta(max_length=3)] = ""
    export: ExportPlan | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person states about a file: `date` overrides the container's, the names replace You and Them.

    `is_any_text`: a text that names neither speakers nor times is a call all the same, a line each. `speech_model` is
    the name of the model that hears it, "" for the one in use. `steps` is what is done with its call then.
    """

    date: datetime | None = None
    language: str = ""
    left: str = ""
    right: str = ""
    wants_summary: bool = True
    is_any_text: bool = False
    speech_model: str = ""
    steps: StepOptions = field(default_factory=StepOptions)

    def __post_init__(self) -> None:
        """Bring the names to one line each, as they stand in front of what was said."""
        object.__setattr__(self, "left", one_line(self.left))
        object.__setattr__(self, "right", one_line(self.right))
