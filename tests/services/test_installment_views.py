"""The views of the Mongo shell give the answers of the reports."""
from datetime import timedelta

from config import connections
from documents import clock
from services import installments
from tests.buying import buy


def test_overdue_lists_unpaid_instalments_whose_moment_has_passed(people):
    person = people.client()
    late = buy(person, "100", "30", 4, days_ago=40)
    buy(person, "100", "30", 4)
    rows = list(connections.database().ops_overdue.find())
    assert [(row["_id"], row["due_amount"], row["email"]) for row in rows] == [
        (late.installments[1].id, 23_33, person.email)]
    assert rows[0]["days_late"] in (9, 10)
    installments.pay(actor=person, installment_id=late.installments[1].id, amount=25_66)
    assert list(connections.database().ops_overdue.find()) == []


def test_collections_add_up_by_month_of_the_business_and_method(people, move_clock, settings):
    person = people.client()
    buy(person, "100", "30", 4, days_ago=40)
    move_clock(timedelta(seconds=1))
    bought = buy(person, "100", "60", 2)
    installments.pay(actor=person, installment_id=bought.installments[1].id, amount=10_00)
    month = f"{clock.now().astimezone(settings.timezone):%Y-%m}"
    assert list(connections.database().ops_collections.find({"month": month})) == [
        {"month": month, "method": "cash", "payments": 2, "goods": 70_00, "late_fees": 0, "total": 70_00}]
