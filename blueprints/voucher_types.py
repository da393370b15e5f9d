"""What vouchers are on sale: everybody reads it, who manages the catalogue changes it."""
from blueprints.guards import requires
from blueprints.schemas.vouchers import TypeFilters, VoucherTypeIn, VoucherTypeOut, VoucherTypePatch
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import voucher_types

blp = Blueprint("voucher_types", __name__, url_prefix="/api/vouchers/types", description="What vouchers are on sale")


@blp.route("/", methods=["GET"])
@blp.listing(VoucherTypeOut)
def list_types():
    """The voucher types on sale."""
    return voucher_types.listing()


@blp.route("/all/", methods=["GET"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.listing(VoucherTypeOut, TypeFilters)
def list_every_type(filters):
    """All voucher types, withdrawn ones too."""
    return voucher_types.everything(**filters)


@blp.route("/<int:type_id>/", methods=["GET"])
@blp.response(200, VoucherTypeOut)
def show_type(type_id):
    """One voucher type on sale."""
    return voucher_types.get(type_id)


@blp.route("/", methods=["POST"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(VoucherTypeIn)
@blp.response(201, VoucherTypeOut)
def create_type(body):
    """Put a voucher type on sale."""
    return voucher_types.create(**body)


@blp.route("/<int:type_id>/", methods=["PUT"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(VoucherTypeIn)
@blp.response(200, VoucherTypeOut)
def replace_type(body, type_id):
    """Change a voucher type for later purchases; what is not sent stays."""
    return voucher_types.change(type_id, **body)


@blp.route("/<int:type_id>/", methods=["PATCH"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(VoucherTypePatch)
@blp.response(200, VoucherTypeOut)
def change_type(body, type_id):
    """Change parts of a voucher type for later purchases; `is_active` puts it back on sale."""
    return voucher_types.change(type_id, **body)


@blp.route("/<int:type_id>/", methods=["DELETE"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.response(204)
def withdraw_type(type_id):
    """Take a voucher type off sale; vouchers that were bought stay good."""
    voucher_types.withdraw(type_id)
