"""What operators tell by themselves."""
from blueprints.schemas.base import Schema
from blueprints.schemas.fields import ChoiceField, Str

SPOKEN = ("success", "failed", "pending")


class OperatorNews(Schema):
    reference = Str(required=True, max=60, metadata={"example": "TXN-0f3a91c2de-1"})
    status = ChoiceField(SPOKEN, required=True)
    operator_ref = Str(max=100, load_default=None, allow_none=True)
    code = Str(max=50, load_default=None, allow_none=True)


class OperatorThanked(Schema):
    message = Str()
    reference = Str()
