"""The pages of the console in the order of its menu."""
from flask_admin import BaseView

from blueprints.console.pages import RECORDS
from blueprints.console.views import (
    actions,
    audit,
    catalogue,
    charts,
    coupons,
    customers,
    entries,
    jobs,
    machinery,
    merchant,
    money,
    operations,
    people,
    referral,
    sales,
    staff,
    support,
    users,
)
from blueprints.console.views.home import Home

MODULES = (charts, users, people, customers, staff, entries, money, sales, catalogue, coupons, referral, merchant,
           support, jobs, operations, machinery, actions, audit)
"""Each has `views()`: its pages, made anew for every application."""


def home() -> Home:
    """The page at `/admin/`."""
    return Home(name="Home", url="/")


def all_views() -> list[BaseView]:
    """Every other page; the records of the machinery stand last."""
    return sorted((view for module in MODULES for view in module.views()), key=lambda view: view.category == RECORDS)
