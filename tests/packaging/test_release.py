"""What the workflow for releases publishes, and that what it runs is named to the letter."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.package import ROOT, differences_since

WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text()
JOBS = dict(re.findall(r"^  (linux|windows|macos):\n(.*?)(?=^  \w+:|\Z)", WORKFLOW, re.MULTILINE | re.DOTALL))


def test_only_what_may_be_passed_on_is_published() -> None:
    """PyAV's wheel has parts under the GPL, which are built without only for Linux (0059)."""
    assert {name for name, job in JOBS.items() if "upload" in job} == {"linux"}
    assert set(JOBS) == {"linux", "windows", "macos"}


def test_each_action_is_named_by_its_commit() -> None:
    used = re.findall(r"uses: (\S+)", WORKFLOW)
    assert used
    assert [name for name in used if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", name)] == []


def test_uv_comes_from_the_lock() -> None:
    assert "pip install uv" not in WORKFLOW
    assert WORKFLOW.count("--require-hashes -r") == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the step is of the job for Linux")
@pytest.mark.parametrize(("address", "status"), [("maintainers@example.invalid", 1), ("maintainers@tacit.example", 0)])
def test_no_release_is_made_with_an_address_that_nobody_reads(tmp_path: Path, address: str, status: int) -> None:
    before = JOBS["linux"].split("&& make package")[0]
    step = next(line.strip() for line in before.splitlines() if "! grep" in line)
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "debian.py").write_text(f'MAINTAINER = "Somebody <{address}>"\n')
    ended = subprocess.run(["sh", "-ec", step], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == status
    assert ("Name an address that somebody reads first" in ended.stdout) is bool(status)


def test_a_package_of_another_commit_is_told_from_one_of_this() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout of git's")
    assert "packaging" in differences_since("4b825dc642cb6eb9a060e54bf8d69288fbee4904"), "git's empty tree"
    assert differences_since("0123abc-dirty") != "", "no commit at all"
