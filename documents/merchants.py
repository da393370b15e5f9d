"""Merchants: shops that take payments, each belonging to one person, and who else may work at their tills."""
import re
from datetime import datetime
from enum import StrEnum
from typing import Self

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    StringField,
)

from documents.base import Document

MAX_BANK_ACCOUNTS = 20
MAX_KYC_FILES = 20
# State, PAN (ten characters), number of the registration, Z, check character. The last one is not judged: the number
# that the merchants' own documentation gives as its example has a wrong one.
_GSTIN = re.compile(r"(0[1-9]|[12]\d|3[0-8]|97|99)[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]", re.ASCII)

_ACCOUNTS = {"$ifNull": ["$bank_accounts", []]}


class Cycle(StrEnum):
    """When a payment is settled, in calendar days of BUSINESS_TIMEZONE."""

    INSTANT = "INSTANT"
    T1 = "T+1"
    T2 = "T+2"

    @property
    def days(self) -> int:
        return {Cycle.INSTANT: 0, Cycle.T1: 1, Cycle.T2: 2}[self]


class MerchantSettings(EmbeddedDocument):
    auto_settlement = BooleanField(default=True)
    settlement_cycle = StringField(choices=list(Cycle), default=Cycle.T1.value)
    notification_email = StringField(max_length=254)
    """Where settlements are also announced; absent for nowhere."""
    notification_sms = BooleanField(default=True)


class BankAccount(EmbeddedDocument):
    id = IntField(required=True)
    name = StringField(required=True, max_length=255)
    bank_name = StringField(required=True, max_length=255)
    account_number = StringField(required=True, max_length=64)
    ifsc = StringField(required=True, max_length=20)
    is_primary = BooleanField(default=False)
    created_at = DateTimeField(required=True)


class Merchant(Document):
    """A shop. Its money is in the ledger: `merchant:<id>:receivable`, `merchant:<id>:till`."""

    id = IntField(primary_key=True)
    user = IntField(required=True)
    """The owner; one person has one shop."""
    business_name = StringField(required=True, max_length=255)
    business_type = StringField(max_length=100, default="")
    gst_number = StringField(max_length=15)
    phone = StringField(max_length=20, default="")
    email = StringField(max_length=254)
    address = StringField(max_length=500, default="")
    is_active = BooleanField(default=True)
    """Switched off by staff: takes no payments."""
    closed_at = DateTimeField()
    """Given up by its owner, until it creates the shop again."""
    settings = EmbeddedDocumentField(MerchantSettings, default=MerchantSettings)
    bank_accounts = EmbeddedDocumentListField(BankAccount)
    kyc_files = IntField(default=0)
    """How many papers were uploaded."""
    created_at = DateTimeField(required=True)
    updated_at = DateTimeField(required=True)

    meta = {"collection": "merchants", "indexes": [
        {"fields": ["user"], "unique": True},
        ["-created_at", "-id"],
        ["is_active", "-created_at", "-id"],
    ]}

    # Exactly one primary bank account as soon as there is one: whatever writes them.
    VALIDATOR = {"$expr": {"$eq": [
        {"$size": {"$filter": {"input": _ACCOUNTS, "cond": "$$this.is_primary"}}},
        {"$min": [1, {"$size": _ACCOUNTS}]}]}}

    @property
    def takes_payments(self) -> bool:
        return self.is_active and self.closed_at is None

    @classmethod
    def reopen(cls, user: int, facts: dict) -> Self | None:
        """Open the shop that this person had closed, or None when there is none."""
        return cls.change({"user": user, "closed_at": {"$exists": True}},
                          {"$set": facts, "$unset": {"closed_at": ""}})

    @classmethod
    def close(cls, merchant_id: int, match: dict, now: datetime) -> Self | None:
        return cls.change({"_id": merchant_id, "closed_at": {"$exists": False}, **match},
                          {"$set": {"closed_at": now, "updated_at": now}})

    @classmethod
    def take_kyc_place(cls, merchant_id: int) -> Self | None:
        """Count one more paper, or None when there are enough: the filter is the cap."""
        return cls.change({"_id": merchant_id, "kyc_files": {"$lt": MAX_KYC_FILES}}, {"$inc": {"kyc_files": 1}})


class Cashier(Document):
    """Somebody who may take payments at a merchant's till, and nothing else."""

    id = StringField(primary_key=True)
    """`<merchant>:<user>`."""
    merchant = IntField(required=True)
    user = IntField(required=True)
    created_at = DateTimeField(required=True)

    meta = {"collection": "cashiers", "indexes": [["merchant", "-created_at"], ["user"]]}


class KycFile(Document):
    """A paper that proves who a merchant is; its bytes are in GridFS."""

    id = StringField(primary_key=True)
    """A random UUID, and the name of the file."""
    merchant = IntField(required=True)
    content_type = StringField(required=True)
    size = IntField(required=True)
    uploaded_by = IntField(required=True)
    created_at = DateTimeField(required=True)

    meta = {"collection": "kyc_files", "indexes": [["merchant", "-created_at", "-id"]]}


def is_gstin(text: str) -> bool:
    """Whether this has the form of an Indian GST number."""
    return _GSTIN.fullmatch(text) is not None
