"""The command that starts this program again, in another role, and the environment of a worker."""

import os
import sys

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "TACIT_DEBUG")


def own_command() -> list[str]:
    """The command, from a checkout, a wheel or a frozen build; options follow."""
    # -I: a folder called "app" in the current directory must not be mistaken for ours.
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-I", "-m", "app"]


def worker_environment() -> dict[str, str]:
    """A worker's environment variables: no home folder, no display, no proxies, no secrets.

    Without a home, Python would ask the system for it as it starts, and so perhaps a name service: it looks for a
    person's own packages there, which a worker has none of.
    """
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"PYTHONUSERBASE": "/nonexistent"}
