"""Where the results of work may go: anywhere a person names but into vaults and the models folder."""

from collections.abc import Iterable
from pathlib import Path

from app.core.errors import AssistantError
from app.core.output import Output, look_at_output, require_outside
from app.storage.files.layout import vault_exists


class Outputs:
    """Looks at the files that a person names for results, knowing the program's own folders."""

    def __init__(self, *kept: Path) -> None:
        self._kept = kept

    def named(
        self,
        path: Path,
        *,
        inputs: Iterable[Path] = (),
        replaces: bool = False,
        kind: type[AssistantError] = AssistantError,
    ) -> Output:
        """The output at a path, looked at before the work; see `look_at_output`.

        Raises:
            AssistantError: nothing can be written there, or must not; of the `kind` that `--json` tells.
        """
        try:
            return look_at_output(path, inputs=inputs, kept=self._kept, is_vault=vault_exists, replaces=replaces)
        except AssistantError as error:
            raise kind(error.title, error.advice) from error

    def require_new_folder(self, folder: Path) -> None:
        """Require that a folder which a person named for a new vault lies in no vault and not among the models.

        Raises:
            AssistantError: it does.
        """
        require_outside(folder.resolve(), self._kept, vault_exists)
