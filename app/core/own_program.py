"""The command that starts this program again, in another role."""

import sys


def own_command() -> list[str]:
    """The command, from a checkout, a wheel or a frozen build; options follow."""
    # -I: a folder called "app" in the current directory must not be mistaken for ours.
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-I", "-m", "app"]
