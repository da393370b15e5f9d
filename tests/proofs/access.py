"""Who may call what: one line a route. Taken from the public rules of the API, not from the code that keeps them.

A new route needs a line here; the test beside this table fails without one.
"""
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ROLES = ("anonymous", "client", "retailer", "foreign_retailer", "distributor", "admin")
"""`retailer` belongs to `distributor`; `foreign_retailer` belongs to another one."""
SIGNED_IN_ROLES = ROLES[1:]
OWNERLESS = frozenset({"plan", "provider", "product", "config", "reward", "qr code", "voucher type"})
"""What belongs to the house: asked for as "other" and "absent" only."""
PEOPLE = frozenset({"user", "email"})


@dataclass(frozen=True)
class Rule:
    """Which roles a route is for, and which objects each of them reaches there."""

    roles: tuple[str, ...]
    reach: dict[str, frozenset[str]] = field(default_factory=dict)
    """By role: own, tree (a distributor's retailer's), other. Absent is nobody's."""


def _reach(*, admin: str, distributor: str, others: str) -> dict[str, frozenset[str]]:
    told = dict.fromkeys(ROLES, others) | {"distributor": distributor, "admin": admin}
    return {role: frozenset(words.split()) for role, words in told.items()}


_ALL = "own tree other"
PUBLIC = Rule(ROLES, _reach(admin=_ALL, distributor=_ALL, others=_ALL))
SIGNED_IN = Rule(SIGNED_IN_ROLES, PUBLIC.reach)
OWN = Rule(SIGNED_IN_ROLES, _reach(admin="own", distributor="own", others="own"))
"""Everybody their own, an admin too."""
OWN_OR_STAFF = Rule(SIGNED_IN_ROLES, _reach(admin=_ALL, distributor="own", others="own"))
TREE = Rule(SIGNED_IN_ROLES, _reach(admin=_ALL, distributor="own tree", others="own"))
"""Own ones, a distributor its retailers' too, an admin all."""
ADMIN = Rule(("admin",), _reach(admin=_ALL, distributor="", others=""))
MANAGERS = Rule(("distributor", "admin"), _reach(admin=_ALL, distributor="tree", others=""))
"""An admin everybody's, a distributor its own retailers'."""

SIGNED_BY_OTHERS = Rule(())
"""Operators and gateways, who sign what they send: no user's token opens these."""


@dataclass(frozen=True)
class Row:
    route: str
    rule: Rule
    target: str | None = None
    """What the path, or else the body, names."""
    body: dict | Callable[[Any], dict] | None = None
    """A body that is right; made from the target's id when that stands in the body."""
    absent: int = 404
    """400 where a body names somebody: then the field is what is wrong."""
    passes: frozenset[str] = frozenset()
    """Codes of refusals that say "not now" or "you have none" to whoever may call."""

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route.partition(" ")[2]


NONE_YET = frozenset({"not_found", "merchant_required"})


def _money(email: str) -> dict:
    return {"user_email": email, "amount": "1.00"}


def _buys_at(merchant: int) -> dict:
    return {"merchant": merchant, "amount": "1.00"}


_PLAN = {"provider_id": 1, "title": "Plan", "identifier": "P_1", "amount": "1.00", "validity": 1}
_RESET = {"email": "nobody@shop.example", "otp": "000000", "new_password": "correct-horse-7"}

TABLE = [
    Row("GET /", PUBLIC),
    Row("GET /swagger/", PUBLIC),
    Row("GET /redoc/", PUBLIC),
    Row("GET /openapi.json", PUBLIC),
    Row("GET /swagger.json", PUBLIC),
    Row("GET /livez", PUBLIC),
    Row("GET /readyz", PUBLIC),
    Row("GET /metrics", PUBLIC),
    Row("GET /api/health/", PUBLIC),
    Row("GET /api/test/", PUBLIC),

    Row("POST /api/auth/signup/", PUBLIC),
    Row("POST /api/auth/register/", PUBLIC),
    Row("POST /api/auth/otp/generate/", PUBLIC),
    Row("POST /api/auth/verify-otp/", PUBLIC),
    Row("POST /api/auth/login/", PUBLIC, body={"email": "nobody@shop.example", "password": "correct-horse-7"}),
    Row("POST /api/auth/token/refresh/", PUBLIC, body={"refresh": "x.y.z"}),
    Row("POST /api/auth/password-reset/", PUBLIC),
    Row("POST /api/auth/password-reset-confirm/", PUBLIC),
    Row("POST /api/auth/reset-password/", PUBLIC, body=_RESET),
    Row("POST /api/auth/logout/", SIGNED_IN),
    Row("POST /api/auth/logout-all/", SIGNED_IN),
    Row("POST /api/auth/verify-session/", SIGNED_IN),
    Row("GET /api/auth/sessions/", SIGNED_IN),
    Row("DELETE /api/auth/sessions/", SIGNED_IN),
    Row("DELETE /api/auth/sessions/<string(maxlength=64):session_id>/", OWN, "session"),
    Row("GET /api/auth/profile/", SIGNED_IN),
    Row("PUT /api/auth/profile/", SIGNED_IN),
    Row("PATCH /api/auth/profile/", SIGNED_IN),
    Row("POST /api/users/change-password/", SIGNED_IN),

    Row("GET /api/auth/admin/users/", MANAGERS),
    Row("GET /api/auth/admin/users/search/", ADMIN),
    Row("POST /api/auth/admin/users/create/", MANAGERS),
    Row("GET /api/auth/admin/users/<int:user_id>/", MANAGERS, "user"),
    Row("PUT /api/auth/admin/users/<int:user_id>/update/", MANAGERS, "user", {"first_name": "Changed"}),
    Row("PATCH /api/auth/admin/users/<int:user_id>/update/", MANAGERS, "user", {"first_name": "Changed"}),
    Row("DELETE /api/auth/admin/users/<int:user_id>/delete/", MANAGERS, "user"),
    Row("POST /api/auth/admin/users/<int:user_id>/reset-password/", MANAGERS, "user",
        {"new_password": "correct-horse-7"}),

    Row("GET /api/wallet/wallets/", SIGNED_IN),
    Row("GET /api/wallet/wallets/<int:wallet_id>/", TREE, "wallet"),
    Row("GET /api/wallet/transactions/", SIGNED_IN),
    Row("GET /api/wallet/statement/", SIGNED_IN),
    Row("POST /api/wallet/add-to-wallet/", MANAGERS, "email", _money, absent=400),
    Row("POST /api/wallet/debit-from-wallet/", ADMIN, "email", _money, absent=400),
    Row("POST /api/wallet/transfer/", MANAGERS, "email", _money, absent=400),
    Row("POST /api/wallet/set-margin/", MANAGERS, "email",
        lambda email: {"user_email": email, "margin_percentage": "0.00"}, absent=400),
    Row("GET /api/wallet/margins/", SIGNED_IN),

    Row("GET /api/plans/", SIGNED_IN),
    Row("POST /api/plans/", ADMIN, body=_PLAN),
    Row("GET /api/plans/<int:plan_id>/", SIGNED_IN, "plan"),
    Row("PUT /api/plans/<int:plan_id>/", ADMIN, "plan", _PLAN),
    Row("PATCH /api/plans/<int:plan_id>/", ADMIN, "plan", {"title": "Other"}),
    Row("DELETE /api/plans/<int:plan_id>/", ADMIN, "plan"),
    Row("GET /api/plans/providers/", SIGNED_IN),
    Row("POST /api/plans/providers/", ADMIN),
    Row("PUT /api/plans/providers/<int:provider_id>/", ADMIN, "provider", {"title": "Other"}),
    Row("PATCH /api/plans/providers/<int:provider_id>/", ADMIN, "provider", {"title": "Other"}),
    Row("DELETE /api/plans/providers/<int:provider_id>/", ADMIN, "provider"),

    Row("POST /api/purchases/purchase/", SIGNED_IN, "plan",
        lambda plan: {"plan_id": plan, "phone_number": "+919812345678"}, absent=400),
    Row("GET /api/purchases/history/", SIGNED_IN),
    Row("GET /api/purchases/history/<int:purchase_id>/", OWN, "recharge"),
    Row("POST /api/purchases/retry/<int:purchase_id>/", OWN, "recharge"),
    Row("POST /api/operators/callback/", SIGNED_BY_OTHERS),

    Row("GET /api/notifications/list/", SIGNED_IN),
    Row("GET /api/notifications/archived/", SIGNED_IN),
    Row("GET /api/notifications/unread-count/", SIGNED_IN),
    Row("POST /api/notifications/read/<int:notification_id>/", OWN, "notice"),
    Row("POST /api/notifications/read-all/", SIGNED_IN),
    Row("POST /api/notifications/archive/", SIGNED_IN),
    Row("POST /api/notifications/restore/", SIGNED_IN),
    Row("POST /api/notifications/delete-bulk/", SIGNED_IN),
    Row("GET /api/notifications/notification-settings/", ADMIN),
    Row("PUT /api/notifications/notification-settings/", ADMIN),
    Row("GET /api/notifications/push/key/", SIGNED_IN),
    Row("GET /api/notifications/push/subscriptions/", SIGNED_IN),
    Row("POST /api/notifications/push/subscriptions/", SIGNED_IN),
    Row("DELETE /api/notifications/push/subscriptions/<uuid:subscription_id>/", OWN, "browser"),
    Row("GET /api/support/tickets/", SIGNED_IN),
    Row("POST /api/support/tickets/", SIGNED_IN),
    Row("GET /api/support/tickets/<int:ticket_id>/", OWN_OR_STAFF, "ticket"),
    Row("PUT /api/support/tickets/<int:ticket_id>/status/", ADMIN, "ticket", {"status": "CLOSED"}),
    Row("PATCH /api/support/tickets/<int:ticket_id>/status/", ADMIN, "ticket", {"status": "CLOSED"}),

    Row("GET /api/products/", PUBLIC),
    Row("GET /api/products/<int:product_id>/", PUBLIC, "product"),
    Row("POST /api/products/", ADMIN),
    Row("PUT /api/products/<int:product_id>/", ADMIN, "product", {"name": "Other", "price": "1.00"}),
    Row("PATCH /api/products/<int:product_id>/", ADMIN, "product", {"name": "Other"}),
    Row("DELETE /api/products/<int:product_id>/", ADMIN, "product"),
    Row("POST /api/purchases/create/", SIGNED_IN),
    Row("GET /api/purchases/my/", SIGNED_IN),
    Row("GET /api/purchases/", ADMIN),
    Row("GET /api/purchases/<int:purchase_id>/", OWN_OR_STAFF, "purchase"),
    Row("POST /api/purchases/<int:purchase_id>/pay-rest/", OWN_OR_STAFF, "purchase", {"payment_method": "cash"}),
    Row("GET /api/installments/", SIGNED_IN),
    Row("GET /api/installments/next-due/", SIGNED_IN, passes=NONE_YET),
    Row("POST /api/installments/pay/<int:installment_id>/", OWN_OR_STAFF, "installment", {"amount": "1.00"}),
    Row("POST /api/installments/<int:installment_id>/waive-fee/", ADMIN, "installment", {"reason": "Goodwill"}),
    Row("GET /api/reports/chart/summary/", ADMIN),
    Row("GET /api/reports/payment-summary/weekly/", ADMIN),
    Row("GET /api/reports/payment-summary/monthly/", ADMIN),
    Row("GET /api/user/summary/", SIGNED_IN),
    Row("GET /api/user-stats/", ADMIN),
    Row("GET /api/public/global-summary/", PUBLIC),

    Row("POST /api/referral/generate/", SIGNED_IN),
    Row("POST /api/referral/apply/", SIGNED_IN),
    Row("GET /api/referral/analytics/summary/", SIGNED_IN),
    Row("GET /api/referral/analytics/list/", SIGNED_IN),
    Row("GET /api/referral/analytics/timeline/", SIGNED_IN),
    Row("GET /api/referral/analytics/leaderboard/", SIGNED_IN),
    Row("GET /api/rewards/history/", SIGNED_IN),
    Row("GET /api/rewards/summary/", SIGNED_IN),
    Row("POST /api/admin/reward-config/", ADMIN),
    Row("GET /api/admin/reward-config/", ADMIN),
    Row("PATCH /api/admin/reward-config/<config_id>/", ADMIN, "config", {"hold_days": 1}),
    Row("POST /api/admin/reward-config/<config_id>/deactivate/", ADMIN, "config"),
    Row("GET /api/admin/rewards/", ADMIN),
    Row("POST /api/admin/rewards/<reward_id>/credit/", ADMIN, "reward"),
    Row("POST /api/admin/rewards/<reward_id>/release/", ADMIN, "reward"),
    Row("POST /api/admin/rewards/<reward_id>/revoke/", ADMIN, "reward"),
    Row("GET /api/admin/referral/top/", ADMIN),

    Row("GET /api/merchants/", SIGNED_IN),
    Row("POST /api/merchants/", SIGNED_IN),
    Row("GET /api/merchants/me/", SIGNED_IN, passes=NONE_YET),
    Row("GET /api/merchants/<int:merchant_id>/", OWN_OR_STAFF, "merchant"),
    Row("PUT /api/merchants/<int:merchant_id>/", OWN_OR_STAFF, "merchant", {"business_name": "Other"}),
    Row("PATCH /api/merchants/<int:merchant_id>/", OWN_OR_STAFF, "merchant", {"address": "Other"}),
    Row("DELETE /api/merchants/<int:merchant_id>/", OWN_OR_STAFF, "merchant"),
    Row("POST /api/merchants/<int:merchant_id>/activate/", ADMIN, "merchant"),
    Row("POST /api/merchants/<int:merchant_id>/deactivate/", ADMIN, "merchant"),
    Row("GET /api/merchants/me/cashiers/", SIGNED_IN, passes=NONE_YET),
    Row("POST /api/merchants/me/cashiers/", SIGNED_IN, passes=NONE_YET),
    Row("DELETE /api/merchants/me/cashiers/<int:user_id>/", OWN, "cashier"),
    Row("POST /api/merchants/upload_kyc/", SIGNED_IN, passes=NONE_YET),
    Row("GET /api/merchants/kyc/", SIGNED_IN, passes=NONE_YET),
    Row("GET /api/merchants/kyc/<uuid:paper_id>/", OWN_OR_STAFF, "paper"),
    Row("POST /api/payments/create/", OWN, "merchant", _buys_at),
    Row("GET /api/payments/list/", SIGNED_IN),
    Row("GET /api/payments/<uuid:payment_id>/", SIGNED_IN, "qr code"),  # for whoever was shown it
    Row("GET /api/payments/<uuid:payment_id>/qr/", SIGNED_IN, "qr code"),
    Row("POST /api/payments/scan/<uuid:payment_id>/", SIGNED_IN, "qr code"),
    Row("POST /api/payments/pay/<uuid:payment_id>/", SIGNED_IN, "qr code"),
    Row("POST /api/payments/verify/<uuid:payment_id>/", OWN, "payment", {"status": "SUCCESS"}),
    Row("POST /api/payments/cancel/<uuid:payment_id>/", OWN, "payment"),
    Row("POST /api/payments/refund/<uuid:payment_id>/", OWN_OR_STAFF, "payment"),
    Row("GET /api/payments/<uuid:payment_id>/refunds/", OWN_OR_STAFF, "closed payment"),
    Row("POST /api/transactions/create/<uuid:payment_id>/", OWN, "payment"),
    Row("POST /api/transactions/update/<uuid:transaction_id>/", OWN, "transaction", {"status": "FAILED"}),
    Row("GET /api/transactions/list/", SIGNED_IN),
    Row("GET /api/settlements/list/", SIGNED_IN),
    Row("POST /api/settlements/create/", OWN_OR_STAFF, "merchant", _buys_at),
    Row("POST /api/settlements/mark-paid/<uuid:settlement_id>/", ADMIN, "settlement"),
    Row("GET /api/settlements/<uuid:settlement_id>/", OWN_OR_STAFF, "settlement"),
    Row("GET /api/settlements/statement/<uuid:settlement_id>/", OWN_OR_STAFF, "settlement"),
    Row("POST /api/coupons/create/", SIGNED_IN),
    Row("GET /api/coupons/list/", SIGNED_IN),
    Row("GET /api/coupons/<int:coupon_id>/", OWN_OR_STAFF, "coupon"),
    Row("PATCH /api/coupons/<int:coupon_id>/", OWN_OR_STAFF, "coupon", {"is_active": False}),
    Row("GET /api/coupons/<int:coupon_id>/redemptions/", OWN_OR_STAFF, "coupon"),
    Row("GET /api/coupons/<int:coupon_id>/barcode/", OWN_OR_STAFF, "coupon"),
    Row("POST /api/coupons/verify/", SIGNED_IN),
    Row("POST /api/coupons/apply/", SIGNED_IN),
    Row("POST /api/coupons/redemptions/<uuid:redemption_id>/confirm/", OWN_OR_STAFF, "redemption"),
    Row("POST /api/coupons/redemptions/<uuid:redemption_id>/release/", OWN_OR_STAFF, "redemption"),
    Row("POST /api/coupons/assign/", SIGNED_IN),
    Row("POST /api/coupons/by-phone/", SIGNED_IN),
    Row("POST /api/coupons/best-barcode/", SIGNED_IN),
    Row("POST /api/coupons/qr/<int:coupon_id>/", OWN_OR_STAFF, "coupon"),
    Row("POST /api/coupons/scan/", SIGNED_IN),
    Row("POST /api/coupons/bulk/", SIGNED_IN),
    Row("GET /api/coupons/bulk/", SIGNED_IN),
    Row("GET /api/coupons/bulk/<uuid:batch_id>/", OWN_OR_STAFF, "batch"),
    Row("GET /api/coupons/bulk/<uuid:batch_id>/codes/", OWN_OR_STAFF, "batch"),
    Row("GET /api/vouchers/types/", PUBLIC),
    Row("GET /api/vouchers/types/all/", ADMIN),
    Row("GET /api/vouchers/types/<int:type_id>/", PUBLIC, "voucher type"),
    Row("POST /api/vouchers/types/", ADMIN),
    Row("PUT /api/vouchers/types/<int:type_id>/", ADMIN, "voucher type",
        {"name": "Other", "type_code": "other", "price": "1.00"}),
    Row("PATCH /api/vouchers/types/<int:type_id>/", ADMIN, "voucher type", {"name": "Other"}),
    Row("DELETE /api/vouchers/types/<int:type_id>/", ADMIN, "voucher type"),
    Row("GET /api/vouchers/my-vouchers/", SIGNED_IN),
    Row("GET /api/vouchers/given/", SIGNED_IN),
    Row("POST /api/vouchers/purchase/", SIGNED_IN),
    Row("POST /api/vouchers/redeem/", SIGNED_IN),
    Row("GET /api/vouchers/detail/<code>/", OWN, "voucher"),
    Row("GET /api/vouchers/detail/<code>/history/", OWN_OR_STAFF, "voucher"),
    Row("GET /api/vouchers/detail/<code>/qr/", OWN, "voucher"),
    Row("POST /api/vouchers/detail/<code>/assign/", OWN, "voucher", {"phone": "+919812345678"}),
    Row("POST /api/vouchers/detail/<code>/withdraw/", OWN, "given voucher"),
    Row("GET /api/vouchers/stats/", SIGNED_IN),
    Row("GET /api/vouchers/usage-history/", SIGNED_IN),
    Row("POST /api/payments/create-payment-intent/", SIGNED_IN),
    Row("POST /api/payments/confirm-payment/", OWN, "intent", lambda intent: {"payment_intent_id": intent}),
    Row("GET /api/payments/history/", SIGNED_IN),
    Row("GET /api/payments/transaction/<uuid:payment_id>/", OWN, "card payment"),
    Row("POST /api/payments/refund/request/", OWN, "card payment",
        lambda payment: {"payment_id": payment, "reason": "customer_request"}),
    Row("GET /api/payments/refunds/", SIGNED_IN),
    Row("POST /api/payments/refunds/<uuid:refund_id>/approve/", ADMIN, "card refund"),
    Row("POST /api/payments/refunds/<uuid:refund_id>/reject/", ADMIN, "card refund"),
    Row("POST /api/payments/webhook/", SIGNED_BY_OTHERS),
    Row("POST /api/payment/webhook/", SIGNED_BY_OTHERS),
    Row("POST /api/payment/create-order/", SIGNED_IN),
    Row("POST /api/payment/payment-success/", SIGNED_IN),
    Row("GET /api/analytics/merchant/", SIGNED_IN, passes=NONE_YET),
    Row("GET /api/analytics/kpis/", SIGNED_IN, passes=NONE_YET),
    Row("GET /api/analytics/top-merchants/", ADMIN),
    Row("GET /api/analytics/dashboard/", ADMIN),
    Row("GET /api/analytics/revenue/", ADMIN),
    Row("GET /api/analytics/user/", SIGNED_IN),
]
