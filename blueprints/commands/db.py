"""`flask db`: the shape of the database, its backups."""
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import AppGroup
from tqdm import tqdm

from blueprints.commands import ledger
from services import backups, schema

group = AppGroup("db", help="The shape of the database, its backups.")


@group.command("sync")
def sync() -> None:
    """Create collections, validators, indexes and views, or bring them up to date; safe to repeat."""
    click.echo(f"Synced {len(schema.sync())} collections and views.")


@group.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Write everything as it is at this moment into the new FOLDER; nothing has to be stopped."""
    _run(backups.write, folder, "Wrote")


@group.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.pass_context
def restore(context: click.Context, folder: Path) -> None:
    """Fill an empty database from FOLDER and prove its books; exit 1 naming each break."""
    _run(backups.restore, folder, "Restored")
    context.invoke(ledger.verify)


def _run(work: Callable[..., backups.Backup], folder: Path, said: str) -> None:
    with tqdm(unit=" documents") as bar:
        try:
            done = work(folder, progress=bar.update)
        except backups.BackupRefused as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{said} {done.documents} documents of {len(done.collections)} collections, "
               f"as of {done.taken_at:%Y-%m-%d %H:%M:%S} UTC.")
