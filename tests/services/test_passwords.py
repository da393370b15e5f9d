"""Passwords: what is refused, and hashes that follow the settings."""
import dataclasses

import pytest

from config import settings as settings_in_use
from documents.errors import Invalid
from documents.users import User
from services import logins, passwords, sessions
from services.sessions import Device


@pytest.mark.parametrize("password", ["1234567", "12345678", "Password123", "QWERTYUIOP", "x" * 129, "٣٤٥٦٧٨٩١"])
def test_weak_ones(password):
    with pytest.raises(Invalid):
        passwords.check(password)


def test_an_unknown_account_costs_a_hash_too(app, monkeypatch):
    seen = []
    real = passwords.PasswordHasher.verify
    monkeypatch.setattr(passwords.PasswordHasher, "verify", lambda *a: (seen.append(1), real(*a))[1])
    assert not passwords.verify(None, "whatever-7")
    assert seen == [1]


def test_a_login_renews_a_hash_of_an_older_cost(app, people, settings):
    user = people.client(password=passwords.hashed("correct-horse-7"))
    settings_in_use.use(dataclasses.replace(settings, argon2_memory_kib=128))
    try:
        assert passwords.outdated(user.password)
        logins.log_in(login=user.email, password="correct-horse-7", device=Device())
        assert not passwords.outdated(User.get(user.id).password)
    finally:
        settings_in_use.use(settings)


def test_without_rotation_a_refresh_token_stays_good(app, people, settings):
    user = people.client()
    settings_in_use.use(dataclasses.replace(settings, jwt_rotate_refresh_tokens=False))
    try:
        opened = sessions.open_session(user=user, device=Device()).session
        for _ in range(3):
            again = sessions.refresh(sid=opened.id, user_id=user.id, generation=opened.generation)
            assert again.session.generation == opened.generation
    finally:
        settings_in_use.use(settings)
