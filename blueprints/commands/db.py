"""`flask db`: the shape of the database."""
import click
from flask.cli import AppGroup

from services import schema

group = AppGroup("db", help="The shape of the database.")


@group.command("sync")
def sync() -> None:
    """Create collections, validators, indexes and views, or bring them up to date; safe to repeat."""
    click.echo(f"Synced {len(schema.sync())} collections and views.")
