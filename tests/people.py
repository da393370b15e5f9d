"""People for tests: users of every role with their wallets, and test clients that speak for them."""
import itertools
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from blueprints import tokens
from documents import clock
from documents.ids import next_id
from documents.permissions import UserType
from documents.users import User
from services import ledger, sessions, wallets
from services.ledger import CASH, Leg, wallet_account
from services.sessions import Device

Person = User
_number = itertools.count(1)


class PersonClient(FlaskClient):
    """Sends its user's access token, from a new login whenever the moved clock has let the old one expire."""

    user: User
    expires_at = clock.now()

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if clock.now() > self.expires_at:
            signed_in = sessions.open_session(user=self.user, device=Device())
            with self.application.app_context():
                access = tokens.session_reply(signed_in)["access"]
            self.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {access}"
            self.expires_at = clock.now() + timedelta(minutes=30)
        return super().open(*args, **kwargs)


class People:
    """A factory: each call makes one more verified, active user."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def admin(self, **fields: Any) -> User:
        return self.make(UserType.ADMIN, is_staff=True, **fields)

    def distributor(self, **fields: Any) -> User:
        return self.make(UserType.DISTRIBUTOR, **fields)

    def retailer(self, parent: User | None = None, **fields: Any) -> User:
        return self.make(UserType.RETAILER, parent=parent.id if parent else None, **fields)

    def client(self, **fields: Any) -> User:
        return self.make(UserType.CLIENT, **fields)

    def make(self, user_type: UserType, **fields: Any) -> User:
        number = next(_number)
        name = f"{user_type.name.lower()}{number}"
        user = User(id=next_id("users"), user_type=user_type.value, **{
            "email": f"{name}@shop.example", "username": name, "phone": f"+9198{number:08d}",
            "first_name": name.capitalize(), "last_name": "Test", "is_verified": True,
            "date_joined": clock.now(), **fields}).create()
        if user_type in (UserType.DISTRIBUTOR, UserType.RETAILER):
            wallets.open_wallet(owner=user.id)
        return user

    def client_of(self, user: User) -> FlaskClient:
        """A test client that speaks for `user`, however far the clock is moved."""
        client = PersonClient(self.app, self.app.response_class, use_cookies=True)
        client.user = user
        return client

    def fund(self, user: User, amount: int) -> None:
        """Put `amount` minor units of cash into the user's wallet."""
        wallet = wallets.wallet_of(user.id)
        number = next(_number)
        ledger.post(kind="test.funded", reference=f"test:{number}", legs=[
            Leg(CASH, -amount), Leg(wallet_account(wallet.id), amount)])
