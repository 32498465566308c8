"""What every process does to itself before anything else."""

import subprocess
import sys

import pytest

_LOOK = """
import ctypes, os, resource
from app.engines.sandbox import seccomp
seccomp.harden()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)))
"""  # 3: PR_GET_DUMPABLE


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_no_dump_no_tracing_and_files_for_this_user_alone() -> None:
    ended = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    assert ended.stdout.split(maxsplit=1) == ["0", "(0, 0) 0o77\n"]
