"""The catalogue of what is sold on instalments."""
from typing import Any

from documents import clock
from documents.errors import NotFound
from documents.ids import next_id
from documents.listing import Listing
from documents.products import Product

ORDERINGS = {"id": "_id", "name": "name", "price": "price", "created_at": "created_at"}
ON_SALE = {"is_active": True}


def listing() -> Listing:
    """Everything on sale, in the order it was added."""
    return Listing(Product, ON_SALE, order=[("_id", 1)], orderings=ORDERINGS, searchable=("name", "description"))


def get(product_id: int) -> Product:
    """A product on sale; raises NotFound for others."""
    return Product.get(product_id, **ON_SALE)


def create(*, name: str, price: int, description: str = "") -> Product:
    """Put a product on sale; `price` in minor units."""
    now = clock.now()
    return Product(id=next_id("products"), name=name, price=price, description=description,
                   created_at=now, updated_at=now).create()


def change(product_id: int, **facts: Any) -> Product:
    """Change `name`, `price` or `description` for later purchases. Raises NotFound."""
    found = Product.change({"_id": product_id, **ON_SALE}, {"$set": {**facts, "updated_at": clock.now()}})
    if found is None:
        raise NotFound
    return found


def archive(product_id: int) -> None:
    """Take a product off sale for good, bought or not. Raises NotFound when it is already."""
    if Product.archive(product_id, clock.now()) is None:
        raise NotFound


def remove(product_id: int) -> None:
    """Delete a product that nobody bought, archive one that somebody did. Raises NotFound."""
    if not Product.delete_unsold(product_id) and Product.archive(product_id, clock.now()) is None:
        raise NotFound
