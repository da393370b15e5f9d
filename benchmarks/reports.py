"""How long the reports take over 10,000 customers and 200,000 instalments: `python -m benchmarks.reports`.

Makes its own servers and data in a temporary folder, asks through the whole HTTP stack in one process, prints a table.
"""
import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

from flask.testing import FlaskClient

from benchmarks.in_process import client_of, insert, installation, print_heading, print_times
from documents import clock
from documents.permissions import UserType
from documents.purchases import Purchase, Status
from documents.users import User
from services import purchase_reports

CUSTOMERS = 10_000
PURCHASES = 20_000
PARTS = 10
PART = 80_00
DAY = timedelta(days=1)

PATHS = {
    "weekly, 1000 rows": "/api/reports/payment-summary/weekly/",
    "weekly, page of 20": "/api/reports/payment-summary/weekly/?page=1",
    "weekly, every row as CSV": "/api/reports/payment-summary/weekly/?format=csv",
    "monthly, 1000 rows": "/api/reports/payment-summary/monthly/",
    "chart of six months": "/api/reports/chart/summary/",
    "user summary": "/api/user/summary/",
    "user stats": "/api/user-stats/",
}


def main() -> None:
    """Load, measure, print."""
    with installation() as app:
        started = time.perf_counter()
        _load()
        print(f"{CUSTOMERS} customers, {PURCHASES} purchases, {PURCHASES * PARTS} instalments "
              f"(loaded in {time.perf_counter() - started:.0f} s)")
        print_heading("report")
        rows = purchase_reports.customers(purchase_reports.span_of(days=7))
        print_times("weekly pipeline, 10001 rows", lambda: list(rows.every_row()))
        admin = client_of(app, User.get(1))
        for name, path in PATHS.items():
            print_times(name, lambda path=path: _ask(admin, path))


def _ask(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200 or not answer.data:
        raise SystemExit(f"{path} answered {answer.status_code}: {answer.text[:300]}")


def _load() -> None:
    now, chance = clock.now(), random.Random(7)
    people = ({"_id": number, "username": f"customer{number}", "email": f"customer{number}@shop.example",
               "user_type": UserType.CLIENT.value, "is_active": True, "is_verified": True, "is_staff": number == 1,
               "date_joined": now - 300 * DAY, "first_name": "Bench", "last_name": "Mark", "unproven": []}
              for number in range(1, CUSTOMERS + 2))
    insert(User, people)
    insert(Purchase, purchases(now, chance, lambda: chance.randint(1, CUSTOMERS)))


def purchases(now: datetime, chance: random.Random, buyer: Callable[[], int], first: int = 1) -> Iterator[dict]:
    """Ten parts each over a year, nine in ten of what has been due paid, mostly in time; ids from `first`."""
    ids = count(first * PARTS)
    for number in range(first, first + PURCHASES):
        bought_at = now - chance.random() * 365 * DAY
        parts = [_part(next(ids), number, part, bought_at, now, chance) for part in range(1, PARTS + 1)]
        total = PART * PARTS
        open_part = any(part["status"] == Status.DUE for part in parts)
        yield {"_id": number, "customer": buyer(), "product": 1, "product_name": "Laptop",
               "unit_price": total, "quantity": 1, "total_price": total, "first_installment_amount": PART,
               "installment_count": PARTS, "purchase_date": bought_at, "installments": parts, "revision": 0,
               "status": (Status.DUE if open_part else Status.PAID).value, "created_at": bought_at, "updated_at": now}


def _part(part_id: int, purchase: int, number: int, bought_at: datetime, now: datetime, chance: random.Random) -> dict:
    due_date = bought_at + 30 * (number - 1) * DAY
    row = {"id": part_id, "number": number, "amount": PART, "due_amount": PART, "paid_amount": 0, "late_fee": 0,
           "due_date": due_date, "status": Status.DUE.value, "payments": []}
    if due_date > now or (number > 1 and chance.random() > 0.9):
        return row
    at = due_date if number == 1 else due_date - chance.random() * 3 * DAY
    reference = f"purchase:{purchase}:installment:{number}:payment:1"
    return row | {"due_amount": 0, "paid_amount": PART, "status": Status.PAID.value, "payment_date": at, "payments": [
        {"amount": PART, "fee": 0, "method": "cash", "at": at, "actor": 1, "reference": reference}]}


if __name__ == "__main__":
    main()
