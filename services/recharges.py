"""Buying a recharge and trying a failed one again: charge the wallet, ask the operator, keep the outcome."""
import json
import secrets
from datetime import timedelta
from typing import NamedTuple

from aggregations import recharges as pipelines
from config import settings
from documents import clock
from documents.base import Duplicate
from documents.errors import Invalid, NotFound
from documents.ids import next_id
from documents.loading import load
from documents.plans import Plan
from documents.recharges import MAX_ATTEMPTS, Attempt, AttemptStatus, Recharge, Status
from documents.transactions import atomic
from documents.users import User
from services import idempotency, recharge_books, recharge_coupons
from services.idempotency import InProgress, Mismatch
from services.ledger import AlreadyPosted, InsufficientFunds
from services.pricing import Terms, parent_of, terms_of
from services.recharge_delivery import FIRST_CHECK, LEASE, announce, follow_up, submit

INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
NOT_RETRIABLE = "Purchase not found or not eligible for retry"
_COPIED = ("title", "description", "identifier", "amount", "validity", "is_active", "created_at")


class Key(NamedTuple):
    """An Idempotency-Key in the scope of its caller and route, with the fingerprint of what was asked."""

    scope: str
    fingerprint: str


class Answer(NamedTuple):
    recharge: Recharge
    replayed: bool = False


def purchase(*, user: User, plan_id: int, phone_number: str, payment_method: str, coupon_code: str | None = None,
             key: str | None = None) -> Answer:
    """Recharge `phone_number` (E.164) with a plan from the user's wallet, and say how far it got.

    Too little money is not an error: the recharge is kept as failed with the code INSUFFICIENT_FUNDS. A repeat
    under the same `key` answers with the first one's recharge. Raises Invalid for a plan that is not on sale,
    InProgress and Mismatch for the key, and what services/coupons.py refuses `coupon_code` for.
    """
    wanted = [plan_id, phone_number, payment_method] + ([coupon_code] if coupon_code else [])
    asked = _key(user, "purchase", key, wanted)
    if asked is not None and (known := _asked_before(asked)) is not None:
        return known
    plan = _first(Plan, pipelines.offer(plan_id, **_payer(user)))
    if plan is None:
        raise Invalid.field("plan_id", "Plan not found or not active")
    recharge = _new_recharge(user, plan, phone_number, payment_method)
    attempt = _new_attempt(recharge, terms_of(user, recharge.amount, plan), asked, coupon_code or None)
    try:
        _charge_or_refuse(recharge, attempt, user)
    except Duplicate:
        # Another request was faster with the key, or, rarely, somebody's transaction id is the same.
        return purchase(user=user, plan_id=plan_id, phone_number=phone_number, payment_method=payment_method,
                        coupon_code=coupon_code, key=key)
    return Answer(submit(recharge) if attempt.status == AttemptStatus.PENDING else recharge)


def retry(*, user: User, recharge_id: int, key: str | None = None) -> Answer:
    """Try the user's own failed recharge again, at its old price and under the margins of this moment.

    Raises NotFound when it is not the user's, not failed or was tried too often, and CouponRefused when the coupon
    that the price came from is used up by now; the key works as in `purchase`.
    """
    asked = _key(user, "retry", key, [recharge_id])
    if asked is not None and (known := _asked_before(asked)) is not None:
        return known
    recharge = Recharge.find_one({"_id": recharge_id, "user": user.id, "payment_status": Status.FAILED})
    if recharge is None or len(recharge.attempts) >= MAX_ATTEMPTS:
        raise NotFound(NOT_RETRIABLE)
    known_terms = _first(User, pipelines.fresh_terms(**_payer(user)))
    if known_terms is None:
        raise NotFound
    attempt = _new_attempt(recharge, terms_of(user, recharge.amount, known_terms), asked, recharge.last_attempt.coupon)
    try:
        changed = _charge_again_or_refuse(recharge, attempt, user)
    except (Duplicate, AlreadyPosted):
        return retry(user=user, recharge_id=recharge_id, key=key)
    if changed is None:
        raise NotFound(NOT_RETRIABLE)
    return Answer(submit(changed) if attempt.status == AttemptStatus.PENDING else changed)


def _charge_or_refuse(recharge: Recharge, attempt: Attempt, user: User) -> None:
    try:
        _charge(recharge, attempt, user)
    except InsufficientFunds:
        _refuse(recharge, attempt)


@atomic
def _charge(recharge: Recharge, attempt: Attempt, user: User) -> None:
    # Coupon and wallet first: they are the writes that can lose against others' and the payer's other purchases.
    _take_money(recharge, attempt, user)
    # Not `create()`: every field was set just now, and checking them again costs as much as the insert.
    Recharge.insert(recharge.to_mongo())


@atomic
def _refuse(recharge: Recharge, attempt: Attempt) -> None:
    _mark_refused(attempt)
    recharge.payment_status, recharge.code = Status.FAILED, INSUFFICIENT_FUNDS
    recharge.lease_until = recharge.next_check_at = None
    announce("recharge.failed", recharge.create())


def _charge_again_or_refuse(recharge: Recharge, attempt: Attempt, user: User) -> Recharge | None:
    try:
        return _charge_again(recharge, attempt, user)
    except InsufficientFunds:
        return _refuse_again(recharge, attempt)


@atomic
def _charge_again(recharge: Recharge, attempt: Attempt, user: User) -> Recharge:
    _take_money(recharge, attempt, user)
    now = clock.now()
    reopened = Recharge.reopen(recharge.id, attempt, user=recharge.user, now=now,
                               lease_until=now + LEASE, next_check_at=now + FIRST_CHECK)
    if reopened is None:
        raise NotFound(NOT_RETRIABLE)
    return reopened


@atomic
def _refuse_again(recharge: Recharge, attempt: Attempt) -> Recharge | None:
    _mark_refused(attempt)
    refused = Recharge.refuse(recharge.id, attempt, user=recharge.user, now=clock.now())
    if refused is not None:
        announce("recharge.failed", refused)
    return refused


def _take_money(recharge: Recharge, attempt: Attempt, user: User) -> None:
    recharge_coupons.hold(recharge, attempt, user=user)
    if attempt.net - (attempt.discount or 0) and attempt.wallet is None:
        raise InsufficientFunds
    recharge_books.book(recharge, attempt, recharge_books.CHARGE)


def _mark_refused(attempt: Attempt) -> None:
    attempt.status, attempt.code, attempt.finished_at = AttemptStatus.REFUSED, INSUFFICIENT_FUNDS, attempt.started_at
    attempt.discount = None     # the hold was rolled back with the charge


def _new_recharge(user: User, plan: dict, phone_number: str, payment_method: str) -> Recharge:
    now = clock.now()
    # From a row, not from arguments: MongoEngine's own way of making one costs as much as a look-up.
    return Recharge.load({
        "_id": next_id("recharges"), "user": user.id,
        "plan": {"id": plan["_id"], "provider": plan["provider"], **{name: plan[name] for name in _COPIED}},
        "amount": plan["amount"], "phone_number": phone_number, "payment_method": payment_method,
        "transaction_id": f"TXN-{secrets.token_hex(5)}", "payment_status": Status.PENDING,
        "created_at": now, "updated_at": now, "lease_until": now + LEASE, "next_check_at": now + FIRST_CHECK})


def _new_attempt(recharge: Recharge, terms: Terms, asked: Key | None, coupon: str | None) -> Attempt:
    """The next attempt of a recharge, also put on it when the recharge itself is still to be stored."""
    number = len(recharge.attempts) + 1
    scope, fingerprint = asked or (None, None)
    attempt = load(Attempt, {
        "number": number, "reference": f"{recharge.transaction_id}-{number}", "net": terms.net,
        "commission": terms.commission, "wallet": terms.wallet, "upline": terms.upline, "coupon": coupon,
        "status": AttemptStatus.PENDING, "key": scope, "fingerprint": fingerprint, "started_at": clock.now()})
    if number == 1:
        recharge.attempts.append(attempt)
        recharge.keys = [asked.scope] if asked is not None else []
    return attempt


def _key(user: User, route: str, key: str | None, asked: list) -> Key | None:
    if key is None:
        return None
    fingerprint = idempotency.fingerprint_of(json.dumps(asked).encode())
    return Key(f"{user.id}:{route}:{idempotency.checked_key(key)}", fingerprint)


def _asked_before(asked: Key) -> Answer | None:
    """What a repeat hears: the recharge as it is now, carried on first if whoever worked on it is gone."""
    recharge = Recharge.find_one({"keys": asked.scope})
    if recharge is None:
        return None
    attempt = recharge.attempt_of_key(asked.scope)
    if attempt is None or attempt.fingerprint != asked.fingerprint:
        raise Mismatch
    if recharge.payment_status != Status.PENDING:
        return Answer(recharge, replayed=True)
    now = clock.now()
    leased = Recharge.lease(recharge.id, now=now, until=now + LEASE)
    if leased is None:
        raise InProgress(retry_after=_seconds(recharge.lease_until - now))
    return Answer(follow_up(leased), replayed=True)


def _seconds(rest: timedelta) -> int:
    return max(1, min(int(rest.total_seconds()) + 1, int(LEASE.total_seconds())))


def _payer(user: User) -> dict:
    return {"payer": user.id, "parent": parent_of(user), "unit": settings.current().currency}


def _first(document: type[Plan] | type[User], pipeline: list[dict]) -> dict | None:
    return next(iter(document.collection().aggregate(pipeline).to_list()), None)
