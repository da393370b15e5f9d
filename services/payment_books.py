"""The ledger entries of payments and refunds: what is booked when, under which reference, between which accounts."""
from documents.payments import Kind, Method, Payment
from documents.refunds import Refund
from services import ledger
from services.ledger import Leg, wallet_account

UPI = "upi"
"""The house's collecting account; below zero by what came in through it."""
SALES = "sales"
PROMOTIONS = "promotions"
"""What the house has paid for its own coupons."""
LOSSES = "losses:payments"
"""Top-ups that a gateway took back after they had been spent."""


def receivable(merchant_id: int) -> str:
    """What the house owes a merchant. It keeps no running balance, so a merchant's payers never wait for each other."""
    return f"merchant:{merchant_id}:receivable"


def till(merchant_id: int) -> str:
    """Cash that the merchant took itself; below zero by what it holds."""
    return f"merchant:{merchant_id}:till"


def gateway_account(name: str) -> str:
    """What a gateway holds for the house, or has paid out to it; below zero by what payers paid through it."""
    return f"gateway:{name}"


def capture_reference(payment_id: str) -> str:
    return f"payment:{payment_id}:capture"


def refund_reference(refund_id: str) -> str:
    return f"refund:{refund_id}"


def book_capture(payment: Payment, *, actor: int | None) -> None:
    """Post the money of a payment in the surrounding transaction. Raises InsufficientFunds, AlreadyPosted."""
    legs = capture_legs(payment)
    if legs:
        ledger.post(kind="payment.captured", reference=capture_reference(payment.id), legs=legs, actor=actor)


def book_refund(payment: Payment, refund: Refund) -> None:
    """Post what a refund gives back, in the surrounding transaction. Raises InsufficientFunds for a top-up spent."""
    ledger.post(kind="payment.refunded", reference=refund_reference(refund.id), legs=refund_legs(payment, refund),
                actor=refund.decided_by or refund.requested_by)


def capture_legs(payment: Payment) -> list[Leg]:
    """From where it was paid to where it goes; the house's coupons are its own expense."""
    return _legs(payment, payment.final_amount, payment.house_discount)


def refund_legs(payment: Payment, refund: Refund) -> list[Leg]:
    """The opposite of the payment, in the proportion that is given back, unless the refund names other accounts."""
    return _legs(payment, -refund.amount, -refund.subsidy, source=refund.into, destination=refund.out_of)


def subsidy_share(payment: Payment, refunded: int, amount: int) -> int:
    """The part of the house's discount that a refund of `amount` takes back when `refunded` went before it.

    The difference of two running shares: however a payment is refunded, the parts add up to the whole.
    """
    if not payment.house_discount:
        return 0
    return _portion(payment, refunded + amount) - _portion(payment, refunded)


def _portion(payment: Payment, refunded: int) -> int:
    return payment.house_discount * refunded // payment.captured


def _legs(payment: Payment, amount: int, subsidy: int, *, source: str | None = None,
          destination: str | None = None) -> list[Leg]:
    legs = [Leg(source or _source(payment), -amount), Leg(PROMOTIONS, -subsidy),
            Leg(destination or _destination(payment), amount + subsidy)]
    return [leg for leg in legs if leg.amount != 0]


def _source(payment: Payment) -> str:
    """Where the payer's money comes from; outside money makes its account negative."""
    if payment.method == Method.WALLET:
        return wallet_account(payment.wallet)
    if payment.method == Method.CASH:
        return till(payment.merchant)
    if payment.method == Method.UPI:
        return UPI
    return gateway_account(payment.gateway.name)


def _destination(payment: Payment) -> str:
    if payment.kind == Kind.POS:
        return receivable(payment.merchant)
    return wallet_account(payment.purpose["wallet"]) if payment.kind == Kind.TOPUP else SALES
