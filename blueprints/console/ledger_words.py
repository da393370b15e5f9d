"""The ledger in words: what its entries are called, and what its accounts hold."""
from markupsafe import Markup

from blueprints.console import formats

KINDS = {
    "recharge.charge": "Recharge charged",
    "recharge.success": "Recharge delivered",
    "recharge.refund": "Recharge paid back",
    "recharge.late": "Recharge delivered late and charged again",
    "recharge.loss": "Recharge delivered at the house's cost",
    "commission.fold": "Commission paid into the wallet",
    "payment.captured": "Payment received",
    "payment.refunded": "Payment refunded",
    "settlement.closed": "Settlement closed",
    "settlement.paid": "Settlement transferred",
    "reward.credited": "Reward credited",
    "reward.revoked": "Reward taken back",
    "purchase.paid": "Purchase: first instalment paid",
    "installment.paid": "Instalment paid",
    "installment.fee_returned": "Late fee given back",
    "wallet.funded": "Wallet funded",
    "wallet.debited": "Paid out of the wallet",
    "wallet.transferred": "Transferred to another wallet",
    "entry.reversed": "Taken back by staff",
}

ACCOUNTS = {
    "cash": ("Cash", "Money that came in or went out through staff's hands; below zero by what came in."),
    "bank": ("Bank", "What was transferred to merchants."),
    "sales": ("Sales", "What the house earned by its own goods."),
    "late_fees": ("Late fees", "What late instalments brought on top."),
    "fees": ("Fees", "What merchants pay the house for settling."),
    "operator": ("Operators", "What the operators are owed for recharges they delivered."),
    "clearing:recharge": ("Clearing of recharges", "Money of recharges whose outcome is not known yet."),
    "losses:recharge": ("Losses on recharges", "Recharges that were delivered and that nobody pays for."),
    "losses:payments": ("Losses on payments", "Top-ups that a gateway took back after they were spent."),
    "promotions": ("Promotions", "What the house paid for its own coupons."),
    "rewards": ("Rewards", "What the house gave away for referrals."),
    "upi": ("UPI", "The house's collecting account; below zero by what came in through it."),
}
"""House accounts: name and explanation."""

_NUMBERED = {
    "gateway": ("Gateway {}", "What this gateway holds for the house; below zero by what payers paid through it."),
    "payable": ("Payable to merchant {}", "Settled, and not transferred yet."),
    "commission": ("Commission of #{}", "What this distributor earned, until it is paid into its wallet."),
    "debt": ("Debt {}", "What a revoked reward left owing; the next rewards pay it first."),
}
_MERCHANT = {
    "receivable": ("Owed to merchant {}", "What payers paid to this merchant and no settlement has closed."),
    "till": ("Till of merchant {}", "Cash that this merchant took itself; below zero by what it holds."),
}


def kind(name: str) -> str:
    """What an entry of this kind is called."""
    return KINDS.get(name) or name.replace("_", " ").replace(".", ": ").capitalize()


def account(name: str, owners: dict[str, int] | None = None) -> Markup:
    """An account as a page shows it; `owners` says whose the wallets are."""
    if name.startswith("wallet:"):
        owner = (owners or {}).get(name)
        whose = Markup(" of {}").format(formats.person(owner)) if owner is not None else ""
        return Markup("Wallet {}{}").format(name.partition(":")[2], whose)
    return Markup("{}").format(title(name) or name)


def title(name: str) -> str:
    """The name of a house account; nothing for one that is not known here."""
    return _known(name)[0]


def explanation(name: str) -> str:
    """What a house account holds; nothing for one that is not known here."""
    return _known(name)[1]


def _known(name: str) -> tuple[str, str]:
    first, _, rest = name.partition(":")
    if name in ACCOUNTS:
        return ACCOUNTS[name]
    if first == "merchant":
        number, _, part = rest.partition(":")
        words = _MERCHANT.get(part)
        return (words[0].format(number), words[1]) if words else ("", "")
    words = _NUMBERED.get(first)
    return (words[0].format(rest), words[1]) if words else ("", "")
