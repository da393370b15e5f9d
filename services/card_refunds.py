"""Refunds of what was bought: asked for by the payer, decided by staff, paid back by the gateway or into the wallet."""
import contextlib
from datetime import datetime, timedelta

from documents import clock, money
from documents.base import Duplicate
from documents.errors import Conflict, Invalid, NotFound
from documents.listing import Listing
from documents.payments import Kind, Method, Payment
from documents.payments import Status as Paid
from documents.permissions import Permission
from documents.refunds import Refund, Status
from documents.transactions import atomic
from documents.users import User
from services import card_payments, fulfilments, payments, refunds, wallets
from services.gateways.payments.base import GatewayRefused, GatewayUnavailable, RefundOrder, RefundState, Returned
from services.gateways.payments.choice import GatewayNotConfigured, cards_of
from services.ledger import wallet_account
from services.payments import InvalidState
from services.refunds import NotRefundable
from services.refunds_outside import new

REASONS = ("customer_request", "duplicate_payment", "fraudulent", "system_error", "other")
LEASE = timedelta(minutes=1)
"""Longer than a gateway's time-out: whoever is silent for longer has died."""
LONGEST_PAUSE = timedelta(hours=1)
BATCH = 200
LATER = (GatewayUnavailable, GatewayRefused, GatewayNotConfigured)
"""What leaves a refund processing, to be asked about again: none of these says that it was not paid."""


class AlreadyRequested(Conflict):
    code = "refund_already_requested"
    detail = "A refund of this payment was requested already and is not decided yet."


def request(*, user: User, payment_id: str, reason: str, amount: int | None = None, notes: str = "",
            to_wallet: bool = False) -> Refund:
    """Ask for `amount` minor units of what the user bought by card or from its wallet back.

    Without an amount, or with 0, it is for all that may be asked back: unused vouchers. Nothing is reserved: staff
    decides. Raises NotFound for a payment that is not the user's or not paid, NotRefundable when nothing is left,
    Invalid for more than is left, AlreadyRequested.
    """
    payment = Payment.get(payment_id, user=user.id, kind={"$in": [Kind.CARD, Kind.WALLET]}, status=Paid.SUCCESS.value)
    left = fulfilments.returnable(payment)
    asked = amount or left
    if left < 1:
        raise NotRefundable
    if asked > left:
        raise Invalid.field("amount", f"Ensure this value is less than or equal to {money.text(left)}.")
    way = {"method": Method.WALLET} if to_wallet else {}
    try:
        return new(payment, asked, status=Status.PENDING, awaiting=True, reason=reason, notes=notes, **way).create()
    except Duplicate as error:
        raise AlreadyRequested from error


def approve(*, actor: User, refund_id: str, notes: str = "") -> Refund:
    """Pay a requested refund back: what it had bought is taken back first, then the gateway is asked.

    A gateway that does not answer leaves it processing, for the janitor. Raises NotFound, InvalidState when it was
    decided before, NotRefundable, VouchersUsed.
    """
    approved = accept(actor=actor, refund_id=refund_id, notes=notes)
    if approved.status != Status.PROCESSING:
        return approved
    with contextlib.suppress(*LATER):
        return pay_back(approved)
    return Refund.get(refund_id)


@atomic
def accept(*, actor: User, refund_id: str, notes: str = "") -> Refund:
    """The part of `approve` that asks nobody outside: one that a gateway has to pay back is processing afterwards."""
    refund = Refund.get(refund_id)
    if refund.status != Status.PENDING:
        raise InvalidState
    payment = Payment.find_one({"_id": refund.payment})
    if payment is None:
        raise NotFound
    refunds.reserve(payment=payment, amount=refund.amount)
    now = clock.now()
    way: dict = {"next_check_at": now}
    if refund.method == Method.WALLET:
        way = {"into": wallet_account(wallets.open_wallet(owner=refund.user).id)}
    approved = Refund.advance(refund_id, Status.PROCESSING, now=now, decided_by=actor.id, decision=notes, **way)
    if approved is None:
        raise InvalidState
    return refunds.complete(approved) if approved.into else approved


def reject(*, actor: User, refund_id: str, notes: str = "") -> Refund:
    """Decline a requested refund. Raises NotFound, InvalidState when it was decided before."""
    rejected = Refund.advance(refund_id, Status.REJECTED, now=clock.now(), decided_by=actor.id, decision=notes)
    if rejected is None:
        Refund.get(refund_id)
        raise InvalidState
    return rejected


def listing(*, viewer: User, status: Status | None = None, mine: bool = False) -> Listing:
    """The viewer's own refunds, newest first; everybody's for staff unless `mine`."""
    everybody = viewer.can(Permission.MANAGE_REFUNDS) and not mine
    match: dict = {} if everybody else {"user": viewer.id}
    return Listing(Refund, match | ({"status": status} if status else {}),
                   orderings={name: name for name in ("created_at", "amount", "status")})


def pay_back(refund: Refund, *, again: bool = False) -> Refund:
    """Ask the gateway to pay a processing refund back, and apply its answer. Raises GatewayUnavailable.

    `again` when it may have been asked before.
    """
    leased = Refund.lease(refund.id, seen=refund.next_check_at, until=clock.now() + LEASE)
    if leased is None:
        return Refund.get(refund.id)
    payment = Payment.get(refund.payment)
    answer = cards_of(payment.gateway.name).refund(
        RefundOrder(refund=refund.id, intent=payment.gateway.intent, charge=payment.gateway.charge,
                    amount=refund.amount), again=again)
    changed = apply(leased, answer)
    if changed.status == Status.FAILED:
        # Perhaps because somebody had paid it back by hand: the gateway's own sum says so.
        with contextlib.suppress(GatewayUnavailable, GatewayRefused):
            card_payments.follow(payment)
    return changed


@atomic
def apply(refund: Refund, answer: Returned) -> Refund:
    """Bring a refund to where the gateway says it is, in any order and any number of times."""
    refund = Refund.get(refund.id)
    if refund.status == Status.PROCESSING:
        if answer.state is RefundState.COMPLETED:
            return refunds.complete(refund, gateway_refund=answer.id)
        return _drop(refund, answer) if answer.state is RefundState.FAILED else _wait(refund, answer)
    if refund.status == Status.COMPLETED and answer.state is RefundState.FAILED:
        payments.announce("payment.refund_returned", Payment.get(refund.payment), refund=refund.id, code=answer.code)
    return refund


def by_answer(answer: Returned) -> Refund | None:
    """Our refund that a gateway speaks of, or None for one that was not asked for by us."""
    named = [{name: value} for name, value in (("gateway_refund", answer.id), ("_id", answer.refund)) if value]
    return Refund.find_one({"$or": named}) if named else None


def follow_up_due() -> int:
    """Ask about every refund whose time has come; returns how many. Any number may run at once."""
    due = list(Refund.find({"next_check_at": {"$lte": clock.now()}, "status": Status.PROCESSING.value},
                           sort=[("next_check_at", 1)], limit=BATCH))
    for refund in due:
        with contextlib.suppress(*LATER):
            pay_back(refund, again=True)
    return len(due)


def _drop(refund: Refund, answer: Returned) -> Refund:
    now = clock.now()
    failed = Refund.advance(refund.id, Status.FAILED, now=now, code=answer.code, gateway_refund=answer.id)
    payment = Payment.drop_refund(refund.payment, refund.amount, now=now)
    if failed is None or payment is None:
        raise InvalidState
    fulfilments.restore(payment)
    payments.announce("payment.refund_failed", payment, refund=refund.id, refund_amount=refund.amount, code=answer.code)
    return failed


def _wait(refund: Refund, answer: Returned) -> Refund:
    facts = {"next_check_at": _next_check(refund), **({"gateway_refund": answer.id} if answer.id else {})}
    waiting = Refund.change({"_id": refund.id, "status": Status.PROCESSING}, {"$set": facts})
    return waiting or Refund.get(refund.id)


def _next_check(refund: Refund) -> datetime:
    now = clock.now()
    return now + min(max(now - refund.created_at, timedelta(minutes=1)), LONGEST_PAUSE)
