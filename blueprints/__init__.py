"""The HTTP layer: every blueprint there is, in the order the documentation shows them."""
from blueprints.health import blp as health

BLUEPRINTS = [
    health,
]
