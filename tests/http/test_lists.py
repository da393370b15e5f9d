"""Pages, bare arrays, cursors, search, ordering and filters."""
import json
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import Settings
from documents.events import Event
from tests.http.toys import toy_app
from tests.queries import counted


@pytest.fixture(scope="module")
def toys(app: Flask, settings: Settings) -> FlaskClient:
    return toy_app(settings).test_client()


@pytest.fixture
def fifty(app: Flask) -> None:
    Event.collection().insert_many([{"_id": number, "type": f"toy.{number:02d}", "user": number // 3}
                                    for number in range(1, 51)])


def test_a_page_says_where_it_stands(toys: FlaskClient, fifty: None) -> None:
    body = toys.get("/api/toys/pages/?page=2&page_size=20").json
    assert body["count"] == 50
    assert (body["page"], body["page_size"], body["total_pages"]) == (2, 20, 3)
    assert body["next"] == "http://localhost/api/toys/pages/?page=3&page_size=20"
    assert body["previous"] == "http://localhost/api/toys/pages/?page=1&page_size=20"
    assert [row["id"] for row in body["results"]] == list(range(21, 41))


@pytest.mark.parametrize("path", ["pages/", "pages/?page=2", "arrays/", "cursors/?cursor="])
def test_a_list_is_one_round_trip(toys: FlaskClient, fifty: None, path: str) -> None:
    with counted() as commands:
        toys.get(f"/api/toys/{path}")
    assert commands == ["aggregate"]


def test_pages_follow_each_other_to_the_end(toys: FlaskClient, fifty: None) -> None:
    seen, url = [], "/api/toys/pages/?page_size=15"
    while url:
        body = toys.get(url).json
        seen += [row["id"] for row in body["results"]]
        url = body["next"]
    assert seen == list(range(1, 51))


def test_past_the_end_is_an_empty_page(toys: FlaskClient, fifty: None) -> None:
    body = toys.get("/api/toys/pages/?page=9").json
    assert (body["results"], body["count"], body["next"]) == ([], 50, None)
    assert body["previous"].endswith("page=3")
    deepest = toys.get("/api/toys/pages/?page=999999999999")
    assert (deepest.status_code, deepest.json["results"]) == (200, [])


def test_no_rows_is_a_page_of_nothing(toys: FlaskClient) -> None:
    body = toys.get("/api/toys/pages/").json
    assert body == {"count": 0, "next": None, "previous": None, "page": 1, "page_size": 20, "total_pages": 0,
                    "results": []}


@pytest.mark.parametrize(("query", "field"), [
    ("page=0", "page"), ("page=-1", "page"), ("page=x", "page"), ("page=1.5", "page"), ("page_size=0", "page_size"),
    ("page_size=101", "page_size"), ("page=99999999999999999999", "page"), ("ordering=type", "ordering"),
    ("ordering=$where", "ordering"), ("search=" + "x" * 101, "search"), ("search=a%00b", "search"),
    ("least=-1", "least"), ("least[$gt]=1&least=x", "least")])
def test_a_bad_value_names_its_field(toys: FlaskClient, query: str, field: str) -> None:
    answer = toys.get(f"/api/toys/pages/?{query}")
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]
    assert answer.json[field] == answer.json["errors"][field]


def test_blank_values_count_as_absent(toys: FlaskClient, fifty: None) -> None:
    assert toys.get("/api/toys/pages/?page=&search=&ordering=&least=").json["count"] == 50


def test_search_takes_text_literally_and_in_any_case(toys: FlaskClient, fifty: None) -> None:
    assert toys.get("/api/toys/pages/?search=TOY.07").json["count"] == 1
    assert toys.get("/api/toys/pages/?search=toy-07").json["count"] == 0
    assert toys.get("/api/toys/pages/?search=.*").json["count"] == 0


def test_ordering_and_filters(toys: FlaskClient, fifty: None) -> None:
    body = toys.get("/api/toys/pages/?ordering=-user,id&least=40&page_size=5").json
    assert [row["id"] for row in body["results"]] == [48, 49, 50, 45, 46]
    assert body["count"] == 11


def test_an_array_stays_an_array_until_a_page_is_asked_for(toys: FlaskClient, fifty: None) -> None:
    answer = toys.get("/api/toys/arrays/")
    assert len(answer.json) == 50
    assert json.loads(answer.headers["X-Pagination"]) == {"count": 50, "returned": 50, "limit": 1000}
    assert "Link" not in answer.headers
    assert toys.get("/api/toys/arrays/?page=1").json["count"] == 50


def test_a_long_array_is_cut_and_its_link_goes_on_behind_the_cut(toys: FlaskClient, app: Flask) -> None:
    Event.collection().insert_many([{"_id": number, "type": "toy", "user": 1} for number in range(1, 1201)])
    answer = toys.get("/api/toys/arrays/")
    assert len(answer.json) == 1000
    assert json.loads(answer.headers["X-Pagination"])["count"] == 1200
    following = urlsplit(answer.headers["Link"].partition(">")[0].removeprefix("<"))
    page = toys.get(f"{following.path}?{following.query}").json
    assert page["results"][0]["id"] == 1001


def test_a_cursor_walks_to_the_end_and_meets_every_row_once(toys: FlaskClient, fifty: None) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        body = toys.get("/api/toys/cursors/", query_string={"cursor": cursor, "page_size": 7, "ordering": "-user"}).json
        seen += [row["id"] for row in body["results"]]
        cursor = body["next_cursor"]
    expected = sorted(range(1, 51), key=lambda number: (-(number // 3), -number))
    assert seen == expected


def test_a_cursor_skips_nothing_when_rows_arrive_before_it(toys: FlaskClient, fifty: None) -> None:
    first = toys.get("/api/toys/cursors/?cursor=&page_size=10").json
    Event.collection().insert_one({"_id": 99, "type": "toy", "user": 0})
    second = toys.get(first["next"]).json
    assert second["results"][0]["id"] == 11


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "x" * 601, "eyJhIjoxfQ", "FAAAAAJ4AA"])
def test_a_made_up_cursor_is_refused(toys: FlaskClient, cursor: str) -> None:
    answer = toys.get("/api/toys/cursors/", query_string={"cursor": cursor})
    assert (answer.status_code, list(answer.json["errors"])) == (400, ["cursor"])
