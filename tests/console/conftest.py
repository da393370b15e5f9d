"""Who is at the console in most of these tests."""
from datetime import UTC, datetime

import pytest

from tests.consoling import NOON, console_of


@pytest.fixture
def admin(people):
    return people.admin()


@pytest.fixture
def console(app, admin):
    """A console that `admin` is signed in at."""
    return console_of(app, admin)


@pytest.fixture
def noon(move_clock):
    """Away from midnight, so that today is one day."""
    move_clock(NOON - datetime.now(UTC))
