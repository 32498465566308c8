"""What the steps of each call are to do; every function but the last works inside the caller's transaction."""

import msgspec

from app.core.ids import CallId
from app.core.import_options import StepOptions
from app.storage.database.connection import Database
from app.storage.vault import Vault

WANTS_EXPORT = (
    "EXISTS (SELECT 1 FROM step_options WHERE recording = recordings.id AND json_valid(options) "
    "AND options ->> '$.export' IS NOT NULL)"
)
"""Whether a call is to be exported; a column of a query on `recordings`."""


def set_step_options(db: Database, call: CallId, options: StepOptions) -> None:
    """Keep what the steps of a call are to do; nothing is kept of a call that is gone."""
    db.execute("DELETE FROM step_options WHERE recording = ?", [call])
    if options != StepOptions():
        query = "INSERT INTO step_options (recording, options) SELECT id, ? FROM recordings WHERE id = ?"
        db.execute(query, [msgspec.json.encode(options).decode(), call])


def step_options(vault: Vault, call: CallId) -> StepOptions:
    """What the steps of a call are to do; as usual where nothing was kept."""
    row = vault.row("SELECT options FROM step_options WHERE recording = ?", [call])
    return StepOptions() if row is None else msgspec.json.decode(row[0], type=StepOptions)
