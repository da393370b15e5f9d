"""Backups: every collection as of one moment, written while money moves, restored into an empty database only."""
import gzip
import hashlib
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from bson import json_util
from bson.raw_bson import RawBSONDocument
from pymongo.errors import OperationFailure

from config.connections import database
from documents import clock
from documents.transactions import current_session, snapshot
from services import schema

FORMAT = 1
MANIFEST = "manifest.json"
LEFT_OUT = ("sessions", "otps", "password_resets")
"""Not restored: somebody may have logged out since, or used up a code or a link. Everybody logs in again."""
SNAPSHOT_LOST = (239, 246)
"""SnapshotTooOld, SnapshotUnavailable."""
BATCH_ROWS = 1_000
BATCH_BYTES = 8 * 2**20

Progress = Callable[[int], object]
"""Called with how many more documents are done."""


class BackupRefused(Exception):
    """The backup is not written or not restored; the message says why and what to do."""


class Backup(NamedTuple):
    """What a folder holds: when it was taken, and each collection's count, digest and indexes."""

    taken_at: datetime
    collections: dict[str, dict[str, Any]]

    @property
    def documents(self) -> int:
        return sum(facts["documents"] for facts in self.collections.values())


def write(folder: Path, *, progress: Progress = lambda _more: None) -> Backup:
    """Write every collection, as of this moment, into the new `folder`; nothing is stopped or locked meanwhile.

    Raises BackupRefused when the folder exists, or the server gave the moment up before all was read.
    """
    part = folder.with_name(f"{folder.name}.part")
    try:
        part.mkdir(parents=True, mode=0o700)        # it holds addresses and the hashes of passwords
    except FileExistsError:
        raise BackupRefused(f"{part} exists: another backup is being written, or was cut short. Remove it.") from None
    if folder.exists():
        part.rmdir()
        raise BackupRefused(f"{folder} exists already.")
    taken_at = clock.now()
    try:
        with snapshot():
            collections = {name: _dump(name, part / f"{name}.bson.gz", progress) for name in _names()}
    except OperationFailure as error:
        if error.code not in SNAPSHOT_LOST:
            raise
        raise BackupRefused("MongoDB no longer keeps the moment this backup is of (five minutes, or until an index "
                            "changes): raise minSnapshotHistoryWindowInSeconds, or try again.") from error
    backup = Backup(taken_at, collections)
    (part / MANIFEST).write_text(json_util.dumps({"format": FORMAT, **backup._asdict()}, indent=1))
    os.replace(part, folder)
    return backup


def restore(folder: Path, *, progress: Progress = lambda _more: None) -> Backup:
    """Fill the empty database of this installation from `folder`, then bring its indexes and validators up to date.

    Raises BackupRefused, having written nothing, when the files are not those of the backup or the database is not
    empty.
    """
    backup = read(folder)
    for name in _names():
        if database()[name].find_one({}, {"_id": 1}) is not None:
            raise BackupRefused(f"The database is not empty: there is something in {name}. Restore into a new one.")
    for name in backup.collections:
        if name not in LEFT_OUT:
            _load(name, folder / f"{name}.bson.gz", progress)
    schema.sync()
    ours = {document.collection().name for document in schema.documents()}
    for name, facts in backup.collections.items():
        for index in facts["indexes"] if name not in ours else ():      # the files of papers, which GridFS keeps
            database()[name].create_index(**index)
    return backup


def _names() -> list[str]:
    return sorted(row["name"] for row in database().list_collections(filter={"type": "collection"})
                  if not row["name"].startswith("system."))


def _dump(name: str, path: Path, progress: Progress) -> dict[str, Any]:
    collection, digest, count = database()[name], hashlib.sha256(), 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        for batch in collection.find_raw_batches({}, session=current_session()):
            file.write(batch)
            digest.update(batch)
            rows = sum(1 for _ in _split(batch))
            count += rows
            progress(rows)
    indexes = [_index(spec) for spec in collection.list_indexes() if spec["name"] != "_id_"]
    return {"documents": count, "sha256": digest.hexdigest(), "indexes": indexes}


def _index(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What `create_index` takes to make this one again."""
    return {"keys": list(spec["key"].items()), **{name: spec[name] for name in spec if name not in ("v", "key")}}


def read(folder: Path) -> Backup:
    """What the manifest says, once every file has been found to hold exactly that."""
    try:
        manifest = json_util.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{folder} is not a backup: its {MANIFEST} cannot be read.") from error
    if manifest.pop("format") != FORMAT:
        raise BackupRefused(f"{folder} was written by another version: restore it with that one.")
    backup = Backup(**manifest)
    for name, facts in backup.collections.items():
        try:
            with gzip.open(folder / f"{name}.bson.gz") as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest() == facts["sha256"]     # type: ignore[arg-type]
        except (OSError, EOFError) as error:
            raise BackupRefused(f"{name}.bson.gz cannot be read: {error}.") from error
        if not whole:
            raise BackupRefused(f"{name}.bson.gz is not what was written: its digest differs.")
    return backup


def _load(name: str, path: Path, progress: Progress) -> None:
    with gzip.open(path) as file:
        for rows in _batches(file):
            database()[name].insert_many(rows)
            progress(len(rows))


def _batches(file: gzip.GzipFile) -> Iterator[list[RawBSONDocument]]:
    rows: list[RawBSONDocument] = []
    size = 0
    while head := file.read(4):
        length = struct.unpack("<i", head)[0]
        rows.append(RawBSONDocument(head + file.read(length - 4)))
        size += length
        if len(rows) == BATCH_ROWS or size > BATCH_BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _split(batch: bytes) -> Iterator[int]:
    """Where each document of a batch begins: BSON starts with its own length."""
    at = 0
    while at < len(batch):
        yield at
        at += struct.unpack_from("<i", batch, at)[0]
