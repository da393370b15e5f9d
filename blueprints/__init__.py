"""The HTTP layer: every blueprint there is, in the order the documentation shows them."""
from blueprints.health import blp as health
from blueprints.notifications import blp as notifications
from blueprints.support import blp as support
from blueprints.wallets import blp as wallets

BLUEPRINTS = [
    health,
    notifications,
    support,
    wallets,
]
