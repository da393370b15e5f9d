"""Coupons: the house's to make and change, every merchant's to look at, and what was made of them."""
from typing import Any

from flask import url_for
from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.access import staff
from blueprints.console.editing import EditableView, Switch
from blueprints.console.filters import NEWEST
from blueprints.console.pages import RECORDS, DocumentView
from blueprints.schemas.coupons import CouponIn, CouponTerms
from documents import money
from documents.coupon_assignments import CouponAssignment
from documents.coupon_batches import CouponBatch
from documents.coupon_scans import CouponScan
from documents.coupons import Coupon, DiscountType
from documents.permissions import Permission
from documents.redemptions import CouponCustomer, Redemption
from services import coupon_terms

END = Switch("deactivate", "Deactivate", "Nobody can use it from now on. What was given stays given.", True)
BEGIN = Switch("activate", "Activate", "It can be used again, within its dates and limits.")


class Coupons(EditableView):
    permission = Permission.MANAGE_COUPONS
    kind = "coupon"
    ids = ("id",)
    searched = ("code",)
    money = ("min_order_amount", "max_discount_amount", "budget", "spent")
    people = ("created_by",)
    records = {"merchant": "merchants", "batch": "coupon_batches"}
    make_schema, change_schema = CouponIn, CouponTerms
    without = ("is_active",)
    column_list = ("id", "code", "discount_value", "merchant", "used_count", "usage_limit", "spent", "expiry_date",
                   "is_active")
    column_labels = {"discount_value": "Discount", "used_count": "Used", "usage_limit": "Of"}
    column_filters = (
        filters.text("batch", "Batch", order=("number",)),
        filters.number("merchant", "Merchant", order=("-batch", "-id")),
        filters.Asked("Of the house", lambda: {"merchant": None}, order=("-batch", "-id")),
        *filters.days("created_at", "Made", order=NEWEST))
    column_sortable_list = ("id", "code")
    empty = "No coupons yet. Create one of the house's; merchants make their own."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for formatters in (self.column_formatters, self.column_formatters_export):
            formatters["discount_value"] = lambda _view, _context, row, _name: _discount(row)

    def make(self, **facts: Any) -> Coupon:
        return coupon_terms.create(actor=staff, **facts)

    def alter(self, row: Coupon, **facts: Any) -> None:
        coupon_terms.change(row.id, actor=staff, **facts)

    def switches(self, row: Coupon) -> list[Switch]:
        return [END if row.is_active else BEGIN]

    def turn(self, row: Coupon, name: str) -> None:
        coupon_terms.change(row.id, actor=staff, is_active=name == BEGIN.name)

    def facts(self, row: Coupon) -> dict:
        return super().facts(row) | {"is_active": bool(row.is_active)}

    def related(self, row: Coupon) -> list[tuple[str, str]]:
        return [("Its uses", url_for("redemptions.index_view", flt_coupon=row.id)),
                ("To whom it was given", url_for("coupon_assignments.index_view", flt_coupon=row.id))]


class Redemptions(DocumentView):
    permission = Permission.MANAGE_COUPONS
    searched = ("subject",)
    money = ("order_amount", "discount", "final_amount")
    people = ("user",)
    records = {"coupon": "coupons", "merchant": "merchants"}
    subjects = ("subject",)
    states = ("status",)
    hidden = ("live",)
    column_list = ("id", "code", "status", "subject", "user", "discount", "final_amount", "funded_by", "created_at")
    column_labels = {"subject": "Order", "code": "Coupon"}
    column_filters = (
        filters.number("coupon", "Coupon", order=NEWEST), filters.number("user", "Customer", order=NEWEST),
        filters.text("subject", "Order", order=("-created_at",)))
    empty = "No coupon was used yet."


class CouponBatches(DocumentView):
    permission = Permission.MANAGE_COUPONS
    searched = ("id",)
    money = ("terms.min_order_amount", "terms.max_discount_amount", "terms.budget")
    people = ("created_by", "terms.created_by")
    records = {"merchant": "merchants", "terms.merchant": "merchants"}
    states = ("status",)
    column_list = ("id", "prefix", "status", "done", "count", "merchant", "created_by", "created_at")
    column_filters = (filters.number("merchant", "Merchant", order=NEWEST),
                      *filters.days("created_at", "Ordered", order=NEWEST))
    empty = "No batch of codes was ordered yet."

    def related(self, row: CouponBatch) -> list[tuple[str, str]]:
        return [("Its codes", url_for("coupons.index_view", flt_batch=row.id))]


class CouponAssignments(DocumentView):
    permission = Permission.MANAGE_COUPONS
    phones = ("phone",)
    people = ("created_by",)
    records = {"coupon": "coupons"}
    column_list = ("phone", "coupon", "created_by", "created_at")
    column_filters = (filters.number("coupon", "Coupon", order=NEWEST), filters.text("phone", "Phone", order=NEWEST))
    empty = "No coupon was given to a phone number yet."


class CouponScans(DocumentView):
    permission = Permission.MANAGE_COUPONS
    people = ("scanned_by",)
    records = {"coupon": "coupons"}
    column_list = ("coupon", "scanned_by", "expires_at")
    column_default_sort = ("expires_at", True)
    empty = "No QR code was scanned in the last minutes."


class CouponCustomers(DocumentView):
    permission = Permission.MANAGE_COUPONS
    searched = ("id",)
    column_list = ("id", "uses")
    column_labels = {"id": "Coupon and customer"}
    empty = "Nobody has used a coupon with a limit for each customer yet."


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "Coupons"}
    return [
        Coupons(Coupon, "Coupons", endpoint="coupons", **area),
        Redemptions(Redemption, "Coupon uses", endpoint="redemptions", **area),
        CouponBatches(CouponBatch, "Batches of codes", endpoint="coupon_batches", **area),
        CouponAssignments(CouponAssignment, "Given coupons", endpoint="coupon_assignments", category=RECORDS),
        CouponCustomers(CouponCustomer, "Uses by customer", endpoint="coupon_customers", category=RECORDS),
        CouponScans(CouponScan, "Scans", endpoint="coupon_scans", category=RECORDS),
    ]


def _discount(coupon: Coupon) -> str:
    text = money.text(coupon.discount_value)
    return f"{text} %" if coupon.discount_type == DiscountType.PERCENT else text
