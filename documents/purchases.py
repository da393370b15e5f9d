"""Purchases on instalments: what was bought, and the schedule it is paid by, in one document."""
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from mongoengine import (
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    StringField,
)

from documents.base import Document

LATE_FEE_BASIS_POINTS = 1_000
"""Ten per cent of what is still due, once."""
MAX_INSTALLMENTS = 60
MAX_QUANTITY = 10_000


class Status(StrEnum):
    """Of a purchase and of each of its instalments."""

    DUE = "due"
    PAID = "paid"


class Method(StrEnum):
    """Where the money comes from; all but the wallet are taken by hand and only recorded here."""

    WALLET = "wallet"
    CASH = "cash"
    BANK = "bank"


class InstallmentPayment(EmbeddedDocument):
    """Money that moved for one instalment, in minor units; a returned late fee is a row with a negative fee."""

    amount = IntField(required=True)
    """What it took off the due."""
    fee = IntField(required=True)
    """The late fee that came with it."""
    method = StringField(required=True, choices=list(Method))
    at = DateTimeField(required=True)
    actor = IntField(required=True)
    reference = StringField(required=True)
    """Of the ledger entry; paying the whole rest books several rows with one entry."""


class Waiver(EmbeddedDocument):
    """The decision to let the buyer off a late fee."""

    reason = StringField(required=True, max_length=500)
    actor = IntField(required=True)
    at = DateTimeField(required=True)


class Installment(EmbeddedDocument):
    """One part of the price. `amount` + `late_fee` = `paid_amount` + `due_amount`, always."""

    id = IntField(required=True)
    """Unique over all purchases: clients pay by it."""
    number = IntField(required=True)
    amount = IntField(required=True)
    """Its share of the price in minor units."""
    due_amount = IntField(required=True)
    """What is still to be paid, without any late fee."""
    paid_amount = IntField(required=True)
    """What was paid, late fee included."""
    late_fee = IntField(default=0)
    """The late fee that was charged, once, with the payment that came late."""
    due_date = DateTimeField(required=True)
    status = StringField(required=True, choices=list(Status))
    payment_date = DateTimeField()
    """When the last of it was paid; absent before."""
    payments = EmbeddedDocumentListField(InstallmentPayment)
    waiver = EmbeddedDocumentField(Waiver)
    reminded = IntField()
    """The newest reminder sent, as days after the due day (negative: before)."""

    def awaits_reminder(self, days: int, since: datetime, until: datetime) -> bool:
        """Whether it is unpaid, due from `since` to before `until`, and was sent no reminder as late as `days`."""
        unsent = self.reminded is None or self.reminded < days
        return unsent and self.status == Status.DUE and since <= self.due_date < until

    def take(self, **facts: Any) -> InstallmentPayment:
        """Count a payment of these `facts`, which the caller has checked against the due."""
        payment = InstallmentPayment(**facts)
        self.payments.append(payment)
        self.due_amount -= payment.amount
        self.late_fee += payment.fee
        self.paid_amount += payment.amount + payment.fee
        if self.due_amount == 0 and self.status == Status.DUE:
            self.status, self.payment_date = Status.PAID, payment.at
        return payment


class Purchase(Document):
    """A sale. Name and price are those of the moment it was sold."""

    id = IntField(primary_key=True)
    customer = IntField(required=True)
    product = IntField(required=True)
    product_name = StringField(required=True)
    unit_price = IntField(required=True)
    quantity = IntField(required=True, min_value=1, max_value=MAX_QUANTITY)
    total_price = IntField(required=True)
    """Units times price, less `discount`."""
    discount = IntField()
    coupon_code = StringField()
    """The coupon that the discount comes from; both are absent without one."""
    first_installment_amount = IntField(required=True)
    installment_count = IntField(required=True, min_value=1, max_value=MAX_INSTALLMENTS)
    purchase_date = DateTimeField(required=True)
    """When it was sold, which may be up to a year before it was entered here."""
    status = StringField(required=True, choices=list(Status))
    installments = EmbeddedDocumentListField(Installment, required=True)
    revision = IntField(default=0)
    """How often the schedule changed: what `store` compares."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "purchases", "indexes": [
        {"fields": ["installments.id"], "unique": True},
        ["customer", "id"],
        ["customer", "status"],
        ["customer", "-purchase_date", "-id"],
        ["purchase_date", "id"],
        ["status", "id"],
        ["product", "id"],
        ["installments.due_date"],
        ["installments.payments.at"],
        {"fields": ["installments.status", "installments.due_date"], "name": "open_installments"},
    ]}

    # The server itself refuses a schedule that does not add up.
    VALIDATOR = {
        "$expr": {"$and": [
            {"$eq": [{"$sum": "$installments.amount"}, "$total_price"]},
            {"$eq": [{"$add": [{"$sum": "$installments.amount"}, {"$sum": "$installments.late_fee"}]},
                     {"$add": [{"$sum": "$installments.paid_amount"}, {"$sum": "$installments.due_amount"}]}]},
        ]},
        "$jsonSchema": {"required": ["customer", "total_price", "status", "installments", "revision"], "properties": {
            "status": {"enum": list(Status)},
            "installments": {"bsonType": "array", "minItems": 1, "maxItems": MAX_INSTALLMENTS, "items": {
                "required": ["id", "amount", "due_amount", "paid_amount", "late_fee", "status"], "properties": {
                    "status": {"enum": list(Status)},
                    **{name: {"bsonType": ["int", "long"], "minimum": 0}
                       for name in ("amount", "due_amount", "paid_amount", "late_fee")}}}}}},
    }

    @classmethod
    def with_installment(cls, installment_id: int, **also: object) -> Self | None:
        """The purchase that holds this instalment and also meets `also`."""
        return cls.find_one({"installments.id": installment_id, **also})

    @classmethod
    def to_remind(cls, days: int, since: datetime, until: datetime) -> Iterator[Self]:
        """The purchases with an instalment that awaits the reminder of `days` after its due day."""
        return cls.find({"installments": {"$elemMatch": _unreminded(days, since, until)}})

    @classmethod
    def claim_reminder(cls, purchase_id: int, installment_id: int, days: int, since: datetime,
                       until: datetime) -> Self | None:
        """Note that this reminder is sent, or return None: of many schedulers one sends it."""
        awaiting = {"id": installment_id, **_unreminded(days, since, until)}
        return cls.change({"_id": purchase_id, "installments": {"$elemMatch": awaiting}},
                          {"$set": {"installments.$.reminded": days}, "$inc": {"revision": 1}})

    def installment(self, installment_id: int) -> Installment:
        return next(installment for installment in self.installments if installment.id == installment_id)

    @property
    def open_installments(self) -> list[Installment]:
        """What is not paid yet, in order."""
        return [installment for installment in self.installments if installment.status == Status.DUE]

    def store(self, now: datetime) -> Self | None:
        """Write the schedule as it is in memory, or return None when anybody changed it since it was read."""
        status = Status.DUE if self.open_installments else Status.PAID
        return self.change(
            {"_id": self.id, "revision": self.revision},
            {"$set": {"installments": [installment.to_mongo() for installment in self.installments],
                      "status": status, "updated_at": now},
             "$inc": {"revision": 1}})


def _unreminded(days: int, since: datetime, until: datetime) -> dict:
    """`Installment.awaits_reminder` as a filter."""
    return {"status": Status.DUE.value, "due_date": {"$gte": since, "$lt": until}, "reminded": {"$not": {"$gte": days}}}
