"""Checks of the hash chain over the entries."""
from collections.abc import Iterator

from documents.ledger import LedgerEntry, Seal
from documents.transactions import current_session
from services import sealing


def broken_links() -> Iterator[str]:
    """Seals that do not follow from the one before or whose entries changed or vanished; entries left out."""
    previous, number = sealing.GENESIS, 1
    for seal in Seal.find({}, sort=[("_id", 1)]):
        if seal.number != number:
            yield f"seal {number} is missing"
        if seal.previous != previous:
            yield f"seal {seal.number} does not follow from seal {seal.number - 1}"
        if sealing.digest_of(seal.previous, _entries(seal)) != seal.digest:
            yield f"an entry under seal {seal.number} was changed or removed"
        previous, number = seal.digest, seal.number + 1
    last = sealing.last_seal()
    if last is not None:
        for entry in sealing.unsealed(until=sealing.covered_until(last)):
            yield f"entry {entry['reference']} was left out by the seals"


def _entries(seal: Seal) -> list[dict]:
    rows = {row["_id"]: row for row in LedgerEntry.collection().find(
        {"_id": {"$in": seal.entries}}, session=current_session())}
    return [rows[entry_id] for entry_id in seal.entries if entry_id in rows]
