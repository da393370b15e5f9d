"""The indexes behind card payments, refunds and webhooks: no query walks over a collection that grows."""
import pytest

from config import connections
from documents import clock
from documents.base import Document
from documents.gateway_events import GatewayEvent
from documents.payments import Payment
from documents.refunds import Refund
from documents.refunds import Status as RefundStatus
from documents.webhook_deliveries import WebhookDelivery
from services import card_payments, card_refunds, webhook_delivery, webhook_endpoints
from tests.carding import pay
from tests.queries import counted

NEWEST = {"created_at": -1, "_id": -1}
OLDEST_DUE = [("next_check_at", 1)]


def plan_of(document: type[Document], match: dict, sort: list | dict) -> str:
    """The winning plan, as text."""
    explained = connections.database().command("explain", {
        "find": document.collection().name, "filter": match, "sort": dict(sort)}, verbosity="queryPlanner")
    return str(explained["queryPlanner"]["winningPlan"])


@pytest.mark.parametrize(("document", "match", "sort"), [
    (Payment, {"keys": "1:card:k"}, {}),
    (Payment, {"gateway.intent": "pi_1", "gateway.name": "stripe"}, {}),
    (Payment, {"gateway.intent": "pi_1", "user": 1, "kind": "CARD"}, {}),
    (Payment, {"next_check_at": {"$lte": clock.now()}}, OLDEST_DUE),
    (Payment, {"user": 1}, NEWEST),
    (Refund, {"next_check_at": {"$lte": clock.now()}, "status": RefundStatus.PROCESSING.value}, OLDEST_DUE),
    (Refund, {"$or": [{"gateway_refund": "re_1"}, {"_id": "r"}]}, {}),
    (Refund, {"user": 1}, NEWEST),
    (Refund, {"status": "pending"}, NEWEST),
    (GatewayEvent, {"due_at": {"$lte": clock.now()}}, [("due_at", 1)]),
    (WebhookDelivery, {"due_at": {"$lte": clock.now()}, "endpoint": {"$nin": [1]}}, [("due_at", 1)]),
    (WebhookDelivery, {"endpoint": 1, "status": "failed"}, NEWEST),
])
def test_every_look_up_has_its_index(app, document, match, sort):
    plan = plan_of(document, match, sort)
    assert "COLLSCAN" not in plan
    assert "'SORT'" not in plan


def test_lists_take_one_round_trip(people):
    customer, admin = people.client(), people.admin()
    payment = pay(customer)
    card_refunds.request(user=customer, payment_id=payment.id, reason="other")
    endpoint = webhook_endpoints.create(user=admin, url="https://shop.example/")
    webhook_delivery.test(endpoint.id, viewer=admin)
    lists = [card_payments.listing(user=customer), card_refunds.listing(viewer=customer),
             webhook_delivery.listing(endpoint.id, viewer=admin)]
    for listing in lists:
        with counted() as commands:
            rows, count = listing.page(listing.match, listing.sorting(None), skip=0, limit=20)
        assert (commands, len(rows), count) == (["aggregate"], 1, 1)
