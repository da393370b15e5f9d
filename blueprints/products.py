"""Products on instalments: everybody reads them, who manages the catalogue changes them."""
from blueprints.guards import requires
from blueprints.schemas.products import ProductIn, ProductPatch, ProductRow
from blueprints.shell import Blueprint
from documents.permissions import Permission
from services import products

blp = Blueprint("products", __name__, url_prefix="/api/products", description="What is sold on instalments")


@blp.route("/", methods=["GET"])
@blp.listing(ProductRow, bare=True)
def list_products():
    """List what is on sale."""
    return products.listing()


@blp.route("/<int:product_id>/", methods=["GET"])
@blp.response(200, ProductRow)
def show_product(product_id):
    """Show one product that is on sale."""
    return products.get(product_id)


@blp.route("/", methods=["POST"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(ProductIn)
@blp.response(201, ProductRow)
def create_product(body):
    """Put a product on sale."""
    return products.create(**body)


@blp.route("/<int:product_id>/", methods=["PUT"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(ProductIn)
@blp.response(200, ProductRow)
def replace_product(body, product_id):
    """Change a product for later purchases; a description that is not sent stays."""
    return products.change(product_id, **body)


@blp.route("/<int:product_id>/", methods=["PATCH"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.arguments(ProductPatch)
@blp.response(200, ProductRow)
def change_product(body, product_id):
    """Change parts of a product for later purchases."""
    return products.change(product_id, **body)


@blp.route("/<int:product_id>/", methods=["DELETE"])
@requires(Permission.MANAGE_CATALOGUE)
@blp.response(204)
def delete_product(product_id):
    """Take a product off sale; one that was ever sold is archived, and its purchases keep name and price."""
    products.remove(product_id)
