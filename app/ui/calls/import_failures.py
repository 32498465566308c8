"""Which files of an import failed, by number and name, and why: what the window's notice says of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.plain_text import one_line
from app.ui.runtime.unexpected_errors import error_sentences

if TYPE_CHECKING:
    from app.core.job import Job

_MOST_NAMED = 4  # files whose reason is told; a longer notice would cover the page


class ImportFailures:
    """Remembers the files that are being imported, and the failures among them until the next ones begin."""

    def __init__(self) -> None:
        self._places: dict[int, tuple[str, str]] = {}  # by job: the number and the name of its file
        self._reasons: list[str] = []
        self._files = 0

    def begin(self, jobs: Sequence["Job[Any]"], paths: Sequence[Path], *, is_first: bool) -> None:
        """Remember these files; with `is_first` none of an earlier import is under way, and its failures are over."""
        if is_first:
            self._places, self._reasons, self._files = {}, [], 0
        for number, (job, path) in enumerate(zip(jobs, paths, strict=True), 1):
            where = f"File {number} of {len(paths)}, " if len(paths) > 1 else ""
            self._places[id(job)] = where, one_line(path.name)
        self._files += len(paths)

    def sentences(self, job: "Job[Any]", error: BaseException) -> tuple[str, str]:
        """What to show once this job has failed: of one file its error, of several how many, which and why."""
        happened, advice = error_sentences(error)
        where, name = self._places.pop(id(job), ("", ""))
        if not name:
            return happened, advice
        reason = f"{where}«{name}»: {happened}"
        self._reasons.append(reason)
        if len(self._reasons) == 1:
            return reason, advice
        named = " ".join(self._reasons[:_MOST_NAMED])
        more = len(self._reasons) - _MOST_NAMED
        others = f" And {more} more." if more > 0 else ""
        return (
            f"{len(self._reasons)} of {self._files} files could not be imported.",
            f"{named}{others} The files were left as they are.",
        )
