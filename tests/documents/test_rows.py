"""`Document.rows`: a short aggregation as one command, as reliable as pymongo's own."""
import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import AutoReconnect, NotPrimaryError, ServerSelectionTimeoutError

from documents import clock
from documents.events import Event
from documents.transactions import atomic
from tests.queries import counted

ALL = [{"$sort": {"_id": 1}}, {"$project": {"_id": 1}}]


@pytest.fixture
def fifty(app: Flask) -> list[dict]:
    Event.collection().insert_many([{"_id": number, "created_at": clock.now()} for number in range(50)])
    return [{"_id": number} for number in range(50)]


def test_one_command_brings_all_rows(fifty):
    with counted() as commands:
        assert Event.rows(ALL, most=50) == fifty
    assert commands == ["aggregate"]


def test_more_rows_than_were_foretold_are_there_too(fifty):
    assert Event.rows(ALL, most=10) == fifty


def test_times_come_back_in_utc(fifty):
    stored = Event.rows([{"$match": {"_id": 1}}], most=1)[0]["created_at"]
    assert stored.tzinfo is not None
    assert stored.utcoffset().total_seconds() == 0


def test_it_sees_what_its_transaction_has_written(fifty):
    @atomic
    def write_and_look() -> list[dict]:
        Event.insert({"_id": 50})
        return Event.rows(ALL, most=60)

    assert write_and_look() == [*fifty, {"_id": 50}]


@pytest.mark.parametrize(("error", "times"), [(AutoReconnect, 2), (NotPrimaryError, 2),
                                              (ServerSelectionTimeoutError, 1)])
def test_a_primary_that_goes_is_asked_for_once_more(fifty, monkeypatch, error, times):
    command, asked = Database.command, []

    def goes_once(self, *args, **options):
        asked.append(1)
        if len(asked) == 1:
            raise error("gone")
        return command(self, *args, **options)

    monkeypatch.setattr(Database, "command", goes_once)
    if times == 2:
        assert Event.rows(ALL, most=51) == fifty
    else:
        with pytest.raises(error):
            Event.rows(ALL, most=51)
    assert len(asked) == times
