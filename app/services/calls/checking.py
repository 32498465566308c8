"""Checking a text that somebody wrote, such as minutes, against a call."""

from pathlib import Path

from app.core.call import CallState
from app.core.check import CheckedStatement
from app.core.engines import LanguageEngine
from app.core.errors import AssistantError, NotReady
from app.core.evidence.passages import CallLines, SpokenLine
from app.core.evidence.verdict import judge
from app.core.files import FileSource
from app.core.ids import CallId
from app.core.job import JobContext, Progress
from app.core.media_kinds import TEXT_SUFFIXES
from app.core.statements import statements_of
from app.core.wording import wording_of
from app.services.calls.line_meaning import LineMeanings
from app.services.calls.rereading import Rereader
from app.services.engine_pool import EnginePool
from app.services.outputs import Outputs
from app.services.text_files import LARGEST_TEXT, UNREADABLE, read_text_file
from app.storage.tables.calls import CallStore

_TOO_LONG = "This text is longer than 1,000,000 characters, so it was not checked."
_TOO_LONG_ADVICE = "Nothing was changed; check it in parts."
_DOCUMENTS = tuple(f".{suffix}" for suffix in TEXT_SUFFIXES if suffix not in ("txt", "md"))


class Checking:
    """Checks texts against calls; nothing of them is kept."""

    def __init__(
        self,
        calls: CallStore,
        engine_pool: EnginePool,
        outputs: Outputs,
        meanings: LineMeanings | None = None,
    ) -> None:
        self._meanings = meanings
        self._calls = calls
        self._engine_pool = engine_pool
        self._outputs = outputs

    def run(self, call: CallId, text: str, context: JobContext) -> tuple[CheckedStatement, ...]:
        """What the call says of each statement of the text, in the order of the text.

        Raises:
            NotReady: the call has no whole transcript.
            AssistantError: the text is too long.
        """
        if len(text) > LARGEST_TEXT:
            raise AssistantError(_TOO_LONG, _TOO_LONG_ADVICE)
        if self._calls.get(call).state in (CallState.IMPORTED, CallState.TRANSCRIBING):
            raise NotReady
        transcript = self._calls.transcript(call)
        said = [SpokenLine(transcript.name(one), one.text) for one in transcript.utterances]
        meaning = None if self._meanings is None else self._meanings.of_call(call, context)
        lines = CallLines(said, transcript.language, meaning=meaning)
        numbers = [one.line for one in transcript.utterances]
        reader = Rereader(self._language_engine, context.checkpoint)
        statements = statements_of(text, transcript.language)
        found = []
        for done, statement in enumerate(statements):
            context.checkpoint()
            context.report(Progress("Checking", done, len(statements), "statements"))
            finding = judge(statement.text, lines, (), reader)
            found.append(
                CheckedStatement(
                    statement.text, statement.start, statement.end, finding.verdict, finding.score,
                    tuple(numbers[index] for index in finding.lines), finding.instead,
                )
            )  # fmt: skip
        return tuple(found)

    def read(self, path: Path) -> str:
        """The text of a file that a person chose: in UTF-8, or a document or a transcript that the media worker reads.

        Raises:
            NotText: it is no text.
            AssistantError: it can't be read, or is too long.
        """
        try:
            if path.is_file() and path.suffix.casefold() in _DOCUMENTS:
                return self._document_text(path)
        except OSError as error:
            raise AssistantError(*UNREADABLE) from error
        return read_text_file(path)

    def _document_text(self, path: Path) -> str:
        """The paragraphs of a document, read by a process without rights: it is a stranger's file."""
        source, media = FileSource(path), self._engine_pool.media()
        try:
            lines = media.read_text(source, is_prose=True).lines
        finally:
            self._engine_pool.let_go(media)
            source.close()
        return "\n\n".join(f"{line.speaker}: {line.text}" if line.speaker else line.text for line in lines)

    def save(self, report: str, path: Path) -> None:
        """Write a report to a path that a person has agreed to replace.

        Raises:
            AssistantError: the file can't be written there.
        """
        self._outputs.named(path, replaces=True).write_text(report)

    def _language_engine(self) -> LanguageEngine | None:
        model, engine = self._engine_pool.language()
        return engine if wording_of(model).can_reread else None
