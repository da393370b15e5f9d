"""What the pages tell a reader to paste works on a running installation, and answers what they show."""
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from config.supervisor import ROOT
from tests.docs.pasting import Statement, complaints, paste, statements
from tests.installations import environment, own_folder, supervisor, until_running
from tests.ports import free_port

DOCS = ROOT / "docs"
NAVIGATION = {title: pages for entry in yaml.safe_load((ROOT / "env" / "mkdocs.yml").read_text())["nav"]
              if isinstance(entry, dict) for title, pages in entry.items()}
AREAS = [name for page in NAVIGATION["Areas"] for name in page.values()]


@pytest.fixture
def site() -> Iterator[dict[str, str]]:
    """`make up` with the demo business; the environment of a shell beside it."""
    with own_folder() as folder:
        port, sockets_port = free_port(), free_port()
        ports = {"PORT": str(port), "SOCKETS_PORT": str(sockets_port)}
        process = supervisor(folder, port, DEMO="1", RATELIMIT_ENABLED="false", SOCKETS_PORT=str(sockets_port),
                             ARGON2_TIME_COST="1", ARGON2_MEMORY_KIB="64")
        with process:
            until_running(process)
            reader = threading.Thread(target=process.stdout.read, daemon=True)  # or its pipe would fill up
            reader.start()
            yield environment(folder, **ports)
            process.terminate()
            process.wait()
            reader.join()


def commands(page: str) -> list[Statement]:
    return list(statements((DOCS / page).read_text()))


def test_every_page_of_an_area_has_examples():
    assert [page for page in AREAS if len(commands(page)) < 3] == []


def test_what_the_pages_tell_a_reader_to_paste_works(site, tmp_path):
    start = commands("quickstart.md")
    wrong = []
    for page in ["quickstart.md", "concepts.md", *AREAS]:
        pasted = start if page == "quickstart.md" else start[:SETUP] + commands(page)
        folder = tmp_path / page
        here = [Statement(each.line, translated(each.text, site, folder), each.answer) for each in pasted]
        paste(here, folder=folder, environ=site)
        wrong += [f"docs/{page}, {complaint}" for complaint in complaints(here)]
    proof = [Statement(0, translated(".venv/bin/flask ledger verify", site, tmp_path))]
    paste(proof, folder=tmp_path, environ=site)
    wrong += [f"afterwards the books are broken: {complaint}" for complaint in complaints(proof)]
    assert not wrong, "\n".join(wrong)


SETUP = 3
"""The first commands of the quickstart, which the other pages begin with: the address and two functions."""


def translated(command: str, site: dict[str, str], folder: Path) -> str:
    """The command as it reads here: other ports, a folder for its files, and whichever Python runs the suite."""
    for ours, here in ((":8000", f":{site['PORT']}"), (":8001", f":{site['SOCKETS_PORT']}"), ("/tmp/", f"{folder}/"),
                       (".venv/bin/", f"{Path(sys.executable).parent}/")):
        command = command.replace(ours, here)
    return command
