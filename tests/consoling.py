"""The console for tests: a browser without JavaScript that is signed in and knows its CSRF token."""
import re
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from documents.users import User
from services import passwords

PASSWORD = "Right-horse-9"
NOON = datetime(2027, 3, 10, 6, 30, tzinfo=UTC)
"""Noon in India."""
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Console:
    """A browser at the console; `sign_in` first."""

    def __init__(self, app: Flask) -> None:
        self.browser = app.test_client()
        self.token = ""

    def sign_in(self, user: User, password: str = PASSWORD) -> TestResponse:
        """Enter the password in the login form; the answer is a redirect when it was right."""
        answer = self.post("/admin/login/", login=user.email, password=password)
        if answer.status_code == 302:
            self.token = ""     # the token belongs to the session
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        """Look at a page."""
        # Buffered, as a server reads to the end: half an export would lend its request to the next one of this thread.
        answer = self.browser.get(path, buffered=True, **options)
        found = _TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        if found:
            self.token = found[1]
        return answer

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form with the token that the last page held."""
        if not self.token:
            self.get("/admin/" if path != "/admin/login/" else path)
        return self.browser.post(path, data={"csrf_token": self.token, **fields})


def with_password(user: User) -> User:
    """The user, whose password is `PASSWORD` from now on."""
    return User.change({"_id": user.id}, {"$set": {"password": passwords.hashed(PASSWORD)}})


def console_of(app: Flask, user: User) -> Console:
    """A console that `user` is signed in at."""
    console = Console(app)
    assert console.sign_in(with_password(user)).status_code == 302
    return console
