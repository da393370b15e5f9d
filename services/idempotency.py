"""One effect for one Idempotency-Key: the claim, the effect and the kept answer are one transaction."""
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from pymongo.errors import OperationFailure

from documents import clock
from documents.base import Duplicate
from documents.errors import Conflict, Invalid, Unprocessable
from documents.idempotency import KEPT_FOR, IdempotencyRecord
from documents.transactions import atomic, current_session

WRITE_CONFLICT = 112
MAX_KEY_LENGTH = 200


class InProgress(Conflict):
    code = "idempotency_in_progress"
    detail = "A request with this Idempotency-Key is still running."


class Mismatch(Unprocessable):
    code = "idempotency_mismatch"
    detail = "This Idempotency-Key was used with another request."


class Answer(NamedTuple):
    status: int
    body: bytes
    replayed: bool


class _Taken(Exception):
    """The key was used before, and that request is committed."""


class _Refused(Exception):
    """Carries an answer that is no success out of the transaction, so that nothing of it is kept."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def checked_key(key: str) -> str:
    """The key as the caller sent it; raises Invalid for one that is empty, too long or not plain ASCII."""
    if not (0 < len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise Invalid.field("Idempotency-Key", f"Must be 1 to {MAX_KEY_LENGTH} printable ASCII characters.")
    return key


def fingerprint_of(*parts: bytes) -> str:
    """What a repeat under the same key must equal."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def once(*, scope: str, key: str, fingerprint: str, run: Callable[[], Answer]) -> Answer:
    """Run `run` in a transaction that also keeps its answer, or return the answer kept before.

    Only a 2xx is kept; anything else leaves the key free. Raises InProgress while another request holds the
    key, Mismatch when it was used with another body.
    """
    record_id = f"{scope}:{key}"
    try:
        return _claim_and_run(record_id, fingerprint, run)
    except _Refused as refused:
        return refused.answer
    except _Taken:
        return _replay(record_id, fingerprint, lambda: once(scope=scope, key=key, fingerprint=fingerprint, run=run))


@atomic
def _claim_and_run(record_id: str, fingerprint: str, run: Callable[[], Answer]) -> Answer:
    expires_at = clock.now() + KEPT_FOR
    _claim(record_id, {"_id": record_id, "fingerprint": fingerprint, "expires_at": expires_at})
    answer = run()
    if not 200 <= answer.status < 300:
        raise _Refused(answer)
    IdempotencyRecord.change_row({"_id": record_id}, {"$set": {"status": answer.status, "body": answer.body}})
    return answer


def _claim(record_id: str, row: dict) -> None:
    try:
        IdempotencyRecord.insert(row)
    except Duplicate as error:
        raise _Taken from error
    except OperationFailure as error:
        # The other request has inserted the same key and not committed yet: waiting for it would hold this worker.
        if error.code == WRITE_CONFLICT:
            raise InProgress(retry_after=1) from error
        raise


def _replay(record_id: str, fingerprint: str, start_over: Callable[[], Answer]) -> Answer:
    record = IdempotencyRecord.live(record_id, clock.now())
    if record is None:
        IdempotencyRecord.collection().delete_one(
            {"_id": record_id, "expires_at": {"$lte": clock.now()}}, session=current_session())
        return start_over()
    if record.fingerprint != fingerprint:
        raise Mismatch
    return Answer(record.status, record.body, replayed=True)
