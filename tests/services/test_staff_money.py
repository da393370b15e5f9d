"""Every named action by its service, and the books right after each."""
import pytest

from documents.errors import Conflict, DomainError, NotFound
from documents.ledger import LedgerEntry
from documents.purchases import Purchase
from documents.rewards import Reward
from documents.settlements import Settlement
from documents.staff_actions import StaffAction
from documents.users import User
from documents.wallets import POINTS
from services import installments, ledger, settlements, staff_actions, wallets
from services.staff_money import ACTIONS
from services.staff_subjects import FINDERS
from tests import buying, catalogue
from tests.acting import act, balance, cash, wallet_of
from tests.parallel import breaks
from tests.referring import balance as reward_balance
from tests.referring import refer, rewards_of, terms
from tests.shops import paid_by, shop, take


@pytest.fixture
def admin(people) -> User:
    return people.admin()


def test_every_row_of_the_table_can_be_asked_for():
    for (name, kind), row in ACTIONS.items():
        assert (row.name, row.kind) == (name, kind)
        assert kind in FINDERS
        assert row.title
        assert row.does.endswith(".")
        assert (row.outside is None) == (row.conclude is None)


class TestReversing:
    def entry(self, line) -> str:
        return f"entry:{line.result['entry']}"

    def test_takes_a_funding_back_once(self, admin, people):
        customer = people.client()
        funded = act(admin, "fund", wallet_of(customer), amount="70")
        line = act(admin, "reverse", self.entry(funded))
        assert (line.status, line.amount) == ("done", 7_000)
        assert (line.before["reversed"], line.after["reversed"]) == (False, True)
        assert (balance(customer), cash()) == (0, 0)
        with pytest.raises(Conflict, match="reversed already"):
            act(people.admin(), "reverse", self.entry(funded))
        with pytest.raises(Conflict, match="a reversal itself"):
            act(people.admin(), "reverse", self.entry(line))
        assert breaks() == []

    def test_takes_debits_and_transfers_back(self, admin, people):
        distributor = people.distributor()
        retailer = people.retailer(parent=distributor)
        people.fund(distributor, 5_000)
        wallets.transfer(sender=distributor, user_email=retailer.email, amount=2_000)
        moved = LedgerEntry.find_one({"kind": "wallet.transferred"})
        act(admin, "reverse", f"entry:{moved.reference}")
        assert (balance(distributor), balance(retailer)) == (5_000, 0)
        taken = act(admin, "debit", wallet_of(distributor), amount="10")
        act(admin, "reverse", self.entry(taken))
        assert (balance(distributor), breaks()) == (5_000, [])

    def test_a_wallet_that_has_spent_it_cannot_give_it_back(self, admin, people):
        customer = people.client()
        funded = act(admin, "fund", wallet_of(customer), amount="70")
        act(admin, "debit", wallet_of(customer), amount="30")
        with pytest.raises(DomainError, match="Insufficient"):
            act(admin, "reverse", self.entry(funded))
        assert (balance(customer), breaks()) == (4_000, [])

    def test_entries_behind_which_something_stands_are_refused_with_what_to_do(self, admin, people, fund):
        owner, customer = people.client(), people.client()
        shop(owner)
        fund(customer, "1000.00")
        paid_by(customer, owner)
        _, retailer = catalogue.earning_chain(people)
        catalogue.buy(retailer, catalogue.plan())
        buying.buy(customer, "100.00", "50.00", 2, method="wallet")
        wanted = {"payment.captured": "Refund the payment", "recharge.charge": "by its outcome",
                  "purchase.paid": "keeps its schedule", "test.funded": "Only money moved by hand"}
        for kind, sentence in wanted.items():
            entry = LedgerEntry.find_one({"kind": kind})
            with pytest.raises(Conflict, match=sentence):
                act(people.admin(), "reverse", f"entry:{entry.reference}")
        assert breaks() == []


class TestRewards:
    @pytest.fixture
    def reward(self, admin, people) -> Reward:
        terms(admin, value=25_000)
        referrer = people.client()
        refer(referrer, people.client())
        return rewards_of(referrer)[0]

    def test_credit_and_revoke(self, admin, reward):
        owner = User.get(reward.user)
        line = act(admin, "credit_reward", f"reward:{reward.id}")
        assert (line.before["status"], line.after["status"], line.amount) == ("PENDING", "CREDITED", 25_000)
        assert (line.after["balance"], reward_balance(owner)) == ("250.00", 25_000)
        assert Reward.get(reward.id).credited_by == admin.id
        with pytest.raises(Conflict):
            act(admin, "credit_reward", f"reward:{reward.id}")
        act(admin, "debit", wallet_of(owner), amount="100.00")
        line = act(admin, "revoke_reward", f"reward:{reward.id}", reason="It was his own phone")
        assert (line.after["balance"], line.after["owed from revoked rewards"]) == ("0.00", "100.00")
        assert Reward.get(reward.id).revoke_reason == "It was his own phone"
        assert breaks() == []

    def test_release_lets_a_held_one_go(self, admin, reward):
        with pytest.raises(Conflict, match="held"):
            act(admin, "release_reward", f"reward:{reward.id}")
        Reward.hold(reward.id, "same_phone")
        line = act(admin, "release_reward", f"reward:{reward.id}")
        assert (line.before["held"], line.after["held"], line.after["status"]) == (True, False, "PENDING")

    def test_points_count_by_the_same_number(self, admin, people):
        terms(admin, value=1_000_100, unit="POINTS")
        referrer = people.client()
        refer(referrer, people.client())
        asked = act(admin, "credit_reward", f"reward:{rewards_of(referrer)[0].id}")
        assert (asked.status, asked.unit) == ("waiting", POINTS)
        staff_actions.approve(checker=people.admin(), action_id=asked.id)
        assert reward_balance(referrer, POINTS) == 1_000_100
        points = wallets.wallet_of(referrer.id, POINTS)
        with pytest.raises(Conflict, match="Points are given"):
            act(people.admin(), "fund", f"wallet:{points.id}", amount="5")
        assert breaks() == []


class TestInstalments:
    def test_a_fee_that_is_due_and_one_that_was_paid(self, admin, people, fund):
        customer = people.client()
        fund(customer, "5000.00")
        bought = buying.buy(customer, "3000.00", "1000.00", 3, method="wallet", days_ago=70)
        second, third = f"installment:{bought.id}/2", f"installment:{bought.id}/3"
        line = act(admin, "waive_fee", second, reason="Our bank was closed")
        assert (line.amount, line.before["late fee due"], line.after["late fee due"]) == (10_000, "100.00", "0.00")
        installments.pay(actor=customer, installment_id=buying.installment(bought, 3).id, amount=110_000,
                         method="wallet")
        left = balance(customer)
        line = act(admin, "waive_fee", third)
        assert (line.before["late fee charged"], line.after["late fee charged"]) == ("100.00", "0.00")
        assert balance(customer) == left + 10_000
        with pytest.raises(Conflict, match="no late fee"):
            act(admin, "waive_fee", third)
        assert breaks() == []

    def test_money_taken_by_hand_is_recorded(self, admin, people):
        bought = buying.buy(admin, "3000.00", "1000.00", 3, customer=people.client().id)
        subject = f"installment:{bought.id}/2"
        shown = staff_actions.form(actor=admin, name="mark_paid", subject=subject)
        assert shown.suggested == {"amount": "1000.00"}
        line = act(admin, "mark_paid", subject, amount="1000", method="bank")
        assert (line.status, line.after["status"], line.after["due"]) == ("done", "paid", "0.00")
        assert LedgerEntry.find_one({"reference": line.result["entry"]}) is not None
        assert Purchase.get(bought.id).installments[1].payments[0].method == "bank"
        with pytest.raises(Conflict):
            act(admin, "mark_paid", subject, amount="1000", method="bank")
        with pytest.raises(DomainError):
            act(admin, "mark_paid", f"installment:{bought.id}/3", amount="1000", method="wallet")
        with pytest.raises(NotFound):
            act(admin, "mark_paid", f"installment:{bought.id}/4", amount="1000", method="cash")
        assert breaks() == []


def test_a_settlement_is_paid_once(admin, people):
    owner = people.client()
    merchant = shop(owner)
    take(owner, "250.00")
    settlement = settlements.settle_by_hand(actor=admin, amount=25_000, merchant_id=merchant.id)
    line = act(admin, "mark_paid", f"settlement:{settlement.id}")
    assert (line.before["status"], line.after["status"], line.amount, line.user) == ("PENDING", "PAID", 25_000, None)
    assert Settlement.get(settlement.id).paid_by == admin.id
    with pytest.raises(Conflict, match="nothing left to pay"):
        act(people.admin(), "mark_paid", f"settlement:{settlement.id}")
    assert breaks() == []


def test_verify_names_lines_and_reversals_that_do_not_belong_together(admin, people):
    customer = people.client()
    line = act(admin, "fund", wallet_of(customer), amount="70")
    StaffAction.collection().update_one({"_id": line.id}, {"$set": {"result.entry": "wallet.funded:other"}})
    ledger.reverse(line.result["entry"], reference="entry.reversed:nobody", kind="entry.reversed")
    assert breaks() == [f"action {line.id} is done, its entry is wallet.funded:other",
                        "no action asks for entry entry.reversed:nobody"]
