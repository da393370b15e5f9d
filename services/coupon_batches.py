"""Thousands of codes under the same terms: ordered at once, made in portions, exact whatever dies on the way."""
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from pymongo.errors import BulkWriteError

from documents import clock
from documents.coupon_batches import CouponBatch, Status
from documents.coupons import Coupon
from documents.errors import Invalid
from documents.ids import new_uuid, next_id
from documents.listing import Listing
from documents.transactions import atomic
from documents.users import User
from services import coupon_terms, events
from services.wakeups import Wakeup

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing that is mistaken for something else when read aloud."""
RANDOM_LENGTH = 12
"""60 random bits: with 100,000 codes alive, a thousand guesses a second take some hundred years for the first hit."""
MAX_PREFIX = 8
PORTION = 1_000
LEASE = timedelta(seconds=60)
DUPLICATE_KEY = 11_000
_PREFIX = re.compile(r"([A-Z0-9][A-Z0-9-]*)?", re.ASCII)

_ordered: Wakeup[[]] = Wakeup()


@atomic
def order(*, actor: User, count: int, prefix: str = "", **terms: Any) -> CouponBatch:
    """Order `count` coupons with the same terms, by default for one use each; a job makes them.

    Raises MerchantRequired, Invalid.
    """
    prefix = prefix.upper()
    if not _PREFIX.fullmatch(prefix):
        raise Invalid.field("prefix", "Use letters, digits and dashes only.")
    facts = coupon_terms.checked_terms(actor, terms)
    batch = CouponBatch(id=new_uuid(), merchant=facts.get("merchant"), prefix=prefix, count=count, terms=facts,
                        status=Status.QUEUED, created_by=actor.id, created_at=facts["created_at"]).create()
    _ordered.after_commit()
    return batch


def get(batch_id: str, *, viewer: User) -> CouponBatch:
    """A batch that `viewer` manages. Raises NotFound."""
    return CouponBatch.get(batch_id, **coupon_terms.managed_by(viewer))


def listing(*, viewer: User) -> Listing:
    """The batches that `viewer` manages, newest first."""
    return Listing(CouponBatch, coupon_terms.managed_by(viewer))


def codes(batch: CouponBatch) -> Iterator[dict]:
    """The rows of its coupons, in their order."""
    return iter(Coupon.collection().find({"batch": batch.id}, sort=[("number", 1)], batch_size=PORTION))


def make_due() -> int:
    """Work on every unfinished batch that nobody is at; returns how many were finished."""
    waiting = CouponBatch.collection().find({"status": {"$in": [Status.QUEUED, Status.RUNNING]}}, {"_id": 1},
                                            sort=[("created_at", 1)]).to_list()
    return sum(_make(row["_id"]) for row in waiting)


def on_ordered(waker: Callable[[], None]) -> None:
    """Call `waker` after each order. It must not raise: the schedule is the guarantee."""
    _ordered.listen(waker)


def _make(batch_id: str) -> bool:
    """Carry one batch on to its end; False when another worker is at it or has taken over."""
    now = clock.now()
    batch = CouponBatch.claim(batch_id, now=now, until=now + LEASE)
    while batch is not None and batch.done < batch.count:
        last = min(batch.done + PORTION, batch.count)
        _make_portion(batch, range(batch.done + 1, last + 1))
        batch = CouponBatch.progress(batch.id, was=batch.done, done=last, until=clock.now() + LEASE)
    return batch is not None and _finish(batch_id)


@atomic
def _finish(batch_id: str) -> bool:
    finished = CouponBatch.finish(batch_id, now=clock.now())
    if finished is None:
        return False
    events.record("coupon.batch_made", subject=f"coupon_batch:{batch_id}", user=finished.created_by,
                  merchant=finished.merchant, count=finished.count)
    return True


def _make_portion(batch: CouponBatch, numbers: range) -> None:
    """Make the coupons with these numbers, those of them that exist already excepted.

    A worker that died in here left some; one that is slow may still be adding some: the unique index on the number
    refuses the second of each, and that on the code a code drawn twice, whose number is then drawn again.
    """
    while missing := _missing(batch.id, numbers):
        try:
            Coupon.collection().insert_many([_row(batch, number) for number in missing], ordered=False)
        except BulkWriteError as error:
            if any(refused["code"] != DUPLICATE_KEY for refused in error.details["writeErrors"]):
                raise


def _missing(batch_id: str, numbers: range) -> list[int]:
    made = Coupon.collection().find({"batch": batch_id, "number": {"$gte": numbers[0], "$lte": numbers[-1]}},
                                    {"number": 1, "_id": 0})
    return sorted(set(numbers) - {row["number"] for row in made})


def _row(batch: CouponBatch, number: int) -> dict:
    code = batch.prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return {"_id": next_id("coupons"), "code": code, **batch.terms, "used_count": 0, "spent": 0,
            "batch": batch.id, "number": number}
