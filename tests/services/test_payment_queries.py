"""The indexes behind tills, settlements and figures: no query walks over a collection that grows."""
from datetime import timedelta

import pytest

from aggregations import merchants as figures
from aggregations import settlements as pipelines
from config import connections
from documents import clock
from documents.merchant_days import MerchantDay
from documents.payment_transactions import PaymentTransaction
from documents.payments import UNPAID, Payment
from documents.refunds import Refund
from documents.settlements import Settlement
from services import merchant_reports, pos, settlements, till_transactions
from tests.queries import counted
from tests.shops import ask, shop, take


@pytest.fixture
def owner(people):
    person = people.client()
    shop(person)
    return person


def plan_of(document, pipeline: list[dict]) -> str:
    explained = connections.database().command("explain", {
        "aggregate": document.collection().name, "pipeline": pipeline, "cursor": {}}, verbosity="queryPlanner")
    return str(explained)


def listed(listing, **more) -> list[dict]:
    match = {"$and": [listing.match, more]} if more else listing.match
    return [{"$match": match}, {"$sort": dict(listing.sorting(None))}, {"$limit": 20}]


def test_every_list_and_sweep_has_its_index(owner, people):
    take(owner)
    now, admin = clock.now(), people.admin()
    merchant = Payment.find_one({}).merchant
    asked = [
        (Payment, listed(pos.listing(viewer=owner))),
        (Payment, listed(pos.listing(viewer=owner, status="SUCCESS"))),
        (Payment, listed(pos.listing(viewer=admin))),
        (PaymentTransaction, listed(till_transactions.listing(viewer=owner))),
        (PaymentTransaction, listed(till_transactions.listing(viewer=admin))),
        (Settlement, listed(settlements.listing(viewer=owner))),
        (Settlement, listed(settlements.listing(viewer=admin))),
        (Settlement, figures.paid_out(merchant)),
        (Payment, [{"$match": {"status": {"$in": [*UNPAID]}, "expires_at": {"$lte": now}}},
                   {"$sort": {"expires_at": 1}}]),
        (Payment, pipelines.payment_sums(pipelines.unsettled(merchant, now))),
        (Refund, pipelines.refund_sums(pipelines.unsettled(merchant, now))),
        (Payment, pipelines.statement("some")),
        (Payment, figures.days_of(now - timedelta(days=1), now, "UTC")),
        (Payment, figures.days_of(now - timedelta(days=1), None, "UTC", merchant)),
        (MerchantDay, figures.series(figures.taken("2026-01-01", now, "UTC", now, merchant))),
        (MerchantDay, figures.top(figures.taken("2026-01-01", now, "UTC", now), 10)),
    ]
    walked = [(document.__name__, stages) for document, stages in asked if "COLLSCAN" in plan_of(document, stages)]
    assert walked == []
    assert "COLLSCAN" in plan_of(Payment, [{"$match": {"notes": "a field without an index"}}])


def test_figures_cost_the_same_however_many_payments_there_are(owner):
    def asked() -> list[list[str]]:
        seen = []
        for report in (lambda: merchant_reports.kpis(viewer=owner), lambda: merchant_reports.series(
                viewer=owner, days=30)):
            with counted() as names:
                report()
            seen.append(names[:])
        return seen

    take(owner)
    first = asked()
    for _ in range(5):
        take(owner)
        ask(owner)
    assert asked() == first
