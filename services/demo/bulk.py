"""History in bulk, for trying reports and `verify` on a grown installation: whole retailers at a time."""
import random
from datetime import timedelta

from bson import ObjectId

from config import settings
from documents import clock
from documents.ids import next_id
from documents.ledger import LedgerEntry
from documents.permissions import UserType
from documents.plans import Plan
from documents.recharges import Attempt, AttemptStatus, PlanCopy, Recharge, Status
from documents.transactions import atomic, current_session
from documents.users import User
from documents.wallets import Wallet
from services import recharge_books
from services.demo.people import DOMAIN
from services.ledger import CASH, Leg, wallet_account

RECHARGES_EACH = 100
ENTRIES_EACH = 2 * RECHARGES_EACH + 1
"""One retailer: funded once, then a charge and a delivery for each recharge."""
SPREAD = timedelta(days=180)


def load(entries: int, distributor: User, progress) -> None:
    """Make retailers of `distributor` until they have at least `entries` entries between them."""
    total = -(-entries // ENTRIES_EACH)
    plans = list(Plan.find({"is_active": True}, sort=[("_id", 1)]))
    known = {row["username"] for row in User.collection().find({"username": {"$regex": "^bulk-"}}, {"username": 1})}
    for number in range(1, total + 1):
        if _name(number) not in known:
            _load_retailer(number, distributor, plans)
        progress(number * ENTRIES_EACH, total * ENTRIES_EACH)


def _name(number: int) -> str:
    return f"bulk-{number:06d}"


@atomic
def _load_retailer(number: int, distributor: User, plans: list[Plan]) -> None:
    """One retailer with all its history in one transaction: there is never half of one."""
    history = _History(number, distributor, plans)
    history.retailer.create()
    history.wallet.create()
    LedgerEntry.collection().insert_many(history.entries, session=current_session())
    Recharge.collection().insert_many(history.recharges, session=current_session())


class _History:
    """What one retailer did; the same number gives the same story, ids and times apart."""

    def __init__(self, number: int, distributor: User, plans: list[Plan]) -> None:
        self.chance = random.Random(number)  # noqa: S311  a story, not a secret
        self.now = clock.now()
        self.balance = self.seq = 0
        self.entries: list[dict] = []
        self.recharges: list[dict] = []
        self.retailer = User(
            id=next_id("users"), email=f"{_name(number)}@{DOMAIN}", username=_name(number), first_name="Bulk",
            last_name=str(number), user_type=UserType.RETAILER.value, parent=distributor.id, is_verified=True,
            date_joined=self.now - SPREAD)
        wallet_id = next_id("wallets")
        self.account = wallet_account(wallet_id)
        bought = [self.chance.choice(plans) for _ in range(RECHARGES_EACH)]
        self.fund(sum(plan.amount for plan in bought), number)
        for step, plan in enumerate(bought):
            self.recharge(plan, self.now - SPREAD + SPREAD * (step + 1) / (RECHARGES_EACH + 1))
        self.wallet = Wallet(id=wallet_id, owner=self.retailer.id, owner_email=self.retailer.email,
                             owner_type=self.retailer.user_type, unit=settings.current().currency,
                             balance=self.balance, seq=self.seq, created_at=self.now - SPREAD, updated_at=self.now)

    def fund(self, amount: int, number: int) -> None:
        self.post("wallet.funded", f"demo:bulk:{number}", [Leg(CASH, -amount), Leg(self.account, amount)],
                  self.now - SPREAD)

    def recharge(self, plan: Plan, at) -> None:
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        transaction_id = f"TXN-{self.chance.getrandbits(40):010x}"
        attempt = Attempt(number=1, reference=f"{transaction_id}-1", net=plan.amount, commission=0,
                          wallet=int(self.account.partition(":")[2]), status=AttemptStatus.SUCCESS,
                          started_at=at, finished_at=at)
        recharge = Recharge(
            id=next_id("recharges"), user=self.retailer.id, amount=plan.amount, transaction_id=transaction_id,
            plan=PlanCopy(**{name: getattr(plan, name) for name in PlanCopy._fields}), attempts=[attempt],
            phone_number=f"+9198{self.chance.randrange(10**8):08d}", payment_method="wallet",
            payment_status=Status.SUCCESS, created_at=at, updated_at=at, completed_at=at)
        self.recharges.append(recharge.to_mongo())
        for kind in (recharge_books.CHARGE, recharge_books.SUCCESS):
            self.post(f"recharge.{kind}", recharge_books.reference(recharge.id, kind, 1),
                      recharge_books.legs(kind, attempt), at, transaction_id)

    def post(self, kind: str, reference: str, legs: list[Leg], at, memo: str = "") -> None:
        self.entries.append({
            "_id": ObjectId(), "kind": kind, "reference": reference, "unit": settings.current().currency,
            "legs": [self.leg(leg) for leg in legs], "actor": self.retailer.id, "memo": memo, "created_at": at})

    def leg(self, leg: Leg) -> dict:
        row: dict = {"account": leg.account, "amount": leg.amount}
        if leg.account == self.account:
            self.balance += leg.amount
            self.seq += 1
            row |= {"balance_after": self.balance, "seq": self.seq}
        return row
