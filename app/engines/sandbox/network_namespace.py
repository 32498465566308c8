"""An empty network for this process alone, by Linux's network namespaces."""

import ctypes
import sys
from pathlib import Path

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_CAPABILITIES_3 = 0x20080522
# If a distribution denies user namespaces to programs, trying would only put a warning into the system's log.
_SWITCHES = (
    (Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"), "0"),
    (Path("/proc/sys/kernel/unprivileged_userns_clone"), "1"),
)


def enter_empty_network() -> bool:
    """Move this process into a network namespace without any interface, and drop the capabilities this brings.

    Must come before the first thread. Returns whether it did; if the system does not allow ordinary
    programs to do this, nothing changes.
    """
    if sys.platform != "linux" or not _is_allowed():
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER | _NEW_NETWORK):
        return False
    # In its own user namespace the process has every capability; it needs none.
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    libc.capset(header, nothing)
    return True


def _is_allowed() -> bool:
    for switch, wanted in _SWITCHES:
        try:
            if switch.read_text().strip() != wanted:
                return False
        except OSError:
            continue  # this kernel has no such switch
    return True
