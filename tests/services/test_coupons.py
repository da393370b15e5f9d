"""The coupon engine: what speaks against a code, who may use it how often, and what becomes of a use."""
from datetime import timedelta

import pytest

from documents import clock
from documents.coupon_assignments import CouponAssignment
from documents.coupons import Coupon
from documents.events import Event
from documents.redemptions import CouponCustomer, Redemption
from jobs.coupons import release_expired
from services import coupon_refusals as refusals
from services import coupons
from services.coupon_refusals import AlreadyHasCoupon, CouponExhausted, CouponUnknown, HoldExpired
from tests.catalogue import buy as recharge
from tests.catalogue import plan
from tests.couponing import coupon, order
from tests.parallel import breaks

PHONE = "+919812345678"


def redeem(made: Coupon, subject: str = "test:1", **terms) -> Redemption:
    return coupons.redeem(code=made.code, order=order(**terms), subject=subject)


def assign(made: Coupon, phone: str) -> None:
    CouponAssignment(id=CouponAssignment.key(made.id, phone), coupon=made.id, phone=phone, created_by=1,
                     created_at=clock.now()).create()


@pytest.mark.parametrize(("terms", "asked", "refusal"), [
    ({"is_active": False}, {}, refusals.CouponInactive),
    ({"start_date": clock.now() + timedelta(hours=1)}, {}, refusals.CouponNotStarted),
    ({"start_date": clock.now() - timedelta(days=2), "expiry_date": clock.now() - timedelta(seconds=1)}, {},
     refusals.CouponExpired),
    ({"usage_limit": 2, "used_count": 2}, {}, refusals.CouponExhausted),
    ({"budget": 5_000, "spent": 4_001}, {}, refusals.CouponBudgetExhausted),
    ({"min_order_amount": 10_001}, {}, refusals.OrderTooLow),
    ({"merchant": 3}, {"merchant": 4}, refusals.CouponWrongMerchant),
    ({"merchant": 3}, {}, refusals.CouponWrongMerchant),
    ({"applies_to": ["VOUCHER"]}, {}, refusals.CouponNotApplicable),
    ({"applies_to": ["VOUCHER:3"]}, {"kind": "VOUCHER", "item": 4}, refusals.CouponNotApplicable),
    ({"applies_to": ["POS:3"]}, {"merchant": 4}, refusals.CouponNotApplicable),
    ({"per_customer_limit": 1}, {}, refusals.CustomerRequired),
    ({"audience": "assigned"}, {}, refusals.CustomerRequired),
    ({"audience": "assigned"}, {"phone": PHONE}, refusals.CouponNotAssigned)])
def test_each_reason_is_quoted_and_raised(app, terms, asked, refusal):
    made = coupon(**terms)
    quoted = coupons.quote(code=made.code, order=order(**asked))
    assert (quoted.applicable, quoted.reason, quoted.discount, quoted.final_amount) == (
        False, refusal.reason, 0, 10_000)
    with pytest.raises(refusal):
        redeem(made, **asked)
    assert Redemption.find_one({}) is None
    assert Coupon.get(made.id).used_count == made.used_count


@pytest.mark.parametrize(("applies_to", "asked"), [
    (["POS"], {"merchant": 4}), (["POS:4"], {"merchant": 4}), (["VOUCHER:3"], {"kind": "VOUCHER", "item": 3}),
    (["POS", "RECHARGE"], {"kind": "RECHARGE", "item": 9}), (["PRODUCT"], {"kind": "PRODUCT", "item": 1})])
def test_what_it_applies_to(app, applies_to, asked):
    assert redeem(coupon(applies_to=applies_to), **asked).discount == 1_000


def test_the_last_moment_counts(app):
    made = coupon(expiry_date=clock.now() + timedelta(seconds=30))
    assert coupons.quote(code=made.code.lower(), order=order()).applicable
    with pytest.raises(CouponUnknown):
        coupons.quote(code="NEVER", order=order())


def test_a_budget_is_spent_to_the_minor_unit(app):
    made = coupon(discount_type="percent", discount_value=1_000, budget=1_500)
    assert redeem(made, "test:1").discount == 1_000
    with pytest.raises(refusals.CouponBudgetExhausted):
        redeem(made, "test:2", amount=5_010)
    assert redeem(made, "test:3", amount=5_000).discount == 500
    assert Coupon.get(made.id).spent == 1_500


class TestWho:
    def test_one_person_under_all_its_names(self, people):
        made, user = coupon(per_customer_limit=2), people.client()
        redeem(made, "test:1", user=user), redeem(made, "test:2", phone=user.phone)
        for name in ({"user": user}, {"phone": user.phone}):
            with pytest.raises(refusals.CouponUsedByCustomer):
                redeem(made, "test:3", **name)
        assert redeem(made, "test:4", phone=PHONE).customers == [f"{made.id}:phone:{PHONE}"]

    def test_opening_an_account_gives_no_second_use(self, people):
        made = coupon(per_customer_limit=1)
        redeem(made, "test:1", phone=PHONE)
        with pytest.raises(refusals.CouponUsedByCustomer):
            redeem(made, "test:2", user=people.client(phone=PHONE))

    def test_a_claimed_number_is_nobodys(self, people):
        made = coupon(audience="assigned")
        assign(made, PHONE)
        thief = people.client(phone=PHONE, unproven=["phone"])
        with pytest.raises(refusals.CouponNotAssigned):
            redeem(made, user=thief)
        assert redeem(made, phone=PHONE).user is None

    def test_a_new_customer_is_new_once(self, people, fund):
        first, second, user = coupon(audience="new_customers"), coupon(audience="new_customers"), people.client()
        assert redeem(first, "test:1", user=user).discount == 1_000
        for made in (first, second):
            assert coupons.quote(code=made.code, order=order(user=user)).reason == "not_new"
        coupons.release(subject="test:1")
        assert redeem(second, "test:2", user=user).discount == 1_000

    def test_who_has_bought_is_not_new(self, people, fund):
        made, user = coupon(audience="new_customers"), people.retailer()
        fund(user, "500.00")
        assert coupons.quote(code=made.code, order=order(user=user)).applicable
        recharge(user, plan("199.00"))
        assert coupons.quote(code=made.code, order=order(user=user)).reason == "not_new"
        at_merchant = coupon(audience="new_customers", merchant=5)
        assert coupons.quote(code=at_merchant.code, order=order(user=user, merchant=5)).applicable


class TestLife:
    def test_coupons_do_not_stack(self, app):
        redeem(coupon(), "test:1")
        other = coupon()
        with pytest.raises(AlreadyHasCoupon):
            redeem(other, "test:1")
        assert Coupon.get(other.id).used_count == 0

    def test_a_released_use_is_free_again_and_released_once(self, people):
        made, user = coupon(usage_limit=1, per_customer_limit=1), people.client()
        redeem(made, "test:1", user=user)
        assert coupons.release(subject="test:1").status == "RELEASED"
        assert coupons.release(subject="test:1") is None
        assert (Coupon.get(made.id).used_count, Coupon.get(made.id).spent) == (0, 0)
        assert redeem(made, "test:1", user=user).status == "CONFIRMED"
        assert breaks() == []

    def test_a_hold_counts_until_it_ends(self, app, move_clock):
        made = coupon(usage_limit=1, budget=1_000)
        held = coupons.hold(code=made.code, order=order(), subject="test:1")
        assert (held.status, Coupon.get(made.id).used_count) == ("HELD", 1)
        with pytest.raises(CouponExhausted):
            redeem(made, "test:2")
        move_clock(timedelta(minutes=15, seconds=1))
        with pytest.raises(HoldExpired):
            coupons.confirm(subject="test:1")
        release_expired()
        assert (Coupon.get(made.id).used_count, Redemption.get(held.id).status) == (0, "RELEASED")
        assert breaks() == []

    def test_whoever_needs_it_does_not_wait_for_the_job(self, app, move_clock):
        made = coupon(usage_limit=1)
        coupons.hold(code=made.code, order=order(), subject="test:1")
        move_clock(timedelta(minutes=15, seconds=1))
        assert redeem(made, "test:2").status == "CONFIRMED"
        assert Coupon.get(made.id).used_count == 1

    def test_a_hold_of_an_order_ends_with_it(self, app, move_clock):
        made = coupon(usage_limit=1)
        coupons.hold(code=made.code, order=order(), subject="test:1", minutes=None)
        move_clock(timedelta(days=2))
        assert coupons.release_expired() == 0
        assert coupons.confirm(subject="test:1").status == coupons.confirm(subject="test:1").status == "CONFIRMED"

    def test_a_late_payment_takes_its_coupon_again_if_there_is_one(self, people):
        made, user = coupon(usage_limit=1, per_customer_limit=1), people.client()
        coupons.hold(code=made.code, order=order(user=user), subject="test:1", minutes=None)
        coupons.release(subject="test:1")
        with pytest.raises(HoldExpired):
            coupons.confirm(subject="test:1")
        assert coupons.confirm(subject="test:1", late=True).status == "CONFIRMED"
        assert [row.uses for row in CouponCustomer.find({})] == [1, 1]
        assert breaks() == []
        coupons.release(subject="test:1")
        redeem(made, "test:2", user=people.client())
        with pytest.raises(CouponExhausted):
            coupons.confirm(subject="test:1", late=True)
        assert breaks() == []

    def test_what_happened_is_recorded_once(self, app):
        made = coupon()
        coupons.hold(code=made.code, order=order(), subject="test:1")
        for _ in range(2):
            coupons.confirm(subject="test:1")
        coupons.release(subject="test:1")
        found = list(Event.find({"subject": f"coupon:{made.id}"}, sort=[("_id", 1)]))
        assert [event.type for event in found] == ["coupon.held", "coupon.redeemed", "coupon.released"]
        assert [event.data["used_count"] for event in found] == [1, 1, 0]


class TestVerify:
    @pytest.mark.parametrize(("collection", "change"), [
        (Coupon, {"$inc": {"used_count": 1}}), (Coupon, {"$inc": {"spent": -1}}),
        (CouponCustomer, {"$inc": {"uses": 1}}), (Redemption, {"$set": {"discount": 1, "final_amount": 9_999}}),
        (Redemption, {"$unset": {"live": ""}})])
    def test_a_hand_in_the_database_is_found(self, people, collection, change):
        redeem(coupon(per_customer_limit=3), user=people.client())
        assert breaks() == []
        collection.collection().update_one({}, change)
        assert breaks() != []
