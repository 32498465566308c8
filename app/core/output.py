"""A file that a person named for a result: looked at before the work, and written whole or not at all."""

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from app.core.draft_file import WRITING, DraftFile
from app.core.errors import AssistantError, NotEnoughSpace
from app.core.file_names import is_device
from app.core.files import disk_error, sync_folder
from app.core.plain_text import plain

STANDARD_OUTPUT = "-"
_LONGEST_CHAIN = 40  # links to links, as the kernel follows
_STDOUT = 1
_NO_FILES = ("/proc", "/sys")
_ELSEWHERE = "Nothing was changed; choose another place."
_Identity = tuple[int, int]  # device and inode


@dataclass(frozen=True, slots=True)
class Output:
    """Where a result goes; `look_at_output` makes it.

    `path` is the file itself, at the end of all links, or a named pipe. `descriptor` stands in its place for what the
    program was started with: standard output, or what a shell made of `>(…)`.
    """

    path: Path
    descriptor: int | None = None
    existing: _Identity | None = None  # the file that is replaced
    is_pipe: bool = False

    @property
    def is_file(self) -> bool:
        """Whether it can be read back, and replaced as a whole."""
        return self.descriptor is None and not self.is_pipe

    @property
    def is_standard_output(self) -> bool:
        """Whether it is this program's standard output."""
        return self.descriptor == _STDOUT

    @property
    def is_terminal(self) -> bool:
        """Whether a person sees it as it is written."""
        return self.descriptor is not None and os.isatty(self.descriptor)

    def write(self, data: bytes) -> None:
        """Write all of it.

        Raises:
            AssistantError, NotEnoughSpace: as for `open`.
        """
        with self.open() as opened:
            opened.file.write(data)

    def write_text(self, text: str) -> None:
        """Write a text as UTF-8; a terminal gets it without control characters.

        Raises:
            AssistantError, NotEnoughSpace: as for `open`.
        """
        self.write((plain(text) if self.is_terminal else text).encode("utf-8", "replace"))

    def write_content(self, content: str | bytes) -> None:
        """Write a text as `write_text` does, or bytes.

        Raises:
            AssistantError, NotEnoughSpace: as for `open`.
        """
        if isinstance(content, str):
            self.write_text(content)
        else:
            self.write(content)

    @contextmanager
    def open(self) -> Iterator["OpenOutput"]:
        """Open it for writing; a file is replaced as the block ends, and is as it was if the block raises.

        Raises:
            AssistantError: the system refuses, or something else has taken the file's place meanwhile.
            NotEnoughSpace: the disk is full.
        """
        try:
            if _brokers and self.descriptor is None:
                with _brokers[-1].opened(self) as opened:
                    yield opened
                return
            if not self.is_file:
                with self._opened_stream() as file:
                    yield OpenOutput(file)
                    file.flush()
                return
            draft = DraftFile(self.path.parent)
            try:
                yield OpenOutput(draft.file, draft.path)
                draft.finish()
                self._put_in_place(draft)
            finally:
                draft.discard()
            sync_folder(self.path.parent)
        except OSError as error:
            raise _refusal(error) from error

    def _opened_stream(self) -> BinaryIO:
        if self.descriptor is not None:
            return os.fdopen(os.dup(self.descriptor), "wb")
        file = os.fdopen(os.open(self.path, WRITING), "wb")  # waits for whoever reads the pipe
        if not stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            file.close()
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return file

    def _put_in_place(self, draft: DraftFile) -> None:
        if self.existing is None:
            draft.give_name(self.path)
            return
        there = self.path.lstat()
        if not stat.S_ISREG(there.st_mode) or _identity(there) != self.existing:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        if there.st_nlink > 1 or not draft.take_rights_of(self.path, there):
            draft.overwrite(self.path, there)  # a new file would part it from its other names, or from its owner
        else:
            draft.take_place_of(self.path)


@dataclass(frozen=True, slots=True)
class OpenOutput:
    """An output while it is written; `path` reads back what was flushed, and is None for what can't be read."""

    file: BinaryIO
    path: Path | None = None


class OutputBroker(Protocol):
    """Makes the files of a process that may make none itself."""

    def opened(self, output: Output) -> AbstractContextManager[OpenOutput]:
        """Open an output as `Output.open` does.

        Raises:
            AssistantError, NotEnoughSpace: as for `Output.open`, or the broker's rule refuses.
        """


_brokers: list[OutputBroker] = []  # of this process, as its walls are


def write_by(broker: OutputBroker) -> None:
    """Have this process's outputs made by a broker from now on; what it was started with it still writes itself."""
    _brokers.append(broker)


def look_at_output(
    path: Path,
    *,
    inputs: Iterable[Path] = (),
    kept: Iterable[Path] = (),
    is_vault: Callable[[Path], bool] = lambda _: False,
    replaces: bool = False,
) -> Output:
    """Look at the place that a person named for a result, before any work on it.

    `-` is standard output. Links are followed. `inputs` are read by the work, and `kept` are folders of the program,
    as is every folder of which `is_vault` is true: nothing is written over or into them. A file that is there already
    is only taken with `replaces`.

    Raises:
        AssistantError: nothing can be written there, or must not.
    """
    folders, read = list(kept), list(inputs)
    try:
        end = _STDOUT if str(path) == STANDARD_OUTPUT else end_of_links(path)
        if isinstance(end, int):
            return _handed_in(end, _identities(read))
        require_outside(end.parent, folders, is_vault)
        facts = _facts(end)
        if facts is None:
            _require_folder(end)
            return Output(end)
        if stat.S_ISFIFO(facts.st_mode):
            return Output(end, is_pipe=True)
        _require_file(end, facts)
        own = (file for folder in folders for file in folder.rglob("*")) if facts.st_nlink > 1 else ()
        if _identity(facts) in _identities([*read, *own]):
            raise _refused("That file is what the work reads.", "It was left as it is; name another.")
    except (OSError, RuntimeError, ValueError) as error:
        raise _refusal(error) from error
    if not replaces:
        advice = "It was left as it is; name another, or say --force to replace it."
        raise _refused("There is a file of that name already.", advice)
    _require_folder(end)
    return Output(end, existing=_identity(facts))


def require_outside(folder: Path, kept: Iterable[Path], is_vault: Callable[[Path], bool]) -> None:
    """Require that a folder which a person named lies in no vault and in none of the `kept` folders.

    Raises:
        AssistantError: it does, by whatever name.
    """
    folders = list(kept)
    if any(is_vault(one) or any(_is_same(one, other) for other in folders) for one in (folder, *folder.parents)):
        raise _refused("That place belongs to a vault or to the models.")


def end_of_links(path: Path) -> Path | int:
    """The file at the end of all links, or the number of the descriptor that a link names.

    Raises:
        OSError, RuntimeError: a link leads to itself.
    """
    for _ in range(_LONGEST_CHAIN):
        path = path.parent.resolve() / path.name
        if re.fullmatch(rf"/dev/fd/[0-9]+|/proc/{os.getpid()}(/task/[0-9]+)?/fd/[0-9]+", str(path)):
            return int(path.name)
        if not path.is_symlink():
            return path
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _handed_in(descriptor: int, read: set[_Identity]) -> Output:
    """What the program was started with."""
    # What Python opens is never inheritable, so a descriptor that is has come from outside and is none of the vault's.
    if not os.get_inheritable(descriptor):
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    facts = os.fstat(descriptor)
    if stat.S_ISDIR(facts.st_mode) or stat.S_ISBLK(facts.st_mode) or not _takes_data(descriptor):
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    if stat.S_ISREG(facts.st_mode) and _identity(facts) in read:
        raise _refused("The output is what the work reads.", "It was left as it is; name another file.")
    return Output(Path(STANDARD_OUTPUT), descriptor)


def _takes_data(descriptor: int) -> bool:
    if os.name == "nt":
        return True
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def _require_folder(file: Path) -> None:
    """Require that a new file can be made beside or at `file`."""
    folder = file.parent
    is_no_file = os.name == "nt" and is_device(file.name)
    if is_no_file or folder == Path("/dev") or any(folder.is_relative_to(place) for place in _NO_FILES):
        raise _refused("That name is one of a device, and no file's.")
    if not folder.is_dir():
        raise _refused("There is no such folder.", "Nothing was changed; check its name, or make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refused("That folder can't be written to.", "Nothing was changed; choose another one.")


def _require_file(end: Path, facts: os.stat_result) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise _refused("That is a folder.", "Nothing was changed; name a file in it.")
    if not stat.S_ISREG(facts.st_mode):
        raise _refused("That is a device or another special file.")
    if not os.access(end, os.W_OK):
        raise _refused("That file is write-protected.", "It was left as it is; name another.")


def _facts(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _identity(facts: os.stat_result) -> _Identity:
    return facts.st_dev, facts.st_ino


def _identities(paths: Iterable[Path]) -> set[_Identity]:
    """Those of the paths that exist."""
    found = set()
    for path in paths:
        with suppress(OSError, ValueError):
            found.add(_identity(path.stat()))
    return found


def _is_same(folder: Path, other: Path) -> bool:
    """Whether both are one folder, by another name too; neither needs to exist."""
    try:
        return folder.samefile(other)
    except OSError:
        return folder == other.absolute()


def _refused(title: str, advice: str = _ELSEWHERE) -> AssistantError:
    return AssistantError(title, advice)


def _refusal(error: Exception) -> AssistantError:
    """What a refusal of the system means, in words."""
    number = error.errno if isinstance(error, OSError) else errno.ELOOP if isinstance(error, RuntimeError) else None
    if isinstance(error, OSError) and isinstance(full := disk_error(error), NotEnoughSpace):
        return full
    told = {
        errno.ENAMETOOLONG: _refused("That name is too long for this disk.", "Nothing was changed; shorten it."),
        errno.EEXIST: _refused("A file of that name came up meanwhile.", "It was left as it is; name another."),
        errno.ESTALE: _refused("Something else took the file's place meanwhile.", "It was left as it is; try again."),
        errno.EBADF: _refused("The output is not open for writing."),
        errno.EPIPE: _refused("Whoever read the output has closed it.", "What was saved is safe; try again."),
        errno.ELOOP: _refused("That link leads to itself."),
        errno.ENOTDIR: _refused("There is no such folder.", "Nothing was changed; check its name, or make it first."),
    }  # fmt: skip
    return told.get(
        number or 0, _refused("The file could not be written there.", "Nothing was changed; choose another folder.")
    )
