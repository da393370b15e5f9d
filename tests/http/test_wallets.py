"""Wallets over HTTP: who funds whom, what each role sees, statements that add up."""
import csv
import io
from datetime import timedelta

import pytest

from documents import clock
from documents.ledger import LedgerEntry
from tests.parallel import breaks

ADD, DEBIT, TRANSFER = "/api/wallet/add-to-wallet/", "/api/wallet/debit-from-wallet/", "/api/wallet/transfer/"


@pytest.fixture
def cast(people):
    """An admin, a distributor with a retailer, and an outsider's retailer."""
    distributor = people.distributor()
    return {"admin": people.admin(), "distributor": distributor, "retailer": people.retailer(parent=distributor),
            "outsider": people.retailer(parent=people.distributor()), "client": people.client()}


@pytest.fixture
def call(cast, as_user):
    clients = {name: as_user(user) for name, user in cast.items()}

    def post(who: str, path: str, to: str, amount: object, **extra):
        return clients[who].post(path, json={"user_email": cast[to].email, "amount": amount, **extra})
    post.clients = clients
    return post


def balance(call, who: str) -> str:
    rows = call.clients[who].get("/api/wallet/wallets/").json
    return next((row["balance"] for row in rows if row["user_email"].startswith(who)), "none")


class TestFunding:
    def test_the_contracts_worked_example(self, call):
        for path, amount, after in [(ADD, "1000.00", "1000.00"), (ADD, "0.02", "1000.02"), (ADD, 100, "1100.02"),
                                    (DEBIT, "250.00", "850.02")]:
            answer = call("admin", path, "retailer", amount)
            assert (answer.status_code, answer.json["wallet"]["balance"]) == (200, after)
        refused = call("admin", DEBIT, "retailer", "99999.00")
        assert (refused.status_code, refused.json["code"]) == (409, "insufficient_funds")
        assert balance(call, "retailer") == "850.02"
        assert breaks() == []

    def test_a_debit_of_the_exact_balance_is_allowed(self, call):
        call("admin", ADD, "retailer", "0.01")
        assert call("admin", DEBIT, "retailer", "0.01").json["wallet"]["balance"] == "0.00"

    def test_the_reply_is_the_wallet_of_the_contract(self, call, cast):
        answer = call("admin", ADD, "retailer", "5.00", description="Opening").json
        assert answer["message"] == "Money added to wallet successfully"
        assert answer["wallet"]["user_email"] == cast["retailer"].email
        assert answer["wallet"]["user_type"] == "3"
        assert set(answer["wallet"]) == {"id", "user_email", "user_type", "unit", "balance", "created_at", "updated_at"}

    def test_a_client_gets_a_wallet_on_first_use(self, call):
        assert balance(call, "client") == "none"
        assert call("admin", ADD, "client", "5.00").json["wallet"]["balance"] == "5.00"

    @pytest.mark.parametrize("amount", [
        "0", "0.00", "-1", "1.001", 1.5e300, "1e2", "NaN", "abc", "", None, True, [], {"$gt": 0}, "100000000.00"])
    def test_a_bad_amount_names_its_field_and_moves_nothing(self, call, amount):
        answer = call("admin", ADD, "retailer", amount)
        assert answer.status_code == 400
        assert "amount" in answer.json["errors"]
        assert LedgerEntry.collection().count_documents({}) == 0

    def test_a_float_as_written_with_two_decimals_is_taken(self, call):
        assert call("admin", ADD, "retailer", 10.25).json["wallet"]["balance"] == "10.25"


class TestTheTree:
    def test_a_distributor_funds_its_retailer_from_its_own_wallet(self, call):
        call("admin", ADD, "distributor", "100.00")
        answer = call("distributor", ADD, "retailer", "40.00")
        assert (answer.status_code, answer.json["wallet"]["balance"]) == (200, "40.00")
        assert balance(call, "distributor") == "60.00"
        assert call("distributor", TRANSFER, "retailer", "60.01").json["code"] == "insufficient_funds"
        assert call("distributor", TRANSFER, "retailer", "60.00").status_code == 200
        assert (balance(call, "distributor"), balance(call, "retailer")) == ("0.00", "100.00")
        assert breaks() == []

    @pytest.mark.parametrize("to", ["outsider", "client", "admin"])
    def test_a_distributor_cannot_find_out_about_others(self, call, to):
        call("admin", ADD, "distributor", "100.00")
        refused = call("distributor", TRANSFER, to, "1.00")
        absent = call.clients["distributor"].post(
            TRANSFER, json={"user_email": "nobody@shop.example", "amount": "1.00"})
        assert refused.status_code == absent.status_code == 400
        assert refused.json["errors"] == absent.json["errors"] == {
            "user_email": ["User with this email does not exist."]}

    @pytest.mark.parametrize(("who", "path"), [
        ("retailer", ADD), ("retailer", DEBIT), ("retailer", TRANSFER), ("client", ADD), ("client", DEBIT),
        ("client", TRANSFER), ("distributor", DEBIT)])
    def test_roles_without_the_permission_get_403(self, call, who, path):
        assert call(who, path, "retailer", "1.00").status_code == 403

    def test_what_each_role_sees(self, call, cast):
        seen = {who: {row["user_email"] for row in call.clients[who].get("/api/wallet/wallets/").json}
                for who in cast}
        assert seen["distributor"] == {cast["distributor"].email, cast["retailer"].email}
        assert seen["retailer"] == {cast["retailer"].email}
        assert seen["client"] == set()
        assert {cast["outsider"].email, cast["retailer"].email} <= seen["admin"]

    def test_a_foreign_wallet_is_absent(self, call):
        outsiders = call.clients["outsider"].get("/api/wallet/wallets/").json[0]["id"]
        for path in (f"/api/wallet/wallets/{outsiders}/", f"/api/wallet/statement/?wallet_id={outsiders}",
                     f"/api/wallet/transactions/?wallet_id={outsiders}"):
            assert call.clients["distributor"].get(path).status_code == 404, path
            assert call.clients["admin"].get(path).status_code == 200, path

    def test_nobody_transfers_to_himself(self, call):
        call("admin", ADD, "admin", "10.00")
        assert call("admin", TRANSFER, "admin", "1.00").status_code == 400


class TestTransactions:
    def test_rows_are_newest_first_and_positive(self, call, cast):
        call("admin", ADD, "retailer", "10.00", description="Opening")
        call("admin", DEBIT, "retailer", "4.00")
        newest, oldest = call.clients["retailer"].get("/api/wallet/transactions/").json
        assert (newest["transaction_type"], newest["amount"], newest["balance_after"]) == (
            "debit_from_wallet", "4.00", "6.00")
        assert (oldest["transaction_type"], oldest["amount"], oldest["description"]) == (
            "add_to_wallet", "10.00", "Opening")
        assert oldest["created_by_email"] == cast["admin"].email
        assert oldest["wallet_user"] == cast["retailer"].email

    def test_an_admin_sees_both_sides_of_a_transfer_on_pages_and_cursors(self, call):
        call("admin", ADD, "distributor", "100.00")
        for _ in range(3):
            call("distributor", TRANSFER, "retailer", "1.00")
        admin = call.clients["admin"]
        everything = [row["_key"] for row in map(_keyed, admin.get("/api/wallet/transactions/").json)]
        assert len(everything) == 7
        pages, cursors = [], []
        for number in (1, 2, 3, 4):
            page = admin.get(f"/api/wallet/transactions/?page={number}&page_size=2").json
            assert (page["count"], page["total_pages"]) == (7, 4)
            pages += [_keyed(row)["_key"] for row in page["results"]]
        cursor = ""
        while cursor is not None:
            page = admin.get(f"/api/wallet/transactions/?cursor={cursor}&page_size=2").json
            cursors += [_keyed(row)["_key"] for row in page["results"]]
            cursor = page["next_cursor"]
        assert pages == everything
        assert cursors == everything

    def test_nobody_without_a_wallet_gets_an_empty_list(self, call):
        answer = call.clients["client"].get("/api/wallet/transactions/")
        assert (answer.status_code, answer.json) == (200, [])


def _keyed(row: dict) -> dict:
    return {**row, "_key": (row["id"], row["wallet"])}


class TestStatement:
    @pytest.fixture
    def three_days(self, call, move_clock):
        for day, (path, amount) in enumerate([(ADD, "100.00"), (DEBIT, "30.00"), (ADD, "5.50")]):
            move_clock(timedelta(days=day))
            call("admin", path, "retailer", amount)
        return call.clients["retailer"]

    def test_it_adds_up(self, three_days):
        statement = three_days.get("/api/wallet/statement/").json
        assert (statement["opening_balance"], statement["total_in"], statement["total_out"],
                statement["closing_balance"], statement["count"]) == ("0.00", "105.50", "30.00", "75.50", 3)
        assert [row["amount"] for row in statement["results"]] == ["100.00", "-30.00", "5.50"]
        assert [row["seq"] for row in statement["results"]] == [1, 2, 3]

    def test_days_are_those_of_the_business_and_both_ends_count(self, three_days, settings):
        second = clock.day_of(clock.now() - timedelta(days=1), settings.timezone)
        statement = three_days.get(f"/api/wallet/statement/?from={second}&to={second}").json
        assert (statement["opening_balance"], statement["closing_balance"]) == ("100.00", "70.00")
        assert statement["count"] == 1

    def test_the_csv_holds_every_row_and_no_formula(self, call, three_days):
        call("admin", ADD, "retailer", "1.00", description="=HYPERLINK(1)")
        answer = three_days.get("/api/wallet/statement/?format=csv&page_size=1")
        assert answer.mimetype == "text/csv"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["amount"] for row in rows] == ["100.00", "-30.00", "5.50", "1.00"]
        assert rows[-1]["description"] == "'=HYPERLINK(1)"

    @pytest.mark.parametrize("query", [
        "from=2026-13-01", "to=x", "wallet_id=a", "format=xml", "page=0", "page_size=101"])
    def test_a_bad_query_is_a_400(self, three_days, query):
        assert three_days.get(f"/api/wallet/statement/?{query}").status_code == 400
