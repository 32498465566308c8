"""The commands on the vault itself; each family of them lies in a module of its own."""

import click

from app.cli import keys
from app.cli.frame import common


@click.group()
@common
def vault() -> None:
    """Look after the vault itself: its passphrase and its recovery key."""


for _command in (*keys.COMMANDS,):
    vault.add_command(_command)
