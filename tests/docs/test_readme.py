"""What the README tells a newcomer to paste does what it says."""
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from documents import ids
from documents.ids import Counter
from services import demo
from tests.parallel import breaks

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def address(app) -> Iterator[str]:
    """The API with the demo business, behind a real socket."""
    Counter.collection().delete_many({})    # ids as in a fresh installation
    ids.forget_blocks()
    demo.load()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_first_recharge(address, tmp_path):
    section = README.read_text().partition("## A first recharge")[2]
    lines = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1].strip().splitlines()
    assert len(lines) == 5

    def paste(line: str) -> dict:
        command = line.replace("localhost:8000", address).replace("/tmp/anna", str(tmp_path / "cookies"))
        return json.loads(subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=30).stdout)

    login, plans, purchase, statement, history = map(paste, lines)
    assert login["user"]["email"] == "anna@purser.example"
    assert purchase["purchase"]["plan"]["id"] in [plan["id"] for plan in plans["results"]]
    assert purchase["purchase"]["payment_status"] == "success"
    assert statement["results"][-1]["amount"] == "-188.05"
    assert history["results"][0]["id"] == purchase["purchase"]["id"]
    assert paste(lines[2]) == purchase
    assert paste(lines[3]) == statement
    assert breaks() == []
