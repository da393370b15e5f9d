"""What was sold: recharges, purchases on instalments, vouchers and their uses."""
from typing import Any

from flask import url_for
from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.filters import NEWEST
from blueprints.console.pages import DocumentView
from documents import clock
from documents.permissions import Permission
from documents.purchases import Purchase
from documents.purchases import Status as PurchaseStatus
from documents.recharges import Recharge
from documents.recharges import Status as RechargeStatus
from documents.voucher_usages import VoucherUsage
from documents.vouchers import Voucher
from services import voucher_codes

LATEST = ("-created_at",)
ANY_STATUS = {"payment_status": {"$in": [status.value for status in RechargeStatus]}}
ISSUED = ("-issued_at", "-id")


class Recharges(DocumentView):
    permission = Permission.VIEW_REPORTS
    ids = ("id",)
    searched = ("transaction_id",)
    money = ("amount", "plan.amount", "attempts.net", "attempts.discount", "attempts.commission",
             "attempts.upline.amount")
    people = ("user", "upline_due", "attempts.upline.user")
    records = {"plan.id": "plans", "plan.provider.id": "providers", "attempts.wallet": "wallets"}
    states = ("payment_status", "attempts.status")
    hidden = ("keys", "attempts.key", "attempts.fingerprint")
    column_list = ("id", "user", "payment_status", "plan_title", "amount", "phone_number", "transaction_id",
                   "created_at")
    column_labels = {"payment_status": "Status", "plan_title": "Plan", "phone_number": "Number",
                     "needs_attention": "Needs a decision", "upline_due": "Commission due to"}
    column_filters = (
        filters.number("user", "Customer", order=NEWEST),
        filters.choice("payment_status", "Status", RechargeStatus, order=LATEST),
        *filters.days("created_at", "Made", order=LATEST, also=ANY_STATUS))
    column_sortable_list = ("id",)
    empty = "No recharges yet. They appear here as soon as somebody buys a plan."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for formatters in (self.column_formatters, self.column_formatters_export):
            formatters["plan_title"] = lambda _view, _context, row, _name: (
                f"{row.plan.provider.title}: {row.plan.title}")

    def actions_offered(self, row: Recharge) -> list[tuple[str, str, bool]]:
        undecided = row.payment_status == RechargeStatus.PENDING
        return [("resolve_recharge", f"recharge:{row.id}", False)] if undecided else []

    def related(self, row: Recharge) -> list[tuple[str, str]]:
        return [("Ledger entries", url_for("entries.index_view", search=f"recharge:{row.id}:")),
                ("What happened", url_for("events.index_view", flt_subject=f"recharge:{row.id}"))]


class Purchases(DocumentView):
    permission = Permission.MANAGE_INSTALLMENTS
    ids = ("id",)
    money = ("unit_price", "total_price", "discount", "first_installment_amount", "installments.amount",
             "installments.due_amount", "installments.paid_amount", "installments.late_fee",
             "installments.payments.amount", "installments.payments.fee")
    people = ("customer", "installments.payments.actor", "installments.waiver.actor")
    records = {"product": "products"}
    states = ("status", "installments.status")
    hidden = ("revision", "installments.reminded")
    column_list = ("id", "customer", "product_name", "quantity", "total_price", "installment_count", "status",
                   "purchase_date")
    column_labels = {"product_name": "Product", "installment_count": "Instalments", "purchase_date": "Sold"}
    column_filters = (
        filters.number("customer", "Customer", order=("-id",)), filters.number("product", "Product", order=("-id",)),
        # Oldest due first: in the order of the index.
        filters.Asked("Overdue", lambda: {"installments": {"$elemMatch": {
            "status": PurchaseStatus.DUE.value, "due_date": {"$lt": clock.now()}}}}, order=()),
        filters.choice("status", "Status", PurchaseStatus, order=("-id",)),
        *filters.days("purchase_date", "Sold", order=("-purchase_date", "-id")))
    column_sortable_list = ("id", "purchase_date")
    empty = "Nothing was sold on instalments yet."

    def actions_offered(self, row: Purchase) -> list[tuple[str, str, bool]]:
        first = next((part for part in row.installments if part.status == PurchaseStatus.DUE), None)
        if first is None:
            return []
        subject, late = f"installment:{row.id}/{first.number}", first.due_date < clock.now() and first.waiver is None
        return [("mark_paid", subject, False), *([("waive_fee", subject, False)] if late else [])]

    def related(self, row: Purchase) -> list[tuple[str, str]]:
        return [("Ledger entries", url_for("entries.index_view", search=f"purchase:{row.id}")),
                ("What happened", url_for("events.index_view", flt_subject=f"purchase:{row.id}"))]


class Vouchers(DocumentView):
    permission = Permission.MANAGE_CATALOGUE
    searched = ("id",)
    phones = ("phone",)
    money = ("paid", "type.price")
    people = ("buyer", "owner", "log.by")
    records = {"payment": "payments", "type.id": "voucher_types"}
    codes = ("code",)
    column_list = ("id", "code", "type_name", "buyer", "owner", "paid", "uses_left", "issued_at", "expires_at",
                   "cancelled_at")
    column_labels = {"type_name": "Type", "paid": "Paid", "number": "Of the payment"}
    column_filters = (
        filters.text("payment", "Payment", order=("number",)), filters.number("owner", "Owner", order=ISSUED),
        filters.number("buyer", "Buyer", order=ISSUED), *filters.days("issued_at", "Issued", order=("-issued_at",)))
    column_sortable_list = ("id",)
    empty = "No vouchers yet. They appear here when somebody buys one."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for formatters in (self.column_formatters, self.column_formatters_export):
            formatters["type_name"] = lambda _view, _context, row, _name: row.type.name

    def _found(self, search_term: str) -> dict:
        # The whole code of somebody at the counter; never a part of one, which would let codes be guessed.
        match, code = super()._found(search_term), voucher_codes.read(search_term.strip())
        return match if code is None else {"code": code}

    def actions_offered(self, row: Voucher) -> list[tuple[str, str, bool]]:
        return [("refund", f"voucher:{row.id}", True)] if row.cancelled_at is None else []

    def related(self, row: Voucher) -> list[tuple[str, str]]:
        return [("Its uses", url_for("voucher_usages.index_view", flt_voucher=row.id))]


class VoucherUsages(DocumentView):
    permission = Permission.MANAGE_CATALOGUE
    ids = ("id",)
    people = ("user", "owner")
    records = {"voucher": "vouchers", "type": "voucher_types"}
    codes = ("voucher_code",)
    column_list = ("id", "voucher_code", "voucher_type_name", "user", "owner", "service_type", "used_at")
    column_labels = {"user": "Used by", "voucher_type_name": "Type"}
    column_filters = (
        filters.text("voucher", "Voucher", order=("-used_at",)),
        filters.number("user", "Used by", order=("-used_at", "-id")),
        *filters.days("used_at", "Used", order=("-used_at",)))
    empty = "No voucher was redeemed yet."


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "Sales"}
    return [
        Recharges(Recharge, "Recharges", endpoint="recharges", **area),
        Purchases(Purchase, "Purchases", endpoint="purchases", **area),
        Vouchers(Voucher, "Vouchers", endpoint="vouchers", **area),
        VoucherUsages(VoucherUsage, "Voucher uses", endpoint="voucher_usages", **area),
    ]
