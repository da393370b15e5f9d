"""The job that credits rewards works off everything that is due, and twice is as good as once."""
from jobs import rewards as job
from jobs.schedule import SCHEDULE
from tests.parallel import breaks, together
from tests.referring import balance, refer, terms


def test_everything_due_is_credited_once_by_any_number_of_jobs(people, monkeypatch):
    monkeypatch.setattr(job, "BATCH", 2)
    terms(people.admin(), value=10_000, hold_days=0)
    owner = people.client()
    for _ in range(5):
        refer(owner, people.client())
    assert together(3, lambda _n: job.credit()) == [None] * 3
    assert balance(owner) == 50_000
    assert breaks() == []


def test_it_is_scheduled():
    assert [row.function for row in SCHEDULE if row.name == "rewards-credit"] == [f"{job.credit.__module__}.credit"]
