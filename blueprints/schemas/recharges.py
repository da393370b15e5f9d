"""Recharges on the wire, under the name that their clients know: purchases."""
import re
from datetime import date, datetime, timedelta
from typing import Any

from marshmallow import fields

from blueprints.guards import current_user
from blueprints.schemas.base import Schema
from blueprints.schemas.catalogue import Plan, ProviderNameField
from blueprints.schemas.fields import ChoiceField, Id, IntField, MoneyField, PhoneField, Str, TimeField
from config import settings
from documents import clock
from documents.recharges import Status, validity_left

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TICK = timedelta(milliseconds=1)


class BoundField(TimeField):
    """A day in BUSINESS_TIMEZONE, or a moment; as `last` it becomes the first moment that is no longer included."""

    def __init__(self, *, last: bool, **options: Any) -> None:
        self.last = last
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        try:
            if _DAY.fullmatch(value.strip()):
                day = date.fromisoformat(value.strip())
                return clock.day_start(day + timedelta(days=self.last), settings.current().timezone)
            return moment + TICK if self.last else moment
        except OverflowError as error:
            raise self.make_error("invalid") from error


class PlanFactField(Str):
    """One fact of the plan that was bought."""

    plain = False

    def __init__(self, fact: str) -> None:
        self.fact = fact
        super().__init__(attribute="plan", dump_only=True)

    def write(self, value: Any) -> Any:
        return value[self.fact]


class PlanDaysField(IntField):
    """The validity of the plan that was bought, in days."""

    plain = False

    def __init__(self) -> None:
        super().__init__(attribute="plan", dump_only=True)

    def write(self, value: Any) -> int:
        return value["validity"]


class PlanProviderNameField(ProviderNameField):
    """The provider's title when the plan was bought."""

    def __init__(self) -> None:
        super().__init__()
        self.attribute = "plan"

    def write(self, value: Any) -> str:
        return super().write(value["provider"])


class DaysLeftField(IntField):
    """Days that remain of the plan, in calendar days of BUSINESS_TIMEZONE; null until it is delivered."""

    _CHECK_ATTRIBUTE = False

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> int | None:
        completed_at = obj.get("completed_at") if isinstance(obj, dict) else obj.completed_at
        return validity_left(completed_at, obj["plan"]["validity"], now=clock.now(), zone=settings.current().timezone)


class BuyerField(Str):
    """A fact about the caller: a purchase is shown to nobody but its buyer."""

    _CHECK_ATTRIBUTE = False

    def __init__(self, fact: str) -> None:
        self.fact = fact
        super().__init__(dump_only=True, allow_none=True, blank=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return getattr(current_user, self.fact)


class PurchaseIn(Schema):
    plan_id = Id(required=True)
    phone_number = PhoneField(required=True)
    payment_method = Str(max=50, load_default="online")
    coupon_code = Str(max=50, blank=True, allow_none=True)


class HistoryFilters(Schema):
    payment_status = ChoiceField(Status)
    provider_id = Id()
    start_date = BoundField(last=False, attribute="start", metadata={"description": "From this day or moment"})
    end_date = BoundField(last=True, attribute="end", metadata={"description": "To this day or moment, included"})


class HistoryRow(Schema):
    id = Id()
    plan_title = PlanFactField("title")
    provider_name = PlanProviderNameField()
    plan_validity = PlanDaysField()
    amount = MoneyField()
    payment_status = ChoiceField(Status)
    code = Str(allow_none=True, metadata={"description": "Why it failed, such as INSUFFICIENT_FUNDS"})
    transaction_id = Str()
    phone_number = Str()
    payment_method = Str()
    created_at = TimeField()
    completed_at = TimeField(allow_none=True)
    validity_left = DaysLeftField(allow_none=True)


class RechargeCoupon(Schema):
    code = Str(attribute="coupon", allow_none=True)
    discount = MoneyField(minimum=0, allow_none=True, metadata={"description": "What it took off; null without one"})


class Purchase(HistoryRow):
    plan = fields.Nested(Plan)
    user_email = BuyerField("email")
    user_name = BuyerField("full_name")
    coupon = fields.Nested(RechargeCoupon, attribute="last_attempt")
    updated_at = TimeField()


class Purchased(Schema):
    message = Str()
    purchase = fields.Nested(Purchase)
