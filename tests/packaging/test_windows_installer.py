"""The installer for Windows compiles, takes the frozen tree, and deletes nothing of a person."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "packaging" / "windows" / "tacit.nsi"
needs_makensis = pytest.mark.skipif(shutil.which("makensis") is None, reason="needs makensis, of Debian's nsis")


def compiled(folder: Path, *definitions: str) -> subprocess.CompletedProcess[str]:
    command = ["makensis", "-V2", *definitions, str(SCRIPT)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@needs_makensis
def test_it_compiles_over_a_tree(tmp_path: Path) -> None:
    tree, target = tmp_path / "tree", tmp_path / "Tacit-0.1.0-installer.exe"
    (tree / "_internal").mkdir(parents=True)
    (tree / "tacit.exe").write_bytes(b"MZ")
    (tree / "_internal" / "python311.dll").write_bytes(b"MZ")
    made = compiled(tmp_path, "-DVERSION=0.1.0", f"-DTREE={tree}", f"-DOUT={target}")
    assert (made.returncode, made.stderr) == (0, ""), made.stdout
    assert target.read_bytes()[:2] == b"MZ"


@needs_makensis
@pytest.mark.parametrize("missing", ["VERSION", "TREE", "OUT"])
def test_it_names_what_it_was_not_told(tmp_path: Path, missing: str) -> None:
    given = [f"-D{name}=0.1.0" for name in ("VERSION", "TREE", "OUT") if name != missing]
    refused = compiled(tmp_path, *given)
    assert refused.returncode == 1
    assert f"{missing} must be given" in refused.stdout + refused.stderr


def test_the_old_tree_goes_before_the_new_one_comes_and_no_persons_folder_is_touched() -> None:
    script = SCRIPT.read_text()
    assert script.index('RMDir /r "$INSTDIR\\_internal"') < script.index("File /r")
    assert set(re.findall(r"RMDir.*\"(.*)\"", script)) == {"$INSTDIR\\_internal", "$INSTDIR"}
    assert 'RMDir /r "$INSTDIR"' not in script
    assert "RequestExecutionLevel user" in script
