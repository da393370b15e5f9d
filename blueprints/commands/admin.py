"""`flask create-admin`: the first person of an installation."""
import click

from documents.errors import Invalid
from services import addresses, admin_users, passwords


@click.command("create-admin", help="Create an admin; harmless when it exists.")
@click.option("--email", prompt=True)
@click.option("--phone", default="", prompt="Phone (may be empty)")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def create_admin(email: str, phone: str, password: str) -> None:
    """Create an admin with this e-mail, unless it is one already."""
    address, number = addresses.email(email), addresses.phone(phone) if phone else None
    if address is None:
        raise click.BadParameter(f"{email} is not an e-mail address.", param_hint="--email")
    if phone and number is None:
        raise click.BadParameter(f"{phone} is not a phone number.", param_hint="--phone")
    try:
        passwords.check(password)
        created = admin_users.create_admin(email=address, phone=number, hashed=passwords.hashed(password))
    except Invalid as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Created the admin {address}." if created else f"{address} is an admin already; nothing changed.")
