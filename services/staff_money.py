"""The named actions of the console: what each asks for, who may, how much it moves, and which service does it.

A new action is one row of ACTIONS and one function.
"""
from typing import Any

from documents import clock
from documents.errors import Conflict
from documents.payments import Kind, Payment
from documents.permissions import Permission
from documents.purchases import Method, Purchase
from documents.recharges import Recharge
from documents.recharges import Status as RechargeStatus
from documents.refunds import Refund
from documents.refunds import Status as RefundStatus
from documents.rewards import RewardStatus
from documents.users import User
from documents.wallets import POINTS, Wallet
from services import (
    card_refunds,
    fulfilments,
    installments,
    recharge_janitor,
    refunds,
    reversals,
    reward_books,
    rewards,
    settlement_books,
    settlements,
    wallets,
)
from services.gateways.operators.base import Outcome, State
from services.gateways.operators.choice import operator
from services.staff_subjects import Subject, at_stake, moved
from services.staff_table import Action, Field, Order, StillRunning


def _fund(order: Order) -> dict:
    account = order.subject.document
    owner = account if isinstance(account, User) else User.get(account.owner)
    if not owner.is_active:
        raise Conflict("This account is closed: nothing can be paid into its wallet.")
    wallet = _money_wallet(account) if isinstance(account, Wallet) else wallets.open_wallet(owner=owner.id)
    return {"entry": wallets.put_in(actor=order.maker, wallet=wallet, amount=order.arguments["amount"],
                                    memo=_MEMO, key=order.key)}


def _debit(order: Order) -> dict:
    wallet = _money_wallet(order.subject.document)
    return {"entry": wallets.take_out(actor=order.maker, wallet=wallet, amount=order.arguments["amount"],
                                      memo=_MEMO, key=order.key)}


_MEMO = "Adjusted by our staff"
"""What the owner reads in the statement; the reason is for the audit list."""


def _money_wallet(wallet: Wallet) -> Wallet:
    if wallet.unit == POINTS:
        raise Conflict("Points are given and taken back by rewards: credit or revoke one of those.")
    return wallet


def _reverse(order: Order) -> dict:
    return {"entry": reversals.reverse(entry=order.subject.document, actor=order.maker, key=order.key,
                                       owner=order.subject.user)}


def _credit_reward(order: Order) -> dict:
    credited = rewards.credit(reward_id=order.subject.document.id, actor=order.maker)
    return {"entry": reward_books.credit_reference(credited)}


def _revoke_reward(order: Order) -> dict:
    revoked = rewards.revoke(reward_id=order.subject.document.id, actor=order.maker, reason=order.reason)
    return {"entry": reward_books.revoke_reference(revoked)} if revoked.credited_at is not None else {}


def _release_reward(order: Order) -> dict:
    rewards.release(reward_id=order.subject.document.id, actor=order.maker)
    return {}


def _check_pending(order: Order) -> dict:
    recharge: Recharge = order.subject.document
    if recharge.payment_status != RechargeStatus.PENDING:
        raise Conflict("This recharge is not pending.")
    return {"reference": recharge.last_attempt.reference}


def _ask_operator(order: Order) -> Outcome:
    return operator().status(order.result["reference"])


def _resolve(order: Order, told: Outcome) -> dict:
    """What the operator says for good counts; your word does only where it says nothing."""
    if told.state in (State.SUCCESS, State.FAILED):
        if order.subject.document.payment_status != RechargeStatus.PENDING:
            raise Conflict("This recharge is not pending.")
        recharge_janitor.record_answer(reference=order.result["reference"], outcome=told)
        return {"decided by": "operator", "outcome": told.state.value}
    recharge_janitor.resolve(recharge_id=order.subject.document.id, outcome=State(order.arguments["outcome"]),
                             actor=order.maker.id, reason=order.reason)
    return {"decided by": "staff", "outcome": order.arguments["outcome"]}


def _refund(order: Order) -> dict:
    payment = _payment_of(order.subject)
    if payment.kind == Kind.TOPUP:
        raise Conflict("A top-up goes back where it came from: refund it in the gateway's dashboard, "
                       "and it is booked here when the gateway tells.")
    return _made(refunds.refund_now(payment=payment, amount=order.arguments["amount"], actor=order.maker.id,
                                    reason=order.reason))


def _approve_refund(order: Order) -> dict:
    return _made(card_refunds.accept(actor=order.maker, refund_id=order.subject.document.id, notes=order.reason))


def _reject_refund(order: Order) -> dict:
    card_refunds.reject(actor=order.maker, refund_id=order.subject.document.id, notes=order.reason)
    return {}


def _made(refund: Refund) -> dict:
    return {"refund": refund.id, "status": str(refund.status)}


def _pay_back(order: Order) -> None:
    refund = Refund.get(order.result["refund"])
    if refund.status != RefundStatus.PROCESSING:
        return
    try:
        # `again`, for somebody who was here before may have died after the gateway had heard.
        card_refunds.pay_back(refund, again=True)
    except card_refunds.LATER as error:
        raise StillRunning from error


def _follow_refund(order: Order, _told: None) -> dict:
    refund = Refund.get(order.result["refund"])
    if refund.status == RefundStatus.PROCESSING:
        raise StillRunning
    if refund.status != RefundStatus.COMPLETED:
        raise Conflict(f"The gateway refused the refund ({refund.code or refund.status}); nothing moved.")
    return _made(refund)


def _payment_of(subject: Subject) -> Payment:
    document = subject.document
    return document if isinstance(document, Payment) else Payment.get(document.payment)


def _waive_fee(order: Order) -> dict:
    installments.waive_fee(actor=order.maker, installment_id=order.subject.document.id, reason=order.reason)
    return {}


def _fee(subject: Subject, _arguments: dict) -> int:
    part = subject.document
    return part.late_fee or installments.fee_due(part, clock.now())


def _mark_installment_paid(order: Order) -> dict:
    part = order.subject.document
    installments.pay(actor=order.maker, installment_id=part.id, amount=order.arguments["amount"],
                     method=order.arguments["method"])
    paid = Purchase.with_installment(part.id)
    return {"entry": paid.installment(part.id).payments[-1].reference} if paid is not None else {}


def _to_pay(subject: Subject) -> int:
    return subject.document.due_amount + installments.fee_due(subject.document, clock.now())


def _mark_settlement_paid(order: Order) -> dict:
    paid = settlements.mark_paid(order.subject.document.id, by=order.maker)
    return {"entry": settlement_books.payout_reference(paid.id)}


def _amount(_subject: Subject, arguments: dict) -> int:
    return arguments["amount"]


def _nothing(_subject: Subject, _arguments: dict) -> int:
    return 0


def _reward_value(subject: Subject, _arguments: dict) -> int:
    return subject.document.reward_value


def _what_was_credited(subject: Subject, _arguments: dict) -> int:
    return subject.document.reward_value if subject.document.status == RewardStatus.CREDITED else 0


AMOUNT = Field(name="amount", label="Amount")
TO_REFUND = Field(name="amount", label="Amount",
                  suggested=lambda subject: fulfilments.returnable(_payment_of(subject)))
OF_VOUCHER = Field(name="amount", label="Amount", suggested=lambda subject: subject.document.paid)
FUND: dict[str, Any] = {
    "name": "fund", "title": "Fund a wallet", "permission": Permission.HANDLE_CASH, "moves": _amount, "run": _fund,
    "fields": (AMOUNT,), "does": "Books money that came in by your hands from cash into the wallet."}
REFUND: dict[str, Any] = {
    "name": "refund", "permission": Permission.MANAGE_REFUNDS, "outside": _pay_back, "conclude": _follow_refund,
    "asks": lambda result: result["status"] != RefundStatus.COMPLETED}

ROWS = (
    Action(kind="wallet", **FUND),
    Action(kind="user", **FUND),
    Action(name="debit", kind="wallet", title="Debit a wallet", permission=Permission.HANDLE_CASH, moves=_amount,
           run=_debit, fields=(AMOUNT,), dangerous=True,
           does="Takes money out of the wallet into cash. A wallet never falls below zero."),
    Action(name="reverse", kind="entry", title="Reverse a ledger entry", permission=Permission.HANDLE_CASH,
           moves=lambda subject, _arguments: moved(subject.document), run=_reverse, dangerous=True,
           does="Books the exact opposite of the whole entry, once. Only for money moved by hand."),
    Action(name="credit_reward", kind="reward", title="Credit a reward", permission=Permission.MANAGE_REWARDS,
           moves=_reward_value, run=_credit_reward, does="Pays the pending reward out now, held or not."),
    Action(name="release_reward", kind="reward", title="Release a held reward", permission=Permission.MANAGE_REWARDS,
           moves=_reward_value, run=_release_reward,
           does="Lets the held reward be credited after its hold period like any other."),
    Action(name="revoke_reward", kind="reward", title="Revoke a reward", permission=Permission.MANAGE_REWARDS,
           moves=_what_was_credited, run=_revoke_reward, dangerous=True,
           does="Ends the reward, and takes back what it paid; what the wallet lacks is owed."),
    Action(name="resolve_recharge", kind="recharge", title="Resolve a pending recharge",
           permission=Permission.HANDLE_CASH, moves=lambda subject, _arguments: at_stake(subject.document),
           run=_check_pending, asks=lambda _result: True, outside=_ask_operator, conclude=_resolve, fields=(
               Field(name="outcome", label="If the operator does not say", options=(
                   ("failed", "it failed: pay the customer back"), ("success", "it was delivered: keep the money"))),),
           does="Asks the operator once more. What it says for good counts; if it says nothing, your word does."),
    Action(**REFUND, kind="payment", title="Refund a payment", moves=_amount, run=_refund, fields=(TO_REFUND,),
           does="Gives money back the way it came; what it had bought and is unused is taken back first."),
    Action(**REFUND, kind="voucher", title="Refund a voucher", moves=_amount, run=_refund, fields=(OF_VOUCHER,),
           does="Gives money of the voucher's payment back; its newest unused vouchers are cancelled for it."),
    Action(**REFUND, kind="refund", title="Approve a refund request", run=_approve_refund,
           moves=lambda subject, _arguments: subject.document.amount,
           does="Pays back what the customer has asked for; the reason is kept as your decision."),
    Action(name="reject_refund", kind="refund", title="Reject a refund request", run=_reject_refund,
           permission=Permission.MANAGE_REFUNDS, moves=_nothing, dangerous=True,
           does="Declines what the customer has asked for; nothing moves."),
    Action(name="waive_fee", kind="installment", title="Waive a late fee", permission=Permission.MANAGE_INSTALLMENTS,
           moves=_fee, run=_waive_fee, does="Lets the customer off the late fee; one that was paid is given back. "
                                            "The customer is told the reason."),
    Action(name="mark_paid", kind="installment", title="Mark an instalment as paid",
           permission=Permission.MANAGE_INSTALLMENTS, moves=_amount, run=_mark_installment_paid, fields=(
               Field(name="amount", label="Amount received", suggested=_to_pay),
               Field(name="method", label="Received", options=(
                   (Method.CASH.value, "in cash"), (Method.BANK.value, "in the bank")))),
           does="Records money that the customer gave outside of Purser. A late one must bring its late fee."),
    Action(name="mark_paid", kind="settlement", title="Mark a settlement as paid",
           permission=Permission.MANAGE_SETTLEMENTS, run=_mark_settlement_paid,
           moves=lambda subject, _arguments: subject.document.amount,
           does="Says that the money has left the bank to the merchant, once."),
)
ACTIONS: dict[tuple[str, str], Action] = {(row.name, row.kind): row for row in ROWS}
"""By name and kind of subject."""
