"""The people of the access matrix, and the things that belong to them."""
import io
import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from documents import clock
from documents.coupons import Coupon
from documents.users import User
from documents.webhook_endpoints import WebhookEndpoint
from services import (
    card_refunds,
    cashiers,
    coupon_batches,
    coupon_desk,
    kyc,
    merchants,
    notifications,
    sessions,
    settlements,
    support,
    till_transactions,
    voucher_gifts,
    wallets,
    web_push,
    webhook_delivery,
    webhook_endpoints,
)
from services.sessions import Device
from tests import buying, carding, catalogue, couponing, referring, shops, vouchering
from tests.browsers import Browser
from tests.people import People
from tests.proofs.rules import OWNERLESS, PEOPLE

_number = itertools.count(1)
ABSENT: dict[str, Any] = {
    "email": "nobody@shop.example", "session": "0" * 32, "config": "0" * 24, "reward": "0" * 24, "delivery": "0" * 24,
    "voucher": "ABCD-EFGH-JKLM", "given voucher": "ABCD-EFGH-JKLM", "intent": "pi_absent",
    **dict.fromkeys(("payment", "qr code", "closed payment", "transaction", "settlement", "paper",
                     "redemption", "batch", "browser", "card payment", "card refund"), str(UUID(int=7)))}
"""Ids that nothing has; 7777777 for everything that is numbered."""


class Cast:
    """One person of each role, and what each of them owns, made when it is first asked for."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.above, self.stranger = people.distributor(), people.distributor()
        self.who: dict[str, User] = {
            "client": people.client(), "distributor": self.above, "retailer": people.retailer(parent=self.above),
            "foreign_retailer": people.retailer(parent=self.stranger), "admin": people.admin()}
        self._known: dict[tuple[str, str], Any] = {}

    def client(self, role: str) -> FlaskClient:
        """A fresh login each time: some routes end all there are."""
        if role == "anonymous":
            return self.people.app.test_client()
        speaking = self.people.client_of(self.who[role])
        speaking.get("/livez")
        return speaking

    def relations(self, role: str, target: str | None) -> list[str]:
        """How an object of this kind can stand to somebody of this role."""
        if target is None:
            return ["other"]
        if target in OWNERLESS or role == "anonymous" or target in PEOPLE and role in ("admin", "client"):
            return ["other", "absent"]
        return ["other", "absent", *(["tree"] if role == "distributor" else []), "own"]

    def target(self, role: str, kind: str | None, relation: str, *, fresh: bool) -> Any:
        """The id of such an object; a `fresh` one may be used up."""
        if kind is None:
            return None
        if relation == "absent":
            return ABSENT.get(kind, 7_777_777)
        owner = {"own": role, "tree": "retailer"}.get(relation) or (
            "retailer" if role in ("foreign_retailer", "admin", "anonymous") else "foreign_retailer")
        if kind in PEOPLE and relation == "own":
            return self.who[role].email if kind == "email" else self.who[role].id
        if fresh or (kind, owner) not in self._known:
            self._known[kind, owner] = MAKERS[kind](self, self.who[owner])
        return self._known[kind, owner]

    def shop(self, owner: User) -> int:
        """Open and taking payments, whatever was done to it before."""
        shop = merchants.find_own(owner) or shops.shop(owner)
        return merchants.switch(shop.id, active=True).id

    def payment(self, owner: User) -> str:
        self.shop(owner)
        return shops.ask(owner).id


def _user(cast: Cast, like: User) -> User:
    made = cast.people.retailer()
    return User.change({"_id": made.id}, {"$set": {"parent": like.parent}})


def _transaction(cast: Cast, owner: User) -> str:
    return till_transactions.open_for(user=owner, payment_id=cast.payment(owner)).transaction.id


def _closed_payment(cast: Cast, owner: User) -> str:
    cast.shop(owner)
    return shops.take(owner).id


def _settlement(cast: Cast, owner: User) -> str:
    _closed_payment(cast, owner)
    return settlements.settle_by_hand(actor=owner, amount=100).id


def _cashier(cast: Cast, owner: User) -> int:
    cast.shop(owner)
    return cashiers.add(owner=owner, email=cast.people.client().email)["user"]


def _paper(cast: Cast, owner: User) -> str:
    cast.shop(owner)
    return kyc.upload(owner=owner, stream=io.BytesIO(b"%PDF-1.4\n%%EOF\n")).id


def _redemption(cast: Cast, owner: User) -> str:
    made = Coupon.get(_coupon(cast, owner))
    return coupon_desk.apply(actor=owner, code=made.code, order_amount=10_000, hold=True).id


def _coupon(cast: Cast, owner: User) -> int:
    return couponing.coupon(merchant=cast.shop(owner), created_by=owner.id).id


def _batch(cast: Cast, owner: User) -> str:
    cast.shop(owner)
    return coupon_batches.order(actor=owner, count=1, discount_type="flat", discount_value=100,
                                expiry_date=clock.now() + timedelta(days=1)).id


def _browser(_cast: Cast, owner: User) -> str:
    sent = Browser(f"https://fcm.googleapis.com/fcm/send/{next(_number)}").to_json()
    return web_push.subscribe(user=owner, endpoint=sent["endpoint"], **sent["keys"]).id


def _voucher(cast: Cast, owner: User) -> str:
    cast.people.fund(owner, 1_000)
    return vouchering.buy(owner)[0]["code"]


def _given(cast: Cast, owner: User) -> str:
    code = _voucher(cast, owner)
    voucher_gifts.assign(user=owner, code=code, phone=f"+9197{next(_number):08d}")
    return code


def _card_refund(_cast: Cast, owner: User) -> str:
    return card_refunds.request(user=owner, payment_id=carding.pay(owner).id, reason="customer_request").id


def _endpoint(cast: Cast, owner: User) -> int:
    cast.shop(owner)
    WebhookEndpoint.collection().delete_many({"created_by": owner.id})  # a shop has room for a few only
    return webhook_endpoints.create(user=owner, url="https://shop.example/").id


def _reward(cast: Cast, _owner: User) -> str:
    referring.terms(cast.who["admin"])
    return str(referring.refer(cast.people.client(), cast.people.client()).rewards[0].id)


def _notice(_cast: Cast, owner: User) -> int:
    key = f"test-{next(_number)}"
    notifications.record_once(key, user=owner.id, kind="OTHER", title="Hello", message="Hello")
    return notifications.Notification.find_one({"user": owner.id}, sort=[("_id", -1)]).id


MAKERS: dict[str, Callable[[Cast, User], Any]] = {
    "user": lambda cast, owner: _user(cast, owner).id,
    "email": lambda cast, owner: _user(cast, owner).email,
    "wallet": lambda cast, owner: wallets.wallet_of(owner.id).id,
    "session": lambda cast, owner: sessions.open_session(user=owner, device=Device()).session.id,
    "plan": lambda cast, owner: catalogue.plan(identifier=f"P{next(_number)}").id,
    "provider": lambda cast, owner: catalogue.catalogue.create_provider(title=f"Network {next(_number)}").id,
    "product": lambda cast, owner: buying.product().id,
    "recharge": lambda cast, owner: catalogue.buy(owner, catalogue.plan(identifier=f"P{next(_number)}")).id,
    "notice": _notice,
    "ticket": lambda cast, owner: support.open_ticket(user=owner, issue_type="OTHER", description="Help").id,
    "purchase": lambda cast, owner: buying.buy(owner, "100.00", "40.00", 3).id,
    "installment": lambda cast, owner: buying.buy(owner, "100.00", "40.00", 3).installments[1].id,
    "config": lambda cast, owner: str(referring.terms(cast.who["admin"]).id),
    "reward": _reward,
    "merchant": Cast.shop,
    "payment": Cast.payment,
    "qr code": lambda cast, owner: cast.payment(cast.stranger),
    "closed payment": _closed_payment,
    "transaction": _transaction,
    "settlement": _settlement,
    "cashier": _cashier,
    "paper": _paper,
    "coupon": _coupon,
    "redemption": _redemption,
    "batch": _batch,
    "browser": _browser,
    "voucher type": lambda cast, owner: vouchering.voucher_type().id,
    "voucher": _voucher,
    "given voucher": _given,
    "intent": lambda cast, owner: carding.open_payment(owner).intent.id,
    "card payment": lambda cast, owner: carding.pay(owner).id,
    "card refund": _card_refund,
    "endpoint": _endpoint,
    "delivery": lambda cast, owner: str(webhook_delivery.test(_endpoint(cast, owner), viewer=owner).id),
}
