"""The signature on calls between Purser and an operator, in both directions."""
import hashlib
import hmac
from datetime import datetime

TOLERANCE_SECONDS = 300
TIMESTAMP_HEADER = "X-Purser-Timestamp"
SIGNATURE_HEADER = "X-Purser-Signature"


def headers(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The two headers that sign `body` (for a GET: its path) with the shared secret at `now`."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature(secret, timestamp, body)}


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over `timestamp.body`."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def authentic(secret: str, timestamp: str, given: str, body: bytes, now: datetime) -> bool:
    """Whether `given` signs `body` at most five minutes away from `now`; never without a secret."""
    if not (secret and timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12 and given.isascii()):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    return hmac.compare_digest(signature(secret, timestamp, body), given)
