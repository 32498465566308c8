"""Before a vault is open: where it lies, what is chosen, which models are here."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.engines import Engines, OpenLoudspeaker
from app.services.hardware.computer import this_computer
from app.services.models.installing import Bringing
from app.services.models.listing import Offer, Offering
from app.services.models.selection import DEMO_NOTICE, Provisioning
from app.services.settings import SettingsKeeper
from app.services.vault.passphrase_strength import Strength, strength
from app.storage.files.layout import names_keychain, vault_exists
from app.storage.safety import folder_swap

if TYPE_CHECKING:
    from app.services.models.benchmark import Measuring
    from app.services.models.forecast import Fitting
    from app.services.models.quantizing import Converting
    from app.services.session import Session
    from app.services.vault.key_slots import Rekeying
    from app.storage.keys.kdf_cost import Cost
    from app.storage.keys.keychain import Keychain
    from app.storage.vault import Vault


class Tacit:
    """The product, locked. `is_offline_enforced`: the system itself refuses this process a connection.

    `is_refused_by_system` tries one, here and now. `cost` is what trying a passphrase shall cost; None measures it.
    `keychain` stands in for the system's.
    """

    def __init__(
        self,
        vault_folder: Path,
        settings: SettingsKeeper,
        models: Provisioning,
        engines: Callable[[], Engines],
        open_loudspeaker: OpenLoudspeaker,
        is_refused_by_system: Callable[[], bool],
        *,
        is_offline_enforced: bool,
        cost: "Cost | None" = None,
        keychain: "Keychain | None" = None,
    ) -> None:
        self.vault_folder = vault_folder
        self.settings = settings
        self.models = models
        self.engines = engines
        self.is_offline_enforced = is_offline_enforced
        self.open_loudspeaker = open_loudspeaker
        self.is_refused_by_system = is_refused_by_system
        self._cost, self._given_keychain = cost, keychain

    @property
    def notices(self) -> list[str]:
        """Sentences that a person must know now."""
        found = [DEMO_NOTICE] if self.models.uses_demo() else []
        return found + ([str(self.settings.problem)] if self.settings.problem else [])

    @property
    def bringing(self) -> Bringing:
        """Models brought in without a network, passed on, checked and thrown away."""
        return Bringing(self.models, self.engines)

    @property
    def offering(self) -> Offering:
        """The models that a person can choose among."""
        return Offering(self.models, self.fitting)

    def first_offers(self) -> list[Offer]:
        """The models to propose to somebody who has none; it takes a second or two."""
        offering = self.offering
        return [o for o in offering.weighed(offering.offers(this_computer(self.models.folder))) if o.is_proposed]

    @property
    def measuring(self) -> "Measuring":
        """How fast the models are on this machine."""
        from app.services.models.benchmark import (
            Measuring,  # late, as the two below: the lock screen needs none of them
        )

        return Measuring(self.settings.beside("measured.json"), self.engines)

    @property
    def fitting(self) -> "Fitting":
        """Whether a model will run here."""
        from app.services.models.forecast import Fitting

        return Fitting(self.models, self.engines, self.measuring)

    @property
    def converting(self) -> "Converting":
        """A look inside a model, and models written in another type."""
        from app.services.models.quantizing import Converting

        return Converting(self.models, self.engines)

    def at(self, vault_folder: Path) -> "Tacit":
        """The same product on another vault."""
        return Tacit(
            vault_folder, self.settings, self.models, self.engines, self.open_loudspeaker, self.is_refused_by_system,
            is_offline_enforced=self.is_offline_enforced, cost=self._cost, keychain=self._given_keychain,
        )  # fmt: skip

    def vault_exists(self) -> bool:
        """Whether there is a vault to unlock."""
        with suppress(OSError):  # a folder that can't be moved back is met, and told, where it is opened
            folder_swap.settle(self.vault_folder)
        return vault_exists(self.vault_folder)

    def prepare(self) -> None:
        """Load what unlocking needs, so that it is there when the passphrase is; not for the GUI thread."""
        import app.services.session
        import app.storage.vault  # noqa: F401 - loading it is all that is wanted
        from app.services.vault import demo_vault

        demo_vault.sweep()

        if self.keychain_opens():
            self._keychain().prepare()

    def create(self, passphrase: str, *, is_demo: bool = False) -> "Session":
        """Make a vault and open it; `recovery_key` of the session is there this once. Slow: not for the GUI thread.

        A demo's vault is no place for what has to be kept, such as the ledger.

        Raises:
            VaultError: the passphrase is too short, or the folder can't be used.
        """
        from app.services.vault.key_slots import must_be_enough

        must_be_enough(passphrase, "Nothing was made.")
        from app.storage.vault import Vault  # with SQLCipher and numpy below it: the lock screen is there first

        return self._session(Vault.create(self.vault_folder, passphrase, self._cost), is_demo=is_demo)

    def try_out(self) -> "Session":
        """Make a vault for a look around; nobody knows its passphrase, and it is deleted when it closes. Slow.

        Raises:
            VaultError: the temporary folder can't be used.
        """
        from app.services.vault import demo_vault

        session = self.at(demo_vault.fresh_folder()).create(secrets.token_urlsafe(24), is_demo=True)
        session.vanishes, session.recovery_key = True, None
        return session

    def unlock(self, passphrase: str) -> "Session":
        """Open the vault by passphrase, recovery key or the keychain's secret. Slow: not for the GUI thread.

        Raises:
            WrongPassphrase, VaultInUse, VaultTooNew, VaultDamaged, VaultError: it stays closed.
        """
        from app.storage.vault import Vault

        return self._session(Vault.open(self.vault_folder, passphrase))

    @property
    def rekeying(self) -> "Rekeying":
        """What opens the vault, changed while nobody has it open; a session has its own."""
        from app.services.vault.key_slots import Rekeying

        return Rekeying(self.vault_folder, self._keychain(), self._cost)

    def keychain_opens(self) -> bool:
        """Whether the keychain is one of the ways to open the vault; the keychain itself is not asked."""
        return names_keychain(self.vault_folder)

    def strength(self, passphrase: str) -> Strength:
        """How good a new passphrase is."""
        return strength(passphrase)

    def _session(self, vault: "Vault", *, is_demo: bool = False) -> "Session":
        from app.services.session import Session
        from app.services.vault.key_slots import Rekeying

        try:
            rekeying = Rekeying(self.vault_folder, self._keychain(), self._cost, vault)
            session = Session(vault, self.engines(), self.models, self.open_loudspeaker, rekeying, is_demo=is_demo)
        except BaseException:
            vault.close()
            raise
        folder_swap.forget_old(self.vault_folder)  # a good start: what a restore replaced is no longer needed
        return session

    def _keychain(self) -> "Keychain":
        from app.storage.keys.keychain import Keychain

        return self._given_keychain or Keychain()
