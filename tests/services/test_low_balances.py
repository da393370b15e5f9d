"""The low-balance notice: once per crossing, however many jobs look."""
from aggregations.low_balances import crossings
from config.connections import database
from documents.notifications import Notification
from services import notifications
from services.low_balances import tell_crossings
from tests.parallel import together

ABOVE, BELOW, EXACTLY = "10000.01", "9999.99", "10000.00"


def alerts():
    return list(Notification.find({"kind": "LOW_BALANCE"}, sort=[("_id", 1)]))


def test_each_crossing_is_told_once(people, fund):
    shop = people.retailer(first_name="Ravi")
    fund(shop, ABOVE)
    tell_crossings()
    assert alerts() == []
    fund(shop, "-0.02")
    tell_crossings()
    tell_crossings()
    notice, = alerts()
    assert notice.user == shop.id
    assert notice.title == "Low Wallet Balance Alert"
    assert notice.message.startswith("Hi Ravi,\n\nYour wallet balance is ₹9999.99.")
    fund(shop, "0.02")
    tell_crossings()
    fund(shop, "-0.02")
    tell_crossings()
    assert len(alerts()) == 2


def test_the_line_itself_is_not_low(people, fund):
    fund(people.distributor(), EXACTLY)
    tell_crossings()
    assert alerts() == []


def test_only_business_wallets_that_ever_held_money_are_looked_at(people, fund):
    fund(people.client(), BELOW)
    people.retailer()
    tell_crossings()
    assert alerts() == []


def test_five_jobs_at_once_tell_each_shop_once(people, fund):
    for _ in range(6):
        fund(people.retailer(), BELOW)
    results = together(5, lambda _n: tell_crossings())
    assert not [result for result in results if isinstance(result, Exception)]
    assert len(alerts()) == 6


def test_the_flag_gates_it(people, fund):
    notifications.change_settings(flags={"low_balance": False})
    fund(people.retailer(), BELOW)
    tell_crossings()
    assert alerts() == []


def test_looking_uses_indexes_however_many_wallets_there_are(people, fund):
    for _ in range(5):
        fund(people.retailer(), ABOVE)
    pipeline = crossings(unit="INR", threshold=1_000_000, limit=500)
    plan = database().command("explain", {"aggregate": "users", "pipeline": pipeline, "cursor": {}},
                              verbosity="executionStats")
    assert "COLLSCAN" not in str(plan["stages"][0])
    lookups = [stage for stage in plan["stages"] if "$lookup" in stage]
    assert [(stage["collectionScans"], bool(stage["indexesUsed"])) for stage in lookups] == [(0, True), (0, True)]
