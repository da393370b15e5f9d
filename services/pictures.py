"""Texts as pictures that scanners read: QR codes and Code 128 barcodes, as SVG or PNG."""
import io
from enum import StrEnum
from typing import NamedTuple

import barcode
import segno
from barcode.writer import ImageWriter, SVGWriter

QR_SCALE = 6
"""Pixels a module, in PNG."""


class Format(StrEnum):
    SVG = "svg"
    PNG = "png"


class Picture(NamedTuple):
    content: bytes
    content_type: str


def qr(text: str, format: Format) -> Picture:
    """A QR code of `text`, as small as its length allows."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind=format, scale=QR_SCALE)
    return Picture(out.getvalue(), _TYPES[format])


def code128(text: str, format: Format) -> Picture:
    """A Code 128 barcode with `text`, which must be ASCII, written under it."""
    out = io.BytesIO()
    barcode.get("code128", text, writer=_WRITERS[format]()).write(out)
    return Picture(out.getvalue(), _TYPES[format])


_TYPES = {Format.SVG: "image/svg+xml", Format.PNG: "image/png"}
_WRITERS = {Format.SVG: SVGWriter, Format.PNG: ImageWriter}
