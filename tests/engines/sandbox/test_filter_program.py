"""The filters, judged call by call on both architectures as the kernel would, without installing them."""

import errno
import os
import struct

import pytest

from app.engines.sandbox import filter_program, probe_calls, system_calls

_MARKS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_ALLOWED, _KILLED = "allowed", "killed"
_ON = pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
_KINDS = ("media", "speech", "language", "embedding", "voices", "documents", "models", "download")


def judged(program: bytes, machine: str, call: int, *arguments: int, mark: int | None = None) -> str:
    """What a program of classic BPF says of a call: allowed, killed, or the name of an error."""
    data = struct.pack("<iIQ6Q", call, mark or _MARKS[machine], 0, *(*arguments, *[0] * (6 - len(arguments))))
    steps = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    at, value = 0, 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        elif code == 0x06:
            verdict, answer = operand & 0xFFFF0000, operand & 0xFFFF
            return {0x7FFF0000: _ALLOWED, 0x80000000: _KILLED}.get(verdict) or errno.errorcode[answer]
        else:
            is_true = {0x15: value == operand, 0x35: value >= operand, 0x25: value > operand, 0x45: value & operand}[
                code
            ]
            at += if_true if is_true else if_false


def number(name: str, machine: str) -> int:
    found = system_calls.number(name, machine)
    assert found is not None
    return found


@_ON
@pytest.mark.parametrize("kind", _KINDS)
def test_a_worker_makes_the_calls_of_its_kind_and_no_others(kind: str, machine: str) -> None:
    program = filter_program.for_worker(kind, machine)
    free = {number(n, machine) for n, check in system_calls.ALLOWED[kind].items()
            if check is None and system_calls.number(n, machine) is not None}  # fmt: skip
    checked = {system_calls.number(n, machine) for n, check in system_calls.ALLOWED[kind].items() if check}
    assert len(program) // 8 <= 4096, "the longest program that the kernel takes"
    for call in range(700):
        verdict = judged(program, machine, call, *[0xFFFFFFFF] * 6)
        if call in free:
            assert verdict == _ALLOWED
        elif call not in checked:
            assert verdict in ("EPERM", "ENOSYS")


@_ON
@pytest.mark.parametrize("kind", _KINDS)
def test_what_a_probe_tries_is_refused(kind: str, machine: str) -> None:
    """Each form of each call; a download worker may rename, and nothing else of it."""
    program = filter_program.for_worker(kind, machine)
    tried = [t for tries in (probe_calls.IN_WORKERS | probe_calls.IN_EVERY_PROCESS).values() for t in tries]
    own = set(system_calls.ALLOWED[kind]) if kind == "download" else set()
    for one in tried:
        call = one.on_x86 if machine == "x86_64" else one.on_arm
        if call is None or one.name in own:
            continue
        values = [v() if callable(v) else v for v in one.arguments]
        words = [value & 0xFFFFFFFFFFFFFFFF if isinstance(value, int) else 0 for value in values]
        assert judged(program, machine, call, *words) in ("EPERM", "ENOSYS"), one.name
    assert len(tried) > 90


@_ON
def test_every_number_is_of_one_call(machine: str) -> None:
    numbers = [n for name in system_calls.NUMBERS if (n := system_calls.number(name, machine)) is not None]
    assert len(numbers) == len(set(numbers))
    assert max(numbers) <= system_calls.NEWEST_KNOWN


@_ON
def test_arguments_decide_where_a_call_reaches_others_too(machine: str) -> None:
    program, me = filter_program.for_worker("media", machine), os.getpid()

    def says(name: str, *arguments: int) -> str:
        return judged(program, machine, number(name, machine), *arguments)

    thread = 0x003D0F00  # what the C library passes for a thread
    assert says("clone", thread) == _ALLOWED
    assert says("clone", 17) == says("clone", thread | 0x10000000) == says("clone", thread | 0x20000) == "EPERM"
    assert says("clone3") == "ENOSYS", "the C library then uses clone"
    assert says("prlimit64", 0) == says("prlimit64", me) == _ALLOWED
    assert says("prlimit64", me + 1) == says("tgkill", me + 1) == says("tgkill", 0) == "EPERM"
    assert says("tgkill", me) == _ALLOWED, "abort and raise"
    assert says("sched_getaffinity", me + 1) == "ENOSYS", "the C library then goes without"
    assert says("fcntl", 0, 1030) == _ALLOWED
    assert says("fcntl", 0, 8) == says("fcntl", 0, 10) == says("fcntl", 0, 1033) == "EPERM"  # owner, signal, seals
    assert says("ioctl", 0, 0x5401) == _ALLOWED
    assert says("ioctl", 0, 0x5412) == says("ioctl", 0, 0x541C) == says("ioctl", 0, 0xC0246400) == "EPERM"
    assert says("prctl", 15) == _ALLOWED
    assert says("prctl", 4) == says("prctl", 0x59616D61) == "EPERM"  # PR_SET_DUMPABLE, PR_SET_PTRACER
    assert says("openat", 0xFFFFFF9C, 0, 0o2000000) == _ALLOWED
    assert {says("openat", 0xFFFFFF9C, 0, flags) for flags in (1, 2, 0o100, 0o1000, 0o20200002)} == {"EPERM"}
    writing = filter_program.for_worker("models", machine)
    assert judged(writing, machine, number("openat", machine), 0xFFFFFF9C, 0, 0o1101) == _ALLOWED
    assert judged(program, machine, 462) == judged(program, machine, 600) == "ENOSYS"  # added to the kernel later


@_ON
def test_only_the_download_worker_has_sockets(machine: str) -> None:
    call = number("socket", machine)
    for family in range(50):
        says = {kind: judged(filter_program.for_worker(kind, machine), machine, call, family) for kind in _KINDS}
        assert says.pop("download") == (_ALLOWED if family in (1, 2, 10, 16) else "EPERM")
        assert set(says.values()) == {"EPERM"}


@_ON
def test_a_head_has_no_namespaces_and_only_local_sockets(machine: str) -> None:
    program = filter_program.for_front_end(machine)

    def says(name: str, *arguments: int) -> str:
        return judged(program, machine, number(name, machine), *arguments)

    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert says("clone", flag | 17) == says("unshare", flag) == "EACCES"
    assert says("clone", 17) == says("clone", 0x4111) == _ALLOWED  # a child, as the C library starts one
    assert says("clone3") == "ENOSYS"
    assert says("socket", 1) == says("socketpair", 1) == _ALLOWED
    assert says("socket", 2) == says("socket", 16) == "EACCES"
    assert says("ioctl", 0, 0x5401) == says("ioctl", 0, 0x5413) == _ALLOWED
    assert says("ioctl", 0, 0x5412) == says("ioctl", 0, 0x541C) == "EACCES"


@_ON
@pytest.mark.parametrize("kind", ["head", *_KINDS])
def test_the_numbers_of_another_architecture_are_no_way_round(kind: str, machine: str) -> None:
    program = filter_program.for_front_end(machine) if kind == "head" else filter_program.for_worker(kind, machine)
    assert judged(program, machine, number("read", machine)) == _ALLOWED
    assert judged(program, machine, number("read", machine), mark=0x40000003) == _KILLED  # int 0x80
    if machine == "x86_64":
        for call in (0, 41, 512, 513):
            assert judged(program, machine, 0x40000000 | call) in ("EPERM", "EACCES")  # x32
