"""`flask cards`: what the simulated card gateway does."""
import click
from flask.cli import AppGroup

from documents.errors import DomainError
from services import simulated_cards

group = AppGroup("cards", help="Direct the simulated card gateway.")


@group.command("simulate")
@click.argument("behaviour", type=click.Choice([*simulated_cards.CHOICES, "forget"]))
@click.option("--next", "times", type=click.IntRange(min=1), help="Only for the next N payments or refunds.")
def simulate(behaviour: str, times: int | None) -> None:
    """Make payments succeed, decline, delay …; `forget` goes back to success. See docs/payments.md."""
    try:
        if behaviour == "forget":
            simulated_cards.forget()
        else:
            simulated_cards.tell(behaviour, times=times)
    except DomainError as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"The simulated card gateway will {behaviour}.")
