"""What lists can be narrowed by: exact values and days, the questions that an index answers."""
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from flask_admin.contrib.mongoengine.filters import BaseMongoEngineFilter
from mongoengine import QuerySet

from config import settings
from documents import clock


class Is(BaseMongoEngineFilter):
    """The field is exactly this; `read` makes the stored value of what was typed, or raises ValueError."""

    def __init__(self, field: str, name: str, *, options: Any = None, read: Callable[[str], Any] = str) -> None:
        super().__init__(field, name, options)
        self._read = read

    def clean(self, value: str) -> Any:
        """The stored value."""
        return self._read(value.strip())

    def validate(self, value: str) -> bool:
        """Whether this can be asked at all."""
        try:
            self.clean(value)
        except (ValueError, OverflowError):
            return False
        return True

    def apply(self, query: QuerySet, value: Any) -> QuerySet:
        """Narrow the query."""
        return query.filter(__raw__={self.column: value})

    def operation(self) -> str:
        return "is"


class Since(Is):
    """The moment lies on or after a day of the business."""

    def __init__(self, field: str, name: str) -> None:
        super().__init__(field, name, read=date.fromisoformat)
        self.data_type = "date"

    def apply(self, query: QuerySet, value: date) -> QuerySet:
        return query.filter(__raw__={self.column: {"$gte": clock.day_start(value, settings.current().timezone)}})

    def operation(self) -> str:
        return "from"


class Until(Since):
    """The moment lies on or before a day of the business."""

    def apply(self, query: QuerySet, value: date) -> QuerySet:
        after = clock.day_start(value + timedelta(days=1), settings.current().timezone)
        return query.filter(__raw__={self.column: {"$lt": after}})

    def operation(self) -> str:
        return "to"


def text(field: str, name: str) -> Is:
    """A text that is typed whole."""
    return Is(field, name, read=_text)


def number(field: str, name: str) -> Is:
    """A whole number, such as the id of a person."""
    return Is(field, name, read=_number)


def choice(field: str, name: str, values: Iterable[Any]) -> Is:
    """One of a few texts."""
    known = {str(value): str(value).replace("_", " ") for value in values}
    return Is(field, name, options=list(known.items()), read=_among(known))


def flag(field: str, name: str) -> Is:
    """Yes or no."""
    return Is(field, name, options=[("yes", "yes"), ("no", "no")], read=_yes_or_no)


def days(field: str, name: str) -> tuple[Since, Until]:
    """From one day to another, both included."""
    return Since(field, f"{name} from"), Until(field, f"{name} to")


_LARGEST = 2**63 - 1


def _yes_or_no(typed: str) -> bool:
    if typed not in ("yes", "no"):
        raise ValueError(typed)
    return typed == "yes"


def _text(typed: str) -> str:
    if "\x00" in typed or len(typed) > 254:
        raise ValueError(typed)
    return typed


def _number(typed: str) -> int:
    value = int(typed)
    if not 0 <= value <= _LARGEST:
        raise ValueError(typed)
    return value


def _among(known: dict[str, str]) -> Callable[[str], str]:
    def read(typed: str) -> str:
        if typed not in known:
            raise ValueError(typed)
        return typed

    return read
