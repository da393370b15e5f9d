"""What one merchant with many payers costs against many merchants: `python -m benchmarks.hot_merchant`.

Sixteen payers pay from their wallets, all at one till or each at another. The merchant's receivable keeps no running
balance, so the first must not be much slower than the second: no payer writes what another payer writes.
"""
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.in_process import installation
from documents import clock
from documents.ids import next_id
from documents.permissions import UserType
from documents.users import User
from services import ledger, merchants, pos, wallets
from services.ledger import CASH, Leg, wallet_account
from services.verification import verify

PAYERS = 16
PAYMENTS = 40
"""By each payer, in each round."""
ROUNDS = 5
AMOUNT = 100


def main() -> None:
    """Measure both ways in turn, so that whatever else the machine does meets both; then prove the books."""
    with installation():
        payers = [_payer(number) for number in range(PAYERS)]
        owners = [_owner(number) for number in range(PAYERS)]
        _round(payers, owners)
        ways = {"16 merchants": owners, "1 merchant": owners[:1] * PAYERS}
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, tills in ways.items():
                rates[name].append(_round(payers, tills))
        for name, measured in rates.items():
            print(f"{name:<14}{statistics.median(measured):>8.0f} payments/s   "
                  f"({min(measured):.0f} to {max(measured):.0f})")
        many, one = (statistics.median(rates[name]) for name in ways)
        print(f"one merchant runs at {one / many:.2f} of the rate of sixteen")
        breaks = [line for finding in verify() for line in finding.breaks]
        print("the books are right" if not breaks else "\n".join(breaks))


def _round(payers: list[User], tills: list[User]) -> float:
    """Payments a second; making them is not measured."""
    work = [(payer, [pos.create(user=till, amount=AMOUNT).id for _ in range(PAYMENTS)])
            for payer, till in zip(payers, tills, strict=True)]
    with ThreadPoolExecutor(PAYERS) as pool:
        started = time.perf_counter()
        list(pool.map(_pay, work))
        return PAYERS * PAYMENTS / (time.perf_counter() - started)


def _pay(work: tuple[User, list[str]]) -> None:
    payer, payments = work
    for payment in payments:
        pos.pay(user=payer, payment_id=payment)


def _payer(number: int) -> User:
    user = _user(f"payer{number}")
    wallet = wallets.open_wallet(owner=user.id)
    ledger.post(kind="wallet.funded", reference=f"bench:{number}", legs=[
        Leg(CASH, -10**9), Leg(wallet_account(wallet.id), 10**9)])
    return user


def _owner(number: int) -> User:
    user = _user(f"owner{number}")
    merchants.create(owner=user, business_name=f"Shop {number}")
    return user


def _user(name: str) -> User:
    return User(id=next_id("users"), username=name, email=f"{name}@bench.example", is_verified=True,
                user_type=UserType.CLIENT.value, date_joined=clock.now()).create()


if __name__ == "__main__":
    main()
