"""The HTTP layer: every blueprint there is, in the order the documentation shows them."""
from blueprints.admin_rewards import blp as admin_rewards
from blueprints.admin_users import blp as admin_users
from blueprints.auth import blp as auth
from blueprints.card_payments import blp as card_payments
from blueprints.catalogue import blp as plans
from blueprints.coupon_batches import blp as coupon_batches
from blueprints.coupon_offers import blp as coupon_offers
from blueprints.coupons import blp as coupons
from blueprints.gateway_webhooks import blp as gateway_webhooks
from blueprints.health import blp as health
from blueprints.installments import blp as installments
from blueprints.margins import blp as margins
from blueprints.merchant_analytics import blp as merchant_analytics
from blueprints.merchants import blp as merchants
from blueprints.notifications import blp as notifications
from blueprints.operator_callback import blp as operators
from blueprints.password_reset import blp as password_reset
from blueprints.pos_payments import blp as pos_payments
from blueprints.products import blp as products
from blueprints.profile import blp as profile
from blueprints.purchases import blp as purchases
from blueprints.push import blp as push
from blueprints.recharges import blp as recharges
from blueprints.referrals import blp as referrals
from blueprints.reports import blp as reports
from blueprints.rewards import blp as rewards
from blueprints.sessions import blp as sessions
from blueprints.settlements import blp as settlements
from blueprints.summaries import blp as summaries
from blueprints.support import blp as support
from blueprints.topups import blp as topups
from blueprints.transactions import blp as transactions
from blueprints.voucher_analytics import blp as voucher_analytics
from blueprints.voucher_types import blp as voucher_types
from blueprints.vouchers import blp as vouchers
from blueprints.wallets import blp as wallets
from blueprints.webhook_endpoints import blp as webhook_endpoints

BLUEPRINTS = [
    health,
    auth,
    sessions,
    profile,
    password_reset,
    admin_users,
    notifications,
    push,
    support,
    wallets,
    margins,
    plans,
    recharges,
    operators,
    card_payments,
    topups,
    gateway_webhooks,
    webhook_endpoints,
    voucher_types,
    vouchers,
    products,
    purchases,
    installments,
    reports,
    summaries,
    referrals,
    rewards,
    admin_rewards,
    merchants,
    coupons,
    coupon_offers,
    coupon_batches,
    pos_payments,
    transactions,
    settlements,
    merchant_analytics,
    voucher_analytics,
]
