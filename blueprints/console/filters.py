"""What lists can be narrowed by: exact values and days, the questions that an index answers."""
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from bson import ObjectId
from flask_admin.contrib.mongoengine.filters import BaseMongoEngineFilter

from config import settings
from documents import clock

Order = tuple[str, ...]
"""Fields with a leading - for descending, as the index that answers a filter has them."""
NEWEST: Order = ("-created_at", "-id")


class Is(BaseMongoEngineFilter):
    """The field is exactly this; `read` makes the stored value of what was typed, or raises ValueError.

    `order` is what the index of the filter hands out without sorting; () leaves it to the index, for what is found
    once or a few times, and without one the list keeps its own. `also` is asked together with it, where that
    index has another field in between.
    """

    def __init__(self, field: str, name: str, *, options: Any = None, read: Callable[[str], Any] = str,
                 order: Order | None = None, also: dict | None = None) -> None:
        super().__init__(field, name, options)
        self._read, self.order, self._also = read, order, also or {}

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

    def match(self, value: Any) -> dict:
        """The filter for MongoDB."""
        return {self.column: value, **self._also}

    def operation(self) -> str:
        return "is"


class Since(Is):
    """The moment lies on or after a day of the business."""

    def __init__(self, field: str, name: str, **options: Any) -> None:
        super().__init__(field, name, read=date.fromisoformat, **options)
        self.data_type = "date"

    def match(self, value: date) -> dict:
        return {self.column: {"$gte": self.bound(value)}, **self._also}

    def bound(self, day: date) -> Any:
        """The stored value at which a day of the business begins."""
        return clock.day_start(day, settings.current().timezone)

    def operation(self) -> str:
        return "from"


class Until(Since):
    """The moment lies on or before a day of the business."""

    def match(self, value: date) -> dict:
        return {self.column: {"$lt": self.bound(value + timedelta(days=1))}, **self._also}

    def operation(self) -> str:
        return "to"


class WrittenSince(Since):
    """The document was written on or after a day: its ObjectId says when, so no further index is needed."""

    def bound(self, day: date) -> ObjectId:
        return ObjectId.from_datetime(super().bound(day))


class WrittenUntil(WrittenSince, Until):
    """The document was written on or before a day."""


class Asked(Is):
    """A question with yes for an answer, such as whether something waits: `match` is what yes means."""

    def __init__(self, name: str, match: Callable[[], dict], *, order: Order | None = None) -> None:
        super().__init__(name, name, options=[("yes", "yes")], read=_yes, order=order)
        self._match = match

    def match(self, value: bool) -> dict:
        return self._match()


def text(field: str, name: str, **options: Any) -> Is:
    """A text that is typed whole."""
    return Is(field, name, read=_text, **options)


def number(field: str, name: str, **options: Any) -> Is:
    """A whole number, such as the id of a person."""
    return Is(field, name, read=_number, **options)


def choice(field: str, name: str, values: Iterable[Any], **options: Any) -> Is:
    """One of a few texts."""
    known = {str(value): str(value).replace("_", " ") for value in values}
    return Is(field, name, options=list(known.items()), read=_among(known), **options)


def flag(field: str, name: str, **options: Any) -> Is:
    """Yes or no."""
    return Is(field, name, options=[("yes", "yes"), ("no", "no")], read=_yes_or_no, **options)


def days(field: str, name: str, **options: Any) -> tuple[Since, Until]:
    """From one day to another, both included."""
    return Since(field, f"{name} from", **options), Until(field, f"{name} to", **options)


def written(name: str = "Written") -> tuple[Since, Until]:
    """From one day to another, by the moment at which the document got its ObjectId."""
    return WrittenSince("_id", f"{name} from", order=("-id",)), WrittenUntil("_id", f"{name} to", order=("-id",))


_LARGEST = 2**63 - 1


def _yes(typed: str) -> bool:
    if typed != "yes":
        raise ValueError(typed)
    return True


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
