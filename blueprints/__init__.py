"""The HTTP layer: every blueprint there is, in the order the documentation shows them."""
from blueprints.catalogue import blp as plans
from blueprints.health import blp as health
from blueprints.margins import blp as margins
from blueprints.notifications import blp as notifications
from blueprints.operator_callback import blp as operators
from blueprints.recharges import blp as recharges
from blueprints.support import blp as support
from blueprints.wallets import blp as wallets

BLUEPRINTS = [
    health,
    notifications,
    support,
    wallets,
    margins,
    plans,
    recharges,
    operators,
]
