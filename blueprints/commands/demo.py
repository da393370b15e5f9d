"""`flask demo`: a business to look at."""
import click
from flask.cli import AppGroup
from tqdm import tqdm

from config import settings
from services import demo
from services.demo import people

group = AppGroup("demo", help="Load the demo business.")


@group.command("load")
@click.option("--entries", type=click.IntRange(0, 1_000_000), default=0,
              help="Add retailers with about this many ledger entries of history.")
def load(entries: int) -> None:
    """Load people, wallets, the catalogue and some recharges; loading twice changes nothing."""
    with tqdm(total=entries, unit=" entries", disable=not entries) as bar:
        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            demo.load(entries=entries, progress=progress)
        except demo.DemoRefused as error:
            raise click.ClickException("Demo accounts have known passwords: production does not take them.") from error
    click.echo(_accounts())


def _accounts() -> str:
    chosen = settings.current()
    lines = [("admin", chosen.admin_email, chosen.admin_password)]
    lines += [(role.user_type.name.lower(), role.email, people.PASSWORD) for role in people.BUSINESS]
    return "\n".join(f"  {role:<12} {email:<28} {password}" for role, email, password in lines)
