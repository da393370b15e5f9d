"""People: who they are, how they log in, what role they hold."""
from datetime import datetime

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    StringField,
)

from documents.base import Document
from documents.permissions import Permission, UserType, permissions_of


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


class User(Document):
    """An account. Deleting one deactivates and anonymises it; its id, money and history stay."""

    id = IntField(primary_key=True)
    email = StringField(max_length=254)
    """Lower-cased and unique; absent for people who only gave a phone."""
    phone = StringField(max_length=16)
    """E.164 and unique; absent for people who only gave an e-mail."""
    username = StringField(max_length=254)
    first_name = StringField(max_length=150, default="")
    last_name = StringField(max_length=150, default="")
    password = StringField()
    """Argon2id hash; absent for people who only ever used an OTP."""
    user_type = IntField(required=True, choices=[member.value for member in UserType], default=UserType.CLIENT.value)
    parent = IntField()
    """The distributor a retailer belongs to."""
    is_active = BooleanField(default=True)
    is_verified = BooleanField(default=False)
    is_staff = BooleanField(default=False)
    profile = EmbeddedDocumentField(Profile, default=Profile)
    date_joined: datetime = DateTimeField(required=True)
    last_login = DateTimeField()

    meta = {"collection": "users", "indexes": [
        {"fields": ["email"], "unique": True, "partialFilterExpression": {"email": {"$type": "string"}}},
        {"fields": ["phone"], "unique": True, "partialFilterExpression": {"phone": {"$type": "string"}}},
        {"fields": ["username"], "unique": True, "partialFilterExpression": {"username": {"$type": "string"}}},
        ["parent", "-date_joined"],
        ["user_type", "-date_joined"],
    ]}

    @property
    def role(self) -> UserType:
        return UserType(self.user_type)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def can(self, permission: Permission) -> bool:
        return permission in permissions_of(self.user_type, is_staff=self.is_staff)
