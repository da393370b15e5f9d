"""The `flask` command groups: one small module each, listed here."""
from flask import Flask

COMMANDS: list = []
"""Each is a click group or command of a module in this package."""


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
