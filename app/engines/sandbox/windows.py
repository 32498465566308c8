"""Windows' own sandbox layers, by ctypes: a job that ends with us, and low integrity; not yet run on Windows."""

import ctypes
from typing import Any

_KILL_ON_CLOSE, _EXTENDED_LIMITS = 0x2000, 9
_ADJUST_DEFAULT, _QUERY, _INTEGRITY_LEVEL, _GROUP_INTEGRITY = 0x0080, 0x0008, 25, 0x20
_LOW = "S-1-16-4096"


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", ctypes.c_uint32),
        ("least_set", ctypes.c_size_t), ("most_set", ctypes.c_size_t), ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t), ("priority", ctypes.c_uint32), ("scheduling", ctypes.c_uint32),
    )  # fmt: skip


class _Limits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits), ("counters", ctypes.c_uint64 * 6), ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t), ("peak_process", ctypes.c_size_t), ("peak_job", ctypes.c_size_t),
    )  # fmt: skip


class _Label(ctypes.Structure):
    _fields_ = (("sid", ctypes.c_void_p), ("attributes", ctypes.c_uint32))


def _library(name: str) -> Any:
    return vars(ctypes)["WinDLL"](name, use_last_error=True)  # exists only in ctypes on Windows


def tie_child_to_parent(process_handle: int) -> Any:
    """Put a child into a job that is killed when our last handle to it closes; keep the returned handle.

    Returns None if that fails; the child then ends when its input ends.
    """
    kernel = _library("kernel32")
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None)
    if not job:
        return None
    limits = _Limits()
    limits.basic.flags = _KILL_ON_CLOSE
    size = ctypes.sizeof(limits)
    is_set = kernel.SetInformationJobObject(ctypes.c_void_p(job), _EXTENDED_LIMITS, ctypes.byref(limits), size)
    if is_set and kernel.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(process_handle)):
        return job
    kernel.CloseHandle(ctypes.c_void_p(job))
    return None


def lower_integrity() -> bool:
    """Lower this process to low integrity, so that Windows denies it writing to the user's files."""
    kernel, advapi = _library("kernel32"), _library("advapi32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    token, sid = ctypes.c_void_p(), ctypes.c_void_p()
    if not advapi.OpenProcessToken(
        ctypes.c_void_p(kernel.GetCurrentProcess()), _ADJUST_DEFAULT | _QUERY, ctypes.byref(token)
    ):
        return False
    try:
        if not advapi.ConvertStringSidToSidW(_LOW, ctypes.byref(sid)):
            return False
        label = _Label(sid, _GROUP_INTEGRITY)
        size = ctypes.sizeof(label) + advapi.GetLengthSid(sid)
        return bool(advapi.SetTokenInformation(token, _INTEGRITY_LEVEL, ctypes.byref(label), size))
    finally:
        if sid:
            kernel.LocalFree(sid)
        kernel.CloseHandle(token)
