"""Filters for a span of time."""
from datetime import datetime


def between(field: str, start: datetime | None, end: datetime | None) -> dict:
    """The filter for rows whose `field` lies at or after `start` and before `end`; an open end means all there is."""
    bounds = {operator: moment for operator, moment in (("$gte", start), ("$lt", end)) if moment is not None}
    return {field: bounds} if bounds else {}
