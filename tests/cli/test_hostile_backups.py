"""`tacit restore` of a stranger's backup: refused in two sentences, with little memory, and nothing is changed."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import Home
from tests.storage.hostile_backups import PASSPHRASE, Stranger

_BLOCK = bytes([32]) * (1 << 20)


def traversing(stranger: Stranger) -> Stranger:
    """Ids that lead to a file outside the vault."""
    return stranger.execute("UPDATE recordings SET id = '../../precious'")


def keeping(stranger: Stranger) -> Stranger:
    """A table and triggers that keep what the person deletes."""
    return stranger.execute(
        "CREATE TABLE kept (t TEXT)",
        "CREATE TRIGGER k BEFORE DELETE ON utterances BEGIN INSERT INTO kept VALUES (old.text); END",
        "CREATE TRIGGER m AFTER INSERT ON recordings BEGIN INSERT INTO kept VALUES (hex(new.media_key)); END",
    )


def zeroing(stranger: Stranger) -> Stranger:
    """A trigger that sets the key of the next import."""
    return stranger.execute(
        "CREATE TRIGGER evil AFTER INSERT ON recordings BEGIN UPDATE recordings SET media_key = zeroblob(32); END"
    )


@pytest.mark.parametrize("planted", [traversing, keeping, zeroing])
def test_what_a_stranger_planted_is_refused(tmp_path: Path, planted: Callable[[Stranger], Stranger]) -> None:
    home = Home(tmp_path / "home")
    precious = tmp_path / "home" / "precious.sealed"
    require_refused(home, planted(Stranger(tmp_path)).write(tmp_path / "b.tacit"), precious)


@pytest.mark.parametrize("name", ["manifest.json", "media/zzzz.sealed"])
def test_what_is_huge_is_refused_before_it_is_read(tmp_path: Path, name: str) -> None:
    home, stranger, size = Home(tmp_path / "home"), Stranger(tmp_path), 1 << 30
    huge = (name, size, (_BLOCK for _ in range(size >> 20)))
    entries = [huge, *stranger.entries[1:]] if name == "manifest.json" else [*stranger.entries, huge]
    require_refused(home, stranger.write(tmp_path / "b.tacit", entries), tmp_path / "home" / "precious.sealed")
    (tmp_path / "b.tacit").unlink()


def require_refused(home: Home, file: Path, precious: Path) -> None:
    """Restoring is refused where there is no vault and where there is one, and takes no more memory than it should."""
    (file.parent / "theirs").write_text(PASSPHRASE + "\n")
    home.vault.parent.mkdir(parents=True, exist_ok=True)
    precious.write_bytes(b"mine")
    for _ in range(2):
        command = home.command("restore", str(file), "--yes", "--passphrase-file", str(file.parent / "theirs"))
        limited = ["bash", "-c", 'ulimit -v 3000000; exec "$0" "$@"', *command]
        told = subprocess.run(limited, env=home.environment, capture_output=True, text=True, timeout=120)
        assert told.returncode == 1
        assert told.stdout == ""
        (line,) = told.stderr.splitlines()
        assert line.startswith("tacit: This backup ")
        assert line.count(". ") == 1
        assert "Nothing was changed; " in line
        assert precious.read_bytes() == b"mine"
        assert home.run("list", "--json").json == []  # makes the vault that the second one would replace
    assert not list(home.vault.parent.glob("*.restored"))
