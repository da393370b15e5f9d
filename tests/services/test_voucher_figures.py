"""The voucher shop's figures: what was really charged less what was given back, by business days, read from indexes."""
import json
from datetime import UTC, datetime, timedelta

import pytest
from bson import json_util
from bson.codec_options import CodecOptions, DatetimeConversion

from aggregations import revenue
from aggregations import voucher_figures as pipelines
from config import connections
from documents import clock
from documents.payments import Payment
from services import refunds, voucher_figures, voucher_redemption, vouchers
from tests.couponing import coupon
from tests.queries import counted
from tests.shops import shop, take
from tests.vouchering import buy, voucher_type

NOON = datetime(2027, 3, 10, 6, 30, tzinfo=UTC)
"""Noon of the 10th in India."""


@pytest.fixture
def at(move_clock):
    """`at(day, hour=12)` moves the clock to that hour of Indian time in March 2027."""
    def move(day: int, hour: float = 12) -> None:
        move_clock(NOON + timedelta(days=day - 10, hours=hour - 12) - datetime.now(UTC))
    return move


@pytest.fixture
def buyer(people, fund, at):
    at(1)
    user = people.client()
    fund(user, "1000.00")
    return user


def give_back(voucher, amount=None):
    refunds.refund_now(payment=Payment.get(voucher["payment"]), amount=amount, actor=1)


def test_revenue_is_what_was_charged_less_refunds_on_business_days(people, buyer, at):
    exam, school = voucher_type(1_000, name="Exam"), voucher_type(2_500, name="School")
    at(9, 23.5)
    first = buy(buyer, exam, 3)
    at(10, 0.5)
    buy(buyer, school, 2, discount_code=coupon(discount_value=1_000).code)
    owner = people.client()
    shop(owner)
    take(owner, "50.00")        # a merchant's money, not the house's
    at(11)
    give_back(first[0], 500)
    found = voucher_figures.revenue(days=5)
    assert [(row["_id"], row["revenue"], row["payments"]) for row in found["daily_revenue"]] == [
        ("2027-03-09", 3_000, 1), ("2027-03-10", 4_000, 1), ("2027-03-11", -500, 0)]
    assert [(row["name"], row["revenue"], row["quantity"]) for row in found["revenue_by_type"]] == [
        ("School", 4_000, 2), ("Exam", 2_500, 3)]
    assert [(row["_id"], row["revenue"], row["payments"]) for row in found["payment_methods"]] == [("wallet", 6_500, 2)]
    assert found["summary"] == {"total_revenue": 6_500, "total_payments": 2, "average_daily_revenue": 1_300}
    assert (str(found["period"]["start_date"]), str(found["period"]["end_date"])) == ("2027-03-07", "2027-03-11")
    assert voucher_figures.revenue(days=1)["summary"]["total_revenue"] == -500


def test_nothing_sold_is_nothing(app):
    assert voucher_figures.revenue(days=30)["summary"]["total_revenue"] == 0
    assert voucher_figures.dashboard()["vouchers"]["total"] == 0


def test_the_dashboard_adds_everything_up_once(people, buyer, at):
    exam, unsold = voucher_type(1_000, usage_limit=2, validity_days=5), voucher_type(700)
    old, spent = buy(buyer, exam, 2)
    for _ in range(2):
        voucher_redemption.redeem(user=buyer, code=spent["code"])
    at(9)
    fresh = buy(buyer, exam, 2)
    voucher_redemption.redeem(user=buyer, code=fresh[0]["code"])
    give_back(fresh[1], 1_000)
    at(10)
    people.client()
    found = voucher_figures.dashboard()
    states = {name: found["vouchers"][name] for name in ("total", "active", "used", "expired", "cancelled")}
    assert states == {"total": 4, "active": 1, "used": 1, "expired": 1, "cancelled": 1}
    assert (found["vouchers"]["issued_this_week"], found["vouchers"]["used_this_week"]) == (2, 1)
    assert found["revenue"] == {"total": 3_000, "this_week": 1_000, "this_month": 3_000}
    assert [(row["_id"], row["total_purchased"], row["total_used"], row["revenue"], row["price"])
            for row in found["voucher_types"]] == [(exam.id, 4, 1, 3_000, 1_000), (unsold.id, 0, 0, 0, 700)]
    assert found["users"]["total"] == 2
    assert found["users"]["new_this_week"] == 1
    assert found["recent_activity"]["payments_this_week"] == 1


def test_a_person_sees_its_own_figures(people, fund, buyer):
    exam = voucher_type(1_000, usage_limit=2, name="Exam", type_code="result_check")
    rows = buy(buyer, exam, 3)
    other = people.client()
    fund(other, "100.00")
    buy(other, exam)
    voucher_redemption.redeem(user=buyer, code=rows[0]["code"], service_type="marks")
    give_back(rows[0], 1_000)
    found = voucher_figures.person(user=buyer)
    assert {name: found["voucher_summary"][name] for name in vouchers.COUNTS} == {
        "total": 3, "active": 2, "used": 0, "expired": 0, "cancelled": 1}
    assert found["spending"] == {"total": 2_000, "average_per_voucher": 1_000}
    assert [(row["type_code"], row["count"]) for row in found["usage_by_type"]] == [("result_check", 1)]
    assert [row["status"] for row in found["recent_vouchers"]] == ["cancelled", "active", "active"]
    assert [row["service_type"] for row in found["recent_usage"]] == ["marks"]


def test_each_page_of_figures_is_one_round_trip(buyer):
    buy(buyer)
    for ask in (voucher_figures.dashboard, lambda: voucher_figures.revenue(days=30),
                lambda: voucher_figures.person(user=buyer), lambda: vouchers.stats(user=buyer)):
        with counted() as commands:
            ask()
        assert commands == ["aggregate"]


def explained(collection: str, pipeline: list[dict]) -> str:
    """The plan, as text. Open bounds of an index are dates that Python does not know."""
    plan = connections.database().command(
        "explain", {"aggregate": collection, "pipeline": pipeline, "cursor": {}}, verbosity="queryPlanner",
        codec_options=CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO))
    return json.dumps(plan, default=json_util.default)


def branches(collection: str, pipeline: list[dict]) -> list[tuple[str, list[dict]]]:
    """The reads that a pipeline is made of."""
    own = [stage for stage in pipeline if "$unionWith" not in stage]
    others = [stage["$unionWith"] for stage in pipeline if "$unionWith" in stage]
    return [(collection, own)] + [read for other in others for read in branches(other["coll"], other["pipeline"])]


def test_no_figure_reads_a_whole_collection(buyer):
    buy(buyer)
    now = clock.now()
    held = vouchers.held_by(buyer)
    for collection, pipeline in (
            ("vouchers", pipelines.dashboard(now, now, now)), ("vouchers", pipelines.person(1, held, now)),
            ("payments", revenue.report(now, now, "UTC")),
            ("vouchers", [{"$match": held}, {"$sort": {"issued_at": -1, "_id": -1}}, {"$limit": 20}])):
        for name, read in branches(collection, pipeline):
            plan = explained(name, read)
            # There are as many voucher types as somebody cared to make.
            assert "COLLSCAN" not in plan or name == "voucher_types", (name, read)
            assert '"SORT"' not in plan, (name, read)


def test_counting_all_vouchers_and_sales_reads_indexes_only(buyer):
    buy(buyer)
    now = clock.now()
    for collection, pipeline in (("vouchers", pipelines.dashboard(now, now, now)), ("payments", revenue.totals())):
        plan = explained(*branches(collection, pipeline)[0]).partition("rejectedPlans")[0]
        assert "IXSCAN" in plan
        assert "FETCH" not in plan, plan
