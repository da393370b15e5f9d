"""The installation and the browser that all of these tests share."""
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.desk import Desk, Site, running_site, started_chromium
from tests.programs import installed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One installation and one browser serve all of these tests, so one worker runs them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = installed("chromium", "chromium-browser", "google-chrome", package="chromium",
                     why="the console's browser tests")
    with started_chromium(path) as browser:
        yield browser


@pytest.fixture(scope="session")
def site(chromium: Browser) -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def desk(chromium: Browser, site: Site) -> Iterator[Desk]:
    """Windows for one test, in which nothing may have gone wrong unnoticed."""
    opened = Desk(chromium, site)
    yield opened
    opened.close()
    assert [line for watched in opened.watched for line in watched.complaints] == []
