"""What pastes the pages sees what goes wrong, and where."""
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.docs.pasting import Statement, complaints, differences, paste, statements

PAGE = """# A page

```sh
# A comment is no command.
X=$(printf 'two words')
cat > note <<'END'
if this were shell, it would not be
END
echo \\
  "$X"; false
```

```json
{"a": 1}
```

```bash
rm -rf nothing
```

Words in between.

```json
{"of": "something else"}
```
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_said: object) -> None: ...


@pytest.fixture
def web(tmp_path) -> Iterator[str]:
    """A server that knows `/` and nothing else."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def pasted(tmp_path, *commands: Statement) -> list[str]:
    paste(list(commands), folder=tmp_path, environ=dict(os.environ))
    return list(complaints(list(commands)))


def test_a_page_is_taken_apart_into_its_commands():
    found = list(statements(PAGE))
    assert [(each.line, each.text[:2]) for each in found] == [(5, "X="), (6, "ca"), (9, "ec")]
    assert [each.answer for each in found] == [None, None, {"a": 1}]


def test_a_command_that_fails_is_named_by_its_line(tmp_path):
    assert pasted(tmp_path, Statement(7, "true"), Statement(9, "echo no; false")) == ["line 9: exit 1, []: no"]


def test_commands_that_were_never_reached_are_no_success(tmp_path):
    told = pasted(tmp_path, Statement(1, "exit 0"), Statement(2, "true"))
    assert [line.partition(",")[0] for line in told] == ["line 1: exit -1", "line 2: exit -1"]


def test_an_answer_is_compared_with_the_one_shown(tmp_path):
    assert pasted(tmp_path, Statement(1, """echo '{"a": 2}'""", answer={"a": 1})) == []
    assert pasted(tmp_path, Statement(1, "echo '{}'", answer={"a": 1})) == ["line 1: answer has no a, only "]
    assert pasted(tmp_path, Statement(1, "echo hello", answer={})) == ["line 1: this is no JSON: hello"]


@pytest.mark.parametrize(("command", "refused"), [
    ("curl -s $API/nowhere", True),
    ("curl -s $API/nowhere     # 404 File", False),
    ("curl -s $API/nowhere     # 404 other_code", True),
    ("curl -s $API/            # 404 File", True),
    ("curl -s $API/", False),
])
def test_every_status_is_looked_at(tmp_path, web, command, refused):
    assert bool(pasted(tmp_path, Statement(1, command.replace("$API", web)))) is refused


@pytest.mark.parametrize(("shown", "got"), [
    ({"id": "TXN-…"}, {"id": "TXN-12", "more": None}), ([{"n": 1}], [{"n": 2.5}, {}]), (None, None), (True, True)])
def test_what_may_differ(shown, got):
    assert list(differences(shown, got)) == []


@pytest.mark.parametrize(("shown", "got"), [
    ({"id": "TXN-…"}, {"id": "12"}), ("10.00", "10.50"), ([1, 2], [1]), (None, 0), (True, 1), ("1", 1), ({}, [])])
def test_what_may_not_differ(shown, got):
    assert len(list(differences(shown, got))) == 1
