"""Coupons shown on a screen: a signed token for five minutes and one scan."""
import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import jwt
from jwt.types import Options

from config import settings
from documents import clock
from documents.base import Duplicate
from documents.coupon_assignments import CouponAssignment
from documents.coupon_scans import CouponScan
from documents.coupons import Coupon
from documents.errors import Conflict, Invalid
from documents.users import User
from services import cashiers, coupon_terms, coupons
from services.coupon_refusals import CouponUnknown
from services.coupons import Order

LIFETIME = timedelta(minutes=5)
TYPE = "COUPON_QR"
# Expiry is judged by documents.clock, which demos may move; the library only knows the machine's time.
_CHECKS: Options = {"require": ["exp", "jti"], "verify_exp": False, "verify_iat": False}


class QrInvalid(Invalid):
    code = "coupon_qr_invalid"
    detail = "Invalid / Expired QR"

    def __init__(self) -> None:
        super().__init__(errors={"token": [self.detail]})


class QrUsed(Conflict):
    """Somebody has scanned this token before."""

    code = "coupon_qr_used"
    detail = "Coupon already used"


class Token(NamedTuple):
    text: str
    expires_at: datetime


class Scanned(NamedTuple):
    coupon: Coupon
    phone: str
    """The customer's; "" when the token was made for nobody in particular."""


def token(*, actor: User, coupon_id: int, phone: str | None = None) -> Token:
    """A token for one scan of the coupon: by whoever manages it, for `phone` or anybody; by its holder, for itself.

    Raises CouponUnknown for a coupon that is neither the actor's nor assigned to its number, CouponRefused when it
    cannot be used.
    """
    coupon = Coupon.find_one({"$and": [{"_id": coupon_id}, coupon_terms.managed_by(actor)]})
    if coupon is None:
        coupon, phone = _held(coupon_id, actor), actor.phone
    _refuse_unusable(coupon, phone, merchant=coupon.merchant, but=("not_applicable",))
    expires_at = (clock.now() + LIFETIME).replace(microsecond=0)
    claims = {"type": TYPE, "coupon_id": str(coupon.id), "user_id": actor.id, "jti": secrets.token_urlsafe(16),
              "exp": int(expires_at.timestamp())}
    if phone is not None:
        claims["phone"] = phone
    return Token(jwt.encode(claims, _key(), algorithm="HS256"), expires_at)


def scan(*, actor: User, text: str) -> Scanned:
    """Read a token at the till where it is to be used; this uses the token up, not the coupon.

    Raises QrInvalid, CouponUnknown at any other till, CouponRefused when the coupon cannot be used, QrUsed the
    second time.
    """
    claims = _claims(text)
    coupon = Coupon.find_one({"_id": int(claims["coupon_id"])})
    tills = cashiers.tills_of(actor)
    if coupon is None or not _may_scan(coupon, actor, tills):
        raise CouponUnknown
    phone = claims.get("phone")
    _refuse_unusable(coupon, phone, merchant=coupon.merchant or next(iter(tills), None))
    try:
        CouponScan(id=claims["jti"], coupon=coupon.id, scanned_by=actor.id,
                   expires_at=datetime.fromtimestamp(claims["exp"], UTC)).create()
    except Duplicate as error:
        raise QrUsed from error
    return Scanned(coupon, phone or "")


def _held(coupon_id: int, actor: User) -> Coupon:
    """The coupon, if it is assigned to the number that the actor has proved."""
    proved = actor.phone is not None and "phone" not in actor.unproven
    if not proved or CouponAssignment.find_one({"_id": CouponAssignment.key(coupon_id, actor.phone)}) is None:
        raise CouponUnknown
    return Coupon.get(coupon_id)


def _refuse_unusable(coupon: Coupon, phone: str | None, *, merchant: int | None, but: tuple[str, ...] = ()) -> None:
    refused = coupons.quote_coupon(coupon=coupon, order=Order(amount=None, merchant=merchant, phone=phone)).refusal
    if phone is None:
        but += ("customer_required",)       # nobody has said yet whose coupon it will be
    if refused is not None and refused.reason not in but:
        raise refused


def _may_scan(coupon: Coupon, actor: User, tills: list[int]) -> bool:
    mine = bool(tills) if coupon.merchant is None else coupon.merchant in tills
    return mine or coupon_terms.manages(coupon, actor)


def _claims(text: str) -> dict:
    try:
        claims = jwt.decode(text, _key(), algorithms=["HS256"], options=_CHECKS)
    except jwt.InvalidTokenError as error:
        raise QrInvalid from error
    if claims.get("type") != TYPE or claims["exp"] <= clock.now().timestamp():
        raise QrInvalid
    return claims


def _key() -> bytes:
    """A key of its own, so that no other token of ours passes as a coupon's, nor the other way round."""
    return settings.current().key_for("coupon-qr")
