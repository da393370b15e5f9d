"""Bringing the database to the shape the documents declare: collections, validators, indexes, views."""
from collections.abc import Iterator

from pymongo.errors import OperationFailure

from aggregations import wallets as pipelines
from aggregations.views import views
from config import settings
from config.connections import database
from documents.base import Document
from documents.wallets import Wallet

INDEX_OPTIONS_CONFLICT = 85
INDEX_KEY_SPECS_CONFLICT = 86


def sync() -> list[str]:
    """Create or bring up to date everything the documents declare; safe to repeat. Returns what it looked at.

    An index of the same name or keys with other options is dropped and built anew.
    """
    existing = set(database().list_collection_names())
    done = []
    for document in documents():
        name = document.collection().name
        if name not in existing:
            database().create_collection(name)
        database().command("collMod", name, validator=document.VALIDATOR or {},
                           validationLevel="strict", validationAction="error")
        for spec in document._meta["index_specs"]:
            _build_index(document, dict(spec))
        done.append(name)
    # Wallets of an installation that had no copies of their owners, and of owners changed by hand in the Mongo shell.
    Wallet.collection().aggregate([*pipelines.MISNAMED, pipelines.RENAME])
    for name, (source, pipeline) in views(settings.current().business_timezone).items():
        if name in existing:
            database().command("collMod", name, viewOn=source, pipeline=pipeline)
        else:
            database().create_collection(name, viewOn=source, pipeline=pipeline)
        done.append(name)
    return done


def documents() -> Iterator[type[Document]]:
    """Every concrete document that has been imported, parents before children."""
    waiting = list(Document.__subclasses__())
    while waiting:
        document = waiting.pop(0)
        waiting += document.__subclasses__()
        if not document._meta.get("abstract"):
            yield document


def _build_index(document: type[Document], spec: dict) -> None:
    fields = spec.pop("fields")
    spec.pop("cls", None)
    try:
        document.collection().create_index(fields, **spec)
    except OperationFailure as error:
        if error.code not in (INDEX_OPTIONS_CONFLICT, INDEX_KEY_SPECS_CONFLICT):
            raise
        for name, known in document.collection().index_information().items():
            if known["key"] == fields or name == spec.get("name"):
                document.collection().drop_index(name)
        document.collection().create_index(fields, **spec)
