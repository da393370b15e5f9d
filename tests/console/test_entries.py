"""The ledger in the console: every entry says what caused it, in words."""
from bson import ObjectId
from markupsafe import escape

from blueprints.console import ledger_words, links
from documents.ledger import LedgerEntry
from documents.wallets import Wallet
from services import demo, entry_causes, installments, ledger, schema, sealing, wallets
from services.ledger import CASH, Leg
from services.rewards import credit
from tests.buying import buy
from tests.referring import refer, rewards_of, terms


def page(console, reference: str) -> str:
    answer = console.get("/admin/entries/page/", query_string={"reference": reference})
    assert answer.status_code == 200, answer.text
    return answer.text


def newest() -> LedgerEntry:
    return next(LedgerEntry.find({}, sort=[("_id", -1)], limit=1))


def test_everything_the_demo_booked_has_a_cause_and_words(app):
    demo.load()
    entries = list(LedgerEntry.find({}))
    kinds, accounts = {entry.kind for entry in entries}, {leg.account for entry in entries for leg in entry.legs}
    assert [entry.reference for entry in entries if entry_causes.cause_of(entry) is None] == []
    assert kinds - set(ledger_words.KINDS) == set()
    assert [account for account in accounts if not account.startswith("wallet:") and not (
        ledger_words.title(account) and ledger_words.explanation(account))] == []
    assert len(kinds) >= 10


def test_links_name_collections_that_there_are(app):
    known = {document.collection().name for document in schema.documents()}
    assert set(links.SUBJECTS.values()) | set(links.ENDPOINTS) <= known


def test_the_page_shows_legs_sum_and_owner(console, people, fund):
    user = people.retailer()
    fund(user, "12.34")
    shown = page(console, newest().reference)
    assert "12.34" in shown
    assert f"/admin/customers/{user.id}/" in shown
    assert str(escape(ledger_words.explanation("cash"))) in shown
    assert "Every entry balances by itself" in shown
    assert "leads to nothing" in shown      # what tests book has no cause


def test_a_purchase_leads_to_its_payments(console, people):
    admin, user = people.admin(), people.client()
    bought = buy(user, "120.00", "40.00", 3)
    installments.pay(actor=admin, installment_id=bought.installments[1].id, amount=4_000, method="cash")
    entry = newest()
    shown = page(console, entry.reference)
    assert "1 × Laptop" in shown
    assert f"reference=purchase:{bought.id}:installment:1:payment:1" in shown
    assert [row.reference for row in entry_causes.siblings(entry)] == [f"purchase:{bought.id}:installment:1:payment:1"]


def test_a_reversal_is_linked_both_ways(console, people):
    admin, user = people.admin(), people.client()
    terms(admin)
    refer(admin, user)
    reward = rewards_of(admin)[0]
    credit(reward_id=reward.id, actor=admin)
    first = newest().reference
    ledger.reverse(first, reference=f"reward:{reward.id}:revoke", kind="reward.revoked")
    assert "Taken back by" in page(console, first)
    shown = page(console, f"reward:{reward.id}:revoke")
    assert "Takes back" in shown
    assert f"reference={first}" in shown
    assert "Reward taken back" in shown


def test_a_wish_is_the_cause_of_a_funding(console, people):
    admin, user = people.admin(), people.retailer()
    wallets.add_money(actor=admin, user_email=user.email, amount=500, description="For the fair")
    shown = page(console, newest().reference)
    assert "Funded by hand" in shown
    assert "For the fair" in shown
    assert f"/admin/customers/{admin.id}/" in shown


def test_what_was_done_at_the_console_leads_to_the_audit_list(console, people):
    user = people.retailer()
    form = f"/admin/actions/fund/wallet:{Wallet.find_one({'owner': user.id}).id}/"
    key = console.get(form).text.partition('name="key" value="')[2].partition('"')[0]
    console.post(form, key=key, amount="7.00", reason="Cash at the counter")
    shown = page(console, newest().reference)
    assert "Action at the console" in shown
    assert f"/admin/actions/line/{key}/" in shown
    assert "Cash at the counter" in shown
    assert "/admin/actions/reverse/entry:wallet.funded:" in shown
    assert "Fund" in console.get(f"/admin/customers/{user.id}/?kind=staff").text


def test_only_what_stands_for_itself_can_be_reversed(console, people, fund):
    fund(people.retailer(), "1.00")
    assert "/admin/actions/reverse/" not in page(console, newest().reference)


def test_the_seal_is_named(console, people, fund):
    user = people.retailer()
    fund(user, "1.00")
    fund(user, "2.00")
    assert "Not sealed yet" in page(console, newest().reference)
    sealing.seal_entries(everything=True, settled_after=-sealing.SETTLED_AFTER)
    assert "Number 1 of the chain, entry 2 of 2" in page(console, newest().reference)


def test_the_list_narrows_to_an_account_and_its_days(console, people, fund):
    user, other = people.retailer(), people.retailer()
    fund(user, "11.11")
    fund(other, "22.22")
    wallet = Wallet.find_one({"owner": user.id})
    everything = console.get("/admin/entries/").text
    assert "11.11" in everything
    assert "22.22" in everything
    one = console.get(f"/admin/entries/?flt_account=wallet:{wallet.id}").text
    assert "11.11" in one
    assert "22.22" not in one
    assert "Nothing matches" in console.get(
        f"/admin/entries/?flt_account=wallet:{wallet.id}&flt_booked_to=2001-01-01").text
    assert "Name an account as well" in console.get("/admin/entries/?flt_booked_to=2001-01-01").text
    assert "Within an account ask when it was booked" in console.get(
        f"/admin/entries/?flt_account=wallet:{wallet.id}&flt_made_to=2001-01-01").text


def test_search_finds_by_the_beginning_of_the_reference(console, people, fund):
    fund(people.retailer(), "11.11")
    reference = newest().reference
    assert reference in console.get(f"/admin/entries/?search={reference[:6]}").text
    assert "Nothing matches" in console.get("/admin/entries/?search=nosuch").text


def test_the_export_has_amounts_and_accounts(console, people, fund):
    fund(people.retailer(), "11.11")
    text = console.get("/admin/entries/export/csv/").text
    assert "11.11" in text
    assert "cash=-11.11" in text


def test_details_by_id_are_the_same_page(console, people, fund):
    fund(people.retailer(), "11.11")
    entry = newest()
    assert entry.reference in console.get(f"/admin/entries/details/?id={entry.id}").text
    assert console.get(f"/admin/entries/details/?id={ObjectId()}").status_code == 404
    assert console.get("/admin/entries/details/?id=nonsense").status_code == 404
    assert console.get("/admin/entries/page/").status_code == 404


def test_points_are_shown_as_points(console, people):
    user = people.client()
    wallet = wallets.open_wallet(owner=user.id, unit="POINTS")
    ledger.post(kind="test.points", reference="test:points", unit="POINTS",
                legs=[Leg(CASH, -700), Leg(f"wallet:{wallet.id}", 700)])
    assert 'data-unit="POINTS"' in page(console, "test:points")
