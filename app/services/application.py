"""What exists before a vault is open: its location, the settings, and the installed models."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.exports import DrawDocument, draw_nothing
from app.core.file_access import access_notice
from app.core.model import NEEDED_KINDS, ModelKind
from app.services.hardware.computer import this_computer
from app.services.models.listing import ModelListing, Offer
from app.services.models.selection import ModelSelection
from app.services.outputs import Outputs
from app.services.settings import SettingsFile
from app.services.vault.passphrase_strength import Strength, strength
from app.storage.files.layout import has_keychain_slot, vault_exists
from app.storage.safety import folder_swap

if TYPE_CHECKING:
    from app.core.engines import Engines, OpenLoudspeaker
    from app.services.models.benchmark import Benchmark
    from app.services.models.forecast import Forecasting
    from app.services.models.installing import Installing
    from app.services.models.quantizing import Quantizing
    from app.services.session import Session
    from app.services.vault.key_slots import KeySlots
    from app.services.vault.maintenance import StagedRestore
    from app.storage.keys.kdf_cost import KdfCost
    from app.storage.keys.keychain import Keychain
    from app.storage.vault import Vault


class Application:
    """The application while its vault is locked.

    `is_offline_enforced` says that the system itself refuses this process any connection; `is_refused_by_system`
    attempts one now. `cost` is the cost of trying a passphrase; None measures one. `keychain` replaces the system's.
    `draw` is what draws pages.
    """

    def __init__(
        self,
        vault_folder: Path,
        settings: SettingsFile,
        models: ModelSelection,
        engines: Callable[[], "Engines"],
        open_loudspeaker: "OpenLoudspeaker",
        is_refused_by_system: Callable[[], bool],
        *,
        is_offline_enforced: bool,
        cost: "KdfCost | None" = None,
        keychain: "Keychain | None" = None,
        draw: DrawDocument = draw_nothing,
    ) -> None:
        self.vault_folder = vault_folder
        self.settings = settings
        self.models = models
        self.engines = engines
        self.is_offline_enforced = is_offline_enforced
        self.open_loudspeaker = open_loudspeaker
        self.is_refused_by_system = is_refused_by_system
        self.draw = draw
        self._cost, self._given_keychain = cost, keychain

    def notices(self, kinds: Sequence[ModelKind] = NEEDED_KINDS) -> list[str]:
        """Sentences that the person should see before models of these kinds work."""
        notice = self.models.demo_notice(kinds)
        return ([notice] if notice else []) + ([str(self.settings.problem)] if self.settings.problem else [])

    @property
    def outputs(self) -> Outputs:
        """The files that a person names for results."""
        return Outputs(self.vault_folder, self.models.folder)

    @property
    def installing(self) -> "Installing":
        """Installing models without a network, packing, verifying and removing them."""
        from app.services.models.installing import Installing

        return Installing(self.models, self.engines)

    @property
    def listing(self) -> ModelListing:
        """The models that a person can choose from."""
        return ModelListing(self.models, self.forecasting)

    def first_offers(self) -> list[Offer]:
        """The models to propose to somebody who has none. Takes a second or two."""
        listing = self.listing
        return [
            o for o in listing.with_recommendations(listing.offers(this_computer(self.models.folder))) if o.is_proposed
        ]

    @property
    def benchmark(self) -> "Benchmark":
        """The speed of the models on this machine."""
        from app.services.models.benchmark import (
            Benchmark,  # imported late, as in the two below: the lock screen needs none of them
        )

        return Benchmark(self.settings.sibling_path("measured.json"), self.engines)

    @property
    def forecasting(self) -> "Forecasting":
        """Whether a model will run here."""
        from app.services.models.forecast import Forecasting

        return Forecasting(self.models, self.engines, self.benchmark)

    @property
    def quantizing(self) -> "Quantizing":
        """Inspecting models, and quantising them to another type."""
        from app.services.models.quantizing import Quantizing

        return Quantizing(self.models, self.engines)

    def at(self, vault_folder: Path) -> "Application":
        """The same application with another vault."""
        return Application(
            vault_folder, self.settings, self.models, self.engines, self.open_loudspeaker, self.is_refused_by_system,
            is_offline_enforced=self.is_offline_enforced, cost=self._cost, keychain=self._given_keychain,
            draw=self.draw,
        )  # fmt: skip

    def vault_exists(self) -> bool:
        """Whether there is a vault to unlock."""
        with suppress(OSError):  # a folder that can't be moved back is reported when it is opened
            folder_swap.undo_interrupted_swap(self.vault_folder)
        return vault_exists(self.vault_folder)

    def access_notices(self) -> list[tuple[str, str]]:
        """What to tell the user, and to advise, about folders that others can read or change."""
        settings = self.settings.sibling_path("settings").parent
        places = ((self.vault_folder, "the vault's folder"), (settings, "the settings folder"))
        return [notice for folder, name in places if (notice := access_notice(folder, name))]

    def prepare(self) -> None:
        """Load what unlocking needs ahead of the passphrase. Not for the GUI thread."""
        import app.services.session
        import app.storage.vault  # noqa: F401 - imported only to load it
        from app.services.vault import demo_vault

        demo_vault.sweep()

        if self.keychain_opens():
            self._keychain().prepare()

    def create(self, passphrase: str, *, is_demo: bool = False) -> "Session":
        """Create a vault and open it; only this session has the `recovery_key`. Slow: not for the GUI thread.

        Nothing that must be kept, such as the ledger, is moved into a demo's vault.

        Raises:
            VaultError: the passphrase is too short, or the folder can't be used.
        """
        from app.services.vault.key_slots import require_long_enough

        require_long_enough(passphrase, "Nothing was made.")
        from app.storage.vault import Vault  # late: it loads SQLCipher and numpy, and the lock screen comes first

        return self._session(Vault.create(self.vault_folder, passphrase, self._cost), is_demo=is_demo)

    def make_new_keys(self, restoring: "StagedRestore", passphrase: str) -> str:
        """Give a backup that is being restored new keys under a new passphrase; return its new recovery key. Slow.

        Raises:
            VaultError: the passphrase is too easy to guess, or opens the backup itself; choose another.
            VaultDamaged, VaultUnwritable, NotEnoughSpace: what was unpacked is removed.
        """
        from app.services.vault.key_slots import require_long_enough

        require_long_enough(passphrase, "Nothing was replaced.")
        return restoring.make_new_keys(passphrase, self._cost)

    def try_out(self) -> "Session":
        """Create a demo vault whose passphrase nobody knows and which is deleted when it closes. Slow.

        Raises:
            VaultError: the temporary folder can't be used.
        """
        from app.services.vault import demo_vault

        session = self.at(demo_vault.make_folder()).create(secrets.token_urlsafe(24), is_demo=True)
        session.vanishes, session.recovery_key = True, None
        return session

    def unlock(self, passphrase: str) -> "Session":
        """Open the vault with a passphrase, the recovery key or the keychain's secret. Slow: not for the GUI thread.

        Raises:
            WrongPassphrase, VaultInUse, VaultTooNew, VaultDamaged, VaultError: it stays closed.
        """
        from app.storage.vault import Vault

        return self._session(Vault.open(self.vault_folder, passphrase))

    @property
    def key_slots(self) -> "KeySlots":
        """Changes to what opens the vault while nobody has it open; a session has its own."""
        from app.services.vault.key_slots import KeySlots

        return KeySlots(self.vault_folder, self._keychain(), self._cost)

    def keychain_opens(self) -> bool:
        """Whether the keychain can open the vault, according to its header; the keychain itself is not asked."""
        return has_keychain_slot(self.vault_folder)

    def strength(self, passphrase: str) -> Strength:
        """How good a new passphrase is."""
        return strength(passphrase)

    def _session(self, vault: "Vault", *, is_demo: bool = False) -> "Session":
        from app.services.calls.summary_templates import SummaryTemplates
        from app.services.session import Session
        from app.services.vault.key_slots import KeySlots

        try:
            key_slots = KeySlots(self.vault_folder, self._keychain(), self._cost, vault)
            session = Session(
                vault, self.engines(), self.models, self.open_loudspeaker, key_slots, is_demo=is_demo,
                templates=SummaryTemplates(self.settings.sibling_path("templates")), draw=self.draw,
            )  # fmt: skip
        except BaseException:
            vault.close()
            raise
        folder_swap.remove_replaced_folder(
            self.vault_folder
        )  # it opened, so the vault that a restore replaced is no longer needed
        return session

    def _keychain(self) -> "Keychain":
        from app.storage.keys.keychain import Keychain

        return self._given_keychain or Keychain()
