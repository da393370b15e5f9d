"""The ledger entries of settlements: from what a merchant is owed to what its bank gets."""
from documents.settlements import Settlement
from services import ledger
from services.ledger import Leg
from services.payment_books import receivable, till

FEES = "fees"
BANK = "bank"


def payable(merchant_id: int) -> str:
    """What was settled and has not been transferred yet."""
    return f"payable:{merchant_id}"


def close_reference(settlement_id: str) -> str:
    return f"settlement:{settlement_id}:close"


def payout_reference(settlement_id: str) -> str:
    return f"settlement:{settlement_id}:payout"


def close_legs(settlement: Settlement) -> list[Leg]:
    """Fee, cash and payout leave the receivable; what is carried forward stays in it."""
    taken = settlement.fee + settlement.collected_in_cash + settlement.amount
    legs = [Leg(receivable(settlement.merchant), -taken), Leg(FEES, settlement.fee),
            Leg(till(settlement.merchant), settlement.collected_in_cash),
            Leg(payable(settlement.merchant), settlement.amount)]
    return [leg for leg in legs if leg.amount != 0]


def payout_legs(settlement: Settlement) -> list[Leg]:
    return [Leg(payable(settlement.merchant), -settlement.amount), Leg(BANK, settlement.amount)]


def book_close(settlement: Settlement) -> None:
    """Post a closing in the surrounding transaction."""
    legs = close_legs(settlement)
    if legs:
        ledger.post(kind="settlement.closed", reference=close_reference(settlement.id), legs=legs,
                    actor=settlement.requested_by)


def book_payout(settlement: Settlement) -> None:
    """Post the transfer in the surrounding transaction."""
    ledger.post(kind="settlement.paid", reference=payout_reference(settlement.id), legs=payout_legs(settlement),
                actor=settlement.paid_by)
