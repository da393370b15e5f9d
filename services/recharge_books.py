"""The ledger entries of a recharge: what is booked when, under which reference, between which accounts."""
from documents.recharges import Attempt, AttemptStatus, Recharge
from services import ledger
from services.ledger import Leg, wallet_account
from services.payment_books import PROMOTIONS

CLEARING = "clearing:recharge"
"""Money of attempts whose outcome is not known yet."""
OPERATOR = "operator"
"""What the operators are owed for what they delivered."""
LOSSES = "losses:recharge"
"""Deliveries that nobody pays for."""

CHARGE, SUCCESS, REFUND, LATE, LOSS = "charge", "success", "refund", "late", "loss"
BOOKINGS = {
    AttemptStatus.REFUSED: (),
    AttemptStatus.PENDING: (CHARGE,),
    AttemptStatus.SUCCESS: (CHARGE, SUCCESS),
    AttemptStatus.FAILED: (CHARGE, REFUND),
    AttemptStatus.LATE: (CHARGE, REFUND, LATE),
    AttemptStatus.LOST: (CHARGE, REFUND, LOSS),
}
"""All that an attempt in each state has in the books."""


def commission_account(user_id: int) -> str:
    """Where a distributor's earnings gather until they are folded into its wallet."""
    return f"commission:{user_id}"


def reference(recharge_id: int, kind: str, number: int) -> str:
    """The unique reference of one booking: `recharge:812:charge`, for the second attempt `recharge:812:charge:2`."""
    return f"recharge:{recharge_id}:{kind}" + (f":{number}" if number > 1 else "")


def legs(kind: str, attempt: Attempt) -> list[Leg]:
    """The legs of one booking; none for an attempt that costs nothing."""
    earned = attempt.upline.amount if attempt.upline is not None else 0
    discount = attempt.discount or 0
    paid = {wallet_account(attempt.wallet): attempt.net - discount, PROMOTIONS: discount}
    shared = [Leg(OPERATOR, attempt.net - earned)]
    if attempt.upline is not None:
        shared.append(Leg(commission_account(attempt.upline.user), earned))
    booked = {
        CHARGE: [*(Leg(account, -part) for account, part in paid.items()), Leg(CLEARING, attempt.net)],
        REFUND: [*(Leg(account, part) for account, part in paid.items()), Leg(CLEARING, -attempt.net)],
        SUCCESS: [Leg(CLEARING, -attempt.net), *shared],
        LATE: [*(Leg(account, -part) for account, part in paid.items()), *shared],
        LOSS: [Leg(LOSSES, earned - attempt.net), Leg(OPERATOR, attempt.net - earned)],
    }[kind]
    return [leg for leg in booked if leg.amount != 0]


def book(recharge: Recharge, attempt: Attempt, kind: str) -> None:
    """Post one booking of an attempt in the surrounding transaction. Raises InsufficientFunds, AlreadyPosted."""
    entry = legs(kind, attempt)
    if entry:
        ledger.post(kind=f"recharge.{kind}", reference=reference(recharge.id, kind, attempt.number), legs=entry,
                    actor=recharge.user if kind == CHARGE else None, memo=recharge.transaction_id)


def take_back(recharge: Recharge, attempt: Attempt) -> None:
    """Return the charge of an attempt to the minor unit, in the surrounding transaction."""
    if legs(CHARGE, attempt):
        ledger.reverse(reference(recharge.id, CHARGE, attempt.number), kind=f"recharge.{REFUND}",
                       reference=reference(recharge.id, REFUND, attempt.number), memo=recharge.transaction_id)
