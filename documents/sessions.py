"""Sessions: one document a login; without it no token of that login is good for anything."""
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document
from documents.transactions import current_session
from documents.users import User


class Session(Document):
    """A login. Deleting it ends access on the next call, whatever the tokens still say."""

    id = StringField(primary_key=True)
    """The `sid` that access and refresh tokens carry."""
    user = IntField(required=True)
    generation = IntField(default=0)
    """Counts refreshes: only the refresh token of the current generation is good."""
    device = StringField(max_length=300, default="")
    """The `User-Agent` of the login, for the person's list of sessions."""
    address = StringField(max_length=45, default="")
    proved = StringField(max_length=254, default="")
    """The e-mail or phone whose one-time code opened the session, if one did."""
    console = BooleanField()
    """Whether it was opened at the admin console: no token is good for it but the one of its socket."""
    created_at = DateTimeField(required=True)
    refreshed_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)

    meta = {"collection": "sessions", "indexes": [
        ["user", "-created_at", "-id"],
        {"fields": ["expires_at"], "expireAfterSeconds": 0},
    ]}

    @classmethod
    def caller_row(cls, *, sid: str, user_id: int, now: datetime, reading: Sequence[dict] = ()) -> dict | None:
        """The stored row of the active user of this live session, or None: the one read of every authenticated request.

        `reading` are pipeline stages that add to the row what the request is about, to spare it a second read.
        """
        # Both by their ids and nothing else, which the server looks up without planning: two thirds of the cost of
        # joining on a field. The user comes first: what commits in between has ended the session too.
        rows = User.rows([
            {"$match": {"_id": user_id}},
            {"$lookup": {"from": cls.collection().name, "pipeline": [{"$match": {"_id": sid}}], "as": "session"}},
            {"$unwind": "$session"},
            *reading,
        ], most=2)
        return active(rows[0], rows[0].pop("session"), now) if rows else None

    @classmethod
    def caller(cls, *, sid: str, user_id: int, now: datetime) -> User | None:
        """The active user of this live session, or None."""
        row = cls.caller_row(sid=sid, user_id=user_id, now=now)
        return User.load(row) if row is not None else None

    @classmethod
    def rotate(cls, *, sid: str, user_id: int, generation: int, now: datetime, expires_at: datetime) -> Self | None:
        """Use the refresh token of `generation` up and prolong the session, or None: one of many users wins."""
        return cls.change(
            {"_id": sid, "user": user_id, "generation": generation, "expires_at": {"$gt": now}},
            {"$inc": {"generation": 1}, "$set": {"refreshed_at": now, "expires_at": expires_at}})

    @classmethod
    def keep_alive(cls, *, sid: str, expires_at: datetime, longest: timedelta) -> None:
        """Move the end of a console session on to `expires_at`, never beyond `longest` after its login."""
        last = {"$add": ["$created_at", int(longest.total_seconds() * 1000)]}
        cls.change_row({"_id": sid, "console": True}, [{"$set": {"expires_at": {"$min": [expires_at, last]}}}])

    @classmethod
    def end(cls, *, sid: str, user_id: int) -> bool:
        """Delete this session of this user; False when there is none."""
        return cls.collection().delete_one({"_id": sid, "user": user_id}, session=current_session()).deleted_count == 1

    @classmethod
    def end_all(cls, user_id: int, *, but: str | None = None) -> int:
        """Delete every session of the user (except `but`); in the transaction that changed the user, if any."""
        match = {"user": user_id} if but is None else {"user": user_id, "_id": {"$ne": but}}
        return cls.collection().delete_many(match, session=current_session()).deleted_count


class Check:
    """`Session.caller_row` asked along with something else: one round trip answers both."""

    def __init__(self, *, sid: str, user_id: int, now: datetime) -> None:
        self.sid, self.user_id, self.now = sid, user_id, now
        self.row: dict | None = None
        """The stored row of the active user of the live session, once `take` has found both."""

    @property
    def stages(self) -> list[dict]:
        """For the end of an aggregation over any collection: two more rows, the user's and then the session's."""
        return [{"$unionWith": {"coll": document.collection().name, "pipeline": [{"$match": {"_id": wanted}}]}}
                for document, wanted in ((User, self.user_id), (Session, self.sid))]

    def take(self, rows: list[dict]) -> None:
        """Take what `stages` added off the end of `rows`; when it is not there, neither row is good for anything."""
        if [row.get("_id") for row in rows[-2:]] == [self.user_id, self.sid]:
            session, user = rows.pop(), rows.pop()
            self.row = active(user, session, self.now)


def active(user: dict, session: dict, now: datetime) -> dict | None:
    """The user's row when the session is the user's and lives at `now`, and the user is active."""
    lives = session["user"] == user["_id"] and session["expires_at"] > now
    return user if lives and user.get("is_active") else None
