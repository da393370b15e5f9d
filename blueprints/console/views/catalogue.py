"""What is sold: providers and their plans, products, voucher types."""
from typing import Any

from flask import url_for
from flask_admin import BaseView

from blueprints.console import filters
from blueprints.console.editing import EditableView, Switch
from blueprints.schemas.catalogue import PlanIn, PlanPatch, ProviderIn, ProviderPatch
from blueprints.schemas.products import ProductIn, ProductPatch
from blueprints.schemas.vouchers import VoucherTypeIn, VoucherTypePatch
from documents.permissions import Permission
from documents.plans import Plan
from documents.products import Product
from documents.providers import Provider
from documents.voucher_types import VoucherType
from services import catalogue, products, voucher_types

MOST_PROVIDERS = 500
OFF_SALE = Switch("take_off_sale", "Take off sale", "Nobody can buy it from now on. What was bought stays good.", True)
ON_SALE = Switch("put_on_sale", "Put on sale", "People can buy it again.")


class OnOff(EditableView):
    """What is on sale or not by its `is_active`."""

    permission = Permission.MANAGE_CATALOGUE
    ids = ("id",)
    without = ("is_active",)

    def switches(self, row: Any) -> list[Switch]:
        return [OFF_SALE if row.is_active else ON_SALE]

    def turn(self, row: Any, name: str) -> None:
        self.alter(row, is_active=name == ON_SALE.name)

    def facts(self, row: Any) -> dict:
        return super().facts(row) | {"is_active": bool(row.is_active)}


class Providers(OnOff):
    few = True
    kind = "provider"
    searched = ("title",)
    make_schema, change_schema = ProviderIn, ProviderPatch
    column_list = ("id", "title", "is_active", "updated_at")
    column_filters = (filters.flag("is_active", "Active"),)
    empty = "No providers yet. Create the first network whose plans you sell."

    def make(self, **facts: Any) -> Provider:
        return catalogue.create_provider(**facts)

    def alter(self, row: Provider, **facts: Any) -> None:
        catalogue.change_provider(row.id, **facts)

    def related(self, row: Provider) -> list[tuple[str, str]]:
        return [("Its plans", url_for("plans.index_view", flt_provider=row.id))]


def _providers() -> list[tuple[str, str]]:
    return [(str(row.id), row.title) for row in Provider.find({}, sort=[("title", 1)], limit=MOST_PROVIDERS)]


BY_SALE = {"on_sale": {"$in": [False, True]}}


class Plans(OnOff):
    kind = "plan"
    searched = ("identifier",)
    money = ("amount",)
    records = {"provider.id": "providers"}
    make_schema, change_schema = PlanIn, PlanPatch
    choices = {"provider_id": _providers}
    paths = {"provider_id": "provider.id"}
    column_list = ("id", "title", "provider_title", "identifier", "amount", "validity", "on_sale", "updated_at")
    column_labels = {"validity": "Days", "identifier": "Operator's name for it", "provider_title": "Provider"}
    column_filters = (
        filters.number("provider.id", "Provider", order=("-created_at", "-id"), also=BY_SALE),
        filters.flag("on_sale", "On sale", order=("-created_at", "-id")))
    column_sortable_list = ("id",)
    empty = "No plans yet. Create a provider, then the plans that it sells."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for formatters in (self.column_formatters, self.column_formatters_export):
            formatters["provider_title"] = lambda _view, _context, row, _name: row.provider.title

    def make(self, **facts: Any) -> Plan:
        return catalogue.create_plan(**facts)

    def alter(self, row: Plan, **facts: Any) -> None:
        catalogue.change_plan(row.id, **facts)


class Products(OnOff):
    kind = "product"
    money = ("price",)
    make_schema, change_schema = ProductIn, ProductPatch
    column_list = ("id", "name", "price", "is_active", "sold", "updated_at")
    column_labels = {"is_active": "On sale"}
    column_filters = (filters.flag("is_active", "On sale", order=("-id",)),)
    column_sortable_list = ("id",)
    empty = "No products yet. Create what you sell on instalments."

    def make(self, **facts: Any) -> Product:
        return products.create(**facts)

    def alter(self, row: Product, **facts: Any) -> None:
        products.change(row.id, **facts)

    def switches(self, row: Product) -> list[Switch]:
        return [OFF_SALE] if row.is_active else []

    def turn(self, row: Product, name: str) -> None:
        products.archive(row.id)

    def related(self, row: Product) -> list[tuple[str, str]]:
        return [("Its sales", url_for("purchases.index_view", flt_product=row.id))]


class VoucherTypes(OnOff):
    few = True
    kind = "voucher_type"
    searched = ("name", "type_code")
    money = ("price",)
    make_schema, change_schema = VoucherTypeIn, VoucherTypePatch
    column_list = ("id", "name", "type_code", "price", "validity_days", "usage_limit", "bearer", "is_active")
    column_labels = {"is_active": "On sale"}
    column_filters = (filters.flag("is_active", "On sale", order=("-id",)),)
    empty = "No voucher types yet. Create what vouchers are good for, and what one costs."

    def make(self, **facts: Any) -> VoucherType:
        return voucher_types.create(**facts)

    def alter(self, row: VoucherType, **facts: Any) -> None:
        voucher_types.change(row.id, **facts)


def views() -> list[BaseView]:
    """The pages of this area."""
    area = {"category": "Sales"}
    return [
        Plans(Plan, "Plans", endpoint="plans", **area),
        Providers(Provider, "Providers", endpoint="providers", **area),
        Products(Product, "Products", endpoint="products", **area),
        VoucherTypes(VoucherType, "Voucher types", endpoint="voucher_types", **area),
    ]
