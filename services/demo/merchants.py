"""Two shops of the demo business, with payments at their tills, a refund and settlements."""
from contextlib import suppress
from typing import Any

from documents.merchants import Merchant
from documents.payments import Method, Payment
from documents.transactions import atomic
from documents.users import User
from services import cashiers, merchants, pos, pos_refunds, settlements
from services.ledger import InsufficientFunds

SHOPS: dict[str, dict[str, Any]] = {
    "anna": {"business_name": "Anna's Corner", "business_type": "Grocery", "gst_number": "29ABCDE1234F1Z5",
             "address": "12 MG Road, Bengaluru", "bank_accounts": [
                 {"name": "Anna Kaur", "bank_name": "HDFC Bank", "account_number": "50100012345678",
                  "ifsc": "HDFC0000001", "is_primary": True}]},
    "bilal": {"business_name": "Bilal Mobile Shop", "business_type": "Electronics", "address": "4 Park Street, Kolkata",
              "settings": {"settlement_cycle": "INSTANT"}},
}
"""Who owns which shop."""
PAYMENTS = [
    ("anna", 25_050, "farid"), ("anna", 12_000, Method.CASH), ("anna", 9_900, Method.UPI), ("bilal", 4_999, "gita"),
    ("bilal", 15_000, Method.UPI), ("bilal", 80_000, None),
]
"""At whose till, how much in minor units, and whose wallet or which way paid; None waits to be paid."""


@atomic
def load(known: dict[str, User]) -> None:
    """Open the shops and take the payments once: whoever has a shop already is left as they are."""
    if merchants.find_own(known["anna"]) is not None:
        return
    opened = {name: merchants.create(owner=known[name], **facts) for name, facts in SHOPS.items()}
    cashiers.add(owner=known["anna"], email=known["hari"].email)
    taken = [_take(known, name, amount, way) for name, amount, way in PAYMENTS]
    pos_refunds.refund(user=known["anna"], payment_id=taken[2].id, amount=1_900, reason="One item came back")
    _settle(known["admin"], known["bilal"], opened["bilal"])


def _take(known: dict[str, User], till: str, amount: int, way: str | Method | None) -> Payment:
    payment = pos.create(user=known[till], amount=amount, notes="Demo")
    if isinstance(way, Method):
        return pos.confirm(user=known[till], payment_id=payment.id, paid=True, method=way)
    with suppress(InsufficientFunds):       # whoever has played with the demo may have spent the money
        return pos.pay(user=known[way], payment_id=payment.id) if way is not None else payment
    return payment


def _settle(admin: User, owner: User, merchant: Merchant) -> None:
    made = settlements.settle_by_hand(actor=owner, merchant_id=merchant.id, amount=10_000)
    settlements.mark_paid(made.id, by=admin)
