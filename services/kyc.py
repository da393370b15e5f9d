"""Papers that prove who a merchant is: judged by their bytes, kept in GridFS, shown to the owner and to staff."""
import io
import uuid
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import puremagic
from gridfs import GridFSBucket

from config.connections import database
from documents import clock
from documents.errors import Conflict, Invalid
from documents.listing import Listing
from documents.merchants import KycFile, Merchant
from documents.permissions import Permission
from documents.users import User
from services import merchants

MAX_BYTES = 5 * 1024 * 1024
TYPES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
CHUNK = 64 * 1024


class TooManyPapers(Conflict):
    code = "too_many_papers"
    detail = "No more papers can be uploaded."


class Paper(NamedTuple):
    """A stored paper and its bytes."""

    name: str
    content_type: str
    size: int
    chunks: Iterator[bytes]


def upload(*, owner: User, stream: BinaryIO) -> KycFile:
    """Keep one paper of the owner's merchant. Raises NotFound without a merchant, Invalid, TooManyPapers.

    The type is what the bytes are, whatever the sender calls them; the name it sends is thrown away.
    """
    merchant = merchants.own(owner)
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Invalid.field("document", "The file is larger than 5 MB.")
    content_type = _type_of(content)
    if Merchant.take_kyc_place(merchant.id) is None:
        raise TooManyPapers
    paper = KycFile(id=str(uuid.uuid4()), merchant=merchant.id, content_type=content_type, size=len(content),
                    uploaded_by=owner.id, created_at=clock.now())
    # The bytes first: a paper that is listed can be read. GridFS takes no part in transactions.
    _bucket().upload_from_stream_with_id(paper.id, paper.id + TYPES[content_type], io.BytesIO(content))
    return paper.create()


def listing(*, viewer: User, merchant_id: int | None = None) -> Listing:
    """The papers of one merchant, or of the viewer's own. Raises NotFound for somebody else's."""
    merchant = merchants.own(viewer) if merchant_id is None else merchants.get(merchant_id, viewer=viewer)
    return Listing(KycFile, {"merchant": merchant.id})


def download(paper_id: str, *, viewer: User) -> Paper:
    """One paper's bytes. Raises NotFound also for one that `viewer` may not see."""
    match = {} if viewer.can(Permission.MANAGE_MERCHANTS) else {"merchant": merchants.own(viewer).id}
    paper = KycFile.get(paper_id, **match)
    return Paper(paper.id + TYPES[paper.content_type], paper.content_type, paper.size, _read(paper.id))


def _read(paper_id: str) -> Iterator[bytes]:
    stream = _bucket().open_download_stream(paper_id)
    while chunk := stream.read(CHUNK):
        yield chunk


def _type_of(content: bytes) -> str:
    try:
        found = puremagic.from_string(content, mime=True) if content else ""
    except puremagic.PureError:
        found = ""
    if found not in TYPES:
        raise Invalid.field("document", "Send a PDF, JPEG, PNG or WebP file.")
    return found


def _bucket() -> GridFSBucket:
    return GridFSBucket(database(), bucket_name="kyc")
