"""Buying on instalments, and looking at what was bought."""
from datetime import datetime
from typing import Any

from config import settings
from documents import clock, money
from documents.coupons import OrderKind
from documents.errors import Invalid
from documents.ids import next_id
from documents.listing import Listing
from documents.permissions import Permission
from documents.products import Product
from documents.purchases import Purchase, Status
from documents.redemptions import Redemption
from documents.transactions import atomic
from documents.users import User
from services import coupons, events, installment_books, schedules
from services.coupons import Order
from services.installment_books import FIRST, book, reference_of
from services.notices import price

ORDERINGS = {"id": "_id", "purchase_date": "purchase_date", "total_price": "total_price"}


@atomic
def buy(*, actor: User, product: int, first_installment_amount: int, installment_count: int, quantity: int = 1,
        purchase_date: datetime | None = None, method: str | None = None, customer: int | None = None,
        coupon_code: str | None = None) -> Purchase:
    """Sell a product on instalments and take the first one; amounts in minor units.

    The buyer is `actor`, or the `customer` that an administrator names. Raises Invalid naming the field,
    InsufficientFunds when the wallet cannot pay the first instalment, MethodRefused and what services/coupons.py
    refuses `coupon_code` for. The coupon lowers the price, and with it every instalment.
    """
    paid_by = installment_books.method_for(actor, method)
    buyer = _buyer(actor, customer)
    bought_at = _checked_date(purchase_date)
    article = Product.for_sale(product)
    if article is None:
        raise Invalid.field("product", f'Invalid pk "{product}" - object does not exist.')
    number = next_id("purchases")
    used = _use_coupon(coupon_code, buyer, article, quantity, subject=f"purchase:{number}")
    total = article.price * quantity - (used.discount if used else 0)
    _check_first(total, first_installment_amount, installment_count)
    now = clock.now()
    purchase = Purchase(
        id=number, customer=buyer.id, product=article.id, product_name=article.name, unit_price=article.price,
        quantity=quantity, total_price=total, discount=used and used.discount, coupon_code=used and used.code,
        installment_count=installment_count, first_installment_amount=first_installment_amount,
        purchase_date=bought_at, created_at=now, updated_at=now,
        installments=list(schedules.plan(total=total, first=first_installment_amount, count=installment_count,
                                         purchase_date=bought_at, zone=settings.current().timezone)))
    for installment in purchase.installments:
        installment.id = next_id("installments")
    _pay_first(purchase, actor=actor.id, method=paid_by)
    return purchase


def listing(*, customer: int | None = None, **filters: Any) -> Listing:
    """Purchases in the order they were entered, of one customer or of everybody; `filters` are stored fields."""
    match = filters if customer is None else {"customer": customer, **filters}
    return Listing(Purchase, match, order=[("_id", 1)], orderings=ORDERINGS, searchable=("product_name",))


def get(*, viewer: User, purchase_id: int) -> Purchase:
    """One purchase of the viewer's, or anybody's for who manages instalments. Raises NotFound."""
    return Purchase.get(purchase_id, **visible_to(viewer))


def visible_to(viewer: User) -> dict:
    """The filter for the purchases that `viewer` may see and pay."""
    return {} if viewer.can(Permission.MANAGE_INSTALLMENTS) else {"customer": viewer.id}


def _use_coupon(code: str | None, buyer: User, article: Product, quantity: int, *, subject: str) -> Redemption | None:
    if not code:
        return None
    order = Order(amount=article.price * quantity, kind=OrderKind.PRODUCT, item=article.id, user=buyer)
    return coupons.redeem(code=code, order=order, subject=subject)


def _pay_first(purchase: Purchase, *, actor: int, method: str) -> None:
    first = purchase.installments[0]
    payment = first.take(amount=first.amount, fee=0, method=method, at=purchase.purchase_date, actor=actor,
                         reference=reference_of(purchase.id, first.number, 1))
    purchase.status = Status.DUE if purchase.open_installments else Status.PAID
    # The payer's wallet is the write that can lose, so it goes before the insert.
    book(kind=FIRST, reference=payment.reference, customer=purchase.customer, method=method, amount=first.amount,
         fee=0, actor=actor)
    purchase.create()
    subject = f"purchase:{purchase.id}"
    events.record("purchase.created", subject=subject, user=purchase.customer, product=purchase.product,
                  total_price=purchase.total_price, actor=actor)
    record_payment(purchase, amount=first.amount, fee=0, number=first.number, method=method)


def record_payment(purchase: Purchase, *, amount: int, fee: int, number: int | None, method: str) -> None:
    """Record what follows from a payment: a receipt, and a word when nothing is left. No `number` means the rest."""
    subject, known = f"purchase:{purchase.id}", {"product_name": purchase.product_name}
    left = sum(installment.due_amount for installment in purchase.installments)
    events.record("installment.paid", subject=subject, user=purchase.customer, amount=amount, fee=fee, number=number,
                  method=str(method), left=left, **known)
    if not purchase.open_installments:
        events.record("purchase.paid", subject=subject, user=purchase.customer,
                      total_price=purchase.total_price, **known)


def _buyer(actor: User, customer: int | None) -> User:
    if customer is None or not actor.can(Permission.MANAGE_INSTALLMENTS):
        return actor
    found = User.find_one({"_id": customer, "is_active": True})
    if found is None:
        raise Invalid.field("customer", f'Invalid pk "{customer}" - object does not exist.')
    return found


def _checked_date(wanted: datetime | None) -> datetime:
    now, zone = clock.now(), settings.current().timezone
    if wanted is None:
        return now
    today = clock.day_of(now, zone)
    # The 29th of February has no day a year before; the 28th is one day more generous.
    earliest = today.replace(year=today.year - 1, day=min(today.day, 28) if today.month == 2 else today.day)
    if wanted > now:
        raise Invalid.field("purchase_date", "The purchase date cannot be in the future.")
    if clock.day_of(wanted, zone) < earliest:
        raise Invalid.field("purchase_date", "The purchase date cannot be more than a year ago.")
    return wanted


def _check_first(total: int, first: int, count: int) -> None:
    if total > money.MAX_AMOUNT:
        raise Invalid.field("quantity", f"The total cannot exceed {price(money.MAX_AMOUNT)}.")
    if first > total:
        raise Invalid.field("first_installment_amount", "First installment cannot exceed total price.")
    if count == 1 and first != total:
        raise Invalid.field("first_installment_amount",
                            "You must pay the full amount as first installment if only 1 installment is selected.")
    least = schedules.least_first(total)
    if first < least:
        raise Invalid.field("first_installment_amount",
                            f"First installment must be at least 30% of total price ({price(least)}).")
