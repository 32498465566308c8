"""What code that took over a worker can change outside it: each attempt is made, and its target looked at after."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.sandbox_report import Confinement
from app.engines import protocol
from app.engines.parent.process import Worker
from app.engines.parent.prover import WORKERS
from app.engines.sandbox import landlock
from tests.running import ROOT, Home

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine not in ("x86_64", "aarch64"), reason="the filter of Linux"
)

_ATTACK = """
import ctypes, errno, json, os, sys
from app.engines.sandbox import confine
kind, target, key = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
if kind == "download":
    confine.confine_download(__import__("pathlib").Path("/nowhere"))
elif kind != "nothing":
    confine.confine_worker(kind)
libc, done = ctypes.CDLL(None, use_errno=True), []
arm, parent, folder = os.uname().machine == "aarch64", os.getppid(), os.path.dirname(target)
def attempt(name, x86, on_arm, *arguments):
    number = on_arm if arm else x86
    if number is None:
        return
    whole = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    made = libc.syscall(ctypes.c_long(number), *whole)
    if made >= 0:
        done.append(name)
    return made
def removed(made, x86, on_arm, *arguments):  # what stays in the kernel after this process
    if made is not None and made >= 0:
        libc.syscall(on_arm if arm else x86, made, *arguments)
attempt("chmod", 90, None, target, 0o666)
attempt("fchmodat", 268, 53, -100, target, 0o666)
attempt("fchmodat2", 452, 452, -100, target, 0o666, 0)
attempt("chmod of the folder", 268, 53, -100, folder, 0o777)
attempt("fchmod", 91, 52, 0, 0o600)
attempt("chown", 92, None, target, -1, -1)
attempt("lchown", 94, None, target, -1, -1)
attempt("fchownat", 260, 54, -100, target, -1, -1, 0)
attempt("utimensat", 280, 88, -100, target, None, 0)
attempt("utimes", 235, None, target, None)
attempt("utime", 132, None, target, None)
attempt("futimesat", 261, None, -100, target, None)
attempt("setxattr", 188, 5, target, b"user.tacit", b"words of a call", 15, 0)
attempt("lsetxattr", 189, 6, target, b"user.tacit", b"words of a call", 15, 0)
attempt("getxattr", 191, 8, target, b"user.mark", None, 0)
attempt("listxattr", 194, 11, target, None, 0)
attempt("removexattr", 197, 14, target, b"user.mark")
attempt("truncate", 76, 45, target, 0)
attempt("link", 265, 37, -100, target, -100, target + b"3", 0)
attempt("open to write", 257, 56, -100, target, 1, 0)
attempt("open to read", 257, 56, -100, target, 0, 0)
removed(attempt("shmget", 29, 194, key, 4096, 0o1600), 31, 195, 0, None)
removed(attempt("shmget private", 29, 194, 0, 4096, 0o1600), 31, 195, 0, None)
removed(attempt("semget", 64, 190, key, 1, 0o1600), 66, 191, 0, 0)
removed(attempt("msgget", 68, 186, key, 0o1600), 71, 187, 0, None)
if attempt("mq_open", 240, 180, b"tacit%d" % key, 0o102, 0o600, None) >= 0:
    libc.syscall(181 if arm else 241, b"tacit%d" % key)
attempt("inotify", 294, 26, 0)
attempt("fanotify", 300, 262, 0, 0)
attempt("memfd", 319, 279, b"x", 0)
attempt("kill", 62, 129, parent, 0)
attempt("tkill", 200, 130, parent, 0)
attempt("tgkill", 234, 131, parent, parent, 0)
attempt("pidfd", 434, 434, parent, 0)
attempt("affinity", 203, 122, parent, 8, b"\\1" + b"\\0" * 7)
attempt("priority", 141, 140, 0, parent, 5)
attempt("limits", 302, 261, parent, 7, None, ctypes.create_string_buffer(16))
fewer = (b"\\x40" + b"\\0" * 7) * 2
attempt("new limits", 302, 261, parent, 7, ctypes.create_string_buffer(fewer), None)
attempt("owner of a descriptor", 72, 25, 0, 8, parent)
attempt("clone3", 435, 435, ctypes.create_string_buffer(b"\\0" * 64), 7)
for name, flags in (("child", 17), ("child in a namespace", 17 | 0x10000000)):
    made = libc.syscall(ctypes.c_long(220 if arm else 56), ctypes.c_long(flags), None, None, None, None)
    if made == 0:
        os._exit(0)
    if made > 0:
        done.append(name)
attempt("unshare", 272, 97, 0x10000000)
attempt("rename", 316, 276, -100, target, -100, target + b"2", 0)
attempt("unlink", 263, 35, -100, target + b"3", 0)
print(json.dumps(done))
"""


def attacked(kind: str, folder: Path) -> tuple[list[str], list[str]]:
    """What was let through, and what had changed of a file beside it, of its folder and of this process."""
    target = folder / "diary.txt"
    target.write_text("a person's words")
    target.chmod(0o640)
    folder.chmod(0o750)
    os.utime(target, (1_000_000_000, 1_000_000_000))
    has_attributes = True
    try:
        os.setxattr(target, "user.mark", b"1")
    except OSError:
        has_attributes = False
    arguments = [_ATTACK, kind, str(target), str(0x7AC10000 + os.getpid() % 0x8000)]
    command = [sys.executable, "-c", _BETWEEN, sys.executable, *arguments]
    parent = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert parent.returncode == 0, parent.stderr[-2000:]
    done, parents_changes = map(json.loads, parent.stdout.splitlines())
    changes = list(parents_changes)
    if [entry.name for entry in folder.iterdir()] != ["diary.txt"]:
        changes.append("names")
        next(folder.iterdir()).rename(target)
    now = target.stat()
    if now.st_mode & 0o777 != 0o640 or folder.stat().st_mode & 0o777 != 0o750:
        changes.append("mode")
    if now.st_mtime != 1_000_000_000:
        changes.append("times")
    if has_attributes and os.listxattr(target) != ["user.mark"]:
        changes.append("attributes")
    if now.st_size != 16:
        changes.append("content")
    return done, changes


# The parent that is attacked: no process of the tests, which must keep its limits and priority.
_BETWEEN = """
import json, os, resource, subprocess, sys
before = os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0), resource.getrlimit(resource.RLIMIT_NOFILE)
child = subprocess.run([sys.executable, "-c", *sys.argv[2:]], capture_output=True, text=True, stdin=subprocess.DEVNULL)
sys.stderr.write(child.stderr)
print(child.stdout.strip())
after = os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0), resource.getrlimit(resource.RLIMIT_NOFILE)
print(json.dumps(["of the parent"] if before != after else []))
sys.exit(child.returncode)
"""


@pytest.mark.parametrize("kind", [*WORKERS, "download"])
def test_a_worker_changes_nothing_outside_itself(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    done, changes = attacked(kind, folder)
    assert done == ([] if landlock.version() else [name for name in done if name.startswith("open to")])
    assert changes == []


def test_without_a_filter_the_same_attempts_succeed(tmp_path: Path) -> None:
    """So a refusal above is the filter's, and no mistake of the attempt."""
    folder = tmp_path / "folder"
    folder.mkdir()
    done, changes = attacked("nothing", folder)
    assert {"chmod of the folder", "utimensat", "shmget", "inotify", "memfd", "kill", "child", "limits"} <= set(done)
    assert {"mode", "times", "content", "names", "of the parent"} <= set(changes)


@pytest.mark.parametrize("kind", WORKERS)
def test_the_probe_of_a_worker_claims_what_was_refused(kind: str) -> None:
    worker = Worker(kind)
    try:
        found = worker.call_one(protocol.Probe(), Confinement)
    finally:
        worker.close()
    said = {attempt.name: attempt.is_refused for attempt in found.attempts}
    assert {"changing who may read a file", "changing a file's times", "notes in a file's attributes",
            "memory or messages shared with other programs", "watching what changes in folders",
            "a signal to another process", "another process's priority or limits", "namespaces of its own",
            "a child process, or a program in memory"} <= said.keys()  # fmt: skip
    assert all(said.values()) or not landlock.version()


_UNFILTERED = """
import os, sys
from app.engines.sandbox import probe_calls
for name, tries in (probe_calls.IN_WORKERS | probe_calls.IN_EVERY_PROCESS).items():
    for one in tries:
        try:
            probe_calls.make([one])
        except OSError as error:
            print("open", error.filename)
        except IndexError:
            print("none", one.name)
        else:
            print("refused", one.name)
"""


def test_a_probe_without_a_filter_reports_what_is_open() -> None:
    """The system alone refuses an ordinary program hardly any of them, and no probe changes or makes anything."""
    ended = subprocess.run([sys.executable, "-c", _UNFILTERED], cwd=ROOT, capture_output=True, text=True, check=True)
    said = [line.split(" ", 1) for line in ended.stdout.splitlines()]
    refused = {name for how, name in said if how == "refused"}
    # What depends on the kernel's age and on what the system allows ordinary programs.
    assert refused <= {
        "fanotify_init", "bpf", "perf_event_open", "userfaultfd", "memfd_secret", "fchmodat2", "setxattrat",
        "getxattrat", "listxattrat", "removexattrat", "ptrace", "kill", "tgkill", "tkill", "prlimit64", "add_key",
        "request_key", "keyctl", "pidfd_getfd", "process_madvise", "inotify_add_watch", "fanotify_mark",
    }  # fmt: skip
    assert len([name for how, name in said if how == "open"]) > 60


def test_doctor_shows_each_attempt_in_heads_and_workers(tmp_path: Path) -> None:
    shape = Home(tmp_path).run("doctor", "--offline", "--json").json
    tried = {s["process"]: {a["name"]: a["is_refused"] for a in s["attempts"]} for s in shape["standings"]}
    for process in ("command line", "media", "speech", "language", "embedding", "voices", "documents", "models"):
        assert tried[process]["namespaces of its own"] is True
        assert tried[process]["another process's memory or files"] is True
    assert "changing who may read a file" not in tried["command line"], "as the person may"
    assert tried["media"]["changing who may read a file"] is True
