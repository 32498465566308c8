"""Host name look-ups of this process's C library: from the hosts file only, from no service behind a socket."""

import ctypes
import sys


def use_hosts_file_only() -> bool:
    """Have the C library look up hosts only in /etc/hosts, permanently; returns whether it accepted that.

    Otherwise getaddrinfo() passes the name to nscd, systemd-resolved or Avahi over a UNIX socket, which the
    filter of the window and the command line allows. A configured database bypasses nscd too (glibc, nss/nsswitch.c).
    """
    if sys.platform != "linux":
        return False
    configure = getattr(ctypes.CDLL(None), "__nss_configure_lookup", None)
    return configure is not None and configure(b"hosts", b"files") == 0
