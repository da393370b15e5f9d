"""Rows as a CSV file, written while they are read."""
import csv
import io
from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

from blueprints.schemas.base import Schema

FORMULA_STARTS = ("=", "+", "@", "\t", "\r")


def csv_file(name: str, schema: Schema, rows: Iterable) -> Response:
    """A download called `name` with one line per row, columns and values as `schema` writes them in JSON."""
    return Response(stream_with_context(_lines(schema, rows)), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def csv_lines(name: str, titles: Iterable[str], rows: Iterable[Iterable]) -> Response:
    """A download called `name` whose cells are ready as they are."""
    return Response(stream_with_context(_plain_lines(titles, rows)), mimetype="text/csv",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _plain_lines(titles: Iterable[str], rows: Iterable[Iterable]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(titles)
    for row in rows:
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _lines(schema: Schema, rows: Iterable) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(schema.dump_fields))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(value) for name, value in schema.dump(row).items()})
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def harmless(value: object) -> object:
    """Free text that a spreadsheet would run as a formula gets a quote before it; a negative amount does not."""
    text = str(value)
    formula = text.startswith(FORMULA_STARTS) or (text.startswith("-") and not text[1:2].isdigit())
    return f"'{text}" if formula else value
