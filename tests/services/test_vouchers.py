"""Redeeming, expiring, giving away and taking back vouchers."""
from datetime import timedelta

import pytest

from documents.errors import Conflict, NotFound, TooMany
from documents.messages import Message
from documents.payments import Payment
from documents.permissions import UserType
from documents.users import User
from documents.voucher_usages import VoucherUsage
from documents.vouchers import Status, Voucher
from services import ledger, refunds, voucher_codes, voucher_gifts, voucher_issue, voucher_redemption, vouchers
from services.voucher_issue import VouchersUsed
from services.voucher_redemption import MISSES, VoucherNotValid, VoucherUnknown
from tests.parallel import breaks
from tests.vouchering import buy, voucher_type


@pytest.fixture
def owner(people, fund):
    user = people.client()
    fund(user, "1000.00")
    return user


def redeem(user, voucher, **more):
    return voucher_redemption.redeem(user=user, code=voucher["code"], **more)


def state(voucher) -> str:
    return vouchers.shown(Voucher.collection().find_one({"_id": voucher["_id"]}))["status"]


def refund(voucher, amount=None):
    payment = Payment.get(voucher["payment"])
    return refunds.refund_now(payment=payment, amount=amount, actor=1)


def test_a_voucher_is_used_up_after_its_uses(owner):
    voucher = buy(owner, voucher_type(usage_limit=2))[0]
    first = redeem(owner, voucher, service_type="exam", service_data={"year": 2026}, ip_address="198.51.100.7",
                   user_agent="x" * 1_000)
    assert (first.voucher["usage_count"], first.voucher["uses_left"], state(voucher)) == (1, 1, "active")
    assert (first.usage["service_data"], len(first.usage["user_agent"])) == ({"year": 2026}, 300)
    grouped = "-".join(voucher["code"].lower()[part:part + 4] for part in (0, 4, 8))
    redeem(owner, {"code": grouped})
    assert state(voucher) == "used"
    with pytest.raises(VoucherNotValid):
        redeem(owner, voucher)
    assert VoucherUsage.collection().count_documents({"voucher": voucher["_id"]}) == 2
    assert [line.what for line in Voucher.get(voucher["_id"]).log] == ["issued", "redeemed", "redeemed"]
    assert breaks() == []


def test_only_the_owner_redeems_unless_the_voucher_is_a_bearers(people, owner):
    stranger, admin = people.client(), people.admin()
    voucher, bearer = buy(owner)[0], buy(owner, voucher_type(bearer=True))[0]
    for user in (stranger, admin):
        with pytest.raises(VoucherUnknown):
            redeem(user, voucher)
    assert redeem(stranger, bearer).usage["owner"] == owner.id
    assert redeem(owner, voucher).usage["user"] == owner.id


def test_ten_misses_an_hour_and_no_more(people, owner, move_clock):
    voucher, thief = buy(owner, voucher_type(bearer=True))[0], people.client()
    for number in range(MISSES):
        with pytest.raises(VoucherUnknown):
            redeem(thief, {"code": voucher_codes.new() if number % 2 else "nonsense"})
    with pytest.raises(TooMany):
        redeem(thief, voucher)
    redeem(owner, voucher)
    move_clock(timedelta(hours=1, seconds=1))
    with pytest.raises(VoucherNotValid):
        redeem(thief, voucher)


def test_a_voucher_expires_by_itself_in_every_answer(owner, move_clock):
    type_ = voucher_type(validity_days=30, usage_limit=2)
    voucher, other = buy(owner, type_, 2)
    redeem(owner, other), redeem(owner, other)
    assert vouchers.shown(voucher)["days_until_expiry"] == 29
    move_clock(timedelta(days=30, seconds=1))
    assert (state(voucher), state(other)) == ("expired", "used")
    found = {status: vouchers.listing(viewer=owner, status=status).count(
        vouchers.listing(viewer=owner, status=status).match) for status in Status}
    assert found == {"active": 0, "expired": 1, "used": 1, "cancelled": 0}
    assert vouchers.stats(user=owner) | {"_id": 0} == {
        "_id": 0, "total": 2, "active": 0, "used": 1, "expired": 1, "cancelled": 0, "value": 2_000}
    with pytest.raises(VoucherNotValid):
        redeem(owner, voucher)
    assert vouchers.shown(voucher)["days_until_expiry"] == 0


def test_nobody_sees_anothers_voucher(people, owner):
    voucher = buy(owner)[0]
    with pytest.raises(NotFound):
        vouchers.get(voucher["code"], viewer=people.client())
    with pytest.raises(NotFound):
        vouchers.history(voucher["code"], viewer=people.client())
    assert vouchers.history(voucher["code"], viewer=people.admin())["_id"] == voucher["_id"]
    assert vouchers.stats(user=people.client())["total"] == 0


def test_a_voucher_given_to_a_proven_number_changes_hands(people, owner):
    voucher, friend = buy(owner)[0], people.client()
    given = voucher_gifts.assign(user=owner, code=voucher["code"], phone=friend.phone)
    assert (given["owner"], given.get("phone")) == (friend.id, None)
    with pytest.raises(NotFound):
        vouchers.get(voucher["code"], viewer=owner)
    with pytest.raises(VoucherUnknown):
        redeem(owner, voucher)
    told = Message.find_one({"to": friend.phone})
    assert "You were given a voucher" in told.body
    assert voucher["code"] not in told.body
    redeem(friend, voucher)
    assert [line.what for line in Voucher.get(voucher["_id"]).log] == ["issued", "assigned", "redeemed"]


def test_a_voucher_waits_for_whoever_proves_its_number(people, owner):
    voucher, phone = buy(owner)[0], "+919800000077"
    voucher_gifts.assign(user=owner, code=voucher["code"], phone=phone)
    claiming = people.client(phone=phone, unproven=["phone"])
    with pytest.raises(VoucherUnknown):
        redeem(claiming, voucher)
    back = voucher_gifts.withdraw(user=owner, code=voucher["code"])
    assert (back["owner"], back.get("phone")) == (owner.id, None)
    voucher_gifts.assign(user=owner, code=voucher["code"], phone=phone)
    proven = User.change({"_id": claiming.id}, {"$set": {"unproven": []}})
    with pytest.raises(Conflict):
        voucher_gifts.withdraw(user=owner, code=voucher["code"])
    assert vouchers.stats(user=proven)["active"] == 1
    redeem(proven, voucher)


def test_oneself_is_nobody_to_give_to(owner):
    with pytest.raises(voucher_gifts.OwnPhone):
        voucher_gifts.assign(user=owner, code=buy(owner)[0]["code"], phone=owner.phone)


def test_a_refund_cancels_what_is_unused_and_never_what_was_redeemed(owner):
    rows = buy(owner, voucher_type(1_000), 3)
    redeem(owner, rows[0])
    with pytest.raises(VouchersUsed):
        refund(rows[0], 2_001)
    refund(rows[0], 1_000)
    assert [state(row) for row in rows] == ["used", "active", "cancelled"]
    refund(rows[0], 400)
    assert [state(row) for row in rows] == ["used", "cancelled", "cancelled"]
    refund(rows[0], 600)
    with pytest.raises(VouchersUsed):
        refund(rows[0])
    assert Payment.get(rows[0]["payment"]).refunded == 2_000
    assert ledger.balance("sales") == 1_000
    with pytest.raises(VoucherNotValid):
        redeem(owner, rows[1])
    assert breaks() == []


def test_a_refund_of_everything_cancels_everything(owner):
    rows = buy(owner, voucher_type(1), 10)
    refund(rows[0])
    assert {state(row) for row in rows} == {"cancelled"}
    assert Payment.get(rows[0]["payment"]).status == "REFUNDED"
    assert breaks() == []


def test_what_was_given_away_is_not_refunded_but_follows_the_gateway(people, owner):
    voucher, friend = buy(owner)[0], people.client()
    voucher_gifts.assign(user=owner, code=voucher["code"], phone=friend.phone)
    with pytest.raises(VouchersUsed):
        refund(voucher)
    gone = Payment.get(voucher["payment"])
    gone.refunded = gone.captured
    voucher_issue.follow_refund(gone)
    assert state(voucher) == "cancelled"


def test_a_refund_that_came_to_nothing_gives_the_vouchers_back(owner):
    rows = buy(owner, voucher_type(1_000), 2)
    payment = refunds.reserve(payment=Payment.get(rows[0]["payment"]), amount=2_000)
    assert {state(row) for row in rows} == {"cancelled"}
    payment.refunding = 500
    voucher_issue.reinstate(payment)
    assert sorted(state(row) for row in rows) == ["active", "cancelled"]
    payment.refunding = 0
    voucher_issue.reinstate(payment)
    assert {state(row) for row in rows} == {"active"}
    redeem(owner, rows[0])


@pytest.mark.parametrize("role", [UserType.RETAILER, UserType.DISTRIBUTOR])
def test_every_role_may_buy(people, fund, role):
    user = people.make(role)
    fund(user, "10.00")
    assert buy(user)[0]["owner"] == user.id


def test_codes_are_read_as_people_write_them():
    code = voucher_codes.new()
    assert len(code) == 12
    assert voucher_codes.read(f" {code[:6].lower()}-{code[6:]} ") == code
    assert voucher_codes.read(code.replace("0", "O").replace("1", "l")) == code
    for wrong in ("", "U" * 12, code + "0", code[:-1], "é" * 12, "٣" * 12):
        assert voucher_codes.read(wrong) is None


def test_one_wrong_character_is_always_found():
    code = voucher_codes.new()
    for place in range(12):
        for other in voucher_codes.ALPHABET:
            read = voucher_codes.read(code[:place] + other + code[place + 1:])
            assert read == (code if other == code[place] else None)
