"""`make up` from outside: it serves, it ends in order, and nothing outlives it, not even when it is killed."""
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installations import eventually, of_this_run, own_folder, supervisor, until_running
from tests.ports import free_port


@pytest.fixture
def folder() -> Iterator[Path]:
    with own_folder() as path:
        yield path


def test_it_ends_with_everything_it_started_and_the_next_run_survives_a_kill(folder):
    port = free_port()
    with supervisor(folder, port) as process:
        until_running(process)
        assert len(of_this_run(folder)) > 6
        process.terminate()
        process.communicate()
        assert process.returncode == 0
    assert of_this_run(folder) == []

    with supervisor(folder, port) as process:
        until_running(process)
        process.kill()
    assert eventually(lambda: not of_this_run(folder), seconds=90)


def test_a_taken_port_is_one_sentence(folder):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with supervisor(folder, port) as process:
            said, _ = process.communicate()
    assert process.returncode == 1
    assert said.startswith(f"Purser cannot start: Port {port} is taken")
    assert said.count("\n") == 1
