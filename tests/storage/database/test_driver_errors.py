"""What the database driver's refusals mean to the person."""

import pytest
import sqlcipher3.dbapi2 as driver

from app.core.errors import NotEnoughSpace, VaultDamaged, VaultError, VaultInUse
from app.storage.database.connection import translate_database_errors


@pytest.mark.parametrize(
    ("message", "kind", "title"),
    [
        ("out of memory", VaultError, "There is not enough memory to read the vault."),
        ("database or disk is full", NotEnoughSpace, "The disk is full."),
        ("database is locked", VaultInUse, "This vault is open in another Tacit window or command."),
        ("file is not a database", VaultDamaged, "A file of this vault is damaged."),
    ],
)
def test_a_refusal_is_told_by_its_cause(message: str, kind: type[VaultError], title: str) -> None:
    with pytest.raises(kind) as caught, translate_database_errors():
        raise driver.OperationalError(message)
    assert type(caught.value) is kind
    assert caught.value.title == title
