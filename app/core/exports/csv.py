"""The lines of a call as a table for spreadsheets, by RFC 4180."""

import csv
import io
from itertools import compress

from app.core.exports import ExportedCall
from app.core.plain_text import plain_line
from app.core.transcript import Transcript, Utterance, is_corrected

NAME, TITLE, SUFFIX, ORDER = "csv", "Table", "csv", 8
OPTIONAL = ("times", "speakers")

_COLUMNS = ("start", "end", "speaker", "text", "language", "edited")
# What makes a formula of a cell in one spreadsheet or another: OWASP's list, with the wide forms of East Asia.
_FORMULA = tuple("=+-@＝＋－＠\t\r")
_BOM = "\ufeff"  # without it a spreadsheet takes the letters for those of its country


def render(exported: ExportedCall) -> str:
    """A row a line: its times in seconds, speaker, words, language, and whether it was corrected.

    What the call does not have, or the person does not want, is no column.
    """
    transcript = exported.transcript
    has_times, has_speakers = transcript.has_times, any(one.name for one in transcript.speakers)
    shown = (has_times, has_times, has_speakers, True, True, True)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(compress(_COLUMNS, shown))
    writer.writerows(compress(_row(said, transcript), shown) for said in transcript.utterances)
    return _BOM + table.getvalue()


def _row(said: Utterance, transcript: Transcript) -> tuple[str, ...]:
    return (
        f"{said.start:.3f}", f"{said.end:.3f}", _cell(transcript.name(said)), _cell(said.text),
        _cell(transcript.language_of(said)), "yes" if is_corrected(said) else "no",
    )  # fmt: skip


def _cell(text: str) -> str:
    """A text on one line, which no spreadsheet runs."""
    shown = plain_line(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
