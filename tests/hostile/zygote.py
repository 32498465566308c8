"""Workers forked from a process that has imported the engines already: real workers, hundreds a minute.

    python -m tests.hostile.zygote SOCKET

A forked child runs `app.engines.worker.main.main` as a started one does, walls and all. What is
left out is only Python's start.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import BinaryIO

_ENDED, _STARTED = b"E", b"S"


class Zygote:
    """The parent's end: forks workers, and tells how they ended."""

    def __init__(self, worker: str) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._line = ours
        self._mutex = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.zygote", worker, str(theirs.fileno())], pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        assert ours.recv(1) == _STARTED

    def fork(self, *_: object, **__: object) -> "Forked":
        """Stands in for `subprocess.Popen` in `app.engines.parent.process`."""
        pipes = [os.pipe() for _ in range(4)]  # stdin, stdout, stderr, and how it ended
        given = [pipes[0][0], pipes[1][1], pipes[2][1], pipes[3][1]]
        with self._mutex:
            socket.send_fds(self._line, [_STARTED], given)
            pid = int(self._line.recv(32))
        for descriptor in given:
            os.close(descriptor)
        return Forked(pid, pipes[0][1], pipes[1][0], pipes[2][0], pipes[3][0])

    def close(self) -> None:
        """End it, and with it every worker."""
        self._line.close()
        self._process.wait(10)


class Forked:
    """A forked worker with the manners of a `Popen`."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int, ended: int) -> None:
        self.pid = pid
        self.stdin: BinaryIO = os.fdopen(stdin, "wb", buffering=0)
        self.stdout: BinaryIO = os.fdopen(stdout, "rb", buffering=0)
        self.stderr: BinaryIO = os.fdopen(stderr, "rb")
        self.returncode: int | None = None
        self._ended = ended
        self._mutex = threading.Lock()

    def poll(self) -> int | None:
        """The status if it has ended."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """The status, when it has ended."""
        status = self._look(timeout)
        if status is None:
            raise subprocess.TimeoutExpired("worker", timeout or 0.0)
        return status

    def kill(self) -> None:
        """End it by force."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        import select

        with self._mutex:
            if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
                said = os.read(self._ended, 32)
                os.close(self._ended)
                self.returncode = int(said) if said else -signal.SIGKILL
            return self.returncode


def _serve(worker: str, line: socket.socket) -> None:
    """Fork for each message; reap, and report the status on the pipe that came with it."""
    ended: dict[int, int] = {}
    reports, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    import select

    watched: list[socket.socket | int] = [line, reports]
    while True:
        ready = select.select(watched, [], [])[0]
        if reports in ready:
            os.read(reports, 4096)
            _reap(ended)
        if line not in ready:
            continue
        said, descriptors, _, _ = socket.recv_fds(line, 1, 4)
        if not said:
            return
        pid = os.fork()
        if pid == 0:
            _become_worker(worker, line, descriptors)
        for descriptor in descriptors[:3]:
            os.close(descriptor)
        ended[pid] = descriptors[3]
        line.send(str(pid).encode())


def _reap(ended: dict[int, int]) -> None:
    while ended:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        code = os.waitstatus_to_exitcode(status)
        os.write(ended[pid], str(code).encode())
        os.close(ended.pop(pid))


def _become_worker(worker: str, line: socket.socket, descriptors: list[int]) -> None:
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        line.close()
        for number in range(3):
            os.dup2(descriptors[number], number)
        for descriptor in descriptors:
            os.close(descriptor)
        from app.engines.worker.main import main

        status = main(worker)
    finally:
        os._exit(status)


def _main() -> int:
    worker, number = sys.argv[1], int(sys.argv[2])
    os.environ.update({"ORT_DISABLE_TELEMETRY": "1", "GOMP_SPINCOUNT": "1000", "OMP_NUM_THREADS": "1"})
    from app.engines.sandbox import confine  # noqa: F401

    if worker == "speech":
        import faster_whisper  # noqa: F401

        import app.engines.worker.speech  # noqa: F401
    else:
        import llama_cpp  # noqa: F401
        from llama_cpp import llama_chat_format  # noqa: F401

    line = socket.socket(fileno=number)
    line.send(_STARTED)
    _serve(worker, line)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
