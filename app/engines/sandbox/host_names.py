"""Host names in this process's C library: the hosts file, and no service behind a socket."""

import ctypes
import sys


def look_up_in_files_only() -> bool:
    """Have the C library look up hosts in /etc/hosts alone, for good; returns whether it has taken that.

    Else getaddrinfo() hands the name to nscd, systemd-resolved or Avahi over a UNIX socket, which the
    filter of a head leaves open. A configured database is not looked up in nscd either (glibc, nss/nsswitch.c).
    """
    if sys.platform != "linux":
        return False
    configure = getattr(ctypes.CDLL(None), "__nss_configure_lookup", None)
    return configure is not None and configure(b"hosts", b"files") == 0
