"""The ledger entries of a purchase on instalments: which accounts, and from whom."""
from config import settings
from documents.errors import Forbidden
from documents.permissions import Permission
from documents.purchases import Method
from documents.users import User
from services import ledger, wallets
from services.ledger import CASH, InsufficientFunds, Leg, wallet_account

SALES = "sales"
LATE_FEES = "late_fees"

FIRST, PAYMENT, FEE_RETURNED = "purchase.paid", "installment.paid", "installment.fee_returned"
KINDS = (FIRST, PAYMENT, FEE_RETURNED)


class MethodRefused(Forbidden):
    code = "payment_method_refused"
    detail = "Only an administrator records payments that did not come from the wallet."


def method_for(actor: User, wanted: str | None) -> Method:
    """How `actor` pays when it asked for `wanted`; the installation's default is open to everybody.

    Raises MethodRefused.
    """
    default = settings.current().installment_default_method
    chosen = wanted or default
    if chosen not in (Method.WALLET, default) and not actor.can(Permission.HANDLE_CASH):
        raise MethodRefused
    return Method(chosen)


def reference_of(purchase_id: int, number: int, payment: int) -> str:
    """The natural key of the `payment`-th payment (from 1) of instalment `number`."""
    return f"purchase:{purchase_id}:installment:{number}:payment:{payment}"


def rest_reference(purchase_id: int) -> str:
    """The natural key of paying a whole purchase off, which happens once."""
    return f"purchase:{purchase_id}:rest"


def book(*, kind: str, reference: str, customer: int, method: str, amount: int, fee: int, actor: int) -> None:
    """Take `amount` for the goods and `fee` for being late (minor units, negative gives back) from the customer.

    Raises InsufficientFunds when the wallet holds less, AlreadyPosted when `reference` is booked.
    """
    legs = [Leg(_source(customer, method), -amount - fee), Leg(SALES, amount), Leg(LATE_FEES, fee)]
    ledger.post(kind=kind, reference=reference, legs=[leg for leg in legs if leg.amount], actor=actor, memo=method)


def _source(customer: int, method: str) -> str:
    if method != Method.WALLET:
        return CASH
    wallet = wallets.find_wallet(owner=customer)
    if wallet is None:
        raise InsufficientFunds
    return wallet_account(wallet.id)
