"""The programs (classic BPF) by which the kernel judges the system calls of our processes."""

import errno
import struct
from collections.abc import Iterable, Mapping

from app.engines.sandbox import system_calls
from app.engines.sandbox.system_calls import AF_UNIX, Check

_LOAD, _EQUAL, _AT_LEAST, _MORE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x25, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000  # linux/seccomp.h
_CALL, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where in the judged data they lie; each argument takes eight bytes
_X32_BIT = 0x40000000


def for_front_end(machine: str) -> bytes:
    """A program for a process that makes any call but those that connect, or lead past this filter."""
    refused = _refuse(errno.EACCES)
    steps = [*_same_architecture(machine, refused)]
    for name in system_calls.HEAD_REFUSALS:
        steps += _on(name, machine, [refused])
    steps += _on("clone3", machine, [_refuse(errno.ENOSYS)])  # its flags lie in memory; the C library then uses clone
    steps += _on("clone", machine, _judged(Check(0, lacks=system_calls.NAMESPACES), refused))
    for request in system_calls.TERMINAL_INPUT:
        steps += _on("ioctl", machine, [_load_argument(1), _jump(_EQUAL, request, 0, 1), refused, _load(_CALL)])
    for name in ("socket", "socketpair"):
        steps += _on(name, machine, _judged(Check(0, one_of=(AF_UNIX,)), refused))
    return b"".join([*steps, _end(_ALLOW)])


def without_sockets(machine: str) -> bytes:
    """A program for a process that has a filter already, and shall speak to no other program on this computer either.

    What was connected before stays so.
    """
    refused = _refuse(errno.EACCES)
    steps = [*_same_architecture(machine, refused)]
    for name in system_calls.CONNECTING:
        steps += _on(name, machine, [refused])
    return b"".join([*steps, _end(_ALLOW)])


def for_worker(kind: str, machine: str) -> bytes:
    """A program for a worker of this kind, which makes the calls that it needs and no others."""
    return _allowing(system_calls.ALLOWED[kind], machine)


def _allowing(allowed: Mapping[str, Check | None], machine: str) -> bytes:
    refused = _refuse(system_calls.REFUSED)
    steps = [*_same_architecture(machine, refused)]
    for name in system_calls.NUMBERS:  # in its order: the frequent ones first
        answer = _refuse(system_calls.ANSWERS.get(name, system_calls.REFUSED))
        if name not in allowed:
            if name in system_calls.ANSWERS:
                steps += _on(name, machine, [answer])
        elif (check := allowed[name]) is None:
            steps += _on(name, machine, [_end(_ALLOW)])
        else:
            steps += _on(name, machine, _judged(system_calls.resolved(check), answer))
    unknown = [_jump(_MORE, system_calls.NEWEST_KNOWN, 0, 1), _refuse(errno.ENOSYS)]
    return b"".join([*steps, *unknown, refused])


def _same_architecture(machine: str, refused: bytes) -> Iterable[bytes]:
    """Load the number of the call; one in the numbers of another architecture (int 0x80) ends the process."""
    mark = system_calls.ARCHITECTURES[machine]
    yield from (_load(_ARCHITECTURE), _jump(_EQUAL, mark, 1, 0), _end(_KILL_PROCESS), _load(_CALL))
    if machine == "x86_64":
        yield from (_jump(_AT_LEAST, _X32_BIT, 0, 1), refused)


def _on(name: str, machine: str, block: list[bytes]) -> list[bytes]:
    """The block, run for this call alone; it must end, or leave the number of the call loaded."""
    number = system_calls.number(name, machine)
    return [] if number is None else [_jump(_EQUAL, number, 0, len(block)), *block]


def _judged(check: Check, refused: bytes) -> list[bytes]:
    """Let the call through if the argument passes the check."""
    steps = [_load_argument(check.argument)]
    if check.lacks:
        steps += [_jump(_ANY_BIT, check.lacks, 0, 1), refused]
    if check.needs:
        steps += [_jump(_ANY_BIT, check.needs, 1, 0), refused]
    for value in check.one_of:
        steps += [_jump(_EQUAL, value, 0, 1), _end(_ALLOW)]
    return [*steps, refused if check.one_of else _end(_ALLOW)]


def _load(offset: int) -> bytes:
    return _step(_LOAD, 0, 0, offset)


def _load_argument(number: int) -> bytes:
    return _load(_ARGUMENTS + 8 * number)  # its lower half: both architectures are little-endian


def _jump(test: int, value: int, if_true: int, if_false: int) -> bytes:
    """Skip so many steps."""
    return _step(test, if_true, if_false, value)


def _refuse(answer: int) -> bytes:
    return _end(_ERRNO | answer)


def _end(verdict: int) -> bytes:
    return _step(_RETURN, 0, 0, verdict)


def _step(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
