"""Taking money back that was moved by hand: the exact opposite of an entry, for those that nothing else depends on."""
from documents.errors import Conflict
from documents.ledger import LedgerEntry
from documents.transactions import atomic
from documents.users import User
from services import events, ledger
from services.ledger import AlreadyPosted

KIND = "entry.reversed"
BY_HAND = frozenset({"wallet.funded", "wallet.debited", "wallet.transferred"})
"""Kinds of entries that stand for themselves. Behind every other one is a document that has to change with it."""
INSTEAD: dict[str, str] = {
    "recharge": "A recharge is taken back by its outcome: resolve it while it is pending.",
    "payment": "Refund the payment instead: what it bought has to go back with it.",
    "reward": "Revoke the reward instead, or credit it.",
    "purchase": "A purchase keeps its schedule: waive a fee, or give money back by funding the wallet.",
    "installment": "An instalment keeps its schedule: waive its fee, or give money back by funding the wallet.",
    "settlement": "A settlement that was closed or paid stays; the next one sets it right.",
    "commission": "A commission was earned by recharges; debit the wallet if it has to go back.",
    "entry": "This is a reversal itself: fund or debit the wallet instead.",
}
"""What to do for the entries of other kinds, by the word their kind begins with."""


@atomic
def reverse(*, entry: LedgerEntry, actor: User, key: str, owner: int | None) -> str:
    """Reverse an entry that was booked by hand, once; returns the new entry's reference, unique by `key`.

    Raises Conflict for every other kind and for what is reversed already, InsufficientFunds when a wallet that had
    received cannot give back.
    """
    if entry.kind not in BY_HAND:
        raise Conflict(INSTEAD.get(entry.kind.partition(".")[0], "Only money moved by hand can be reversed."))
    reference = f"{KIND}:{key}"
    try:
        ledger.reverse(entry.reference, reference=reference, kind=KIND, actor=actor.id,
                       memo=f"Reverses {entry.reference}")
    except AlreadyPosted as error:
        raise Conflict("This entry is reversed already.") from error
    events.record(KIND, subject=reference, user=owner, entry=entry.reference, actor=actor.id)
    return reference
