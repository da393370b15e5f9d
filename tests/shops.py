"""Shops for tests: a merchant with its owner, payments at its till, and what is booked for it."""
from documents import money
from documents.merchants import Merchant
from documents.payments import Method, Payment
from documents.users import User
from services import ledger, merchants, payment_books, pos


def shop(owner: User, **facts) -> Merchant:
    """The merchant of `owner`."""
    return merchants.create(owner=owner, **{"business_name": f"Shop of {owner.first_name}", **facts})


def ask(owner: User, amount: str = "100.00", **options) -> Payment:
    """A payment at the owner's till."""
    return pos.create(user=owner, amount=money.parse(amount), **options)


def take(owner: User, amount: str = "100.00", method: Method = Method.UPI, **options) -> Payment:
    """A payment that the till has confirmed."""
    return pos.confirm(user=owner, payment_id=ask(owner, amount, **options).id, paid=True, method=method)


def paid_by(customer: User, owner: User, amount: str = "100.00") -> Payment:
    """A payment from a customer's wallet."""
    return pos.pay(user=customer, payment_id=ask(owner, amount).id)


def receivable(merchant: Merchant) -> int:
    return ledger.balance(payment_books.receivable(merchant.id))


def till(merchant: Merchant) -> int:
    return ledger.balance(payment_books.till(merchant.id))
