"""A file that a person named: what is refused before the work, and how it is written."""

import errno
import os
import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.draft_file import DraftFile
from app.core.errors import AssistantError, NotEnoughSpace
from app.core.output import Output, look_at_output

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX's files")


def refused(path: Path, match: str, **options: object) -> None:
    before = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    with pytest.raises(AssistantError, match=match) as caught:
        look_at_output(path, **options)  # type: ignore[arg-type]
    assert caught.value.advice
    if path.parent.is_dir():
        assert sorted(path.parent.iterdir()) == before


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_its_owners_and_nothing_else_is_left(tmp_path: Path) -> None:
    look_at_output(tmp_path / "call.md").write_text("Zoë: 你好\n")
    assert (tmp_path / "call.md").read_bytes() == "Zoë: 你好\n".encode()
    assert names(tmp_path) == ["call.md"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "call.md").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["x" * 255, "字" * 85, "-o", "🙂" * 63])
def test_the_longest_names_can_be_written_and_replaced(tmp_path: Path, name: str) -> None:
    look_at_output(tmp_path / name).write(b"new")
    look_at_output(tmp_path / name, replaces=True).write(b"newer")
    assert (tmp_path / name).read_bytes() == b"newer"
    assert names(tmp_path) == [name]


def test_what_is_no_place_for_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "folder", "folder", replaces=True)
    refused(tmp_path / "folder" / "..", "folder", replaces=True)
    refused(tmp_path / "absent" / "call.md", "no such folder")
    refused(tmp_path / "file" / "call.md", "no such folder")
    refused(tmp_path / ("x" * 256), "too long")
    refused(tmp_path / "file", "already")
    with pytest.raises(AssistantError, match="folder"):
        look_at_output(Path())


@posix
def test_devices_and_special_files_are_refused_and_stay(tmp_path: Path) -> None:
    import socket

    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "socket"))
    refused(tmp_path / "socket", "special file", replaces=True)
    listening.close()
    (tmp_path / "null").symlink_to("/dev/null")
    refused(tmp_path / "null", "special file", replaces=True)
    refused(Path("/dev/null"), "special file", replaces=True)
    refused(Path("/dev/tacit-is-no-device"), "device")
    refused(Path("/proc/self/tacit"), "device")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@posix
def test_the_input_is_never_replaced_under_any_name(tmp_path: Path) -> None:
    recording = tmp_path / "rec.wav"
    recording.write_bytes(b"sound")
    (tmp_path / "soft").symlink_to(recording)
    (tmp_path / "hard").hardlink_to(recording)
    (tmp_path / "folder").symlink_to(tmp_path)
    (tmp_path / "via").symlink_to("soft")
    for name in ("rec.wav", "soft", "hard", "via", "folder/rec.wav", "folder/folder/hard"):
        for named in (recording, tmp_path / "soft"):
            refused(tmp_path / name, "what the work reads", inputs=[named], replaces=True)
    assert recording.read_bytes() == b"sound"


@posix
def test_nothing_is_written_into_the_folders_of_the_program(tmp_path: Path) -> None:
    models, vault = tmp_path / "models", tmp_path / "vault"
    (models / "whisper").mkdir(parents=True)
    (vault / "media").mkdir(parents=True)
    (vault / "vault.db").write_bytes(b"database")
    (tmp_path / "away").symlink_to(vault / "media")
    (tmp_path / "link").symlink_to(vault / "new.txt")
    (tmp_path / "hard").hardlink_to(vault / "vault.db")
    kept, is_vault = [models], lambda folder: (folder / "vault.db").exists()
    for place in (models / "a", models / "whisper" / "a", vault / "a", vault / "media" / "a", tmp_path / "away" / "a"):
        refused(place, "belongs to a vault", kept=kept, is_vault=is_vault)
    refused(tmp_path / "link", "belongs to a vault", kept=kept, is_vault=is_vault)
    refused(vault / "vault.db", "belongs to a vault", kept=kept, is_vault=is_vault, replaces=True)
    refused(tmp_path / "hard", "what the work reads", kept=[vault], replaces=True)
    refused(tmp_path / "absent" / "a", "belongs to a vault", kept=[tmp_path / "absent"])
    look_at_output(tmp_path / "beside.txt", kept=kept, is_vault=is_vault)


@posix
def test_a_link_is_followed_and_its_target_written(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "t.txt"
    target.write_text("old")
    (tmp_path / "link").symlink_to("there/t.txt")
    (tmp_path / "chain").symlink_to("link")
    refused(tmp_path / "chain", "already")
    look_at_output(tmp_path / "chain", replaces=True).write(b"new")
    assert target.read_text() == "new"
    assert (tmp_path / "link").is_symlink()
    (tmp_path / "dangling").symlink_to(tmp_path / "there" / "made.txt")
    look_at_output(tmp_path / "dangling").write(b"made")
    assert (tmp_path / "there" / "made.txt").read_bytes() == b"made"
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    refused(tmp_path / "a", "leads to itself", replaces=True)


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o777])
def test_mode_and_attributes_are_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "t.txt"
    path.write_text("old")
    path.chmod(mode)
    has_attribute = True
    try:
        os.setxattr(path, "user.tacit", b"kept")
    except (OSError, AttributeError):
        has_attribute = False
    look_at_output(path, replaces=True).write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert not has_attribute or os.getxattr(path, "user.tacit") == b"kept"


@posix
@pytest.mark.parametrize(
    ("old", "new"), [(b"old and long", b"new"), (b"old", b"new and longer"), (b"", b"x"), (b"x", b"")]
)
def test_hard_links_stay_one_file(tmp_path: Path, old: bytes, new: bytes) -> None:
    path, other = tmp_path / "t.txt", tmp_path / "other.txt"
    path.write_bytes(old)
    other.hardlink_to(path)
    look_at_output(path, replaces=True).write(new)
    assert other.read_bytes() == new
    assert path.samefile(other)
    assert names(tmp_path) == ["other.txt", "t.txt"]


@posix
@pytest.mark.parametrize("can_give_away", [True, False])
def test_the_owner_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_give_away: bool) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes(b"old")
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    before = path.stat()
    if not can_give_away:
        monkeypatch.setattr(os, "fchown", refuse(errno.EPERM))
        monkeypatch.setattr(os, "fstat", with_owner(os.fstat, 999))
    look_at_output(path, replaces=True).write(b"new")
    monkeypatch.undo()
    after = path.stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert path.read_bytes() == b"new"
    assert (after.st_ino == before.st_ino) is not can_give_away


def with_owner(real: Callable[[int], os.stat_result], owner: int) -> Callable[[int], os.stat_result]:
    def told(descriptor: int) -> os.stat_result:
        facts = real(descriptor)
        return os.stat_result([*facts[:4], owner, *facts[5:]])

    return told


def refuse(number: int) -> Callable[..., None]:
    def call(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, NotEnoughSpace), (errno.EDQUOT, NotEnoughSpace), (errno.EIO, AssistantError)]
)
@pytest.mark.parametrize("is_linked", [True, False])
def test_a_disk_that_refuses_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception], is_linked: bool
) -> None:
    path = tmp_path / "call.md"
    path.write_text("before")
    if is_linked:
        (tmp_path / "other").hardlink_to(path)
    output = look_at_output(path, replaces=True)
    place = (os, "posix_fallocate") if is_linked and hasattr(os, "posix_fallocate") else (os, "fsync")
    monkeypatch.setattr(*place, refuse(number))
    with pytest.raises(AssistantError) as raised:
        output.write(b"after, which is longer")
    assert type(raised.value) is kind
    assert path.read_text() == "before"
    assert names(tmp_path) == (["call.md", "other"] if is_linked else ["call.md"])


def write_half(output: Output) -> None:
    with output.open() as opened:
        opened.file.write(b"half")
        raise KeyboardInterrupt


def test_work_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("before")
    for name in ("there", "new"):
        with pytest.raises(KeyboardInterrupt):
            write_half(look_at_output(tmp_path / name, replaces=True))
    assert names(tmp_path) == ["there"]
    assert (tmp_path / "there").read_text() == "before"


@pytest.fixture(params=["nameless", "nameless without hard links", "named", "named without hard links"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ways of a new file to its name: as Linux can, as others can, and as a stick can."""
    if request.param.startswith("named"):
        monkeypatch.setattr(DraftFile, "_open_nameless", lambda _: None)
    if request.param.endswith("without hard links"):
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    return str(request.param)


def test_what_comes_up_meanwhile_is_not_replaced(tmp_path: Path, way: str) -> None:
    output = look_at_output(tmp_path / "call.md")
    (tmp_path / "call.md").write_text("theirs")
    with pytest.raises(AssistantError, match="meanwhile"):
        output.write(b"ours")
    assert (tmp_path / "call.md").read_text() == "theirs", way
    assert names(tmp_path) == ["call.md"]


@posix
def test_what_takes_the_place_meanwhile_is_not_replaced(tmp_path: Path, way: str) -> None:
    path, other = tmp_path / "call.md", tmp_path / "other"
    path.write_text("old")
    other.write_text("precious")
    output = look_at_output(path, replaces=True)
    path.unlink()
    path.symlink_to(other)
    with pytest.raises(AssistantError, match="meanwhile"):
        output.write(b"ours")
    assert other.read_text() == "precious", way


def test_each_way_writes_and_replaces(tmp_path: Path, way: str) -> None:
    path = tmp_path / "call.md"
    look_at_output(path).write(b"new")
    look_at_output(path, replaces=True).write(b"newer")
    assert path.read_bytes() == b"newer", way
    assert names(tmp_path) == ["call.md"]


@posix
def test_a_named_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    output = look_at_output(tmp_path / "pipe")
    assert not output.is_file
    output.write(b"all of it")
    reader.join()
    assert got == [b"all of it"]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@posix
def test_descriptors_that_were_handed_in_are_written_to(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    ours = os.open(tmp_path / "ours", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(writing, True)
    os.set_inheritable(reading, True)
    try:
        for place in (f"/dev/fd/{writing}", f"/proc/self/fd/{writing}", f"/proc/{os.getpid()}/fd/{writing}"):
            if Path(place).parent.is_dir():
                look_at_output(Path(place)).write(b"x")
                assert os.read(reading, 10) == b"x"
        refused(Path(f"/dev/fd/{reading}"), "not open for writing")
        refused(Path(f"/dev/fd/{ours}"), "not open for writing")  # such as the database of the vault
        refused(Path("/dev/fd/9999"), "not open for writing")
    finally:
        for descriptor in (reading, writing, ours):
            os.close(descriptor)


@posix
def test_a_stream_is_not_looked_for_as_a_file(tmp_path: Path) -> None:
    assert look_at_output(Path("-")) == Output(Path("-"), 1)
    assert look_at_output(Path("/dev/stdout")).is_standard_output
    assert not look_at_output(tmp_path / "-").is_standard_output


@posix
def test_output_that_is_appended_to_the_input_is_refused(tmp_path: Path) -> None:
    """As `cat` does for `cat a >> a`."""
    recording = tmp_path / "rec.wav"
    recording.write_bytes(b"sound")
    appending = os.open(recording, os.O_WRONLY | os.O_APPEND)
    os.set_inheritable(appending, True)
    refused(Path(f"/dev/fd/{appending}"), "what the work reads", inputs=[recording])
    os.close(appending)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="another user is needed, so this needs root")
@pytest.mark.parametrize(("name", "title"), [("new", "can't be written to"), ("theirs", "write-protected")])
def test_what_permissions_forbid_is_said_before_the_work(name: str, title: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "theirs").write_text("x")
        (Path(folder) / "theirs").chmod(0o644)
        reading, writing = os.pipe()
        if not (child := os.fork()):
            os.setuid(12345)
            try:
                look_at_output(Path(folder) / name, replaces=True)
            except AssistantError as error:
                os.write(writing, error.title.encode())
            os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as told:
            assert title in told.read().decode()
