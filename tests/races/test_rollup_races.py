"""A refresh that worked from older facts never overwrites one that knew newer ones."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import clock
from documents.referral_rollups import Span
from services import referral_rollups, rewards
from tests.boards import kept_board, raw_board
from tests.referring import refer, rewards_of, terms, work_off_events


@pytest.fixture
def admin(people):
    admin = people.admin()
    terms(admin)
    return admin


@pytest.fixture
def overtaken(monkeypatch):
    """`overtaken(act)`: the next refresh finds that `act` happened between its reading and its writing."""
    def arrange(act: Callable[[], None]) -> None:
        write, waiting = referral_rollups._put, [act]

        def late(*args) -> None:
            if waiting:
                with ThreadPoolExecutor(1) as other:
                    other.submit(waiting.pop()).result()
            write(*args)

        monkeypatch.setattr(referral_rollups, "_put", late)
    return arrange


def check(metric: str = "count") -> None:
    for span in (Span.WEEK, Span.MONTH, Span.ALL):
        assert kept_board(metric, span) == raw_board(metric, span, clock.now())


def test_a_referral_made_meanwhile_is_counted(people, admin, overtaken):
    owner = people.client()
    refer(owner, people.client())

    def one_more() -> None:
        refer(owner, people.client())
        work_off_events()

    overtaken(one_more)
    referral_rollups.refresh(owner.id, clock.now())
    assert kept_board("count", Span.ALL) == [(owner.id, 2)]
    check()


def test_a_change_that_was_taken_back_meanwhile_is_not_brought_back(people, admin, overtaken):
    """The row stays as it was, and even so the refresh that saw the change has to look again."""
    owner = people.client()
    refer(owner, people.client())
    work_off_events()
    refer(owner, people.client())

    def take_back() -> None:
        rewards.revoke(reward_id=rewards_of(owner)[-1].id, actor=admin, reason="")
        work_off_events()

    overtaken(take_back)
    referral_rollups.refresh(owner.id, clock.now())
    assert kept_board("count", Span.ALL) == [(owner.id, 1)]
    check()
