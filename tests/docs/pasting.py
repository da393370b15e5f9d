"""The shell lines of a page of the documentation, pasted one after the other as a reader does."""
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^```(\w*)$")
REFUSED = re.compile(r"#\s+([45]\d\d) (\w+)$")
MARK = "\x1e"
PATIENCE_SECONDS = 300

CURL = f"""#!/bin/bash
# The real one, which also says on standard error what was answered.
PATH=${{PATH#*:}} exec curl "$@" -w '%{{stderr}}{MARK}%{{http_code}} %{{method}} %{{url_effective}}\\n'
"""


@dataclass
class Statement:
    """One command of a page, where it begins, and what the page says of its answer."""

    line: int
    text: str
    answer: Any = None
    """The JSON that stands below it; `…` inside a string is anything, a number any number."""
    said: str = ""
    status: int = -1
    """Its exit status; -1 when the shell never came to it."""
    calls: list[tuple[int, str]] = field(default_factory=list)
    """The status and the address of every call it made."""

    @property
    def refusal(self) -> tuple[int, str] | None:
        """The status and the code that the page announces behind the command."""
        found = REFUSED.search(self.text)
        return (int(found[1]), found[2]) if found else None


def statements(text: str) -> Iterator[Statement]:
    """The commands of the `sh` blocks of a page, in order, each with the `json` block right below it."""
    last, kind, begun, lines = None, "", 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if not kind:
            if fence and fence[1]:
                kind, begun, lines = fence[1], number + 1, []
            elif line.strip():
                last = None                     # words in between: a block below them shows something else
        elif not fence:
            lines.append(line)
        else:
            if kind == "sh":
                for last in _commands(begun, lines):
                    yield last
            elif kind == "json" and last is not None:
                last.answer = json.loads("\n".join(lines))
            kind = ""


def _commands(begun: int, lines: list[str]) -> Iterator[Statement]:
    waiting: list[str] = []
    for number, line in enumerate(lines, start=begun):
        waiting.append(line)
        command = "\n".join(waiting)
        judged = subprocess.run(["bash", "-nc", command], capture_output=True, check=False)
        if not (line.endswith("\\") or judged.returncode or judged.stderr):   # it warns of an open here-document
            if command.strip() and not all(each.lstrip().startswith("#") for each in waiting if each):
                yield Statement(number - len(waiting) + 1, command)
            waiting = []
    if waiting:
        raise ValueError(f"line {begun}: the shell does not understand this block")


def paste(page: list[Statement], *, folder: Path, environ: dict[str, str]) -> None:
    """Run the commands in one shell and note what each said, its exit status and the calls it made."""
    folder.mkdir(exist_ok=True)
    (folder / "curl").write_text(CURL)
    (folder / "curl").chmod(0o755)
    script = folder / "page.sh"
    script.write_text("\n".join(
        f"echo >&2 '{MARK}{MARK}'\n{{ {each.text}\n}} </dev/null\nprintf '{MARK}%s{MARK}' $?" for each in page))
    # `timeout` also ends what the page has left in the background.
    done = subprocess.run(["timeout", str(PATIENCE_SECONDS), "bash", script], stdin=subprocess.DEVNULL, text=True,
                          env=environ | {"PATH": f"{folder}:{environ['PATH']}"}, capture_output=True, check=False)
    said = done.stdout.split(MARK)
    for each, output, status, told in zip(page, said[::2], said[1::2], done.stderr.split(MARK * 2)[1:], strict=False):
        each.said, each.status = output.strip(), int(status)
        each.calls = [(int(line[1:4]), line[5:]) for line in told.split("\n") if line.startswith(MARK)]
        each.said = each.said or "\n".join(line for line in told.split("\n") if line and not line.startswith(MARK))


def complaints(page: list[Statement]) -> Iterator[str]:
    """What did not go as the page says, each with its line."""
    for each in page:
        refused = [call for call in each.calls if call[0] >= 400]
        if each.refusal:
            if [status for status, _ in each.calls[-1:]] != [each.refusal[0]] or each.refusal[1] not in each.said:
                yield f"line {each.line}: wanted {each.refusal}, got {each.calls}: {each.said}"
        elif each.status or refused:
            yield f"line {each.line}: exit {each.status}, {refused}: {each.said}"
        if each.answer is not None:
            try:
                answered = json.loads(each.said)
            except ValueError:
                yield f"line {each.line}: this is no JSON: {each.said}"
            else:
                yield from (f"line {each.line}: {wrong}" for wrong in differences(each.answer, answered))


def differences(shown: Any, got: Any, where: str = "answer") -> Iterator[str]:
    """Where an answer is not what a page shows of it: its keys, the kinds of its values, its words and its amounts."""
    if isinstance(shown, dict) and isinstance(got, dict):
        for name, value in shown.items():
            if name not in got:
                yield f"{where} has no {name}, only {', '.join(got)}"
            else:
                yield from differences(value, got[name], f"{where}.{name}")
    elif isinstance(shown, list) and isinstance(got, list):
        if len(shown) > len(got):
            yield f"{where} has {len(got)} rows, not {len(shown)}"
        for number, (value, other) in enumerate(zip(shown, got, strict=False)):
            yield from differences(value, other, f"{where}.{number}")
    elif isinstance(shown, str) and isinstance(got, str):
        if not re.fullmatch(".*".join(map(re.escape, shown.split("…"))), got, re.DOTALL):
            yield f"{where} is {got!r}, not {shown!r}"
    elif not (_is_number(shown) and _is_number(got)) and (type(shown), shown) != (type(got), got):
        yield f"{where} is {got!r}, not {shown!r}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
