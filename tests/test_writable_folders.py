"""A head changes files in its own folders alone."""

import json
import subprocess
import sys
import time

import pytest

from app.storage.safety.backups import write_backup
from app.storage.vault import Vault
from tests.running import CHEAP, PASSPHRASE, ROOT, Home
from tests.taken_over import HEADS, attacked, home_of_a_person  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls of Linux")


_PLANT = """
import os
for name in (".bashrc", ".profile", ".config/autostart/x.desktop", "program/site-packages/x.pth",
             ".local/share/dbus-1/services/com.evil.X.service", "documents/notes.txt"):
    tried(f"write {name}", lambda: (home / name).write_text("import os"))
def emptied(path):
    os.close(os.open(path, os.O_RDONLY | os.O_TRUNC))
tried("empty", lambda: emptied(home / ".bashrc"))
tried("truncate", lambda: os.truncate(home / ".bashrc", 0))
tried("remove", lambda: (home / ".bashrc").unlink())
tried("move in", lambda: (home / ".config").rename(home / ".config.old"))
tried("hard link", lambda: os.link(home / ".bashrc", home / "vault.link"))
tried("link", lambda: os.symlink("/tmp", home / "link"))
tried("pipe", lambda: os.mkfifo(home / "pipe"))
tried("folder", lambda: (home / "new").mkdir())
inside = Path(os.environ["TMPDIR"]) / "inside.txt"
inside.write_text("x")
tried("move out", lambda: inside.rename(home / ".bash_login"))
tried("link out", lambda: os.link(inside, home / ".bash_login"))
tried("through a link", lambda: (os.symlink(home / ".bashrc", inside.parent / "l"), open(inside.parent / "l", "w")))
"""


@HEADS
def test_a_head_plants_nothing_that_is_started_later(home: Home, head: tuple[str, ...]) -> None:
    told = attacked(home, _PLANT, *head)
    assert len(told) == 17
    assert [name for name, ending in told.items() if ending == "done"] == []
    assert (home.folder / ".bashrc").read_text() == "alias ll='ls -l'\n"
    assert not (home.folder / ".bash_login").exists()
    assert list((home.folder / ".config/autostart").iterdir()) == []


_OWN = """
import os, json
from app.catalog import paths
from app import assembly
places = [assembly.settings_path(), paths.faults_file(), Path(os.environ["TMPDIR"]) / "x" / "y",
          Path(os.environ["TACIT_MODELS"]) / "x" / "y", Path(os.environ["TACIT_VAULT"]) / "media" / "y"]
for number, place in enumerate(places):
    def change():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("a")
        place.replace(place.with_name("b"))
        with place.with_name("b").open("r+") as file:
            file.truncate(0)
        place.with_name("b").unlink()
    tried(str(number), change)
tried("nothing", lambda: open("/dev/null", "w").close())
"""


@HEADS
def test_a_head_writes_where_its_work_lies(home: Home, head: tuple[str, ...]) -> None:
    home.vault.mkdir()
    told = attacked(home, _OWN, *head)
    assert set(told.values()) == {"done"}
    assert len(told) == 6


def test_folders_that_were_made_and_not_used_go_again(home: Home) -> None:
    home.vault = home.folder / "places" / "new"
    told = attacked(home, "told['made'] = str(Path(given).is_dir())", "--window", given=str(home.vault))
    assert told == {"made": "True"}
    deadline = time.monotonic() + 10
    while (home.folder / "places").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not (home.folder / "places").exists()


_RESTORE = """
from app.services.vault.maintenance import StagedRestore, can_restore_beside
vault, backup, passphrase = given.split(",")
told["may"] = str(can_restore_beside(Path(vault)))
tried("restore", lambda: StagedRestore(Path(backup), Path(vault), passphrase).finish())
"""


def test_only_a_window_that_opens_no_vault_may_write_beside_it(home: Home) -> None:
    """A restore moves whole folders there, and a window that may do so could put one in the place of others."""
    made = Vault.create(home.vault, PASSPHRASE, CHEAP)
    backup = home.folder / "documents" / "b.tacit"
    write_backup(made, backup)
    made.close()
    given = f"{home.vault},{backup},{PASSPHRASE}"
    refused = attacked(home, _RESTORE, "--window", given=given)
    assert refused == {"may": "False", "restore": "VaultUnwritable"}
    assert sorted(p.name for p in home.folder.glob("vault*")) == ["vault"]
    assert attacked(home, _RESTORE, "--window", "--restore", given=given) == {"may": "True", "restore": "done"}
    assert sorted(p.name for p in home.folder.glob("vault*")) == ["vault", "vault.before-restore"]
    Vault.open(home.vault, PASSPHRASE).close()
    assert home.run("list").status == 0
    assert sorted(p.name for p in home.folder.glob("vault*")) == ["vault"], "what it replaced goes with a good start"


def test_the_window_in_a_folder_of_tacits_own_restores_at_once(home: Home) -> None:
    home.vault = home.folder / "data" / "tacit" / "vault"
    made = Vault.create(home.vault, PASSPHRASE, CHEAP)
    backup = home.folder / "documents" / "b.tacit"
    write_backup(made, backup)
    made.close()
    told = attacked(home, _RESTORE, "--window", given=f"{home.vault},{backup},{PASSPHRASE}")
    assert told == {"may": "True", "restore": "done"}


@pytest.mark.parametrize("words", [("vault", "repair", "new"), ("vault", "repair", "deep/new"), ("demo", "--keep=new")])
def test_a_folder_that_a_command_is_to_make_can_be_written_and_no_other(home: Home, words: tuple[str, ...]) -> None:
    code = "for n in given.split(): tried(n, lambda: (home / n / 'vault.db').write_text('x'))"
    new = words[-1].partition("=")[2] or words[-1]
    (home.folder / "repair").mkdir()
    assert attacked(home, code, *words, given=f"{new} repair documents") == {
        new: "done", "repair": "PermissionError", "documents": "PermissionError",
    }  # fmt: skip


def test_a_command_that_asks_for_help_makes_and_writes_nothing(home: Home) -> None:
    before = sorted(home.folder.rglob("*"))
    code = "tried('x', lambda: (Path(given) / 'x').write_text(''))"
    assert attacked(home, code, "import", "--help", given=str(home.temporary)) == {"x": "PermissionError"}
    assert sorted(home.folder.rglob("*")) == before


@pytest.mark.parametrize("target", ["disk/media", ".config", "."])
def test_sound_that_a_person_keeps_on_another_disk_can_be_written(home: Home, target: str) -> None:
    """By a link that a person put in the place of the vault's folder; never one into hidden folders, or to all."""
    home.vault.mkdir()
    (home.folder / target).mkdir(parents=True, exist_ok=True)
    (home.vault / "media").symlink_to(home.folder / target)
    code = "tried('x', lambda: (Path(given) / 'media' / 'x').write_text(''))"
    told = attacked(home, code, "list", given=str(home.vault))
    assert told == {"x": "done" if target == "disk/media" else "PermissionError"}


@pytest.mark.parametrize("version", [0, 1])
def test_where_the_kernel_has_no_such_rules_all_works_and_is_told(home: Home, version: int) -> None:
    """Linux without Landlock, or with its first version, by which no file can be moved from folder to folder."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        f"from app.engines.sandbox import landlock; landlock.version = lambda: {version}\n"
        "from app import __main__; sys.exit(__main__.main())"
    )
    out = home.folder / "documents" / "proof.txt"
    ended = subprocess.run(
        [sys.executable, "-I", "-c", code, "doctor", "--offline", "--json", "--report", str(out)],
        env=home.environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    shape = json.loads(ended.stdout)
    own = next(standing for standing in shape["standings"] if standing["process"] == "command line")
    assert [layer["holder"] for layer in own["layers"] if layer["name"] == "files"] == ["nobody"]
    told = {attempt["name"]: attempt["answer"] for attempt in own["attempts"]}
    assert told["writing a file in your home folder"] == "not refused"
    assert "not refused" in out.read_text()
    assert list(home.folder.glob("tacit-check-*")) == []
    assert not home.vault.exists()
