"""`flask messages`: reading development's outbox."""
import json

import click
from flask.cli import AppGroup

from services import addresses, messages

group = AppGroup("messages", help="Read the e-mails and SMS that were sent in development.")


@group.command("last")
@click.argument("address")
def last(address: str) -> None:
    """Print the newest message to ADDRESS, an e-mail address or a phone number."""
    known = addresses.email(address) or addresses.phone(address)
    if known is None:
        raise click.BadParameter(f"{address} is neither an e-mail address nor a phone number.")
    found = messages.newest_in_outbox(known)
    if found is None:
        raise click.ClickException(f"Nothing was sent to {known} yet.")
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
