"""Merchants: opening a shop, its facts, its cashiers and its papers."""
from flask import Response, request, url_for

from blueprints.guards import current_user, requires
from blueprints.schemas.merchants import (
    CashierAdded,
    CashierIn,
    CashierOut,
    MerchantCreateIn,
    MerchantFacts,
    MerchantFilters,
    MerchantOut,
    MerchantReplaceIn,
    MerchantSwitched,
    PaperFilters,
    PaperOut,
    PaperUploaded,
)
from blueprints.shell import Blueprint
from documents.errors import Invalid
from documents.permissions import Permission
from services import cashiers, kyc, merchants

LARGEST_UPLOAD = kyc.MAX_BYTES + 64 * 1024
"""The one route that takes more than the others: a paper and the multipart frame around it."""

BYTES = {"type": "string", "format": "binary"}

blp = Blueprint("merchants", __name__, url_prefix="/api/merchants", description="Shops that take payments")


@blp.route("/", methods=["GET"])
@requires()
@blp.listing(MerchantOut, MerchantFilters)
def list_merchants(filters):
    """Every merchant for staff, else the caller's own."""
    return merchants.listing(viewer=current_user, **filters)


@blp.route("/", methods=["POST"])
@requires()
@blp.arguments(MerchantCreateIn)
@blp.response(201, MerchantOut)
def create_merchant(body):
    """Open the caller's shop; one person has one."""
    return merchants.create(owner=current_user, **body)


@blp.route("/me/", methods=["GET"])
@requires()
@blp.response(200, MerchantOut)
def my_merchant():
    """The caller's own shop."""
    return merchants.own(current_user)


@blp.route("/<int:merchant_id>/", methods=["GET"])
@requires()
@blp.response(200, MerchantOut)
def show_merchant(merchant_id):
    """One merchant."""
    return merchants.get(merchant_id, viewer=current_user)


@blp.route("/<int:merchant_id>/", methods=["PUT"])
@requires()
@blp.arguments(MerchantReplaceIn)
@blp.response(200, MerchantOut)
def replace_merchant(body, merchant_id):
    """Change a merchant: `settings` are merged, `bank_accounts` replace all."""
    return merchants.change(merchant_id, viewer=current_user, **body)


@blp.route("/<int:merchant_id>/", methods=["PATCH"])
@requires()
@blp.arguments(MerchantFacts)
@blp.response(200, MerchantOut)
def change_merchant(body, merchant_id):
    """Change some facts of a merchant."""
    return merchants.change(merchant_id, viewer=current_user, **body)


@blp.route("/<int:merchant_id>/", methods=["DELETE"])
@requires()
@blp.response(204)
def close_merchant(merchant_id):
    """Close a shop. Its payments and money stay, and what is due is still settled."""
    merchants.close(merchant_id, viewer=current_user)


@blp.route("/<int:merchant_id>/activate/", methods=["POST"])
@requires(Permission.MANAGE_MERCHANTS)
@blp.response(200, MerchantSwitched)
def activate_merchant(merchant_id):
    """Let a merchant take payments again."""
    merchant = merchants.switch(merchant_id, active=True)
    return {"message": "Merchant activated", "is_active": True, "merchant": merchant}


@blp.route("/<int:merchant_id>/deactivate/", methods=["POST"])
@requires(Permission.MANAGE_MERCHANTS)
@blp.response(200, MerchantSwitched)
def deactivate_merchant(merchant_id):
    """Stop a merchant from taking payments, also those that wait."""
    merchant = merchants.switch(merchant_id, active=False)
    return {"message": "Merchant deactivated", "is_active": False, "merchant": merchant}


@blp.route("/me/cashiers/", methods=["GET"])
@requires()
@blp.listing(CashierOut)
def list_cashiers():
    """Who else may take payments at the caller's till."""
    return cashiers.listing(owner=current_user)


@blp.route("/me/cashiers/", methods=["POST"])
@requires()
@blp.arguments(CashierIn)
@blp.response(201, CashierAdded)
def add_cashier(body):
    """Let somebody take payments at the caller's till, and nothing else."""
    return {"message": "Cashier added", "cashier": cashiers.add(owner=current_user, **body)}


@blp.route("/me/cashiers/<int:user_id>/", methods=["DELETE"])
@requires()
@blp.response(204)
def remove_cashier(user_id):
    """Take the till away from a cashier."""
    cashiers.remove(owner=current_user, user_id=user_id)


@blp.route("/upload_kyc/", methods=["POST"])
@requires()
@blp.response(201, PaperUploaded)
def upload_paper():
    """Upload one paper (`document`, multipart): PDF, JPEG, PNG or WebP, at most 5 MB."""
    request.max_content_length = LARGEST_UPLOAD
    sent = request.files.get("document")
    if sent is None:
        raise Invalid.field("document", "No document provided")
    with sent.stream as stream:
        paper = kyc.upload(owner=current_user, stream=stream)
    return {"detail": "uploaded", "message": "Document uploaded", "document": paper,
            "path": url_for("merchants.download_paper", paper_id=paper.id)}


@blp.route("/kyc/", methods=["GET"])
@requires()
@blp.listing(PaperOut, PaperFilters)
def list_papers(filters):
    """The papers of the caller's shop; staff name the merchant."""
    return kyc.listing(viewer=current_user, merchant_id=filters.get("merchant"))


@blp.route("/kyc/<uuid:paper_id>/", methods=["GET"])
@requires()
@blp.response(200, BYTES, content_type="application/pdf")
@blp.doc(responses={200: {"content": {kind: {"schema": BYTES} for kind in kyc.TYPES}}})
def download_paper(paper_id):
    """Download one paper, for its owner and for staff."""
    paper = kyc.download(str(paper_id), viewer=current_user)
    return Response(paper.chunks, mimetype=paper.content_type, headers={
        "Content-Disposition": f'attachment; filename="{paper.name}"', "Content-Length": str(paper.size),
        "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"})
