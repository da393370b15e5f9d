"""Money: wallets, payments, refunds, settlements, and the proofs around them. Everything here is only looked at."""
from typing import Any

from flask import url_for
from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.filters import NEWEST
from blueprints.console.pages import RECORDS, DocumentView
from documents.ledger import Seal
from documents.payment_transactions import PaymentTransaction
from documents.payments import Kind, Payment
from documents.payments import Status as PaymentStatus
from documents.permissions import Permission
from documents.refunds import Refund
from documents.refunds import Status as RefundStatus
from documents.settlements import Settlement, SettlementBook
from documents.settlements import Status as SettlementStatus
from documents.wallets import POINTS, Wallet
from services.ledger import wallet_account

LATEST_DONE = ("-completed_at",)


class Wallets(DocumentView):
    permission = Permission.FUND_WALLETS
    ids = ("id", "owner")
    money = ("balance",)
    people = ("owner",)
    column_list = ("id", "owner", "unit", "balance", "seq", "updated_at")
    column_labels = {"seq": "Entries"}
    column_filters = (
        filters.number("owner", "Owner", order=("unit",)),
        filters.text("unit", "Unit", order=("-balance",)))
    column_sortable_list = ("id",)
    empty = "No wallets yet. Distributors and retailers get one with their account, others with their first use of it."

    def actions_offered(self, row: Wallet) -> list[tuple[str, str, bool]]:
        name = f"wallet:{row.id}"
        return [("fund", name, False), ("debit", name, True)] if row.unit != POINTS else []

    def related(self, row: Wallet) -> list[tuple[str, str]]:
        return [("Ledger entries of this wallet", url_for("entries.index_view", flt_account=wallet_account(row.id)))]


class Seals(DocumentView):
    permission = Permission.VIEW_REPORTS
    ids = ("number",)
    column_list = ("number", "created_at", "digest", "previous")
    column_labels = {"number": "Seal"}
    records = {"entries": "ledger_entries"}
    empty = "Nothing is sealed yet: a job seals new entries every few minutes."


class Payments(DocumentView):
    permission = Permission.MANAGE_REFUNDS
    searched = ("id", "gateway.intent")
    money = ("amount", "discount", "final_amount", "captured", "refunded", "refunding")
    people = ("user", "created_by")
    records = {"merchant": "merchants", "settlement": "settlements", "wallet": "wallets", "coupon.id": "coupons",
               "coupon.redemption": "redemptions", "purpose.voucher_type": "voucher_types"}
    states = ("status",)
    hidden = ("keys", "fingerprint")
    column_list = ("id", "kind", "status", "user", "merchant", "final_amount", "refunded", "method", "created_at")
    column_filters = (
        filters.number("user", "Customer", order=NEWEST), filters.number("merchant", "Merchant", order=NEWEST),
        filters.text("settlement", "Settlement", order=("id",)),
        filters.choice("status", "Status", PaymentStatus, order=NEWEST),
        filters.choice("kind", "Kind", Kind, order=NEWEST),
        *filters.days("completed_at", "Completed", order=LATEST_DONE))
    column_sortable_list = ("id",)
    empty = "No payments yet. They appear here when somebody pays by card, tops up, or a shop asks for money."

    def actions_offered(self, row: Payment) -> list[tuple[str, str, bool]]:
        left = row.captured - row.refunded - row.refunding
        return [("refund", f"payment:{row.id}", True)] if left > 0 else []

    def related(self, row: Payment) -> list[tuple[str, str]]:
        return [("Refunds of this payment", url_for("refunds.index_view", flt_payment=row.id)),
                ("Attempts to pay it", url_for("payment_transactions.index_view", flt_payment=row.id)),
                ("Ledger entries", url_for("entries.index_view", search=f"payment:{row.id}")),
                ("Vouchers bought with it", url_for("vouchers.index_view", flt_payment=row.id))]


class PaymentTransactions(DocumentView):
    permission = Permission.MANAGE_REFUNDS
    searched = ("id",)
    money = ("amount", "final_amount")
    people = ("user",)
    records = {"payment": "payments", "merchant": "merchants"}
    states = ("status",)
    hidden = ("is_open",)
    column_list = ("id", "payment", "status", "reference", "user", "merchant", "final_amount", "created_at")
    column_filters = (
        filters.text("payment", "Payment", order=("-created_at",)),
        filters.number("merchant", "Merchant", order=NEWEST),
        *filters.days("created_at", "Made", order=NEWEST))
    empty = "Nobody has tried to pay yet."


class Refunds(DocumentView):
    permission = Permission.MANAGE_REFUNDS
    searched = ("id", "gateway_refund")
    money = ("amount", "subsidy")
    people = ("user", "requested_by", "decided_by")
    records = {"payment": "payments", "merchant": "merchants", "settlement": "settlements"}
    states = ("status",)
    hidden = ("keys", "fingerprint", "awaiting")
    column_list = ("id", "payment", "status", "user", "merchant", "amount", "method", "created_at")
    column_filters = (
        filters.text("payment", "Payment", order=("-created_at",)),
        filters.number("user", "Customer", order=NEWEST), filters.number("merchant", "Merchant", order=NEWEST),
        filters.text("settlement", "Settlement", order=("id",)),
        filters.choice("status", "Status", RefundStatus, order=NEWEST),
        *filters.days("completed_at", "Completed", order=LATEST_DONE))
    empty = "No refunds yet. Customers ask for them, staff make them on a payment's page."

    def actions_offered(self, row: Refund) -> list[tuple[str, str, bool]]:
        name = f"refund:{row.id}"
        return [("refund", name, False), ("reject_refund", name, True)] if row.status == RefundStatus.PENDING else []

    def related(self, row: Refund) -> list[tuple[str, str]]:
        return [("Ledger entries", url_for("entries.index_view", search=f"refund:{row.id}"))]


class Settlements(DocumentView):
    permission = Permission.MANAGE_SETTLEMENTS
    searched = ("id",)
    money = ("amount", "brought_forward", "gross", "subsidy", "refunds", "fee", "collected_in_cash",
             "carried_forward")
    people = ("requested_by", "paid_by")
    records = {"merchant": "merchants"}
    states = ("status",)
    column_list = ("id", "merchant", "status", "kind", "amount", "gross", "fee", "settlement_date", "paid_at")
    column_filters = (
        filters.number("merchant", "Merchant", order=("-settlement_date", "-id")),
        filters.choice("status", "Status", SettlementStatus, order=("-settlement_date", "-id")),
        *filters.days("settlement_date", "Settled", order=("-settlement_date", "-id")))
    empty = "No settlements yet. They are made when a merchant's cycle ends, or a merchant asks for one."

    def actions_offered(self, row: Settlement) -> list[tuple[str, str, bool]]:
        due = row.status == SettlementStatus.PENDING
        return [("mark_paid", f"settlement:{row.id}", False)] if due else []

    def related(self, row: Settlement) -> list[tuple[str, str]]:
        return [("Payments in it", url_for("payments.index_view", flt_settlement=row.id)),
                ("Refunds in it", url_for("refunds.index_view", flt_settlement=row.id)),
                ("Ledger entries", url_for("entries.index_view", search=f"settlement:{row.id}"))]


class SettlementBooks(DocumentView):
    permission = Permission.MANAGE_SETTLEMENTS
    ids = ("id",)
    money = ("carried",)
    records = {"id": "merchants"}
    column_list = ("id", "carried", "closings", "closed_at")
    column_labels = {"id": "Merchant", "carried": "Carried forward"}
    empty = "No merchant was settled yet."


def views() -> list[BaseView]:
    """The pages of this area."""
    area: dict[str, Any] = {"category": "Money"}
    return [
        Wallets(Wallet, "Wallets", endpoint="wallets", **area),
        Payments(Payment, "Payments", endpoint="payments", **area),
        Refunds(Refund, "Refunds", endpoint="refunds", **area),
        Settlements(Settlement, "Settlements", endpoint="settlements", **area),
        PaymentTransactions(PaymentTransaction, "Payment attempts", endpoint="payment_transactions", category=RECORDS),
        SettlementBooks(SettlementBook, "Settlement books", endpoint="settlement_books", category=RECORDS),
        Seals(Seal, "Seals", endpoint="seals", category=RECORDS),
    ]
