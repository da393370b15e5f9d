"""`flask docs write`: the pages that repeat what the code knows."""
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from blueprints.aliases import ALIASES
from blueprints.errors import HTTP_CODES, HTTP_DETAILS, status_of
from documents.errors import DomainError

FOLDER = Path(__file__).resolve().parents[2] / "docs"
group = AppGroup("docs", help="Pages written from the code.")


@group.command("write")
def write() -> None:
    """Write docs/errors.md and docs/aliases.md anew."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
        click.echo(f"docs/{name}")


def pages() -> dict[str, str]:
    """The text of every generated page by its file name."""
    return {"errors.md": _errors(), "aliases.md": _aliases()}


def kinds() -> Iterator[type[DomainError]]:
    """Every class of refusal that has been imported."""
    waiting = list(DomainError.__subclasses__())
    while waiting:
        kind = waiting.pop(0)
        waiting += kind.__subclasses__()
        if not kind.__module__.startswith("tests."):
            yield kind


def _errors() -> str:
    told = {(code, status): HTTP_DETAILS.get(status, "Refused before any route was asked.").format(method="PUT")
            for status, code in HTTP_CODES.items()}
    for kind in kinds():
        told.setdefault((kind.code, status_of(kind)), kind.detail)
    rows = "\n".join(f"| `{code}` | {status} | {detail} |" for (code, status), detail in sorted(told.items()))
    return f"""# Errors

Every refusal has one shape, whatever refused it (RFC 9457):

```json
{{
  "type": "urn:purser:error:validation_error",
  "title": "Bad Request",
  "status": 400,
  "detail": "amount: A valid amount is required.",
  "code": "validation_error",
  "request_id": "0193f2c4a8c07d3f8a4e5b6c7d8e9f00",
  "errors": {{"amount": ["A valid amount is required."]}},
  "error": "amount: A valid amount is required.",
  "message": "amount: A valid amount is required.",
  "amount": ["A valid amount is required."]
}}
```

- `code` is stable: decide by it. `detail` is for people and may change. `request_id` is what to quote to the
  operator; it is also in the `X-Request-Id` header and in the log.
- `errors` maps each refused field to its messages; `non_field_errors` holds what concerns the body as a whole.
  For old clients the same lists stand at top level, and `error` and `message` repeat `detail`. A field that is
  called like a key of the shape (`title`, `status`, `code` …) stands only in `errors`.
- The content type is `application/json`, which old clients test for, or `application/problem+json` when `Accept`
  names it.
- 401 carries `WWW-Authenticate: Bearer realm="api"`; 429 and 503 carry `Retry-After` in seconds; 405 carries `Allow`.

| code | status | what it says |
|---|---|---|
{rows}
"""


def _aliases() -> str:
    rows = "\n".join(f"| `{canonical}` | {', '.join(f'`{alias}`' for alias in aliases)} |"
                     for canonical, aliases in ALIASES.items())
    return f"""# Aliases

Old clients keep their paths. Each alias below is answered exactly as its canonical path, without a redirect;
aliases are absent from the OpenAPI document.

- Every path answers with and without its final slash.
- Every path under `/api/` also answers without `/api`: `/products/` is `/api/products/`. Pages at the root
  (`/admin/`, `/swagger/` …) come first.
- `{{id}}` stands for one segment of the path.

| canonical | aliases |
|---|---|
{rows}
"""
