"""Instalments: what is due, paying it, and waiving late fees."""
from blueprints.guards import current_user, requires
from blueprints.idempotency import idempotent
from blueprints.schemas.installments import InstallmentChanged, InstallmentFilters, InstallmentRow, PayIn, WaiveIn
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import installments

blp = Blueprint("installments", __name__, url_prefix="/api/installments", description="Instalments and their payment")


@blp.route("/", methods=["GET"])
@requires()
@blp.listing(InstallmentRow, InstallmentFilters, bare=True)
def list_installments(filters):
    """List the caller's own instalments, the one due first on top."""
    return installments.listing(customer=current_user.id, **filters)


@blp.route("/next-due/", methods=["GET"])
@requires()
@blp.response(200, InstallmentRow)
def show_next_due():
    """Show the caller's unpaid instalment that is due first, an overdue one with its late fee."""
    return installments.next_due(customer=current_user.id)


@blp.route("/pay/<int:installment_id>/", methods=["POST"])
@requires()
@idempotent
@blp.arguments(PayIn)
@blp.response(200, InstallmentChanged)
def pay_installment(body, installment_id):
    """Pay an instalment: up to the due in time, the due and the late fee at once when late."""
    paid = installments.pay(actor=current_user, installment_id=installment_id, **body)
    return _changed("Payment successful.", paid)


@blp.route("/<int:installment_id>/waive-fee/", methods=["POST"])
@requires(Permission.MANAGE_INSTALLMENTS)
@idempotent
@blp.arguments(WaiveIn)
@blp.response(200, InstallmentChanged)
def waive_fee(body, installment_id):
    """Let the buyer off the late fee; one that was paid is given back."""
    waived = installments.waive_fee(actor=current_user, installment_id=installment_id, **body)
    return _changed("Late fee waived.", waived)


def _changed(message: str, installment: dict) -> dict:
    return {"message": message, "detail": message, "installment": installment}
