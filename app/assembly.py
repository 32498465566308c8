"""The only place that names concrete classes: it wires the product together."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from app.catalog.download.client import NoDoor, PipedDoor
from app.catalog.paths import data_folder, models_folder
from app.core.engines import Engines
from app.engines.audio_output import open_loudspeaker
from app.engines.sandbox import seccomp
from app.services.application import Tacit
from app.services.models.crash_count import Minding
from app.services.models.selection import Provisioning
from app.services.settings import SettingsKeeper

if TYPE_CHECKING:
    from app.storage.keys.kdf_cost import Cost
    from app.storage.keys.keychain import Keychain


def settings_path() -> Path:
    """The settings file."""
    return Path(platformdirs.user_config_dir("tacit", appauthor=False)) / "settings.json"


def build(
    vault: Path | None,
    models: Path | None,
    *,
    is_offline_enforced: bool,
    cost: "Cost | None" = None,
    keychain: "Keychain | None" = None,
    door: tuple[int, int] | None = None,
) -> Tacit:
    """The product on a vault and a models folder; None means the environment's, else the platform's.

    `door` is the launcher's two pipes. A `cost` stands in for the one that is measured where a passphrase is
    chosen, a `keychain` for the system's.
    """
    settings = SettingsKeeper(settings_path())
    minding = Minding(settings.beside("engines.json"))
    vault = vault or _from_environment("TACIT_VAULT") or data_folder() / "vault"
    way = PipedDoor(*door) if door else NoDoor()
    provisioning = Provisioning(models_folder(models), settings, door=way, minding=minding)

    def engines() -> Engines:
        from app.engines.parent.engines import LocalEngines  # late: the lock screen needs no engine
        from app.services.hardware.memory_and_cores import performance_cores

        threads = settings.current.threads or performance_cores()
        return LocalEngines(threads, lambda: settings.current.context_tokens, minding)

    return Tacit(
        vault.absolute(), settings, provisioning, engines, open_loudspeaker,
        seccomp.is_refused, is_offline_enforced=is_offline_enforced, cost=cost, keychain=keychain,
    )  # fmt: skip


def from_arguments(arguments: list[str], is_offline_enforced: bool, door: tuple[int, int] | None = None) -> Tacit:
    """The product for the window: `--vault DIR` and `--models DIR`, which the launcher has checked."""
    named = dict(zip(arguments[::2], arguments[1::2], strict=False))
    folders = [Path(named[option]) if option in named else None for option in ("--vault", "--models")]
    return build(folders[0], folders[1], is_offline_enforced=is_offline_enforced, door=door)


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None
