"""Many hands on one wallet: every unit is accounted for."""
from documents.wallets import Wallet
from services import ledger, sealing, wallets
from services.ledger import CASH, AlreadyPosted, InsufficientFunds, Leg, wallet_account
from tests.parallel import breaks, together


def test_payments_from_one_wallet_never_pass_its_balance(people):
    wallet = wallets.open_wallet(owner=people.client().id)
    account = wallet_account(wallet.id)
    ledger.post(kind="test", reference="fund", legs=[Leg(CASH, -2900), Leg(account, 2900)])
    results = together(40, lambda n: ledger.post(
        kind="test", reference=f"pay:{n}", legs=[Leg(account, -100), Leg("sales", 100)]))
    assert sum(isinstance(result, dict) for result in results) == 29
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 11
    assert Wallet.get(wallet.id).balance == 0
    assert breaks() == []


def test_one_reference_from_many_threads_is_booked_once(people):
    wallet = wallets.open_wallet(owner=people.client().id)
    legs = [Leg(CASH, -100), Leg(wallet_account(wallet.id), 100)]
    results = together(20, lambda _n: ledger.post(kind="test", reference="once", legs=legs))
    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(isinstance(result, AlreadyPosted) for result in results) == 19
    assert Wallet.get(wallet.id).balance == 100
    assert breaks() == []


def test_one_entry_reversed_from_many_threads_comes_back_once(app):
    # Between house accounts no wallet's conflict helps: the unique index alone decides.
    ledger.post(kind="test", reference="sale", legs=[Leg(CASH, -500), Leg("sales", 500)])
    results = together(20, lambda n: ledger.reverse("sale", reference=f"back:{n}", kind="test.reversed"))
    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(isinstance(result, AlreadyPosted) for result in results) == 19
    assert ledger.balance("sales") == 0
    assert breaks() == []


def test_two_sealers_leave_one_chain(people):
    wallet = wallets.open_wallet(owner=people.client().id)
    for number in range(30):
        ledger.post(kind="test", reference=f"e:{number}", legs=[Leg(CASH, -1), Leg(wallet_account(wallet.id), 1)])
    together(8, lambda _n: sealing.seal_entries(settled_after=sealing.timedelta(0)))
    sealing.seal_entries(settled_after=sealing.timedelta(0))
    assert breaks() == []


def test_verify_is_right_while_money_moves(people):
    wallet = wallets.open_wallet(owner=people.client().id)
    account = wallet_account(wallet.id)

    def work(number: int) -> list[str]:
        if number % 4 == 0:
            return [line for _ in range(10) for line in breaks()]
        for turn in range(30):
            ledger.post(kind="test", reference=f"{number}:{turn}", legs=[Leg(CASH, -100), Leg(account, 100)])
        return []

    assert [result for result in together(8, work) if result != []] == []
