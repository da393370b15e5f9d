"""Transactions: the attempts to pay a payment at the till, each with its log."""
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.pos_payments import (
    TransactionFilters,
    TransactionOpened,
    TransactionOut,
    TransactionUpdated,
    TransactionUpdateIn,
)
from blueprints.shell import Blueprint, reply
from documents.payment_transactions import Status
from services import till_transactions

blp = Blueprint("transactions", __name__, url_prefix="/api/transactions", description="Attempts to pay at the till")


@blp.route("/create/<uuid:payment_id>/", methods=["POST"])
@requires()
@blp.response(201, TransactionOpened)
def create_transaction(payment_id):
    """Open an attempt on an unpaid payment of the caller's till; 200 with the attempt there is, if there is one."""
    opened = till_transactions.open_for(user=current_user, payment_id=str(payment_id))
    if opened.is_new:
        return opened.transaction
    found = TransactionOpened().dump(opened.transaction)
    return reply({**found, "detail": "Transaction already exists."})


@blp.route("/update/<uuid:transaction_id>/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(TransactionUpdateIn)
@blp.response(200, TransactionUpdated)
def update_transaction(body, transaction_id):
    """Tell what became of an attempt.

    SUCCESS confirms its payment, FAILED lets the payment be tried again, REFUNDED gives back all that is left.
    """
    transaction = till_transactions.update(user=current_user, transaction_id=str(transaction_id),
                                           status=Status(body["status"]))
    return {"detail": "Transaction updated", "message": "Transaction updated", "status": transaction.status,
            "transaction": transaction}


@blp.route("/list/", methods=["GET"])
@requires()
@blp.listing(TransactionOut, TransactionFilters, bare=True, cursor=True)
def list_transactions(filters):
    """The attempts at the caller's tills, newest first; every merchant's for staff."""
    return till_transactions.listing(viewer=current_user, **filters)
