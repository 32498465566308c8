"""The standard streams of a command: what their encoding lacks, a full disk or a closed stream is no fault of ours."""

import codecs
import errno
import locale
import os
import sys
from contextlib import suppress
from typing import TextIO

from app.core.plain_text import plain

_ASKED = ("PYTHONIOENCODING", "PYTHONUTF8")


class OutputFailed(Exception):
    """Standard output can't be written; `title` says why.

    It is no `AssistantError`: work that goes on after the errors of a person's files must end at this one.
    """

    def __init__(self, error: OSError) -> None:
        reasons = {
            errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk is full", errno.EBADF: "it is closed",
        }  # fmt: skip
        reason = reasons.get(error.errno or 0, "the system refuses")
        self.title = f"The output can't be written: {reason}."
        super().__init__(self.title)


class OutputUnread(Exception):
    """Whoever read standard output has closed it, as `head` does once it has enough."""


class CommandStream:
    """One of the two standard streams that are written to.

    A terminal gets text without control characters, so that no character of a call or a reply controls it; files and
    pipes get every character unchanged. It has no `buffer`, past which click would write.
    """

    def __init__(self, stream: TextIO | None, *, carries_data: bool) -> None:
        self._stream = stream
        self._carries_data = carries_data  # so a failure to write must be told; messages are lost in silence
        self._is_terminal = stream is not None and stream.isatty()
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.errors = "replace"

    @property
    def closed(self) -> bool:
        """Whether it takes no more."""
        return self._stream is not None and self._stream.closed

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._is_terminal

    def writable(self) -> bool:
        """Whether it may be written to."""
        return True

    def readable(self) -> bool:
        """Whether it may be read."""
        return False

    def fileno(self) -> int:
        """The descriptor.

        Raises:
            OSError: it has none.
        """
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write text.

        Raises:
            OutputFailed, OutputUnread: it carries data, and takes no more.
        """
        self._write(plain(text) if self._is_terminal else text)
        return len(text)

    def write_over(self, text: str) -> None:
        """Write text over the line of a terminal on which the cursor is."""
        self._write("\r" + plain(text))

    def flush(self) -> None:
        """Pass on what was written.

        Raises:
            OutputFailed, OutputUnread: as for `write`.
        """
        if self._stream is None:
            return
        try:
            self._stream.flush()
        except OSError as error:
            self._fail(error)

    def _write(self, text: str) -> None:
        try:
            if self._stream is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            self._stream.write(text)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        if self._stream is not None:
            with suppress(OSError, ValueError):  # what is still buffered would fail again as the process ends
                self._discard(self._stream.fileno())
        if not self._carries_data:
            return
        # Windows tells a closed pipe as an invalid argument.
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            raise OutputUnread from error
        raise OutputFailed(error) from error

    def _discard(self, descriptor: int) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def protect_standard_streams() -> None:
    """Take stdin, stdout and stderr as they are, also closed or with an encoding that lacks characters."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for as long as the process lives
    _replace_what_lacks(sys.stdin)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, CommandStream):
            continue
        if stream is not None:
            _replace_what_lacks(stream)
        setattr(sys, name, CommandStream(stream, carries_data=name == "stdout"))


def is_utf_8(stream: object) -> bool:
    """Whether a stream can hold every character."""
    return str(getattr(stream, "encoding", None) or "utf-8").casefold().replace("_", "-") in ("utf-8", "utf8")


def _replace_what_lacks(stream: TextIO) -> None:
    """Let a character that the encoding lacks become a question mark."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    reconfigure(errors="replace", encoding=_encoding(stream))


def _encoding(stream: TextIO) -> str | None:
    """The encoding that a stream should have; None for the one it has."""
    if sys.flags.isolated:  # Python itself does not read its variables then: they name an encoding, and run no code
        asked = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
        with suppress(LookupError):
            return codecs.lookup(asked).name
        if os.environ.get("PYTHONUTF8") == "0" and hasattr(locale, "nl_langinfo"):
            return locale.nl_langinfo(locale.CODESET)
    # Into a file Windows writes in the code page of the country, unless another encoding is asked for.
    is_code_page = os.name == "nt" and not stream.isatty() and not any(os.environ.get(name) for name in _ASKED)
    return "utf-8" if is_code_page else None
