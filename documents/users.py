"""People: who they are, how they log in, what role they hold."""
from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    ListField,
    StringField,
)

from documents.base import Document
from documents.permissions import Permission, UserType, permissions_of
from documents.transactions import current_session
from documents.wallets import Wallet

ADDRESSES = ("email", "phone")
ANY_CASE = {"locale": "en", "strength": 2}
"""The collation under which "Anna" and "anna" are one user name."""


class Profile(EmbeddedDocument):
    bio = StringField(max_length=500, default="")
    address = StringField(max_length=500, default="")
    location = StringField(max_length=100, default="")
    website = StringField(max_length=200, default="")
    date_of_birth = StringField(max_length=10)
    profile_picture = StringField(max_length=500)
    student_id = StringField(max_length=50)
    institution = StringField(max_length=255)
    graduation_year = IntField()
    notification_preferences = DictField()
    privacy_settings = DictField()


class Person:
    """What follows from a few plain facts about somebody: shared by the account and by whoever calls."""

    id: int
    user_type: int
    is_staff: bool
    staff_permissions: Collection[str] | None
    first_name: str
    last_name: str

    @property
    def role(self) -> UserType:
        return UserType(self.user_type)

    @property
    def is_console_staff(self) -> bool:
        """Whether the admin console is for this person: admins, and staff of any role."""
        return self.is_staff or self.role is UserType.ADMIN

    def can(self, permission: Permission) -> bool:
        return permission in permissions_of(self.user_type, is_staff=self.is_staff, granted=self.staff_permissions)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def tree(self) -> list[int]:
        """The ids of this person and, for a distributor, of its retailers."""
        if self.role is not UserType.DISTRIBUTOR:
            return [self.id]
        below = User.collection().find({"parent": self.id}, {"_id": 1}, session=current_session())
        return [self.id, *(row["_id"] for row in below)]


class User(Person, Document):
    """An account. Deleting one deactivates and anonymises it; its id, money and history stay."""

    id = IntField(primary_key=True)
    email = StringField(max_length=254)
    """Lower-cased and unique; absent for people who only gave a phone."""
    phone = StringField(max_length=16)
    """E.164 and unique; absent for people who only gave an e-mail."""
    username = StringField(max_length=254)
    """Chosen by the person, unique in any case; absent for people whose e-mail or phone is their name."""
    first_name = StringField(max_length=150, default="")
    last_name = StringField(max_length=150, default="")
    password = StringField()
    """Argon2id hash; absent for people who only ever used an OTP."""
    user_type = IntField(required=True, choices=[member.value for member in UserType], default=UserType.CLIENT.value)
    parent = IntField()
    """The distributor a retailer belongs to."""
    is_active = BooleanField(default=True)
    is_verified = BooleanField(default=False)
    """Whether the person has proved at least one address."""
    unproven = ListField(StringField(choices=ADDRESSES))
    """Which of its addresses the account only claims: whoever proves such an address takes it away."""
    is_staff = BooleanField(default=False)
    staff_permissions = ListField(StringField(choices=[permission.value for permission in Permission]), default=None)
    """What a member of staff who is no admin may do; absent: everything that staff can."""
    profile = EmbeddedDocumentField(Profile, default=Profile)
    date_joined: datetime = DateTimeField(required=True)
    last_login = DateTimeField()
    deleted_at = DateTimeField()
    guarded = IntField(default=0)
    """Counts the admins who left while this one stayed: see `guard_last_admin`."""
    tree_changes = IntField(default=0)
    """Counts the referrals that hung on this person's place in the tree: see services/referral_tree.py."""
    wallets_opened = IntField(default=0)
    """Counts the wallets of this person: one that is opened while e-mail or role change conflicts with the change."""
    referral_code = StringField(max_length=20)
    """The code given at signup, until it is applied once an address is proved."""

    meta = {"collection": "users", "indexes": [
        # Not `$type`: MongoDB reads a partial index only when the query's own terms imply its filter.
        {"fields": ["email"], "unique": True, "partialFilterExpression": {"email": {"$gt": ""}}},
        {"fields": ["phone"], "unique": True, "partialFilterExpression": {"phone": {"$gt": ""}}},
        {"fields": ["username"], "unique": True, "partialFilterExpression": {"username": {"$gt": ""}},
         "collation": ANY_CASE},
        ["parent", "-date_joined", "-_id"],
        ["user_type", "-date_joined", "-_id"],
        # For the console's list of everybody: who joined when.
        ["-date_joined", "-_id"],
        # A handful of entries: the list of staff reads nothing else.
        {"fields": ["is_staff"], "partialFilterExpression": {"is_staff": True}},
    ]}

    @classmethod
    def change_row(cls, match: dict, update: dict | list[dict], **options: Any) -> dict | None:
        """`Document.change_row`, by which the user's wallets hear of another e-mail or role.

        Such a change belongs into a transaction; raises RuntimeError outside of one.
        """
        stages = update if isinstance(update, list) else [update]
        touched = {name for stage in stages for fields in stage.values() for name in fields}
        names_owner = not touched.isdisjoint(("email", "user_type"))
        if names_owner and current_session() is None:
            raise RuntimeError("a user's e-mail or role changes together with the copies on its wallets")
        row = super().change_row(match, update, **options)
        if names_owner and row is not None:
            Wallet.name_owner(row)
        return row

    @classmethod
    def by_address(cls, field: str, address: str) -> Self | None:
        """The user with this normalised e-mail (`field` "email") or phone ("phone")."""
        return cls.find_one({field: address})

    @classmethod
    def by_username(cls, username: str) -> Self | None:
        return cls.find_one({"username": username}, collation=ANY_CASE)

    @classmethod
    def release(cls, field: str, address: str) -> Self | None:
        """Take the address from an account that never proved it; None when nobody merely claims it."""
        return cls.change({field: address, "unproven": field}, {"$unset": {field: ""}, "$pull": {"unproven": field}})

    @classmethod
    def guard_last_admin(cls, leaving: int) -> bool:
        """Whether another admin stays when the admin `leaving` goes; call it in the transaction that lets it go.

        It writes to the one that stays, so that two admins who send each other away conflict and only one succeeds.
        """
        staying = {"user_type": UserType.ADMIN.value, "is_active": True, "_id": {"$ne": leaving}}
        return cls.change_row(staying, {"$inc": {"guarded": 1}}, projection={"_id": True}) is not None

    @property
    def login_name(self) -> str:
        """What the account is called when it must be called something."""
        return self.username or self.email or self.phone or f"user-{self.id}"

    def proven_addresses(self) -> list[str]:
        return [getattr(self, name) for name in ADDRESSES if getattr(self, name) and name not in self.unproven]


class Caller(Person):
    """The user who makes a request, as its guard read the row. A document is made of it when something else is asked
    for, and not before: that costs as much as a tenth of a short request."""

    FACTS = ("_id", "user_type", "parent", "is_staff", "staff_permissions", "email", "first_name", "last_name")

    def __init__(self, row: dict) -> None:
        self.row = row
        self.id, self.user_type, self.parent = row["_id"], row["user_type"], row.get("parent")
        self.is_staff, self.staff_permissions = row.get("is_staff", False), row.get("staff_permissions")
        self.email = row.get("email")
        self.first_name, self.last_name = row.get("first_name", ""), row.get("last_name", "")

    @property
    def facts(self) -> dict:
        """What the caller knows of itself without a document; an `ExpectedCaller` can be made of it."""
        return {name: self.row[name] for name in self.FACTS if name in self.row}

    @cached_property
    def _account(self) -> User:
        return User.load(self.row)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)


class ExpectedCaller(Caller):
    """Who calls, provided that its `facts` still hold: made of those an earlier request found. All else is read."""

    @cached_property
    def _account(self) -> User:
        return User.get(self.id)
