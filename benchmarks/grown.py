"""A business after some years: 100,000 users, a million ledger entries, and what belongs to them.

Written row by row past the services, copied from what the demo made, so that each row looks as one of theirs. Numbers
and stories are the same every time; the moments count back from now.
"""
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

from benchmarks import grown_shops
from benchmarks.grown_shops import as_copy, oid, uuid
from benchmarks.in_process import insert
from benchmarks.reports import PURCHASES, purchases
from config import settings
from config.connections import database
from documents import clock
from documents.base import Document
from documents.ids import Counter
from documents.ledger import LedgerEntry
from documents.permissions import UserType
from documents.plans import Plan
from documents.purchases import Purchase
from documents.recharges import PlanCopy, Recharge, Status
from documents.users import User
from documents.wallets import POINTS, Wallet
from services import demo, schema
from services.ledger import CASH, wallet_account
from services.recharge_books import CLEARING, OPERATOR

USERS = 100_000
DISTRIBUTORS = 100
RETAILERS = 9_900
ENTRIES = 1_000_000
RECHARGES = 250_000
BUSIEST_RECHARGES = 40_000
BUSIEST_TRANSFERS = 60_000
VOUCHERS = 50_000
PENDING = 400
"""Recharges whose outcome nobody knows yet."""
SPREAD = timedelta(days=180)
POCKET, TILL = 1_000_000_00, 1_000_000_000_00
"""What a customer and a shop begin with, in minor units."""
BATCH = 10_000

Legs = list[tuple[str, int]]


def load(say: Callable[[str], None]) -> int:
    """Fill an empty installation, unless that was done before; returns the id of the busiest customer."""
    busiest = Counter.find_one({"_id": "bench:busiest"})
    if busiest is not None:
        return busiest.value
    demo.load()
    bare = [LedgerEntry, Recharge, Purchase, Wallet, User, *grown_shops.LARGE]
    for document in bare:       # indexes are built much faster than they are kept
        document.collection().drop_indexes()
        database().command("collMod", document.collection().name, validator={})
    world = World()
    for part in (world.people, world.money, world.shop):
        part()
        say(f"  {part.__name__}")
    shops = grown_shops.Shops(world.chance, world.now, world.somebody, world.users)
    grown_shops.load(shops, world.sales, say)
    say("  indexes")
    schema.sync()
    Counter(name="bench:busiest", value=world.busiest).create()
    return world.busiest


class World:
    """What has been made so far."""

    def __init__(self) -> None:
        self.chance = random.Random(7)
        self.now = clock.now()
        first = taken("users", USERS)
        self.users = range(first, first + USERS)
        self.retailers = self.users[DISTRIBUTORS:DISTRIBUTORS + RETAILERS]
        self.clients = self.users[DISTRIBUTORS + RETAILERS:]
        self.busiest = self.retailers[0]
        self.wallets = {user: number for number, user in enumerate(self.users, taken("wallets", USERS))}
        self.balance: dict[str, int] = defaultdict(int)
        self.seq: dict[str, int] = defaultdict(int)
        self.ids = count(1)
        self.sales: list[grown_shops.Sale] = []

    def somebody(self) -> int:
        """A customer, one time in fifty the busiest."""
        return self.busiest if self.chance.random() < 0.02 else self.chance.choice(self.clients)

    def people(self) -> None:
        """The users."""
        insert(User, map(self.user, range(USERS)))

    def user(self, number: int) -> dict:
        """A distributor, one of its retailers, or a client."""
        kind, parent = UserType.CLIENT, {}
        if number < DISTRIBUTORS + RETAILERS:
            kind = UserType.RETAILER if number >= DISTRIBUTORS else UserType.DISTRIBUTOR
            # A third belongs to the first distributor: somebody always has most of them.
            above = self.users[number % DISTRIBUTORS if number % 3 else 0]
            parent = {"parent": above} if number >= DISTRIBUTORS else {}
        return {
            "_id": self.users[number], "email": f"person{number}@grown.example", "phone": f"+9170{number:08d}",
            "username": f"person{number}", "first_name": f"Person {number}", "last_name": "Grown", "is_staff": False,
            "user_type": kind.value, **parent, "is_active": number % 50 != 9, "is_verified": number % 10 != 9,
            "unproven": [], "profile": {}, "guarded": 0, "tree_changes": 0,
            "date_joined": self.now - 2 * SPREAD - (USERS - number) * timedelta(minutes=8)}

    def money(self) -> None:
        """Wallets, recharges and transfers with their entries, all in the order of time."""
        plans = [as_copy(PlanCopy, row) for row in Plan.collection().find({"is_active": True})]
        example = Recharge.collection().find_one({"payment_status": Status.SUCCESS.value})
        recharges: list[dict] = []
        entries: list[dict] = []
        for user in self.users:
            rich = TILL if user < self.clients[0] else POCKET
            entries += self.entry("wallet.funded", f"bench:fund:{user}", [(CASH, -rich), (self.account(user), rich)],
                                  user, self.now - 1.5 * SPREAD)
        numbers = count(taken("recharges", RECHARGES))
        for number, (at, what, user) in enumerate(self.happenings()):
            if what == "transfer":
                other = self.chance.choice(self.users[:DISTRIBUTORS])
                legs = [(self.account(other), -10_000), (self.account(user), 10_000)]
                entries += self.entry("wallet.transferred", f"wallet.transferred:{number}", legs, other, at)
            elif what == "voucher":
                legs = [(self.account(user), -1_000), ("sales", 1_000)]
                payment = uuid(at, number)
                self.sales.append((at, user, payment))
                entries += self.entry("payment.captured", f"payment:{payment}:capture", legs, user, at)
            else:
                row = self.recharge(example, next(numbers), user, at, self.chance.choice(plans))
                recharges.append(row)
                entries += self.booked(row)
            if len(entries) >= BATCH:
                entries = stored(LedgerEntry, entries)
                recharges = stored(Recharge, recharges)
        stored(LedgerEntry, entries)
        stored(Recharge, recharges)
        insert(Wallet, self.balances())

    def happenings(self) -> list[tuple[datetime, str, int]]:
        """When who recharged, sold, bought or was sent money: more and more often."""
        others = RECHARGES - BUSIEST_RECHARGES
        whose = [("recharge", self.busiest)] * BUSIEST_RECHARGES + [("transfer", self.busiest)] * BUSIEST_TRANSFERS
        whose += [("recharge", self.chance.choice(self.retailers)) for _ in range(others)]
        whose += [("voucher", self.somebody()) for _ in range(VOUCHERS)]
        booked = USERS + 2 * RECHARGES + VOUCHERS + BUSIEST_TRANSFERS + PURCHASES * 5
        whose += [("transfer", self.chance.choice(self.retailers)) for _ in range(ENTRIES - booked)]
        return sorted((self.now - SPREAD * self.chance.random() ** 1.5, *one) for one in whose)

    def recharge(self, example: dict, number: int, user: int, at: datetime, plan: dict) -> dict:
        """As the demo's, sometimes refused by the operator, and among the newest some that wait."""
        status = Status.FAILED if self.chance.random() < 0.05 else Status.SUCCESS
        known = self.now - at < timedelta(hours=8) and self.chance.random() < 0.2
        waits = {"next_check_at": self.now, "needs_attention": number % 10 == 0} if known else {}
        status = Status.PENDING if waits else status
        attempt = {**example["attempts"][0], "reference": f"TXN-{number:010x}-1", "net": plan["amount"],
                   "wallet": self.wallets[user], "status": status.value, "started_at": at, "finished_at": at,
                   "key": f"bench:{number}", "operator_ref": f"SIM-TXN-{number:010x}-1"}
        return {**example, "_id": number, "user": user, "plan": plan, "amount": plan["amount"], "attempts": [attempt],
                "phone_number": f"+9198{self.chance.randrange(10**8):08d}", "transaction_id": f"TXN-{number:010x}",
                "payment_status": status.value, "keys": [f"bench:{number}"], "created_at": at, "updated_at": at,
                "completed_at": at, **waits}

    def booked(self, row: dict) -> list[dict]:
        """The entries of a recharge."""
        own, price, about = self.account(row["user"]), row["amount"], f"recharge:{row['_id']}"
        after: dict[str, tuple[str, Legs]] = {
            "success": ("success", [(CLEARING, -price), (OPERATOR, price)]),
            "failed": ("refund", [(own, price), (CLEARING, -price)])}
        kinds = [("charge", [(own, -price), (CLEARING, price)])]
        kinds += [after[row["payment_status"]]] if row["payment_status"] in after else []
        return [entry for kind, legs in kinds for entry in self.entry(
            f"recharge.{kind}", f"{about}:{kind}", legs, row["user"], row["created_at"], row["transaction_id"])]

    def shop(self) -> None:
        """Purchases on instalments, all paid in cash."""
        first = taken("purchases", PURCHASES)
        waiting: list[dict] = []
        entries: list[dict] = []
        for row in purchases(self.now, self.chance, self.somebody, first):
            waiting.append(row)
            for part in row["installments"]:
                for paid in part["payments"]:
                    legs = [(CASH, -paid["amount"]), ("sales", paid["amount"])]
                    entries += self.entry("installment.paid", paid["reference"], legs, 1, paid["at"])
        stored(Purchase, waiting)
        stored(LedgerEntry, entries)

    def entry(self, kind: str, reference: str, legs: Legs, actor: int, at: datetime, memo: str = "") -> Iterator[dict]:
        """One entry, whose wallets are kept in mind."""
        yield {"_id": oid(at, next(self.ids)), "kind": kind, "reference": reference,
               "unit": settings.current().currency, "legs": [self.leg(*leg) for leg in legs], "actor": actor,
               "memo": memo, "created_at": at}

    def leg(self, account: str, amount: int) -> dict:
        if not account.startswith("wallet:"):
            return {"account": account, "amount": amount}
        self.balance[account] += amount
        self.seq[account] += 1
        return {"account": account, "amount": amount, "balance_after": self.balance[account], "seq": self.seq[account]}

    def account(self, user: int) -> str:
        return wallet_account(self.wallets[user])

    def balances(self) -> Iterator[dict]:
        """The wallets as the entries left them, and some for points."""
        shared = {"created_at": self.now - 1.5 * SPREAD, "updated_at": self.now}
        points = count(taken("wallets", USERS // 5))
        for user, number in self.wallets.items():
            own = wallet_account(number)
            yield {"_id": number, "owner": user, "unit": settings.current().currency, "balance": self.balance[own],
                   "seq": self.seq[own], **shared}
            if user % 5 == 0:
                yield {"_id": next(points), "owner": user, "unit": POINTS, "balance": 0, "seq": 0, **shared}


def taken(name: str, number: int) -> int:
    """The first of `number` ids of a sequence that nobody else gets."""
    counter = Counter.change_row({"_id": name}, {"$inc": {"value": number}}, upsert=True)
    return counter["value"] - number + 1


def stored(document: type[Document], rows: list[dict]) -> list[dict]:
    insert(document, rows)
    return []
