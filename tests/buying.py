"""A small instalment shop for tests: a product, a purchase of it, and money seen from three sides."""
from datetime import timedelta
from typing import Any

from documents import clock, money
from documents.products import Product
from documents.purchases import Installment, Purchase
from documents.users import User
from services import ledger, products, purchases


def product(price: str = "10000.00", name: str = "Laptop") -> Product:
    return products.create(name=name, price=money.parse(price))


def buy(actor: User, price: str, first: str, count: int, *, quantity: int = 1, days_ago: float = 0,
        **options: Any) -> Purchase:
    """Buy a new product of this price; amounts as people write them, paid in cash unless told otherwise."""
    options = {"method": "cash", **options}
    bought_at = clock.now() - timedelta(days=days_ago) if days_ago else None
    return purchases.buy(actor=actor, product=product(price).id, quantity=quantity, purchase_date=bought_at,
                         first_installment_amount=money.parse(first), installment_count=count, **options)


def installment(purchase: Purchase, number: int) -> Installment:
    """The instalment as it is stored now."""
    return Purchase.get(purchase.id).installments[number - 1]


def booked() -> dict[str, int]:
    """What the house accounts of the shop hold, in minor units."""
    return {name: ledger.balance(name) for name in ("cash", "sales", "late_fees")}
