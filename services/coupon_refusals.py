"""Why a coupon cannot be used: one refusal a reason, told by quotes and raised by redemptions."""
from documents.errors import Conflict, NotFound


class CouponUnknown(NotFound):
    code = "coupon_unknown"
    detail = "Invalid coupon"


class CouponRefused(Conflict):
    """The coupon exists and cannot be used for this order; `reason` is what quotes say."""

    code = "coupon_refused"
    reason = "refused"


class CouponInactive(CouponRefused):
    code = "coupon_inactive"
    reason = "inactive"
    detail = "Coupon is not active"


class CouponNotStarted(CouponRefused):
    code = "coupon_not_started"
    reason = "not_started"
    detail = "Coupon is not valid yet"


class CouponExpired(CouponRefused):
    code = "coupon_expired"
    reason = "expired"
    detail = "Coupon expired or not valid"


class CouponExhausted(CouponRefused):
    code = "coupon_exhausted"
    reason = "exhausted"
    detail = "Coupon has been used up"


class CouponBudgetExhausted(CouponRefused):
    """What is left of its budget is less than the discount."""

    code = "coupon_budget_exhausted"
    reason = "budget_exhausted"
    detail = "What is left of this coupon's budget is too little for this order"


class CouponNotApplicable(CouponRefused):
    code = "coupon_not_applicable"
    reason = "not_applicable"
    detail = "Coupon is not valid for this order"


class CouponWrongMerchant(CouponRefused):
    code = "coupon_wrong_merchant"
    reason = "wrong_merchant"
    detail = "Coupon is not valid at this merchant"


class OrderTooLow(CouponRefused):
    code = "coupon_order_too_low"
    reason = "below_minimum"
    detail = "Order amount too low"


class CustomerRequired(CouponRefused):
    """Who uses it matters, and nobody said who that is."""

    code = "coupon_customer_required"
    reason = "customer_required"
    detail = "This coupon needs the customer's phone number"


class CouponNotAssigned(CouponRefused):
    code = "coupon_not_assigned"
    reason = "not_assigned"
    detail = "Coupon not valid for this customer"


class CustomerNotNew(CouponRefused):
    code = "coupon_customer_not_new"
    reason = "not_new"
    detail = "Coupon is for new customers only"


class CouponUsedByCustomer(CouponRefused):
    code = "coupon_customer_limit"
    reason = "customer_limit"
    detail = "Coupon already used"


class AlreadyHasCoupon(Conflict):
    """Coupons do not stack: an order has one."""

    code = "coupon_stacked"
    detail = "This order has a coupon already"


class HoldExpired(Conflict):
    """The hold ran out, was released or confirmed before."""

    code = "coupon_hold_expired"
    detail = "The coupon is not held any more"
