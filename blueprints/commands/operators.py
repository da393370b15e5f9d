"""`flask operators`: what the simulated operator does with recharges."""
import click
from flask.cli import AppGroup

from documents.errors import DomainError
from services import addresses, simulated_operator

group = AppGroup("operators", help="Direct the simulated operator.")


@group.command("simulate")
@click.argument("behaviour", type=click.Choice([*simulated_operator.CHOICES, "forget"]))
@click.option("--next", "times", type=click.IntRange(min=1), help="Only for the next N recharges.")
@click.option("--phone", help="Only for this phone number.")
def simulate(behaviour: str, times: int | None, phone: str | None) -> None:
    """Make recharges succeed, fail, time out …; `forget` goes back to success. See docs/recharges.md."""
    try:
        if behaviour == "forget":
            simulated_operator.forget()
        else:
            simulated_operator.tell(behaviour, phone_number=_e164(phone), times=times)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"The simulated operator will {behaviour}.")


def _e164(phone: str | None) -> str | None:
    if phone is None:
        return None
    number = addresses.phone(phone)
    if number is None:
        raise click.BadParameter("not a phone number", param_hint="--phone")
    return number
