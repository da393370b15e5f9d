"""Path parameters."""
from werkzeug.routing import IntegerConverter, Map

from blueprints.schemas.fields import LARGEST_INTEGER


class IntConverter(IntegerConverter):
    """`<int:…>` up to what MongoDB can hold; a larger number names nothing that exists."""

    def __init__(self, map: Map, **options: int) -> None:
        super().__init__(map, **{"max": LARGEST_INTEGER, **options})
