"""Sessions: one document a login; without it no token of that login is good for anything."""
from datetime import datetime, timedelta
from typing import Self

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from documents.base import Document
from documents.transactions import current_session
from documents.users import User
from documents.wallets import Wallet


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
    def caller(cls, *, sid: str, user_id: int, now: datetime) -> User | None:
        """The active user of this live session, or None."""
        row = Check(sid=sid, user_id=user_id, now=now).ask()
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
    """Whether a session lives and its user is active: the one read of every authenticated request.

    User and session are found by their ids and nothing else, which the server looks up without planning, and the user
    first: what commits in between has ended the session too.
    """

    def __init__(self, *, sid: str, user_id: int, now: datetime) -> None:
        self.sid, self.user_id, self.now = sid, user_id, now
        self.row: dict | None = None
        """The stored row of the active user of the live session, once both have been found."""

    def ask(self) -> dict | None:
        """Find out in a round trip of its own; returns `row`."""
        self.take(User.rows([{"$match": {"_id": self.user_id}}, _also(Session, self.sid)], most=2))
        return self.row

    def ask_with_wallets(self) -> dict | None:
        """`ask`; the row has the user's wallets, too, one a unit, as `wallets`."""
        rows = Wallet.rows([{"$match": {"owner": self.user_id}}, *self.stages], most=4)
        self.take(rows)
        return self.row and {**self.row, "wallets": rows}

    @property
    def stages(self) -> list[dict]:
        """For the end of an aggregation over any collection: two more rows, the user's and then the session's."""
        return [_also(User, self.user_id), _also(Session, self.sid)]

    def take(self, rows: list[dict]) -> None:
        """Take what `stages` added off the end of `rows`; when it is not there, neither row is good for anything."""
        if [row.get("_id") for row in rows[-2:]] != [self.user_id, self.sid]:
            return
        session, user = rows.pop(), rows.pop()
        lives = session["user"] == self.user_id and session["expires_at"] > self.now
        self.row = user if lives and user.get("is_active") else None


def _also(document: type[Document], wanted: int | str) -> dict:
    return {"$unionWith": {"coll": document.collection().name, "pipeline": [{"$match": {"_id": wanted}}]}}
