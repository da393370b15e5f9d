"""`flask ledger`: proving the books."""
import sys

import click
from flask.cli import AppGroup

from services import sealing, verification, verifications

group = AppGroup("ledger", help="Prove and seal the books.")


@group.command("verify")
def verify() -> None:
    """Prove the books from the entries alone and keep the result; exit 1 naming each break."""
    broken = 0
    for finding in verifications.run_and_keep():
        click.echo(f"{'BROKEN' if finding.breaks else 'ok':>6}  {finding.check}")
        for line in finding.breaks:
            click.echo(f"        {line}")
        broken += len(finding.breaks)
    counted = verification.counts()
    click.echo(f"Checked {counted['entries']} entries, {counted['wallets']} wallets, {counted['seals']} seals: "
               f"{'the books are right' if not broken else f'{broken} breaks'}.")
    sys.exit(1 if broken else 0)


@group.command("seal")
@click.option("--all", "everything", is_flag=True, help="Look at every entry, not only the recent ones.")
def seal(everything: bool) -> None:
    """Seal settled entries into the hash chain now, as the job does every minute."""
    click.echo(f"Sealed {sealing.seal_entries(everything=everything)} entries.")
