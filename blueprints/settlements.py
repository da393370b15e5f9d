"""Settlements: what a merchant is paid, and for what."""
from itertools import islice

from blueprints.csv_files import csv_file
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.settlements import (
    SettlementFilters,
    SettlementIn,
    SettlementOut,
    SettlementPaid,
    StatementArgs,
    StatementOut,
    StatementRow,
)
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import settlements

LONGEST_STATEMENT = 1000
"""Lines of a statement as JSON; the CSV has all of them."""

blp = Blueprint("settlements", __name__, url_prefix="/api/settlements", description="Paying merchants out")


@blp.route("/list/", methods=["GET"])
@requires()
@blp.listing(SettlementOut, SettlementFilters, bare=True)
def list_settlements(filters):
    """The settlements of the caller's merchant, newest first; every merchant's for staff."""
    return settlements.listing(viewer=current_user, **filters)


@blp.route("/create/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(SettlementIn)
@blp.response(201, SettlementOut)
def create_settlement(body):
    """Settle an amount now, at most what the merchant is owed; the rest is carried forward."""
    return settlements.settle_by_hand(actor=current_user, amount=body["amount"], merchant_id=body.get("merchant"))


@blp.route("/mark-paid/<uuid:settlement_id>/", methods=["POST"])
@requires(Permission.MANAGE_SETTLEMENTS)
@idempotent
@blp.response(200, SettlementPaid)
def mark_paid(settlement_id):
    """Say that the bank has transferred a settlement, once."""
    settlement = settlements.mark_paid(str(settlement_id), by=current_user)
    return {"message": "Settlement marked as PAID", "status": settlement.status, "settlement": settlement}


@blp.route("/<uuid:settlement_id>/", methods=["GET"])
@requires()
@blp.response(200, SettlementOut)
def show_settlement(settlement_id):
    """One settlement."""
    return settlements.get(str(settlement_id), viewer=current_user)


@blp.route("/statement/<uuid:settlement_id>/", methods=["GET"])
@requires()
@blp.arguments(StatementArgs, location="query")
@blp.response(200, StatementOut)
def show_statement(args, settlement_id):
    """Every payment and refund in a settlement; `format=csv` gives all of them as a file, JSON the first thousand."""
    settlement = settlements.get(str(settlement_id), viewer=current_user)
    lines = settlements.statement(settlement)
    if args["format"] == "csv":
        return csv_file(f"settlement-{settlement.id}.csv", StatementRow(), lines)
    return {"settlement": settlement, "lines": list(islice(lines, LONGEST_STATEMENT))}
