"""Buying vouchers against the same writes in raw pymongo: `python -m benchmarks.vouchers`.

Sixteen clients buy two vouchers at a time, through the API and by the service that it calls; the yardstick stores what
such a purchase stored, document for document, in a transaction of the same kind, from as many clients.
"""
import json
import os
import random
import urllib.request
from unittest.mock import patch

from bson import ObjectId
from pymongo import MongoClient, ReturnDocument
from pymongo.database import Database

from app import create_app
from benchmarks import installation, yardstick
from benchmarks.api import COLUMNS, PORT, ROUNDS, SECONDS, Route, _median, _wrk
from benchmarks.installation import Installation
from config.settings import Settings
from documents.ids import new_uuid
from documents.users import User
from documents.voucher_types import VoucherType
from services import voucher_codes, voucher_orders

API, SERVICE, RAW = "two vouchers through the API", "the purchase itself", "the same writes, raw pymongo"


def main() -> None:
    """Measure both in turn, so that whatever else the machine does meets both, and print medians and their ratio."""
    with installation.running(PORT) as running:
        database = MongoClient(running.settings.mongo_uri).get_default_database("purser")
        exam = database.voucher_types.find_one({"type_code": "result_check"})["_id"]
        route = Route(API, "/api/vouchers/purchase/", method="POST", body=f"voucher_type_id={exam}&quantity=2")
        _buy_one(running, route)
        runs: dict[str, list[dict]] = {API: [], SERVICE: [], RAW: []}
        # For the processes that buy by the service; they are started anew for each round.
        with patch.dict(os.environ, MONGO_URI=running.settings.mongo_uri, REDIS_URL=running.settings.redis_url,
                        DATA_DIR=str(running.folder)):
            for _ in range(ROUNDS):
                runs[API].append(_wrk(running, route))
                runs[SERVICE].append(_yardstick(running, ServicePurchase))
                runs[RAW].append(_yardstick(running, VoucherPurchase))
    figures = {name: _median(measured) for name, measured in runs.items()}
    print(f"{'':<32}" + "".join(f"{column:>9}" for column in (*COLUMNS, "errors")))
    for name, row in figures.items():
        print(f"{name:<32}" + "".join(f"{row[column]:>9.1f}" for column in (*COLUMNS, "errors")))
    for name in (API, SERVICE):
        cpu = sum(figures[RAW][part] for part in ("api", "mongod")) / sum(figures[name][part]
                                                                          for part in ("api", "mongod"))
        print(f"{name + ' / raw':<40}{figures[name]['rate'] / figures[RAW]['rate']:>6.2f} of the rate "
              f"(asked for: 0.50), {cpu:.2f} by the CPU time of both")


def _yardstick(running: Installation, pattern: type[yardstick.Pattern]) -> dict:
    before = running.cpu_seconds()[1]
    figures = yardstick.measure(running.settings.mongo_uri, SECONDS, pattern)
    return figures | {"mongod": (running.cpu_seconds()[1] - before) / (figures["rate"] * SECONDS) * 1000}


def _buy_one(running: Installation, route: Route) -> None:
    """One purchase of the very kind that is measured, for the yardstick to copy."""
    token = running.people[route.who].read_text().splitlines()[0]
    asked = urllib.request.Request(running.url + route.path, data=route.body.encode(),
                                   headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:
        if len(json.load(answer)["vouchers"]) != 2:
            raise SystemExit("The purchase to be copied is not what it should be.")


class ServicePurchase(yardstick.Pattern):
    """The purchase as the API's view calls it, without HTTP and without looking the caller up."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        create_app(Settings.load(os.environ))
        self.exam = VoucherType.find_one({"type_code": "result_check"}).id
        self.buyers = list(User.find({"username": {"$regex": "^bulk-"}}))

    def purchase(self, client: MongoClient, chance: random.Random) -> None:
        voucher_orders.purchase(user=chance.choice(self.buyers), voucher_type_id=self.exam, quantity=2)


class VoucherPurchase(yardstick.Pattern):
    """What a purchase of two vouchers through the API stored, to be stored again under other ids."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.payment = database.payments.find_one({"kind": "WALLET", "purpose.quantity": 2, "discount": 0})
        subject = f"payment:{self.payment['_id']}"
        self.entry = database.ledger_entries.find_one({"reference": f"{subject}:capture"})
        self.vouchers = list(database.vouchers.find({"payment": self.payment["_id"]}))
        self.events = list(database.events.find({"subject": subject}))

    def purchase(self, client: MongoClient, chance: random.Random) -> None:
        wallet = chance.choice(self.wallets)
        yardstick.transaction(client, lambda session: self._store(session, new_uuid(), wallet))

    def _store(self, session, payment: str, wallet: int) -> None:
        price = self.payment["final_amount"]
        paid = self.database.wallets.find_one_and_update(
            {"_id": wallet, "balance": {"$gte": price}}, {"$inc": {"balance": -price, "seq": 1}},
            return_document=ReturnDocument.AFTER, session=session)
        legs = [leg | {"balance_after": paid["balance"], "seq": paid["seq"], "account": f"wallet:{wallet}"}
                if "seq" in leg else leg for leg in self.entry["legs"]]
        self.database.ledger_entries.insert_one(
            {**self.entry, "_id": ObjectId(), "reference": f"payment:{payment}:capture", "legs": legs},
            session=session)
        self.database.payments.insert_one({**self.payment, "_id": payment}, session=session)
        self.database.vouchers.insert_many(
            [{**row, "_id": new_uuid(), "code": voucher_codes.new(), "payment": payment} for row in self.vouchers],
            session=session)
        for event in self.events:
            self.database.events.insert_one({**event, "_id": ObjectId(), "subject": f"payment:{payment}"},
                                            session=session)


if __name__ == "__main__":
    main()
