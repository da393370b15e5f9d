"""Proving the books: each check reads everything it is about and yields one sentence for each break."""
from collections.abc import Callable, Iterator
from typing import NamedTuple

from documents.ledger import LedgerEntry, Seal
from documents.transactions import snapshot
from documents.wallets import Wallet
from services.verification import (
    books,
    coupons,
    gateways,
    payments,
    purchases,
    recharges,
    rewards,
    seals,
    settlements,
    staff_actions,
    vouchers,
)


class Check(NamedTuple):
    name: str
    run: Callable[[], Iterator[str]]
    """Yields one sentence for each break, nothing when all is right."""


class Finding(NamedTuple):
    check: str
    breaks: list[str]


CHECKS: list[Check] = [
    Check("every entry balances", books.unbalanced_entries),
    Check("each unit sums to zero over all accounts", books.units_not_zero),
    Check("every wallet equals the fold of its legs, numbered without a gap", books.broken_wallets),
    Check("every wallet names its owner by the present e-mail and role", books.misnamed_wallets),
    Check("every reversal is the exact opposite of its entry", books.inexact_reversals),
    Check("every recharge has exactly the entries that its attempts ask for", recharges.disagreeing_recharges),
    Check("every entry of a recharge is asked for by one", recharges.stray_recharge_entries),
    Check("every commission account equals what is not folded yet", recharges.unfolded_commissions),
    Check("every schedule adds up and follows from its payments", purchases.wrong_schedules),
    Check("every payment of a purchase has its entry", purchases.disagreeing_purchases),
    Check("every entry of a purchase is asked for by a payment", purchases.stray_purchase_entries),
    Check("every reward agrees with the entries that paid and revoked it", rewards.broken_rewards),
    Check("every entry of a reward belongs to one", rewards.orphaned_entries),
    Check("every debt from revoked rewards equals its entries", rewards.broken_debts),
    Check("every payment has exactly the entry that it asks for", payments.disagreeing_payments),
    Check("every refund has exactly the entry that it asks for", payments.disagreeing_refunds),
    Check("every entry of a payment or refund is asked for by one", payments.stray_entries),
    Check("no payment gave back more than it took, and its refunds add up", payments.wrong_refund_sums),
    Check("every gateway holds what was paid through it, less what it paid back", gateways.wrong_gateway_accounts),
    Check("money that bought nothing went back, or is on its way", gateways.unreturned_money),
    Check("every paid payment has one attempt that took the money", payments.unattempted_payments),
    Check("every settlement agrees with what it holds and with its entries", settlements.disagreeing_settlements),
    Check("every entry of a settlement is asked for by one", settlements.stray_settlement_entries),
    Check("every payment and refund of a merchant is in one settlement, or waits", settlements.unsettled_or_twice),
    Check("every merchant's accounts equal what is settled and what waits", settlements.wrong_receivables),
    Check("every rollup equals the payments of its day", settlements.wrong_rollups),
    Check("every coupon counts its uses and its spending", coupons.miscounted_coupons),
    Check("every person's uses of coupons are counted", coupons.miscounted_customers),
    Check("every order with a coupon agrees with its redemption", coupons.disagreeing_orders),
    Check("every use of a coupon by an order of ours is asked for by it", coupons.stray_redemptions),
    Check("every payment for vouchers has handed them out, each for its share", vouchers.misissued_vouchers),
    Check("every voucher is paid for, and cancelled only for a refund", vouchers.unpaid_vouchers),
    Check("every voucher was used as often as it says", vouchers.miscounted_usages),
    Check("every action of staff has the entry that it says", staff_actions.unbooked_actions),
    Check("every reversal by hand is in the audit list", staff_actions.unasked_reversals),
    Check("the sealed chain is unbroken and leaves no old entry out", seals.broken_links),
]

MOST_BREAKS = 100
"""Breaks listed per check; a thousand more would say nothing new."""


def verify() -> Iterator[Finding]:
    """Run every check in turn, yielding each as it ends. No break at all means the books are right.

    Each check reads one snapshot, so money that moves meanwhile is no break; reads must carry `current_session()`.
    """
    for check in CHECKS:
        with snapshot():
            finding = Finding(check.name, [line for line, _ in zip(check.run(), range(MOST_BREAKS), strict=False)])
        yield finding


def counts() -> dict[str, int]:
    """How much there is to check."""
    return {"entries": LedgerEntry.collection().count_documents({}), "wallets": Wallet.collection().count_documents({}),
            "seals": Seal.collection().count_documents({})}
