"""Wire format of the demo clock."""
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import IntField, Str, TimeField

TEN_YEARS = 10 * 366 * 86_400


class ClockIn(Schema):
    offset_seconds = IntField(required=True, min=-TEN_YEARS, max=TEN_YEARS)


class ClockOut(Schema):
    message = Str()
    offset_seconds = IntField()
    now = TimeField()
