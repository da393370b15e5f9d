"""The key pair that push services know this installation by (VAPID, RFC 8292)."""
from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.utils import parseaddr

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config.settings import Settings

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256: private keys are 1 to this less one."""


def private_key(settings: Settings) -> ec.EllipticCurvePrivateKey:
    """The key of VAPID_PRIVATE_KEY, else one derived from SECRET_KEY: then a new secret ends all subscriptions."""
    if settings.vapid_private_key:
        number = int.from_bytes(urlsafe_b64decode(settings.vapid_private_key + "=="))
    else:
        number = int.from_bytes(settings.key_for("vapid")) % (ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_text(settings: Settings) -> str:
    """The public half as browsers take it for `applicationServerKey`."""
    point = private_key(settings).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def contact(settings: Settings) -> str:
    """Whom a push service writes to when we misbehave."""
    return f"mailto:{parseaddr(settings.default_from_email)[1]}"
