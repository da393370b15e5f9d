"""A few recharges of the demo business, made the way everybody makes them."""
from documents.plans import Plan
from documents.users import User
from services import recharges

RECHARGES = [
    ("anna", "AIR_199_28D", "+919812300001"),
    ("anna", "JIO_299_28D", "+919812300002"),
    ("bilal", "VI_179_24D", "+919812300003"),
    ("chitra", "BSNL_97_18D", "+919812300004"),
    ("dev", "JIO_149_20D", "+919812300005"),
    ("esha", "AIR_199_28D", "+919812300006"),     # her wallet is empty: a failed one, ready to be retried
    ("farid", "BSNL_187_28D", "+919812300031"),
]
"""Who recharges which phone with which plan."""


def load(known: dict[str, User]) -> None:
    """Make each recharge once: its number is its Idempotency-Key."""
    plans = {plan.identifier: plan.id for plan in Plan.find({})}
    for number, (name, identifier, phone) in enumerate(RECHARGES, start=1):
        recharges.purchase(user=known[name], plan_id=plans[identifier], phone_number=phone,
                           payment_method="wallet", key=f"demo-{number}")
