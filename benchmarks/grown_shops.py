"""The rest of a grown business: what shops, referrers, staff and jobs leave behind, tens of thousands of each."""
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from mongoengine import EmbeddedDocument

from benchmarks.in_process import insert
from config import settings
from documents import clock
from documents.base import Document
from documents.coupon_assignments import CouponAssignment
from documents.coupon_batches import CouponBatch
from documents.coupons import Coupon
from documents.events import Event
from documents.gateway_events import GatewayEvent
from documents.margins import Margin
from documents.merchants import Merchant
from documents.messages import Message
from documents.notifications import Notification
from documents.payment_transactions import PaymentTransaction
from documents.payments import Payment, Status
from documents.redemptions import Redemption
from documents.referral_rollups import ReferralRollup, Span
from documents.referrals import Referral, ReferralCode
from documents.refunds import Refund
from documents.rewards import Reward
from documents.sessions import Session
from documents.settlements import Settlement
from documents.staff_actions import StaffAction
from documents.tickets import IssueType, Ticket, TicketStatus
from documents.verifications import Verification
from documents.voucher_types import VoucherType
from documents.voucher_usages import VoucherUsage
from documents.vouchers import TypeCopy, Voucher
from documents.webhook_deliveries import WebhookDelivery
from documents.webhook_endpoints import WebhookEndpoint
from services import referral_rollups

LARGE = [Payment, Voucher, Coupon, Redemption, CouponAssignment, Reward, Referral, ReferralCode, ReferralRollup, Event,
         Message, Notification, Session, Refund, Settlement, StaffAction, Ticket, WebhookDelivery, GatewayEvent,
         PaymentTransaction, VoucherUsage]
SPREAD = timedelta(days=180)
MERCHANTS, REFERRALS = 2_000, 30_000
FIRST = 1_000_000
"""Integer ids start here: far from the demo's."""

Sale = tuple[datetime, int, str]
"""When who bought a voucher, and the payment's id."""


class Shops:
    """How each kind of row differs from the example of its kind."""

    def __init__(self, chance: random.Random, now: datetime, somebody: Callable[[], int], people: range) -> None:
        self.chance, self.now, self.somebody, self.people = chance, now, somebody, people
        self.types = [as_copy(TypeCopy, row) for row in VoucherType.collection().find()]
        self.currency = settings.current().currency
        self.house: list[str] = []
        self.tills: list[tuple[str, int]] = []
        """Payments to the house; payments at tills, with the merchant's id."""
        self.bought = {kind: Payment.collection().find_one({"kind": kind}) for kind in ("WALLET", "POS")}

    def rows(self, document: type[Document], number: int, differs: Callable[[int, datetime], dict],
             **example: Any) -> None:
        """`number` rows in the order of time, as the example in the database (or the one given) but for `differs`."""
        stored = document.collection().find_one() or {}
        moments = sorted(self.now - SPREAD * self.chance.random() ** 1.5 for _ in range(number))
        insert(document, ({**stored, **example, **differs(index, at)} for index, at in enumerate(moments)))

    def vouchers(self, sales: list[Sale]) -> None:
        """A payment from the wallet and a voucher for each sale, half of them used."""
        example = Voucher.collection().find_one()
        kept, made = [], []
        for index, (at, user, payment) in enumerate(sales):
            of = self.chance.choice(self.types)
            self.house.append(payment)
            kept.append({**self.bought["WALLET"], "_id": payment, "user": user, "created_by": user, "created_at": at,
                         "updated_at": at, "completed_at": at,
                         "purpose": {"kind": "voucher", "voucher_type": of["id"], "quantity": 1}})
            made.append({**example, "_id": uuid(at, index), "code": f"B{index:011d}", "buyer": user, "owner": user,
                         "type": of, "payment": payment, "number": 1, "paid": of["price"],
                         "usage_count": index % 2, "uses_left": of["usage_limit"] - index % 2, "issued_at": at,
                         "expires_at": at + timedelta(days=of["validity_days"]),
                         "log": [{"what": "issued", "at": at, "by": user, "note": ""}]})
        insert(Payment, kept)
        insert(Voucher, made)

    def till(self, index: int, at: datetime) -> dict:
        """A payment at a till, one in twenty not paid."""
        user, status = self.somebody(), Status.SUCCESS if index % 20 else list(Status)[index // 20 % len(Status)]
        paid = 4_999 if status in (Status.SUCCESS, Status.REFUNDED) else 0
        self.tills.append((uuid(at, 10**6 + index), FIRST + index % MERCHANTS))
        return {**self.bought["POS"], "_id": self.tills[-1][0], "merchant": self.tills[-1][1],
                "user": user, "created_by": user, "status": status.value, "amount": 4_999, "discount": 0,
                "final_amount": 4_999, "captured": paid, "refunded": 0, "refunding": 0, "created_at": at,
                "updated_at": at, "completed_at": at, **({"to_settle": True} if paid and index % 10 == 0 else {})}

    def coupon(self, index: int, at: datetime) -> dict:
        batch = {"batch": uuid(self.now - SPREAD, index // 1_000), "number": index} if index < 10_000 else {}
        return {"_id": FIRST + index, "code": f"GROWN{index:06d}", "used_count": 0, "spent": 0, "created_at": at,
                "updated_at": at, "merchant": FIRST + index % MERCHANTS, **batch}

    def redemption(self, index: int, at: datetime) -> dict:
        return {"_id": uuid(at, index), "coupon": FIRST + index % 500, "code": f"GROWN{index % 500:06d}",
                "subject": f"payment:{uuid(at, index)}", "user": self.somebody(), "created_at": at,
                "merchant": FIRST + index % MERCHANTS, "confirmed_at": at}

    def reward(self, index: int, at: datetime) -> dict:
        states = {"status": "PENDING", "is_held": index % 100 == 0} if index % 10 == 0 else {
            "status": "CREDITED", "credited_at": at} if index % 10 < 9 else {"status": "REVOKED", "revoked_at": at}
        return {"_id": oid(at, index), "user": self.somebody(), "referral": uuid(self.now - SPREAD, index),
                "role": ("referrer", "referred")[index % 2], "created_at": at, **states}

    def referral(self, index: int, at: datetime) -> dict:
        referrer = self.people[0] + int(5_000 * self.chance.random() ** 2)
        return {"_id": uuid(self.now - SPREAD, index), "code": f"G{referrer}", "referrer": referrer,
                "referred": self.people[-1] - index, "created_at": at}

    def event(self, index: int, at: datetime) -> dict:
        late = {"due_at": at} if index > 119_900 else {"parked_at": at, "error": "Gone"} if index % 6_000 == 0 else {
            "unseen": True} if index % 4_000 == 1 else {}
        return {"_id": oid(at, 10**7 + index), "type": "recharge.succeeded", "subject": f"recharge:{index}",
                "user": self.somebody(), "data": {"amount": 18_700, "status": "success"}, "created_at": at,
                "dispatched_at": at, **late}

    def message(self, index: int, at: datetime) -> dict:
        user = self.somebody() - self.people[0]
        channel, to = ("email", f"person{user}@grown.example") if index % 2 else ("sms", f"+9170{user:08d}")
        return {"_id": oid(at, index), "channel": channel, "to": to, "subject": "Your recharge", "body": "Done.",
                "key": f"bench:{index}", "status": ("sent", "sent", "sent", "failed")[index % 4], "attempts": 1,
                "gives_up_at": at, "secret": False, "created_at": at, "sent_at": at}

    def action(self, index: int, at: datetime) -> dict:
        waits = "waiting" if index > 19_900 else "done"
        return {"_id": uuid(at, index), "name": ("fund", "plan.update", "reverse")[index % 3],
                "subject": f"wallet:{index}", "user": self.somebody(), "arguments": {}, "amount": 10_000_00,
                "unit": self.currency, "reason": "As agreed", "status": waits, "maker": self.people[index % 7],
                "made_at": at, "before": {"balance": "1.00"}, "after": {"balance": "2.00"}, "result": {}}

    def ticket(self, index: int, at: datetime) -> dict:
        return {"_id": FIRST + index, "user": self.somebody(), "description": "It did not arrive.",
                "issue_type": list(IssueType)[index % 5].value, "status": list(TicketStatus)[index % 4].value,
                "created_at": at, "updated_at": at}

    def session(self, index: int, at: datetime) -> dict:
        return {"_id": uuid(at, index), "user": self.somebody(), "generation": 0, "device": "Mozilla/5.0",
                "address": "203.0.113.9", "created_at": at, "refreshed_at": at,
                "expires_at": self.now + timedelta(days=30)}

    def delivery(self, index: int, at: datetime) -> dict:
        return {"_id": oid(at, index), "endpoint": FIRST + index % 20, "event": oid(at, 10**7 + index),
                "type": "recharge.succeeded", "body": "{}", "status": ("succeeded", "failed")[index % 20 == 0],
                "attempts": 1, "log": [{"at": at, "status": 200, "milliseconds": 12, "response": ""}],
                "created_at": at, "updated_at": at}

    def merchant(self, index: int, at: datetime) -> dict:
        return {"_id": FIRST + index, "user": self.people[-1 - index], "business_name": f"Shop {index}",
                "email": f"shop{index}@grown.example", "created_at": at, "updated_at": at, "is_active": index % 30 != 0}

    def settlement(self, index: int, at: datetime) -> dict:
        return {"_id": uuid(at, index), "merchant": FIRST + index % MERCHANTS, "settlement_date": at,
                "created_at": at, "status": "PENDING" if index % 20 == 0 else "PAID"}

    def refund(self, index: int, at: datetime) -> dict:
        payment, merchant = (self.house[4 * index], None) if index % 10 == 0 else self.tills[4 * index]
        return {"_id": uuid(at, index), "payment": payment, "merchant": merchant, "user": self.somebody(),
                "created_at": at, "updated_at": at, "completed_at": at,
                "status": ("completed", "pending")[index % 50 == 0]}


def load(shops: Shops, sales: list[Sale], say: Callable[[str], None]) -> None:
    """Everything, a line for each kind."""
    shops.vouchers(sales)
    say("  vouchers")
    for document, number, differs, example in _plan(shops):
        shops.rows(document, number, differs, **example)
        say(f"  {document.collection().name}")
    insert(ReferralRollup, _rollups())


def _plan(shops: Shops) -> Iterator[tuple[type[Document], int, Callable[[int, datetime], dict], dict]]:
    plain = [(Payment, 40_000, shops.till), (Coupon, 20_000, shops.coupon), (Redemption, 30_000, shops.redemption),
             (Reward, 40_000, shops.reward), (Referral, REFERRALS, shops.referral), (Event, 120_000, shops.event),
             (Message, 60_000, shops.message), (StaffAction, 20_000, shops.action), (Ticket, 20_000, shops.ticket),
             (Session, 40_000, shops.session), (WebhookDelivery, 50_000, shops.delivery),
             (Merchant, MERCHANTS, shops.merchant), (Settlement, 10_000, shops.settlement),
             (Refund, 10_000, shops.refund)]
    yield from ((*kind, {}) for kind in plain)
    yield Notification, 60_000, lambda index, at: {
        "_id": FIRST + index, "key": f"bench:{index}", "user": shops.somebody(), "created_at": at}, {
        "kind": "RECHARGE", "title": "Recharged", "message": "Done.", "is_archived": False}
    yield CouponAssignment, 20_000, lambda index, at: {
        "_id": f"{FIRST + index % 500}:+9170{index:08d}", "coupon": FIRST + index % 500,
        "phone": f"+9170{index:08d}", "created_at": at}, {}
    yield CouponBatch, 2_000, lambda index, at: {"_id": uuid(at, index), "status": "done", "created_at": at}, {}
    yield ReferralCode, 40_000, lambda index, at: {
        "_id": uuid(at, index), "owner": shops.people[index], "code": f"G{shops.people[index]}", "created_at": at}, {}
    yield PaymentTransaction, 40_000, lambda index, at: {
        "_id": uuid(at, index), "payment": shops.tills[index][0], "user": shops.somebody(),
        "merchant": shops.tills[index][1], "created_at": at, "updated_at": at}, {}
    yield VoucherUsage, 30_000, lambda index, at: {
        "_id": FIRST + index, "voucher": uuid(at, index), "user": shops.somebody(), "used_at": at}, {}
    yield GatewayEvent, 20_000, lambda index, at: {
        "_id": f"simulated:{index}", "intent": f"pi_{index}", "created_at": at,
        "status": "parked" if index % 1_000 == 0 else "applied"}, {
        "gateway": "simulated", "type": "payment_intent.succeeded", "body": "{}", "attempts": 1}
    yield WebhookEndpoint, 20, lambda index, at: {
        "_id": FIRST + index, "slot": f"house:{index}", "url": f"https://shop{index}.example/hook", "created_at": at,
        "updated_at": at}, {"created_by": 1, "events": [], "secret": "", "is_active": True, "description": ""}
    yield Margin, 9_000, lambda index, at: {"_id": shops.people[index], "created_at": at, "updated_at": at}, {}
    yield Verification, 400, lambda index, at: {
        "_id": uuid(at, index), "ordered_at": at, "finished_at": at, "ok": True}, {
        "origin": "night", "breaks": 0, "counted": {"entries": 10**6}, "planned": 0, "checks": []}


def _rollups() -> Iterator[dict]:
    """What the referrals come to, added up here the way the events would."""
    kept: Counter = Counter()
    for row in Referral.collection().find({}, {"referrer": 1, "created_at": 1}):
        day = clock.day_of(row["created_at"], settings.current().timezone)
        for span in Span:
            kept[span.value, referral_rollups.start_of(span, day), row["referrer"]] += 1
    at = clock.now()
    for (span, start, user), number in kept.items():
        yield {"_id": f"{span}:{start}:{user}", "span": span, "start": start, "user": user, "count": number,
               "count_at": at, "cash": number * 5_000, "cash_at": at, "points": 0, "points_at": None, "writes": 0}


def as_copy(kind: type[EmbeddedDocument], row: dict) -> dict:
    """What other documents keep of this row."""
    return {name: row[name] for name in kind._fields if name in row} | {"id": row["_id"]}


def uuid(at: datetime, number: int) -> str:
    """A UUIDv7 of this moment."""
    text = f"{int(at.timestamp() * 1000):012x}7{number % 4096:03x}8{number // 4096:015x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def oid(at: datetime, number: int) -> ObjectId:
    """As the server's: sorts by its second, then by `number`."""
    return ObjectId(int(at.timestamp()).to_bytes(4, "big") + number.to_bytes(8, "big"))
