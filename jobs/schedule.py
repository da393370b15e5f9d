"""What runs by the clock, as data. Any number of schedulers may run: every job here is safe to run twice at once."""
from dataclasses import dataclass

from jobs.queues import HOOKS, JOB_TIMEOUT_SECONDS, LONG_TIMEOUT_SECONDS, MONEY, NOTIFY, REPORTS


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """One recurring job, either every so many `seconds` or by a `cron` expression in UTC."""

    name: str
    function: str
    """Dotted path of a `@task`."""
    queue: str
    seconds: int | None = None
    cron: str | None = None
    timeout: int = JOB_TIMEOUT_SECONDS
    """Seconds."""


SCHEDULE = (
    Scheduled(name="dispatch-sweep", function="jobs.dispatch.sweep", queue=NOTIFY, seconds=20),
    Scheduled(name="messages-sweep", function="jobs.messages.sweep", queue=NOTIFY, seconds=15),
    Scheduled(name="low-balances", function="jobs.low_balances.notify", queue=NOTIFY, seconds=300),
    Scheduled(name="recharges-follow-up", function="jobs.recharges.follow_up", queue=MONEY, seconds=15),
    Scheduled(name="commissions-fold", function="jobs.recharges.fold_commissions", queue=MONEY, seconds=30),
    Scheduled(name="simulator-hear", function="jobs.recharges.hear_simulator", queue=MONEY, seconds=5),
    Scheduled(name="reminders", function="jobs.reminders.send", queue=NOTIFY, seconds=60),
    Scheduled(name="rewards-credit", function="jobs.rewards.credit", queue=MONEY, seconds=60),
    Scheduled(name="cards-follow-up", function="jobs.card_payments.follow_up", queue=MONEY, seconds=30),
    Scheduled(name="cards-retry", function="jobs.card_payments.retry_events", queue=MONEY, seconds=30),
    Scheduled(name="cards-hear", function="jobs.card_payments.hear_simulator", queue=MONEY, seconds=5),
    Scheduled(name="webhooks-sweep", function="jobs.webhooks.deliver", queue=HOOKS, seconds=15),
    Scheduled(name="payments-expire", function="jobs.payments.expire", queue=MONEY, seconds=20),
    Scheduled(name="settlements-close", function="jobs.settlements.close_cycles", queue=MONEY, seconds=60),
    Scheduled(name="merchants-roll-up", function="jobs.settlements.roll_up", queue=REPORTS, seconds=600),
    Scheduled(name="coupon-batches", function="jobs.coupons.make_batches", queue=REPORTS, seconds=15),
    Scheduled(name="coupon-holds", function="jobs.coupons.release_expired", queue=MONEY, seconds=30),
    Scheduled(name="ledger-seal", function="jobs.ledger.seal", queue=REPORTS, seconds=60),
    Scheduled(name="ledger-seal-everything", function="jobs.ledger.seal_everything", queue=REPORTS, cron="40 21 * * *"),
    Scheduled(name="ledger-verify", function="jobs.ledger.verify", queue=REPORTS, seconds=60,
              timeout=LONG_TIMEOUT_SECONDS),
)
