"""Shops: merchants, their cashiers, papers and daily figures."""
from flask import Response, request, stream_with_context, url_for
from flask_admin import BaseView, expose

from blueprints.console import filters
from blueprints.console.access import staff
from blueprints.console.editing import EditableView, Switch
from blueprints.console.filters import NEWEST
from blueprints.console.pages import RECORDS, DocumentView
from documents.merchant_days import MerchantDay, RolledUp
from documents.merchants import Cashier, KycFile, Merchant
from documents.permissions import Permission
from services import kyc, merchants

OFF = Switch("switch_off", "Switch off", "It takes no payments from now on. What is due is still settled.", True)
ON = Switch("switch_on", "Switch on", "It takes payments again.")


class Merchants(EditableView):
    permission = Permission.MANAGE_MERCHANTS
    kind = "merchant"
    ids = ("id", "user")
    people = ("user",)
    column_list = ("id", "business_name", "user", "phone", "email", "is_active", "closed_at", "created_at")
    column_labels = {"user": "Owner", "gst_number": "GST number", "kyc_files": "Papers"}
    column_filters = (filters.number("user", "Owner", order=()), filters.flag("is_active", "Active", order=NEWEST),
                      *filters.days("created_at", "Opened", order=NEWEST))
    column_sortable_list = ("id",)
    empty = "No merchants yet. People open a shop by themselves."

    def switches(self, row: Merchant) -> list[Switch]:
        return [OFF if row.is_active else ON]

    def turn(self, row: Merchant, name: str) -> None:
        merchants.switch(row.id, active=name == ON.name)

    def facts(self, row: Merchant) -> dict:
        return {"is_active": bool(row.is_active)}

    def related(self, row: Merchant) -> list[tuple[str, str]]:
        return [("Payments", url_for("payments.index_view", flt_merchant=row.id)),
                ("Settlements", url_for("settlements.index_view", flt_merchant=row.id)),
                ("Papers", url_for("kyc_files.index_view", flt_merchant=row.id)),
                ("Cashiers", url_for("cashiers.index_view", flt_merchant=row.id)),
                ("Coupons", url_for("coupons.index_view", flt_merchant=row.id)),
                ("What it is owed", url_for("entries.index_view", flt_account=f"merchant:{row.id}:receivable"))]


class KycFiles(DocumentView):
    permission = Permission.MANAGE_MERCHANTS
    searched = ("id",)
    people = ("uploaded_by",)
    records = {"merchant": "merchants"}
    column_list = ("id", "merchant", "content_type", "size", "uploaded_by", "created_at")
    column_labels = {"size": "Bytes", "content_type": "Type"}
    column_filters = (filters.number("merchant", "Merchant", order=NEWEST),)
    empty = "No merchant has sent a paper yet."

    def related(self, row: KycFile) -> list[tuple[str, str]]:
        return [("Download the paper", url_for(".paper", id=row.id))]

    @expose("/paper/")
    def paper(self) -> Response:
        """The paper itself, never shown inside the console: somebody else made it."""
        found = kyc.download(request.args.get("id", ""), viewer=staff)
        return Response(stream_with_context(found.chunks), mimetype=found.content_type, headers={
            "Content-Disposition": f'attachment; filename="{found.name}"', "Content-Length": str(found.size)})


class Cashiers(DocumentView):
    permission = Permission.MANAGE_MERCHANTS
    people = ("user",)
    records = {"merchant": "merchants"}
    column_list = ("merchant", "user", "created_at")
    column_filters = (filters.number("merchant", "Merchant", order=("-created_at",)),
                      filters.number("user", "Person", order=()))
    empty = "No merchant has a cashier yet."


class MerchantDays(DocumentView):
    permission = Permission.MANAGE_MERCHANTS
    money = ("captured", "refunded")
    records = {"merchant": "merchants"}
    column_list = ("merchant", "day", "payments", "captured", "refunded")
    column_filters = (filters.number("merchant", "Merchant", order=("-day",)),
                      filters.text("day", "Day", order=("merchant",)))
    column_default_sort = [("day", True), ("merchant", True)]
    empty = "No day is added up yet: a job does it every night."


class RolledUps(DocumentView):
    permission = Permission.MANAGE_JOBS
    few = True
    column_list = ("id", "until")
    column_labels = {"id": "Figures"}
    empty = "Nothing is added up yet."


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "Merchants"}
    return [
        Merchants(Merchant, "Merchants", endpoint="merchants", **area),
        KycFiles(KycFile, "Papers", endpoint="kyc_files", **area),
        Cashiers(Cashier, "Cashiers", endpoint="cashiers", **area),
        MerchantDays(MerchantDay, "Merchants' days", endpoint="merchant_days", category=RECORDS),
        RolledUps(RolledUp, "How far figures reach", endpoint="rolled_up", category=RECORDS),
    ]
