"""Wires the product together: the only module that names concrete classes."""

from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from app.catalog.download.client import NoDownloadClient, PipedDownloadClient
from app.catalog.paths import data_folder, models_folder
from app.core.exports import NotDrawable
from app.engines.audio_output.loudspeaker import open_loudspeaker
from app.engines.sandbox import seccomp
from app.options import MODELS, VAULT, parse
from app.services.application import Application
from app.services.models.base_models import BaseModels
from app.services.models.crash_count import CrashCount
from app.services.models.recognised_kinds import RecognisedKinds
from app.services.models.selection import ModelSelection
from app.services.settings import SettingsFile

if TYPE_CHECKING:
    from app.core.call_document import CallDocument
    from app.core.engines import Engines
    from app.storage.keys.kdf_cost import KdfCost
    from app.storage.keys.keychain import Keychain


def settings_path() -> Path:
    """The path of the settings file."""
    return Path(platformdirs.user_config_dir("tacit", appauthor=False)) / "settings.json"


def build(
    vault: Path | None,
    models: Path | None,
    *,
    is_offline_enforced: bool,
    cost: "KdfCost | None" = None,
    keychain: "Keychain | None" = None,
    door: tuple[int, int] | None = None,
) -> Application:
    """Build the application for a vault and a models folder; None means the environment's, else the platform's.

    `door` is the file descriptors of the two pipes to the launcher's download broker. `cost` replaces the KDF
    cost that is otherwise measured when a passphrase is chosen, `keychain` the system's.
    """
    settings = SettingsFile(settings_path())
    crash_count = CrashCount(settings.sibling_path("engines.json"))
    vault = vault or VAULT.in_environment() or data_folder() / "vault"
    client = PipedDownloadClient(*door) if door else NoDownloadClient()
    base_models = BaseModels(settings.sibling_path("base_models.json"))
    kinds = RecognisedKinds(settings.sibling_path("recognised_kinds.json"))
    provisioning = ModelSelection(
        models_folder(models), settings, door=client, crash_count=crash_count, base_models=base_models, kinds=kinds
    )

    def engines() -> "Engines":
        from app.engines.parent.engines import LocalEngines  # late: the lock screen needs no engine
        from app.services.hardware.memory_and_cores import performance_cores

        threads = settings.current.threads or performance_cores()
        return LocalEngines(threads, lambda: settings.current.context_tokens, crash_count)

    def draw(document: "CallDocument") -> bytes:
        try:
            from app.printing.pages import draw_pages  # late: it loads Qt, which few commands need
        except ImportError as error:
            raise NotDrawable from error
        return draw_pages(document)

    return Application(
        vault.absolute(), settings, provisioning, engines, open_loudspeaker,
        seccomp.is_internet_refused, is_offline_enforced=is_offline_enforced, cost=cost, keychain=keychain, draw=draw,
    )  # fmt: skip


def build_from_arguments(
    arguments: list[str], is_offline_enforced: bool, door: tuple[int, int] | None = None
) -> Application:
    """Build the application for the window from the common options, which the launcher has checked."""
    options = parse(arguments)
    return build(options.path(VAULT), options.path(MODELS), is_offline_enforced=is_offline_enforced, door=door)
