"""The `flask` command groups: one small module each, listed here."""
from flask import Flask

from blueprints.commands import admin, cards, db, demo, docs, ledger, messages, operators

COMMANDS: list = [
    admin.create_admin, cards.group, db.group, demo.group, docs.group, ledger.group, messages.group, operators.group,
]
"""Each is a click group or command of a module in this package."""


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
