"""The instalment shop of the demo: some products, and purchases in every state."""
from datetime import timedelta
from typing import NamedTuple

from documents import clock
from documents.products import Product
from documents.purchases import Installment, Purchase
from documents.transactions import atomic
from documents.users import User
from services import installments, products, purchases

PRODUCTS = [
    ("Smartphone", 18_000_00, "128 GB, two SIM cards"),
    ("Refrigerator", 32_000_00, "260 litres, frost-free"),
    ("Laptop", 55_000_00, "14 inches, 16 GB"),
    ("Sewing machine", 9_500_00, "With a treadle"),
    ("Bicycle", 12_750_00, "21 gears"),
    ("Water purifier", 11_999_99, ""),
]
"""Name, price in minor units, description."""


class Sale(NamedTuple):
    """Who bought what when, and how many instalments behind the first were paid since; `first` in minor units."""

    buyer: str
    product: str
    days_ago: int
    first: int
    parts: int
    paid: int = 0
    partial: int = 0
    waived: bool = False


SALES = [
    Sale("farid", "Smartphone", 100, 6_000_00, 4, paid=2),                  # both late; the last one is overdue
    Sale("gita", "Refrigerator", 20, 10_000_00, 6, partial=1_000_00),
    Sale("hari", "Sewing machine", 150, 9_500_00, 1),
    Sale("anna", "Laptop", 70, 20_000_00, 3, paid=2, waived=True),
    Sale("bilal", "Bicycle", 45, 4_000_00, 5),                              # overdue
    Sale("gita", "Water purifier", 61, 4_000_00, 3, paid=2),
]


def load(known: dict[str, User]) -> None:
    """Add what is not there yet: products by name, sales by buyer and product."""
    ids = {name: _product(name, price, description) for name, price, description in PRODUCTS}
    for sale in SALES:
        bought = {"customer": known[sale.buyer].id, "product": ids[sale.product]}
        if Purchase.find_one(bought) is None:
            _sell(sale, ids[sale.product], known[sale.buyer], known["admin"])


def _product(name: str, price: int, description: str) -> int:
    found = Product.find_one({"name": name}) or products.create(name=name, price=price, description=description)
    return found.id


@atomic
def _sell(sale: Sale, product: int, buyer: User, admin: User) -> None:
    """One sale and all its payments in one transaction: there is never half of one."""
    purchase = purchases.buy(
        actor=admin, customer=buyer.id, product=product, installment_count=sale.parts, method="cash",
        first_installment_amount=sale.first, purchase_date=clock.now() - timedelta(days=sale.days_ago))
    for installment in purchase.installments[1:sale.paid + 1]:
        if sale.waived and installments.fee_due(installment, clock.now()):
            installments.waive_fee(actor=admin, installment_id=installment.id, reason="The shop was closed that day")
        _pay(installment, installment.due_amount, admin, waived=sale.waived)
    if sale.partial:
        installments.pay(actor=admin, installment_id=purchase.installments[1].id, amount=sale.partial, method="bank")


def _pay(installment: Installment, amount: int, admin: User, *, waived: bool) -> None:
    fee = 0 if waived else installments.fee_due(installment, clock.now())
    installments.pay(actor=admin, installment_id=installment.id, amount=amount + fee, method="cash")
