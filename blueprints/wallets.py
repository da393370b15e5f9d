"""Wallets: balances, funding, transfers down the tree, transactions and statements."""
from datetime import timedelta

from blueprints.csv_files import csv_file
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.wallets import (
    MoveMoneyIn,
    MoveMoneyOut,
    StatementArgs,
    StatementOut,
    StatementRow,
    WalletOut,
    WalletTransactionFilters,
    WalletTransactionOut,
)
from blueprints.shell import Blueprint
from config import settings
from documents import clock
from documents.permissions import Permission
from services import statements, wallets

blp = Blueprint("wallets", __name__, url_prefix="/api/wallet", description="Wallets and what moved on them")


@blp.route("/wallets/")
@requires()
@blp.listing(WalletOut, bare=True)
def list_wallets():
    """The wallets the caller may see: all for an admin, its own and its retailers' for a distributor, else its own."""
    return wallets.listing(viewer=current_user)


@blp.route("/wallets/<int:wallet_id>/")
@requires()
@blp.response(200, WalletOut)
def get_wallet(wallet_id):
    """One wallet."""
    return wallets.row(wallet_id, viewer=current_user)


@blp.route("/transactions/")
@requires()
@blp.listing(WalletTransactionOut, WalletTransactionFilters, bare=True, cursor=True)
def list_transactions(filters):
    """What moved, newest first: on every wallet for an admin, else on the caller's own."""
    return statements.transactions(viewer=current_user, **filters)


@blp.route("/statement/")
@requires()
@blp.arguments(StatementArgs, location="query")
@blp.response(200, StatementOut)
def get_statement(args):
    """Opening balance, every movement, closing balance; `format=csv` gives all rows as a file."""
    zone = settings.current().timezone
    since = clock.day_start(args["since"], zone) if "since" in args else None
    until = clock.day_start(args["until"] + timedelta(days=1), zone) if "until" in args else None
    wallet = wallets.get(args.get("wallet_id"), viewer=current_user)
    found = statements.statement(wallet=wallet, since=since, until=until)
    if args["format"] == "csv":
        return csv_file(f"statement-{wallet.id}.csv", StatementRow(), found.rows())
    return _page(found, args["page"], args["page_size"])


@blp.route("/add-to-wallet/", methods=["POST"])
@requires(Permission.FUND_WALLETS)
@idempotent
@blp.arguments(MoveMoneyIn)
@blp.response(200, MoveMoneyOut)
def add_to_wallet(body):
    """Fund a wallet: an admin from cash, a distributor its own retailer's from its own wallet."""
    return {"message": "Money added to wallet successfully", "wallet": wallets.add_money(actor=current_user, **body)}


@blp.route("/debit-from-wallet/", methods=["POST"])
@requires(Permission.HANDLE_CASH)
@idempotent
@blp.arguments(MoveMoneyIn)
@blp.response(200, MoveMoneyOut)
def debit_from_wallet(body):
    """Pay money out of a wallet into cash."""
    wallet = wallets.take_money(actor=current_user, **body)
    return {"message": "Money debited from wallet successfully", "wallet": wallet}


@blp.route("/transfer/", methods=["POST"])
@requires(Permission.TRANSFER)
@idempotent
@blp.arguments(MoveMoneyIn)
@blp.response(200, MoveMoneyOut)
def transfer(body):
    """Move money from the caller's own wallet down the tree."""
    return {"message": "Money transferred successfully", "wallet": wallets.transfer(sender=current_user, **body)}


def _page(found: statements.Statement, page: int, size: int) -> dict:
    return {**{name: getattr(found, name) for name in (
                "wallet", "opening_balance", "total_in", "total_out", "closing_balance", "count")},
            "page": page, "page_size": size, "total_pages": -(-found.count // size),
            "results": found.rows(skip=(page - 1) * size, limit=size)}
