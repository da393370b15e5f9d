"""What staff act on: each found by `kind:id`, with the facts that a form shows and the audit list keeps."""
from collections.abc import Callable
from typing import Any, NamedTuple

from config import settings
from documents import clock, money
from documents.errors import NotFound
from documents.ledger import LedgerEntry
from documents.payments import Payment
from documents.purchases import Purchase
from documents.recharges import Recharge
from documents.refunds import Refund
from documents.rewards import Reward, RewardDebt
from documents.settlements import Settlement
from documents.users import User
from documents.vouchers import Voucher
from documents.wallets import Wallet
from services import installments, reward_books, rewards, wallets
from services.ledger import WALLET_PREFIX

LONGEST_NAME = 200
LARGEST_ID = 2**63 - 1

Facts = dict[str, str | int | bool | None]
"""What it looks like now; money as two-decimal text of the subject's unit."""


class Subject(NamedTuple):
    name: str
    """`kind:id`, spelled the one way."""
    kind: str
    document: Any
    user: int | None
    """The customer it concerns, if one."""
    facts: Facts
    unit: str

    @property
    def counts_for(self) -> str:
        """Under what the amounts of 24 hours are added up: the customer, so that other subjects are no way round."""
        return f"user:{self.user}" if self.user is not None else self.name


def find(name: str) -> Subject:
    """The subject of this name, with its facts as the surrounding transaction sees them. Raises NotFound."""
    kind, _, key = name.partition(":")
    finder = FINDERS.get(kind)
    if finder is None or not key or len(name) > LONGEST_NAME or "\x00" in name:
        raise NotFound
    return finder(key)


def parts_of_installment(key: str) -> tuple[int, int]:
    """Purchase and number out of `12/3`. Raises NotFound."""
    purchase, _, number = key.partition("/")
    return _integer(purchase), _integer(number)


def _user(key: str) -> Subject:
    """A customer without a wallet yet; with one it is the wallet that is meant."""
    user = User.get(_integer(key))
    wallet = wallets.find_wallet(owner=user.id)
    if wallet is not None:
        return _of_wallet(wallet)
    facts: Facts = {"balance": money.text(0), "account active": bool(user.is_active)}
    return _subject("user", user.id, user, user.id, facts)


def _wallet(key: str) -> Subject:
    return _of_wallet(Wallet.get(_integer(key)))


def _of_wallet(wallet: Wallet) -> Subject:
    owner = User.get(wallet.owner)
    facts: Facts = {"balance": money.text(wallet.balance), "account active": bool(owner.is_active)}
    return _subject("wallet", wallet.id, wallet, wallet.owner, facts, unit=wallet.unit)


def _entry(key: str) -> Subject:
    entry = LedgerEntry.find_one({"reference": key})
    if entry is None:
        raise NotFound
    touched = [int(leg.account.removeprefix(WALLET_PREFIX)) for leg in entry.legs
               if leg.account.startswith(WALLET_PREFIX)]
    found = list(Wallet.find({"_id": {"$in": touched}}, sort=[("_id", 1)]))
    facts: Facts = {"kind": entry.kind, "amount": money.text(moved(entry)),
                    "reversed": LedgerEntry.find_one({"reverses": key}) is not None}
    facts |= {f"balance of wallet {wallet.id}": money.text(wallet.balance) for wallet in found}
    return _subject("entry", key, entry, found[0].owner if found else None, facts, unit=entry.unit)


def _reward(key: str) -> Subject:
    reward = Reward.get(rewards.parsed_id(key))
    unit = reward_books.unit_of(reward)
    facts: Facts = {
        "status": reward.status, "held": bool(reward.is_held), "type": reward.reward_type,
        "value": money.text(reward.reward_value), "balance": _balance(reward.user, unit),
        "owed from revoked rewards": money.text(RewardDebt.of(reward_books.debt_key(reward)))}
    return _subject("reward", key, reward, reward.user, facts, unit=unit)


def _recharge(key: str) -> Subject:
    recharge = Recharge.get(_integer(key))
    attempt = recharge.last_attempt
    facts: Facts = {
        "status": recharge.payment_status, "phone number": recharge.phone_number,
        "plan": recharge.plan.title, "price": money.text(recharge.amount), "paid from the wallet": money.text(at_stake(
            recharge)), "attempt": attempt.number, "attempt status": attempt.status,
        "nobody knows for a day": bool(recharge.needs_attention), "balance": _balance(recharge.user)}
    return _subject("recharge", recharge.id, recharge, recharge.user, facts)


def _payment(key: str) -> Subject:
    payment = Payment.get(key)
    return _subject("payment", key, payment, payment.user, _of_payment(payment), unit=payment.currency)


def _voucher(key: str) -> Subject:
    voucher = Voucher.get(key)
    payment = Payment.get(voucher.payment)
    facts: Facts = {"payment": payment.id, "voucher": voucher.type.name, "used": voucher.usage_count,
                    "cancelled": voucher.cancelled_at is not None, "paid for it": money.text(voucher.paid)}
    return _subject("voucher", key, voucher, payment.user, facts | _of_payment(payment), unit=payment.currency)


def _refund(key: str) -> Subject:
    refund = Refund.get(key)
    payment = Payment.get(refund.payment)
    facts: Facts = {"request": refund.status, "amount": money.text(refund.amount), "back by": refund.method,
                    "asked because": refund.reason.replace("_", " "), "payment": payment.id}
    return _subject("refund", key, refund, refund.user, facts | _of_payment(payment), unit=payment.currency)


def _installment(key: str) -> Subject:
    purchase_id, number = parts_of_installment(key)
    purchase = Purchase.get(purchase_id)
    part = next((part for part in purchase.installments if part.number == number), None)
    if part is None:
        raise NotFound
    facts: Facts = {
        "product": purchase.product_name, "instalment": f"{number} of {len(purchase.installments)}",
        "due on": str(clock.day_of(part.due_date, settings.current().timezone)), "status": part.status,
        "due": money.text(part.due_amount), "late fee due": money.text(installments.fee_due(part, clock.now())),
        "paid": money.text(part.paid_amount), "late fee charged": money.text(part.late_fee),
        "late fee waived": part.waiver is not None}
    return _subject("installment", key, part, purchase.customer, facts)


def _settlement(key: str) -> Subject:
    settlement = Settlement.get(key)
    facts: Facts = {"merchant": settlement.merchant, "status": settlement.status,
                    "amount": money.text(settlement.amount)}
    return _subject("settlement", key, settlement, None, facts)


FINDERS: dict[str, Callable[[str], Subject]] = {
    "user": _user, "wallet": _wallet, "entry": _entry, "reward": _reward, "recharge": _recharge, "payment": _payment,
    "voucher": _voucher, "refund": _refund, "installment": _installment, "settlement": _settlement}


def moved(entry: LedgerEntry) -> int:
    """How much money an entry moved, in minor units."""
    return sum(leg.amount for leg in entry.legs if leg.amount > 0)


def at_stake(recharge: Recharge) -> int:
    """What the wallet paid for the newest attempt, in minor units."""
    return recharge.last_attempt.net - (recharge.last_attempt.discount or 0)


def _of_payment(payment: Payment) -> Facts:
    facts: Facts = {"payment kind": payment.kind, "paid by": payment.method, "status": payment.status,
                    "taken": money.text(payment.captured), "given back": money.text(payment.refunded),
                    "on its way back": money.text(payment.refunding)}
    return facts | ({"balance": _balance(payment.user)} if payment.user is not None else {})


def _subject(kind: str, key: object, document: Any, user: int | None, facts: Facts, *, unit: str = "") -> Subject:
    return Subject(f"{kind}:{key}", kind, document, user, facts, unit or settings.current().currency)


def _balance(owner: int, unit: str | None = None) -> str:
    wallet = wallets.find_wallet(owner=owner, unit=unit)
    return money.text(wallet.balance if wallet is not None else 0)


def _integer(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > LARGEST_ID:
        raise NotFound
    return int(text)
